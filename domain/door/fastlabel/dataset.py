"""Datasets, their objects and revisions."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from labelyard.domain.door.fastlabel.sent_task import MAX_TAG
from labelyard.domain.door.fastlabel.value import json_text_of, list_of, object_of, shown, text_of, texts_of, word_of
from labelyard.domain.error import BadUserInput
from labelyard.domain.number import whole_number
from labelyard.domain.text import MAX_EXTERNAL_ID

VISIBILITIES: Final = ("workspace", "public", "organization")
OBJECT_TYPES: Final = ("train", "valid", "test", "none")
MEDIA: Final = ("image/", "video/", "audio/")
MAX_TAGS: Final = 5
MAX_LICENSES: Final = 10
MAX_DATASET_NAME: Final = 200
MOST_CHARACTERS: Final = 16 << 20
LEAST_REVISION_ID: Final = 8
NEWEST: Final = "latest"
_NAME: Final = re.compile(r"[a-z0-9-]+")


def dataset_name_of(value: Any) -> str:
    """The name of a dataset."""
    name = text_of(value, "name", limit=MAX_DATASET_NAME, least=1)
    if not _NAME.fullmatch(name):
        raise BadUserInput(f"name is written with a-z, 0-9 and '-', not {name!r}.", field="name")
    return name


def sent_dataset(body: Mapping[str, Any]) -> dict[str, Any]:
    """What a body says of a dataset beside its name."""
    record: dict[str, Any] = {}
    if body.get("tags") is not None:
        record["tags"] = texts_of(body["tags"], "tags", limit=MAX_TAGS, length=MAX_TAG)
    if body.get("visibility") is not None:
        record["visibility"] = word_of(body["visibility"], "visibility", VISIBILITIES)
    if body.get("license") is not None:
        record["license"] = text_of(body["license"], "license", limit=MAX_TAG)
    return record


def object_name_of(value: Any, what: str) -> str:
    """The name of an object."""
    name = text_of(value, what, limit=MAX_EXTERNAL_ID, least=1)
    if ".." in name.split("/") or name.startswith("/"):
        raise BadUserInput(
            f"{what} {shown(name)} would lie outside of the folder that it is downloaded to.", field=what
        )
    return name


def sent_object(body: Mapping[str, Any]) -> dict[str, Any]:
    """What a body says of an object beside its file; an empty list clears."""
    record: dict[str, Any] = {}
    if body.get("tags") is not None:
        record["tags"] = texts_of(body["tags"], "tags", limit=MAX_TAGS, length=MAX_TAG)
    if body.get("licenses") is not None:
        record["licenses"] = texts_of(body["licenses"], "licenses", limit=MAX_LICENSES, length=MAX_TAG)
    if body.get("type") is not None:
        record["type"] = word_of(body["type"], "type", OBJECT_TYPES)
    if body.get("annotations") is not None:
        annotations = list_of(body["annotations"], "annotations", limit=20_000)
        for index, one in enumerate(annotations):
            object_of(one, f"annotations[{index}]")
        json_text_of(annotations, "annotations", limit=MOST_CHARACTERS)
        record["annotations"] = annotations
    if body.get("customMetadata") is not None:
        metadata = object_of(body["customMetadata"], "customMetadata")
        json_text_of(metadata, "customMetadata", limit=MOST_CHARACTERS)
        record["customMetadata"] = metadata
    return record


def revision_id(dataset_id: str, revision: int) -> str:
    """The id of a revision of a dataset; nothing has to be kept of it."""
    return hashlib.sha256(f"{dataset_id}:{revision}".encode()).hexdigest()[:40]


@dataclass(frozen=True, slots=True)
class Revision:
    """Which revision of a dataset is asked for: by its number, by its id or the beginning of one, or the newest."""

    version: str | None
    id: str | None

    def number(self, dataset_id: str, newest: int) -> int | None:
        """The number that is meant; None where there is no such revision."""
        if self.id is not None:
            return next(
                (number for number in range(newest, -1, -1) if revision_id(dataset_id, number).startswith(self.id)),
                None,
            )
        if self.version in (None, NEWEST):
            return newest
        number = whole_number((self.version or "").removeprefix("v"))
        return number if number is not None and number <= newest else None


def asked_revision(version: str | None, identifier: str | None) -> Revision:
    """The revision that a query names."""
    if version and identifier:
        raise BadUserInput("Give version or revisionId, not both.", field="version")
    if identifier and len(identifier) < LEAST_REVISION_ID:
        raise BadUserInput(
            f"revisionId has at least {LEAST_REVISION_ID} characters, not {len(identifier)}.", field="revisionId"
        )
    return Revision(version or None, identifier or None)
