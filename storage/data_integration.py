"""Statements about cloud storage of organizations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from labelyard.domain.permission import Actor
from labelyard.storage.database import Connection, Row, Writer
from labelyard.storage.scope import SCOPES, viewer_values

VISIBLE = SCOPES["DataIntegration"].condition.format(r="t")
ADDRESS = (
    "t.id, t.name, t.platform, t.status, t.allowed_paths, t.allowed_projects, t.aws_access_point_arn, t.azure_connection_url, "
    "t.gcp_bucket_name, t.include_root_files, t.s3_bucket_name, t.s3_endpoint, t.s3_region, t.secret_names, t.sealed_secrets"
)
OWN = f"select {ADDRESS} from data_integration t where t.id = :id and t.organization_id = :organization_id"
SEEN = f"select {ADDRESS} from data_integration t where t.id = :id and {VISIBLE}"


async def insert_integration(connection: Writer, values: Mapping[str, Any]) -> None:
    """Add an integration."""
    await connection.insert_row("data_integration", values)


async def update_integration(connection: Writer, integration_id: str, values: Mapping[str, Any]) -> None:
    """Set columns of an integration."""
    await connection.update_row("data_integration", integration_id, values)


async def delete_integration(connection: Writer, integration_id: str) -> None:
    """Remove an integration and the connections of projects to it."""
    await connection.fetch("delete from data_integration where id = :id", {"id": integration_id})


async def own_integration(connection: Connection, integration_id: str, organization_id: str) -> Row | None:
    """An integration of an organization."""
    return await connection.fetch_one(OWN, {"id": integration_id, "organization_id": organization_id})


async def lock_integration(connection: Writer, integration_id: str, organization_id: str) -> Row | None:
    """An integration of an organization, held until the transaction ends."""
    values = {"id": integration_id, "organization_id": organization_id}
    return await connection.fetch_one(f"{OWN} for update of t", values)


async def hold_integration(connection: Writer, integration_id: str, organization_id: str) -> Row | None:
    """An integration of an organization, held against deletion until the transaction ends."""
    values = {"id": integration_id, "organization_id": organization_id}
    return await connection.fetch_one(f"{OWN} for key share of t", values)


async def visible_integration(connection: Connection, integration_id: str, actor: Actor) -> Row | None:
    """An integration that a person may use."""
    return await connection.fetch_one(SEEN, {"id": integration_id, **viewer_values(actor)})


async def count_integrations(connection: Connection, organization_id: str) -> int:
    """How many integrations an organization has."""
    return int(
        await connection.fetch_value(
            "select count(*) from data_integration where organization_id = :organization_id",
            {"organization_id": organization_id},
        )
    )


async def count_used_assets(connection: Connection, integration_id: str) -> int:
    """How many assets of projects that still exist are objects of a store."""
    return int(
        await connection.fetch_value(
            """
            select count(*)
            from data_connection c
            join project p on p.id = c.project_id and p.deleted_at is null
            join asset a on a.data_connection_id = c.id
            where c.integration_id = :id
            """,
            {"id": integration_id},
        )
    )


async def unknown_projects(connection: Connection, ids: Sequence[str], organization_id: str) -> list[str]:
    """Those of the ids that are no projects of an organization."""
    rows = await connection.fetch(
        "select id from project where id = any(:ids) and organization_id = :organization_id and deleted_at is null",
        {"ids": list(ids), "organization_id": organization_id},
    )
    known = {row["id"] for row in rows}
    return [identifier for identifier in ids if identifier not in known]


async def set_status(connection: Writer, integration_id: str, status: str) -> None:
    """Note whether a store can be read."""
    await connection.fetch(
        "update data_integration set status = :status where id = :id and status <> :status",
        {"id": integration_id, "status": status},
    )
