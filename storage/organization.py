"""Statements about organizations that write operations need."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import update

from storage.database import Connection, Row
from storage.table import Organization


async def insert_organization(connection: Connection, *, identifier: str, name: str) -> None:
    """Add an organization."""
    await connection.fetch("insert into organization (id, name) values (:id, :name)", {"id": identifier, "name": name})


async def lock_organization(connection: Connection, organization_id: str) -> None:
    """Let nobody else change who administers an organization until the transaction ends."""
    await connection.fetch("select 1 from organization where id = :id for no key update", {"id": organization_id})


async def update_organization(connection: Connection, organization_id: str, values: Mapping[str, Any]) -> None:
    """Change columns of an organization."""
    await connection.run(update(Organization).where(Organization.id == organization_id).values(**values))  # type: ignore[arg-type]


async def labeling_metrics(
    connection: Connection, organization_id: str, *, start: datetime | None, end: datetime | None
) -> Row | None:
    """Annotations, hours and labeled assets of the labels made in a period, whose ends may be open."""
    return await connection.fetch_one(
        "select coalesce(sum(l.number_of_annotations), 0)::int as annotations, "
        "coalesce(sum(l.seconds_to_label), 0) / 3600 as hours, "
        "count(distinct l.asset_id) filter (where l.label_type in ('DEFAULT', 'REVIEW'))::int as labeled_assets "
        "from label l join project p on p.id = l.project_id "
        "where p.organization_id = :organization_id and p.deleted_at is null "
        "and l.created_at >= coalesce(:start::timestamptz, '-infinity') "
        "and l.created_at <= coalesce(:end::timestamptz, 'infinity')",
        {"organization_id": organization_id, "start": start, "end": end},
    )


async def organizations_named(connection: Connection, named: str | None) -> list[Row]:
    """Organizations by name or id, all without either."""
    return await connection.fetch(
        "select id, name from organization where :named::text is null or id = :named or name = :named order by position",
        {"named": named},
    )
