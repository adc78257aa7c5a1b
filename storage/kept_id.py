"""Ids of assets that another organization, or a project out of sight, has already: see `domain.identifier.kept_id`."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from domain.permission import Actor
from storage.database import Connection, Writer
from storage.scope import ITS_PROJECT, OWN_PROJECT, viewer_values


async def taken_ids(connection: Connection, ids: Sequence[str], actor: Actor) -> dict[str, bool]:
    """Those of the ids that any asset has, and whether the person sees its project."""
    rows = await connection.fetch(
        f"select a.id, {OWN_PROJECT} as is_visible from asset a {ITS_PROJECT.format(row='a')} where a.id = any(:ids)",
        {"ids": list(ids), **viewer_values(actor)},
    )
    return {row["id"]: row["is_visible"] for row in rows}


async def keep_ids(connection: Writer, organization_id: str) -> None:
    """Remember that an organization has assets whose ids are kept in another form."""
    await connection.fetch(
        "update organization set has_kept_ids = true where id = :id and not has_kept_ids", {"id": organization_id}
    )


async def existing_ids(connection: Connection, ids: Collection[str]) -> set[str]:
    """Those of the ids that any asset has."""
    rows = await connection.fetch("select id from asset where id = any(:ids)", {"ids": list(ids)})
    return {row["id"] for row in rows}
