"""Quality marks: how far labels agree, as fractions in [0, 1]."""

from domain.agreement.answer import LabelAnswers
from domain.agreement.consensus import Consensus, consensus
from domain.agreement.pair import agreement
from domain.agreement.read import LabelReader

__all__ = ["Consensus", "LabelAnswers", "LabelReader", "agreement", "consensus"]
