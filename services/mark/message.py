"""The messages to and from the child process that computes marks."""

from __future__ import annotations

from typing import Any, TypedDict


class LabelMessage(TypedDict):
    """A label; its answers go as the JSON that is stored."""

    id: str
    author_id: str
    label_type: str
    is_gold: bool
    is_of_later_group: bool
    answers: Any


class AssetMessage(TypedDict):
    """An asset with its labels in their order, the interface they are read by, and the parts of the marks that are wanted."""

    json_interface: str
    input_type: str
    has_fractions: bool
    is_used_for_consensus: bool
    is_honeypot: bool
    labels: list[LabelMessage]
    parts: list[str]


class MarksMessage(TypedDict):
    """The marks of an asset, and those of its labels by id and by the name of their column; what is None is left out."""

    consensus: float | None
    per_category: dict[str, dict[str, float]] | None
    honeypot: float | None
    inference: float | None
    labels: dict[str, dict[str, float]]


class Answer(TypedDict):
    """Marks, or the error that there are none for."""

    marks: MarksMessage | None
    error: str | None
