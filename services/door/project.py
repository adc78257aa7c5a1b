"""Projects as front doors find them."""

from __future__ import annotations

from labelyard.domain.error import NotFound
from labelyard.domain.permission import Actor
from labelyard.storage.database import Connection, Row
from labelyard.storage.door import find_project


async def required_project(connection: Connection, door: str, actor: Actor, key: str) -> Row:
    """A project of the person by its number or its id, with the record of the door; `NotFound` when they see none."""
    project = await find_project(connection, door, actor, key)
    if project is None:
        raise NotFound(f"There is no project {key[:100]!r} that you may see.", project=key[:100])
    return project
