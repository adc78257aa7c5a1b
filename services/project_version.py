"""Versions of projects: every interface a project has had since it was created."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labelyard.domain.error import BadUserInput, NotFound
from labelyard.domain.permission import Action, Actor
from labelyard.domain.text import within
from labelyard.services.guard import require_to_write
from labelyard.services.identity import new_id
from labelyard.storage import project_version as rows
from labelyard.storage.database import Writer

MAX_VERSIONS = 100
MAX_CONTENT = 2 * 1024 * 1024


async def keep_version(connection: Writer, project_id: str) -> None:
    """Keep the interface that a project has just got."""
    await rows.add_version(connection, project_id, identifier=new_id(), kept=MAX_VERSIONS)


async def change_version(connection: Writer, actor: Actor, where: Mapping[str, Any], content: str | None) -> str:
    """Write what a version holds, and answer its id; without anything to write it stays as it is."""
    version_id = where.get("id")
    if not isinstance(version_id, str):
        raise BadUserInput("Name the version: `where: {id: …}`.", field="where.id")
    version = await rows.own_version(connection, version_id, actor)
    if version is None:
        raise NotFound(
            f"[notFound] No version {version_id!r} is visible to you; projectVersions lists those of a project.",
            id=version_id,
        )
    require_to_write(actor, Action.CHANGE_PROJECT, version)
    if content is not None:
        await rows.set_content(
            connection, version_id, within(content, name="The content of a version", limit=MAX_CONTENT)
        )
    return version_id
