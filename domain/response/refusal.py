"""The refusal of labels that do not match the interface of their project."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from labelyard.domain.error import BadUserInput, Problem, refusal_of


def response_refusal(
    problems: Sequence[Problem], *, extra: Sequence[Mapping[str, Any]] = (), subject: str = ""
) -> BadUserInput:
    """The error that lists the problems; `extra` and `subject` as in `refusal_of`.

    Existing scripts and test suites look for the second key in the message.
    """
    return refusal_of(
        "invalidJsonResponse",
        "[jsonResponseMalformed] The label does not match the interface of the project.",
        problems,
        extra=extra,
        subject=subject,
    )
