"""Statements about organizations that write operations need."""

from __future__ import annotations

from collections.abc import Mapping
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


async def organizations_named(connection: Connection, named: str | None) -> list[Row]:
    """Organizations by name or id, all without either."""
    return await connection.fetch(
        "select id, name from organization where :named::text is null or id = :named or name = :named order by position",
        {"named": named},
    )
