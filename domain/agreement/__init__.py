"""Quality marks: how far labels agree, as fractions in [0, 1]."""

from labelyard.domain.agreement.answer import LabelAnswers
from labelyard.domain.agreement.consensus import Consensus, consensus
from labelyard.domain.agreement.pair import agreement
from labelyard.domain.agreement.read import LabelReader

__all__ = ["Consensus", "LabelAnswers", "LabelReader", "agreement", "consensus"]
