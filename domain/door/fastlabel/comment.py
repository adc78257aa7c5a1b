"""Comments on tasks: issues and questions in the store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from labelyard.domain.door.fastlabel.value import (
    flag_of,
    list_of,
    number_of,
    optional_text_of,
    text_of,
    whole_of,
)
from labelyard.domain.error import BadUserInput
from labelyard.domain.text import MAX_COMMENT

MAX_POINTS: Final = 1_000
MAX_FIELD: Final = 1_000
TEXTS: Final = ("contentId", "contentName", "status", "priority", "issueCategoryId", "color")
SHOWN: Final = (*TEXTS, "type", "points", "scale", "frame")


@dataclass(frozen=True, slots=True)
class SentComment:
    """A comment as a client sends it; `record` is what is kept of it beside the issue."""

    task_id: str
    text: str
    is_resolved: bool
    annotation_id: str | None
    record: Mapping[str, Any]


def sent_comment(body: Mapping[str, Any]) -> SentComment:
    """What a body says of a comment."""
    points = list_of(body.get("points"), "points", limit=MAX_POINTS)
    record: dict[str, Any] = {
        "type": text_of(body.get("type") or "text", "type", limit=50),
        "points": [number_of(number, f"points[{index}]") for index, number in enumerate(points)],
        "scale": number_of(body.get("scale") or 0, "scale"),
        "frame": whole_of(body.get("frame") or 0, "frame", least=0, most=1_000_000_000),
    }
    for name in TEXTS:
        if isinstance(body.get(name), int) and name == "priority":
            record[name] = whole_of(body[name], name, least=0, most=1_000)
        elif body.get(name) is not None:
            record[name] = text_of(body[name], name, limit=MAX_FIELD)
    if "contentId" in record and "contentName" in record:
        raise BadUserInput("Give either contentName or contentId, not both.", field="contentName")
    return SentComment(
        task_id=text_of(body.get("taskId"), "taskId", limit=100, least=1),
        text=comment_text_of(body),
        is_resolved=flag_of(body.get("isResolved") or False, "isResolved"),
        annotation_id=optional_text_of(body.get("taskAnnotationId"), "taskAnnotationId", limit=MAX_FIELD),
        record=record,
    )


def comment_text_of(body: Mapping[str, Any]) -> str:
    """The text of a comment or of one of its threads."""
    return text_of(body.get("text"), "text", limit=MAX_COMMENT, least=1)


def with_content(record: Mapping[str, Any], contents: Mapping[str, str]) -> dict[str, Any]:
    """The record with both name and id of the content that it names, of those of its task, given as id → name."""
    if not contents:
        return dict(record)
    identifier, name = record.get("contentId"), record.get("contentName")
    for known_id, known_name in contents.items():
        if known_id == identifier or known_name == name:
            return {**record, "contentId": known_id, "contentName": known_name}
    if identifier is None and name is None:
        raise BadUserInput(
            "This task has several contents: say which one the comment is about, with contentName or contentId.",
            field="contentName",
        )
    raise BadUserInput(
        f"The task has no content {identifier or name!r}; its contents are {', '.join(contents.values())}.",
        field="contentName",
    )
