"""Labels (`jsonResponse`): what a label answers, checked against the interface of its project."""

from labelyard.domain.response.refusal import response_refusal
from labelyard.domain.response.retired import retired_names, retired_of, retired_text, without_retired
from labelyard.domain.response.rules import RESPONSE_RULES, ResponseRule, Severity
from labelyard.domain.response.validation_state import AssetFacts, FileAnswer
from labelyard.domain.response.validator import CheckedResponse, ResponseValidator, compile_validator

__all__ = [
    "RESPONSE_RULES",
    "AssetFacts",
    "CheckedResponse",
    "FileAnswer",
    "ResponseRule",
    "ResponseValidator",
    "Severity",
    "compile_validator",
    "response_refusal",
    "retired_names",
    "retired_of",
    "retired_text",
    "without_retired",
]
