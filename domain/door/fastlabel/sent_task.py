"""Tasks as clients send them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from labelyard.domain.door.fastlabel.people import USER_FIELDS
from labelyard.domain.door.fastlabel.slug import MAX_SLUG
from labelyard.domain.door.fastlabel.task_status import CUSTOM_WORDS, EXTERNAL_WORDS, WORDS
from labelyard.domain.door.fastlabel.value import (
    flag_of,
    json_text_of,
    list_of,
    object_of,
    optional_text_of,
    shown,
    text_of,
    texts_of,
    whole_of,
    word_of,
)
from labelyard.domain.error import BadUserInput
from labelyard.domain.metadata import OCR_KEYS, PROCESSING
from labelyard.domain.text import MAX_EXTERNAL_ID

MAX_TAGS: Final = 100
MAX_TAG: Final = 140
MAX_METADATA: Final = 200
MAX_METADATA_KEY: Final = 200
MAX_METADATA_VALUE: Final = 20_000
MAX_RELATIONS: Final = 10_000
MAX_OPERATOR: Final = 500
PRIORITIES: Final = (0, 10, 20, 30)
TAGS: Final = "tags"
"""The key of the tags among the metadata of an asset."""


@dataclass(frozen=True, slots=True)
class SentTask:
    """What a client says of a task. `given` names the fields that are there: one that is not stays as it is."""

    given: frozenset[str]
    status: str | None
    external_status: str | None
    custom_status: str | None
    priority: int | None
    tags: Sequence[str]
    metadatas: Mapping[str, Any]
    users: Mapping[str, str | None]
    relations: Sequence[tuple[int, int]]
    operator: str | None
    is_delete_exif: bool
    labeled: Any
    """The list of annotations or attributes, not read yet."""

    @property
    def word(self) -> str | None:
        """The status that is asked for, by either of its two fields."""
        return self.status or _WORD_OF_CUSTOM.get(self.custom_status or "")


def sent_task(body: Mapping[str, Any], field: str) -> SentTask:
    """What a body says of a task whose labels are in `field`."""
    given = frozenset(name for name, value in body.items() if value is not None or name in USER_FIELDS)
    other = "attributes" if field == "annotations" else "annotations"
    if other in given:
        raise BadUserInput(f"Tasks of this kind have {field}, not {other}.", field=other)
    priority = body.get("priority")
    if priority is not None and (type(priority) is not int or priority not in PRIORITIES):
        raise BadUserInput(f"priority is one of 0, 10, 20, 30, not {shown(priority)}.", field="priority")
    return SentTask(
        given=given,
        status=word_of(body["status"], "status", WORDS) if "status" in given else None,
        external_status=(
            word_of(body["externalStatus"], "externalStatus", EXTERNAL_WORDS) if "externalStatus" in given else None
        ),
        custom_status=(
            word_of(body["customTaskStatus"], "customTaskStatus", CUSTOM_WORDS) if "customTaskStatus" in given else None
        ),
        priority=priority,
        tags=tags_of(body.get("tags")),
        metadatas=_metadatas(body.get("metadatas")),
        users={
            name: optional_text_of(body[name], name, limit=MAX_SLUG) or None for name in USER_FIELDS if name in given
        },
        relations=_relations(body.get("relations")),
        operator=optional_text_of(body.get("operator"), "operator", limit=MAX_OPERATOR),
        is_delete_exif=flag_of(body.get("isDeleteExif") or False, "isDeleteExif"),
        labeled=body.get(field),
    )


def task_name_of(value: Any) -> str:
    """The name of a task."""
    return text_of(value, "name", limit=MAX_EXTERNAL_ID, least=1)


def tags_of(value: Any, *, limit: int = MAX_TAGS) -> list[str]:
    """Names of tags."""
    return texts_of(value, "tags", limit=limit, length=MAX_TAG)


_WORD_OF_CUSTOM: Final = {
    "registered": "registered",
    "pending": "pending",
    **{f"workflow_{number}_declined": "declined" for number in range(1, 7)},
    "workflow_1_completed": "completed",
    "workflow_2_completed": "reviewed",
    **{f"workflow_{number}_completed": "approved" for number in range(3, 7)},
}


def _metadatas(value: Any) -> dict[str, Any]:
    metadata: dict[str, Any] = {}
    for index, item in enumerate(list_of(value, "metadatas", limit=MAX_METADATA)):
        what = f"metadatas[{index}]"
        given = object_of(item, what)
        key = text_of(given.get("key"), f"{what}.key", limit=MAX_METADATA_KEY, least=1)
        if key in (TAGS, PROCESSING, *OCR_KEYS):
            raise BadUserInput(f"{what}.key {key!r} is kept for other things; choose another key.", field=f"{what}.key")
        json_text_of(given.get("value"), f"{what}.value", limit=MAX_METADATA_VALUE)
        metadata[key] = given.get("value")
    return metadata


def _relations(value: Any) -> list[tuple[int, int]]:
    relations = []
    for index, item in enumerate(list_of(value, "relations", limit=MAX_RELATIONS)):
        what = f"relations[{index}]"
        given = object_of(item, what)
        ends = [
            whole_of(given.get(name), f"{what}.{name}", least=0, most=1_000_000) for name in ("startIndex", "endIndex")
        ]
        relations.append((ends[0], ends[1]))
    return relations


def mids_of_relations(relations: Sequence[tuple[int, int]], mids: Sequence[str]) -> list[list[str]]:
    """Relations by the `mid`s of their ends, in place of their positions in the list of annotations."""
    for start, end in relations:
        if max(start, end) >= len(mids):
            raise BadUserInput(
                f"relations count positions in annotations, of which there are {len(mids)}, not {max(start, end) + 1}.",
                field="relations",
            )
    return [[mids[start], mids[end]] for start, end in relations]


def metadata_of(text_values: Mapping[str, Any]) -> tuple[list[str], list[dict[str, Any]]]:
    """Tags and metadata from the metadata of an asset, made through whatever door."""
    tags = text_values.get(TAGS)
    names = [tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else []
    others = [
        {"key": key, "value": value} for key, value in text_values.items() if key not in (TAGS, PROCESSING, *OCR_KEYS)
    ]
    return names, others
