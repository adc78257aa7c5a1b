"""Statements about projects that take assets from cloud storage, and about what differs between the two."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from labelyard.domain.permission import Actor
from labelyard.storage.data_integration import ADDRESS
from labelyard.storage.database import Connection, Row, Writer
from labelyard.storage.file_access import VIEWER, of_viewer
from labelyard.storage.scope import ITS_PROJECT, NOT_AS_LABELER, OF_LABELER_ASSET, OWN_PROJECT, viewer_values

JOB_KEY: Final = "data connection "
COMPARISON: Final = "compare cloud storage"
APPLICATION: Final = "apply storage differences"

IS_CHECKING: Final = f"""exists (
  select 1
  from job j
  where j.key = '{JOB_KEY}' || {{t}}.id and j.kind = '{COMPARISON}' and j.status in ('QUEUED', 'RUNNING')
)"""
IS_APPLYING: Final = f"""exists (
  select 1
  from job j
  where j.key = '{JOB_KEY}' || {{t}}.id and j.kind = '{APPLICATION}' and j.status in ('QUEUED', 'RUNNING')
)"""
OWN = f"""
select c.id, c.project_id, c.integration_id, c.added, c.removed, p.archived_at, p.organization_id,
  {IS_CHECKING.format(t="c")} as is_checking
from data_connection c join project p on p.id = c.project_id
where c.id = :id and {OWN_PROJECT} and {NOT_AS_LABELER.format(r="c")}
for no key update of c
"""
# What a job needs to know; no row where the project is gone.
TAKEN = f"""
select c.id as connection_id, c.project_id, c.integration_id, c.selected_folders, c.prefix, c.include, c.exclude,
  c.is_json_processing_enabled, c.added, c.removed, p.input_type, p.organization_id, {ADDRESS}
from data_connection c
join data_integration t on t.id = c.integration_id
join project p on p.id = c.project_id and p.deleted_at is null
where c.id = :id
"""
IS_APPLYING_TYPE = f"""
select exists (
  select 1
  from job j
  where j.key = '{JOB_KEY}' || :id and j.kind = '{APPLICATION}' and j.status in ('QUEUED', 'RUNNING')
    and j.payload::json ->> 'type' = :type
)
"""
WRITE_DIFFERENCES = (
    "delete from data_difference where connection_id = :id",
    """
    insert into data_difference (connection_id, type, key)
    select l.connection_id, 'ADD', l.key
    from data_listing l
    where l.connection_id = :id
      and not exists (select 1 from asset a where a.data_connection_id = :id and a.object_key = l.key)
    """,
    """
    insert into data_difference (connection_id, type, key)
    select :id, 'REMOVE', a.object_key
    from asset a
    where a.data_connection_id = :id
      and not exists (select 1 from data_listing l where l.connection_id = :id and l.key = a.object_key)
    """,
)
SUMMARIZE = """
update data_connection
set last_checked = now(),
  added = (select count(*) from data_difference where connection_id = :id and type = 'ADD'),
  removed = (select count(*) from data_difference where connection_id = :id and type = 'REMOVE')
where id = :id
returning added, removed
"""
APPLIED = """
with applied as (
  delete from data_difference
  where connection_id = :id and type = :type and key = any(:keys)
  returning 1
)
update data_connection
set added = added - case when :type = 'ADD' then (select count(*) from applied) else 0 end,
  removed = removed - case when :type = 'REMOVE' then (select count(*) from applied) else 0 end
where id = :id
"""
# The object of an asset, for a person who sees the asset, while its store is open for the project.
READABLE_OBJECT = f"""
with {VIEWER}
select a.object_key, a.filename, {ADDRESS}
from viewer v cross join asset a {ITS_PROJECT.format(row="a")}
join data_connection c on c.id = a.data_connection_id and c.project_id = a.project_id
join data_integration t on t.id = c.integration_id and t.organization_id = p.organization_id
  and (coalesce(cardinality(t.allowed_projects), 0) = 0 or p.id = any(t.allowed_projects))
where a.id = :asset_id
  and {of_viewer(OWN_PROJECT)}
  and {of_viewer(OF_LABELER_ASSET.format(r="a", asset="a.id"))}
"""


def job_key(connection_id: str) -> str:
    """The key of the jobs of a connection, of which one runs at a time."""
    return JOB_KEY + connection_id


async def insert_connection(connection: Writer, values: Mapping[str, Any]) -> None:
    """Connect a project to a store."""
    await connection.insert_row("data_connection", values)


async def count_connections(connection: Connection, project_id: str) -> int:
    """How many stores a project is connected to."""
    return int(
        await connection.fetch_value(
            "select count(*) from data_connection where project_id = :project_id", {"project_id": project_id}
        )
    )


async def has_objects(connection: Connection, project_id: str) -> bool:
    """Whether assets of a project are objects of cloud storage."""
    return bool(
        await connection.fetch_value(
            """
            select exists (
              select 1
              from data_connection c join asset a on a.data_connection_id = c.id
              where c.project_id = :project_id
            )
            """,
            {"project_id": project_id},
        )
    )


async def lock_connection(connection: Writer, connection_id: str, actor: Actor) -> Row | None:
    """A connection of one of the person's projects, held until the transaction ends."""
    return await connection.fetch_one(OWN, {"id": connection_id, **viewer_values(actor)})


async def taken_connection(connection: Connection, connection_id: str) -> Row | None:
    """A connection with its store and what of its project decides about what is taken."""
    return await connection.fetch_one(TAKEN, {"id": connection_id})


async def is_applying(connection: Connection, connection_id: str, difference: str) -> bool:
    """Whether differences of a type are being applied already."""
    return bool(await connection.fetch_value(IS_APPLYING_TYPE, {"id": connection_id, "type": difference}))


async def clear_listing(connection: Writer, connection_id: str) -> None:
    """Forget what an earlier comparison has found."""
    await connection.fetch("delete from data_listing where connection_id = :id", {"id": connection_id})


async def add_to_listing(connection: Writer, connection_id: str, keys: Sequence[str]) -> None:
    """Note keys that were found; some may have been noted before."""
    await connection.fetch(
        """
        insert into data_listing (connection_id, key)
        select :id, k.key
        from unnest(:keys::text[]) k(key)
        on conflict do nothing
        """,
        {"id": connection_id, "keys": list(keys)},
    )


async def write_differences(connection: Writer, connection_id: str) -> tuple[int, int]:
    """Compare what was found with the assets of the connection; answers how many are to be added and to be removed."""
    for text in WRITE_DIFFERENCES:
        await connection.fetch(text, {"id": connection_id})
    row = await connection.fetch_one(SUMMARIZE, {"id": connection_id})
    return (0, 0) if row is None else (row["added"], row["removed"])


async def some_differences(connection: Connection, connection_id: str, difference: str, limit: int) -> list[str]:
    """Keys of the first differences of a type that have not been applied."""
    rows = await connection.fetch(
        """
        select key
        from data_difference
        where connection_id = :id and type = :type
        order by key
        limit :limit
        """,
        {"id": connection_id, "type": difference, "limit": limit},
    )
    return [row["key"] for row in rows]


async def count_applied(connection: Writer, connection_id: str, difference: str, keys: Sequence[str]) -> None:
    """Take differences away that have been applied."""
    await connection.fetch(APPLIED, {"id": connection_id, "type": difference, "keys": list(keys)})


async def assets_of_objects(connection: Connection, connection_id: str, keys: Sequence[str]) -> list[str]:
    """The assets of objects."""
    rows = await connection.fetch(
        "select id from asset where data_connection_id = :id and object_key = any(:keys)",
        {"id": connection_id, "keys": list(keys)},
    )
    return [row["id"] for row in rows]


async def readable_object(connection: Connection, asset_id: str, user_id: str) -> Row | None:
    """The object of an asset and its store, if a person may see the asset; else None."""
    return await connection.fetch_one(READABLE_OBJECT, {"asset_id": asset_id, "user_id": user_id})
