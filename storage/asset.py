"""Statements about assets that write operations need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import countOf
from typing import Any

from labelyard.domain.permission import Actor
from labelyard.storage.database import Connection, Row, Writer
from labelyard.storage.project import count_removal
from labelyard.storage.scope import ITS_PROJECT, LABELER_ASSET, MAY_TOUCH, OWN_PROJECT, SEES_NAME, viewer_values
from labelyard.storage.upload import forget_blobs

# The values that columns of new assets have when they are left out, beside null.
DEFAULTS: Mapping[str, Any] = {
    "content": "",
    "json_content": "",
    "json_metadata": "{}",
    "metadata_search": "{}",
    "status": "TODO",
    "is_to_review": False,
    "is_honeypot": False,
    "is_used_for_consensus": False,
    "is_instructions": False,
    "is_object_json": False,
}
# The columns that name the files an asset consists of.
FILES = ("content_blob_id", "json_content_blob_id", "ocr_blob_id")


CLEARABLE_NUMBERS = frozenset({"duration"})
CLEARABLE = frozenset({*FILES, "resolution", "page_resolutions"})


async def visible_external_ids(
    connection: Connection, project_id: str, external_ids: Sequence[str], actor: Actor
) -> list[str]:
    """Those of the external ids that the person sees in a project of theirs, in the order given."""
    rows = await connection.fetch(
        f"""
        select t.external_id
        from asset t
        where t.project_id = :project_id
          and t.external_id = any(:external_ids)
          and {LABELER_ASSET.format(r="t")}
        """,
        {"project_id": project_id, "external_ids": list(external_ids), **viewer_values(actor)},
    )
    taken = {row["external_id"] for row in rows}
    return [external_id for external_id in external_ids if external_id in taken]


async def existing_external_ids(connection: Connection, project_id: str, external_ids: Sequence[str]) -> list[str]:
    """Those of the external ids that a project has, in the order given."""
    rows = await connection.fetch(
        "select external_id from asset where project_id = :project_id and external_id = any(:external_ids)",
        {"project_id": project_id, "external_ids": list(external_ids)},
    )
    taken = {row["external_id"] for row in rows}
    return [external_id for external_id in external_ids if external_id in taken]


async def insert_assets(connection: Writer, columns: Mapping[str, Sequence[Any]]) -> str | None:
    """Add assets, in this order, from their columns. Answers the unique constraint that they break; then none was added.

    The constraint closes all races: another import that has taken an id is waited for, and found by what is asked afterwards.
    """
    # What all assets leave out costs the least on the way when it is not sent.
    sent = {name: values for name, values in columns.items() if not _is_default(name, values)}
    return await connection.copy_unless_taken("asset", tuple(sent), list(zip(*sent.values(), strict=True)))


def _is_default(name: str, values: Sequence[Any]) -> bool:
    return countOf(values, DEFAULTS.get(name)) == len(values)


async def assets_of_project(connection: Connection, ids: Sequence[str], actor: Actor) -> list[Row]:
    """Id, external id and project of assets in the person's projects that they may act on, and when it was archived, in no order."""
    return await connection.fetch(
        f"""
        select a.id, a.external_id, a.project_id, p.archived_at
        from asset a {ITS_PROJECT.format(row="a")}
        where a.id = any(:ids) and {OWN_PROJECT} and {MAY_TOUCH.format(r="a")}
        """,
        {"ids": list(ids), **viewer_values(actor)},
    )


async def assets_for_update(connection: Connection, ids: Sequence[str], actor: Actor) -> list[Row]:
    """What a change of assets in the person's projects needs to know of them, in no order."""
    return await connection.fetch(
        f"""
        select a.id, a.project_id, a.json_metadata, a.is_honeypot, a.is_used_for_consensus, p.workflow_version,
          p.archived_at
        from asset a {ITS_PROJECT.format(row="a")}
        where a.id = any(:ids) and {OWN_PROJECT}
        """,
        {"ids": list(ids), **viewer_values(actor)},
    )


async def delete_assets(connection: Writer, ids: Sequence[str]) -> None:
    """Remove assets and everything that hangs on them; files that nothing else holds are forgotten."""
    values = {"ids": list(ids)}
    files = await connection.fetch("delete from asset_file where asset_id = any(:ids) returning blob_id", values)
    await connection.fetch("delete from label where asset_id = any(:ids)", values)
    rows = await connection.fetch(
        f"delete from asset where id = any(:ids) returning project_id, {', '.join(FILES)}", values
    )
    await count_removal(connection, {row["project_id"] for row in rows})
    await forget_blobs(connection, {row["blob_id"] for row in files} | _blobs(rows))


async def blobs_of(connection: Writer, ids: Sequence[str]) -> set[str]:
    """The files that assets consist of; the assets are locked until the transaction ends."""
    rows = await connection.fetch(
        f"select {', '.join(FILES)} from asset where id = any(:ids) order by id for no key update",
        {"ids": list(ids)},
    )
    return _blobs(rows)


def _blobs(rows: Sequence[Row]) -> set[str]:
    return {row[name] for row in rows for name in FILES} - {None}


async def update_assets(
    connection: Writer, columns: Mapping[str, tuple[str, Sequence[Any]]], ids: Sequence[str]
) -> None:
    """Set columns of many assets at once; each column has its SQL type and one value per asset.

    A null value leaves the asset's own; in a column of `CLEARABLE` an empty text takes it away, in one
    of `CLEARABLE_NUMBERS` -1. `updated_at` follows.
    """
    arrays = ", ".join(f":{name}::{kind}[]" for name, (kind, _) in columns.items())
    names = ", ".join(columns)
    assignments = ", ".join(
        f"{name} = nullif(coalesce(n.{name}, a.{name}), '')"
        if name in CLEARABLE
        else f"{name} = nullif(coalesce(n.{name}, a.{name}), -1)"
        if name in CLEARABLE_NUMBERS
        else f"{name} = coalesce(n.{name}, a.{name})"
        for name in columns
    )
    values: dict[str, Any] = {name: list(column_values) for name, (_, column_values) in columns.items()}
    await connection.fetch(
        f"""
        update asset a
        set {assignments}{", " if assignments else ""}updated_at = now()
        from (
          select n.*
          from unnest(:ids::text[]{", " if arrays else ""}{arrays}) n(asset_id{", " if names else ""}{names})
          join asset own on own.id = n.asset_id
          -- Locked in one order, so that two changes of the same assets wait for one another instead of colliding.
          order by own.id
          for no key update of own
        ) n
        where a.id = n.asset_id
        """,
        {"ids": list(ids), **values},
    )


async def replace_assignees(connection: Writer, pairs: Sequence[tuple[str, str]], asset_ids: Sequence[str]) -> None:
    """Make the given (asset, user) pairs the only assignees of the assets."""
    await connection.fetch("delete from asset_assignee where asset_id = any(:ids)", {"ids": list(asset_ids)})
    if pairs:
        await connection.fetch(
            """
            insert into asset_assignee (asset_id, user_id)
            select *
            from unnest(:assets::text[], :users::text[])
            on conflict do nothing
            """,
            {"assets": [asset for asset, _ in pairs], "users": [user for _, user in pairs]},
        )


async def members_by_name(
    connection: Connection, actor: Actor, project_id: str, names: Sequence[str]
) -> dict[str, str]:
    """User ids of the members of a project, by id, and by e-mail as far as the actor may learn it."""
    rows = await connection.fetch(
        f"""
        select u.id, case when {SEES_NAME.format(r="u")} then u.email end as email
        from project_user pu join user_account u on u.id = pu.user_id
        where pu.project_id = :project_id
          and pu.deleted_at is null
          and (u.id = any(:names) or u.email = any(:emails))
        """,
        {
            "project_id": project_id,
            "names": list(names),
            "emails": [name.lower() for name in names],
            **viewer_values(actor),
        },
    )
    return {name: row["id"] for row in rows for name in (row["id"], row["email"]) if name is not None}


async def ids_by_external_id(connection: Connection, named: Sequence[tuple[Any, str]]) -> dict[tuple[Any, str], str]:
    """Asset ids by (project id, external id)."""
    rows = await connection.fetch(
        """
        select a.id, a.project_id, a.external_id
        from asset a
        join unnest(:projects::text[], :externals::text[]) n(project_id, external_id)
          on n.project_id = a.project_id and n.external_id = a.external_id
        """,
        {"projects": [project for project, _ in named], "externals": [external for _, external in named]},
    )
    return {(row["project_id"], row["external_id"]): row["id"] for row in rows}


async def ids_in_project(connection: Connection, project_id: str, ids: Sequence[str]) -> list[str]:
    """Those of the ids that are assets of a project."""
    rows = await connection.fetch(
        "select id from asset where project_id = :project_id and id = any(:ids)",
        {"project_id": project_id, "ids": list(ids)},
    )
    return [row["id"] for row in rows]


async def id_filter(connection: Connection, where: str, values: Mapping[str, Any], *, limit: int) -> list[str]:
    """Ids of the assets that a filter leaves, in creation order."""
    rows = await connection.fetch(
        f"select t.id from asset t where {where} order by t.position limit :limit", {**values, "limit": limit}
    )
    return [row["id"] for row in rows]


async def project_ids(connection: Connection, where: str, values: Mapping[str, Any]) -> list[str]:
    """The projects of the assets that a filter leaves."""
    rows = await connection.fetch(f"select distinct t.project_id from asset t where {where}", values)
    return [row["project_id"] for row in rows]


async def set_honeypot(connection: Writer, asset_id: str) -> None:
    """Make an asset a honeypot."""
    await connection.fetch(
        """
        update asset
        set is_honeypot = true, updated_at = now()
        where id = :id
        """,
        {"id": asset_id},
    )
