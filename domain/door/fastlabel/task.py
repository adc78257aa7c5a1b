"""Tasks as they are answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from labelyard.domain.door.fastlabel.family import Family
from labelyard.domain.door.fastlabel.file import Picture
from labelyard.domain.door.fastlabel.geometry import Size
from labelyard.domain.door.fastlabel.people import USER_FIELDS
from labelyard.domain.door.fastlabel.time import text_of_time
from labelyard.domain.playback import Playback


@dataclass(frozen=True, slots=True)
class Content:
    """One of several files of a task."""

    id: str
    picture: Picture
    url: str

    @property
    def shape(self) -> dict[str, Any]:
        """As it is answered."""
        width, height = self.picture.size or (None, None)
        return {"id": self.id, "name": self.picture.name, "url": self.url, "width": width, "height": height}


@dataclass(frozen=True, slots=True)
class Task:
    """A task with all that its shape says."""

    id: str
    name: str
    project_id: str
    status: str
    external_status: str
    custom_status: str | None
    priority: int
    tags: Sequence[str]
    metadatas: Sequence[Mapping[str, Any]]
    users: Mapping[str, str | None]
    created_at: datetime
    updated_at: datetime
    url: str = ""
    size: Size | None = None
    playback: Playback = field(default_factory=Playback)
    contents: Sequence[Content] = ()
    labeled: Sequence[Mapping[str, Any]] = ()
    relations: Sequence[Mapping[str, int]] = ()
    operator: str | None = None

    def shape(self, family: Family) -> dict[str, Any]:
        """The task as a family answers it."""
        shape: dict[str, Any] = {
            "id": self.id,
            "name": self.name,
            "status": self.status,
            "externalStatus": self.external_status,
            "priority": self.priority,
            "tags": list(self.tags),
            "metadatas": list(self.metadatas),
            **{name: self.users.get(name) for name in USER_FIELDS},
            "createdAt": text_of_time(self.created_at),
            "updatedAt": text_of_time(self.updated_at),
            family.field: list(self.labeled),
        }
        if self.custom_status is not None:
            shape["customTaskStatus"] = self.custom_status
        if not family.is_classification:
            shape["relations"] = list(self.relations)
        if family.has_contents:
            shape["contents"] = [content.shape for content in self.contents]
        else:
            shape["url"] = self.url
        if family.has_size:
            # Exporters read both without a default.
            shape["width"], shape["height"] = self.size or (0, 0)
        if family.base == "video":
            frames, rate, seconds = self.playback.frames, self.playback.frames_per_second, self.playback.seconds
            shape |= {"fps": rate, "frameCount": frames, "duration": seconds}
        if family.route == "robotics":
            shape["operator"] = self.operator
        return shape


def relations_of(pairs: Sequence[Sequence[str]], labeled: Sequence[Mapping[str, Any]]) -> list[dict[str, int]]:
    """Relations as positions in the list of annotations; a pair whose annotation is gone is gone."""
    places = {one["id"]: place for place, one in enumerate(labeled)}
    return [
        {"startIndex": places[pair[0]], "endIndex": places[pair[1]]}
        for pair in pairs
        if len(pair) == 2 and pair[0] in places and pair[1] in places
    ]
