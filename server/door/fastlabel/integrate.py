"""Tasks of divided files, put together again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Final

from labelyard.domain.door.fastlabel.family import FAMILIES
from labelyard.domain.door.fastlabel.integrate import MOST_PARTS, in_order, joined_film, joined_picture, joined_sound
from labelyard.domain.door.fastlabel.value import text_of
from labelyard.domain.permission import Action
from labelyard.domain.playback import playback_of
from labelyard.domain.text import MAX_EXTERNAL_ID
from labelyard.server.door.fastlabel.door import DOOR, project_named
from labelyard.server.door.rest import Call
from labelyard.services.door.fastlabel.project import require_family
from labelyard.services.door.fastlabel.task_read import TaskReader
from labelyard.storage.database import Row
from labelyard.storage.fastlabel.task import TaskQuery, listed_tasks

Shape = dict[str, Any]
Join = Callable[[Sequence[Shape], Sequence[Row]], list[Shape]]


def _sound(shapes: Sequence[Shape], rows: Sequence[Row]) -> list[Shape]:
    seconds = {row["id"]: _seconds(row) for row in rows}
    return joined_sound([(shape, seconds[shape["id"]]) for shape in shapes])


def _seconds(row: Row) -> float:
    playback = playback_of(row["playback"])
    if playback is not None and playback.seconds is not None:
        return playback.seconds
    return float(row["duration"] or 0)


JOINS: Final[dict[str, tuple[str, Join]]] = {
    "images": ("image", lambda shapes, _: joined_picture(shapes)),
    "videos": ("video", lambda shapes, _: joined_film(shapes)),
    "audios": ("audio", _sound),
}
"""By the word of the path: the family of the parts, and what puts them together."""


def _declare(word: str, family_name: str, join: Join) -> None:
    family = FAMILIES[family_name]

    @DOOR.get(f"/tasks/integrate/{word}")
    async def integrated(call: Call) -> object:
        """The annotations of a divided file as one task."""
        project = await project_named(call, call.query.required("project"), Action.READ_PROJECT)
        require_family(project, family)
        prefix = text_of(call.query.required("prefix"), "prefix", limit=MAX_EXTERNAL_ID)
        query = TaskQuery(project.id, prefix=f"{prefix}/")
        async with call.reader() as connection:
            rows = await listed_tasks(connection, call.actor, query, limit=MOST_PARTS)
            reader = TaskReader(call.services, call.actor, project, family)
            shapes = await reader.shapes(connection, rows, call.context.budget)
        name, parts = in_order(prefix, shapes)
        return {"name": name, "annotations": await asyncio.to_thread(join, parts, rows)}


for _word, (_family, _join) in JOINS.items():
    _declare(_word, _family, _join)
