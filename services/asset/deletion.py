"""Deleting assets."""

from __future__ import annotations

from collections.abc import Sequence

from labelyard.domain.permission import Action, Actor
from labelyard.services.guard import require_to_write
from labelyard.storage.asset import assets_of_project, delete_assets
from labelyard.storage.database import Writer


async def remove_assets(connection: Writer, actor: Actor, ids: Sequence[str]) -> list[tuple[str, str]]:
    """Delete assets with everything on them. Answers (id, external id) of those that were there."""
    rows = await assets_of_project(connection, ids, actor)
    if not rows:
        return []
    for row in {row["project_id"]: row for row in rows}.values():
        require_to_write(actor, Action.CHANGE_ASSETS, row)
    await delete_assets(connection, [row["id"] for row in rows])
    return [(row["id"], row["external_id"]) for row in rows]
