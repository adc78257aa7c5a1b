"""The kinds of quality marks, which can be computed apart; loading this loads no geometry."""

from __future__ import annotations

from enum import StrEnum


class MarkPart(StrEnum):
    """The comparisons that marks are made of."""

    CONSENSUS = "consensus"
    HONEYPOT = "honeypot"
    INFERENCE = "inference"
    REVIEW = "review"


ALL_PARTS = tuple(MarkPart)
