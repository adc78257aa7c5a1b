"""Writing organizations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from domain.error import BadUserInput, Forbidden, NotFound
from domain.permission import Actor
from domain.text import MAX_NAME, within
from storage.database import Connection
from storage.organization import update_organization

COLUMNS = {"name": "name", "address": "address", "city": "city", "country": "country", "zipCode": "zip_code"}


def check_organization_change(data: Mapping[str, Any]) -> dict[str, str]:
    """The columns of `OrganizationData`; the licence and the datasets of a self-hosted server are not for sale."""
    if "license" in data:
        raise Forbidden(
            "[accessDenied] The licence cannot be set: a self-hosted server limits nothing.", field="license"
        )
    if data.get("canSeeDataset"):
        raise BadUserInput("This server has no datasets; leave canSeeDataset out.", field="canSeeDataset")
    return {
        column: within(data[name], name=name, limit=MAX_NAME, least=1 if name == "name" else 0)
        for name, column in COLUMNS.items()
        if name in data
    }


async def change_organization(
    connection: Connection, actor: Actor, organization_id: str, values: Mapping[str, str]
) -> None:
    """Change one's own organization; any other reads like one that does not exist."""
    if organization_id != actor.organization_id:
        raise NotFound(
            f"[notFound] No organization {organization_id!r} is visible to you.", organizationId=organization_id
        )
    if values:
        await update_organization(connection, organization_id, values)
