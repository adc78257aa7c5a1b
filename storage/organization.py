"""Statements about organizations that write operations need."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from labelyard.domain.number import LARGEST_INT
from labelyard.storage.database import Connection, Row, Writer

# With a start, an asset counts whenever it has a label in the period; without one, its first label says it all.
METRICS = f"""
with own as materialized (
  select id from project where organization_id = :organization_id and deleted_at is null
), period as materialized (
  select coalesce(:start::timestamptz, '-infinity') as beginning, coalesce(:end::timestamptz, 'infinity') as ending,
    coalesce(date_trunc('day', :start::timestamptz + interval '1 day' - interval '1 microsecond', 'UTC'), '-infinity') as whole_from,
    coalesce(date_trunc('day', :end::timestamptz + interval '1 millisecond', 'UTC'), 'infinity') as whole_until
), days as (
  select coalesce(sum(y.all_annotations), 0) as annotations, coalesce(sum(y.all_seconds), 0) as seconds,
    coalesce(sum(y.first_labels), 0) as first_labels
  from label_tally y where y.project_id = any(array(select id from own))
    and y.day >= (select (whole_from at time zone 'UTC')::date from period)
    and y.day < (select (whole_until at time zone 'UTC')::date from period)
), edges as (
  select coalesce(sum(l.number_of_annotations), 0) as annotations, coalesce(sum(l.seconds_to_label::text::numeric), 0) as seconds,
    count(*) filter (where l.is_first_on_asset) as first_labels
  from label l where l.project_id = any(array(select id from own))
    and ((l.created_at >= (select beginning from period)
      and l.created_at < (select least(whole_from, ending + interval '1 microsecond') from period))
    or (l.created_at >= (select greatest(whole_until, whole_from, beginning) from period)
      and l.created_at <= (select ending from period)))
), labeled as (
  select count(*) as assets from (select distinct l.asset_id from label l
  where :start::timestamptz is not null and l.project_id = any(array(select id from own))
    and l.label_type in ('DEFAULT', 'REVIEW') and l.created_at >= (select beginning from period)
    and l.created_at <= (select ending from period)) found
)
select least(days.annotations + edges.annotations, {LARGEST_INT})::int as annotations,
  ((days.seconds + edges.seconds) / 3600)::float as hours,
  (case when :start::timestamptz is null then days.first_labels + edges.first_labels else labeled.assets end)::int
    as labeled_assets
from days, edges, labeled
"""

# What goes with an organization, at once because it holds credentials or names of others.
OWNED: Final = ("data_integration", "dataset", "model", "plugin", "tag")


async def insert_organization(
    connection: Writer, *, identifier: str, name: str, address: Mapping[str, str] | None = None
) -> None:
    """Add an organization; `address` has the columns of where it is."""
    await connection.insert_row("organization", {"id": identifier, "name": name, **(address or {})})


async def lock_organization(connection: Writer, organization_id: str) -> None:
    """Lock the set of administrators of an organization until the transaction ends."""
    await connection.fetch("select 1 from organization where id = :id for no key update", {"id": organization_id})


async def update_organization(connection: Writer, organization_id: str, values: Mapping[str, Any]) -> None:
    """Change columns of an organization."""
    await connection.update_row("organization", organization_id, values)


async def labeling_metrics(
    connection: Connection, organization_id: str, *, start: datetime | None, end: datetime | None
) -> Row | None:
    """Annotations, hours and labeled assets of the labels made in a period, whose ends may be open.

    Whole days have been counted already; of the days that a period takes a part of, and for what was labeled in it that had been
    labeled before it, the labels are read.
    """
    return await connection.fetch_one(METRICS, {"organization_id": organization_id, "start": start, "end": end})


async def organizations_named(connection: Connection, named: str | None) -> list[Row]:
    """Organizations by name or id, all without either."""
    return await connection.fetch(
        """
        select id, name
        from organization
        where deleted_at is null and (:named::text is null or id = :named or name = :named)
        order by position
        """,
        {"named": named},
    )


async def close_organization(connection: Writer, organization_id: str) -> Row | None:
    """Lock an organization against everything that would be added to it; answers what keeps it from being deleted: its projects,
    its active users, and how many other organizations there are. None when it is deleted already.
    """
    locked = await connection.fetch_value(
        "select 1 from organization where id = :id and deleted_at is null for update", {"id": organization_id}
    )
    if locked is None:
        return None
    return await connection.fetch_one(
        """
        select
          (select count(*)::int from project where organization_id = :id and deleted_at is null) as projects,
          (select count(*)::int from user_account where organization_id = :id and activated) as people,
          (select count(*)::int from organization where id <> :id and deleted_at is null) as others
        """,
        {"id": organization_id},
    )


async def delete_organization(connection: Writer, organization_id: str) -> None:
    """Take every access from the people of an organization that is locked, remove what it owns, and mark it as deleted.

    Files go with the next sweep. Rows of its people and of its deleted projects stay, for events name them.
    """
    values = {"id": organization_id}
    of_people = "user_id in (select id from user_account where organization_id = :id)"
    await connection.fetch(
        "update user_account set activated = false, is_invited = false, password_hash = null where organization_id = :id",
        values,
    )
    await connection.fetch(f"update api_key set revoked_at = now() where revoked_at is null and {of_people}", values)
    await connection.fetch(f"delete from login_session where {of_people}", values)
    for table in OWNED:
        await connection.fetch(f"delete from {table} where organization_id = :id", values)
    await connection.fetch("update organization set deleted_at = now() where id = :id", values)
