"""Writing organizations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labelyard.domain.error import BadUserInput, Forbidden, NotFound
from labelyard.domain.permission import Actor
from labelyard.domain.text import MAX_NAME, within
from labelyard.domain.timestamp import Timestamp
from labelyard.storage.database import Connection, Writer
from labelyard.storage.organization import labeling_metrics, update_organization

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
    connection: Writer, actor: Actor, organization_id: str, values: Mapping[str, str]
) -> None:
    """Change one's own organization; any other reads like one that does not exist."""
    _require_own(actor, organization_id)
    if values:
        await update_organization(connection, organization_id, values)


async def metrics_of(connection: Connection, actor: Actor, where: Mapping[str, Any]) -> dict[str, Any]:
    """What was labeled in one's own organization in a period, as `OrganizationMetrics`."""
    organization_id = where["organizationId"]
    _require_own(actor, organization_id)
    start: Timestamp | None = where.get("startDate")
    end: Timestamp | None = where.get("endDate")
    row = await labeling_metrics(
        connection, organization_id, start=start.start if start else None, end=end.end if end else None
    )
    if row is None:
        raise LookupError("an aggregate without groups always has a row")
    return {
        "numberOfAnnotations": row["annotations"],
        "numberOfHours": row["hours"],
        "numberOfLabeledAssets": row["labeled_assets"],
    }


def _require_own(actor: Actor, organization_id: str) -> None:
    """Refuse other organizations: they read like ones that do not exist."""
    if organization_id != actor.organization_id:
        raise NotFound(
            f"[notFound] No organization {organization_id!r} is visible to you.", organizationId=organization_id
        )
