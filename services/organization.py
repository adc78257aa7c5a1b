"""Writing organizations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from labelyard.domain.error import BadUserInput, Conflict, Forbidden, NotFound
from labelyard.domain.permission import Actor
from labelyard.domain.text import MAX_NAME, within
from labelyard.domain.timestamp import Timestamp
from labelyard.services.identity import new_id
from labelyard.services.user import NewUser, add_user
from labelyard.storage.advisory_lock import AdvisoryLock, take_transaction_lock
from labelyard.storage.database import Connection, Writer
from labelyard.storage.organization import (
    close_organization,
    delete_organization,
    insert_organization,
    labeling_metrics,
    update_organization,
)
from labelyard.storage.user import count_accounts

MAX_ORGANIZATIONS = 100
COLUMNS = {"name": "name", "address": "address", "city": "city", "country": "country", "zipCode": "zip_code"}


def check_new_organization(data: Mapping[str, Any]) -> dict[str, str]:
    """The columns of `CreateOrganizationData`."""
    if "name" not in data:
        raise BadUserInput("An organization needs a name.", field="name")
    return _columns(data)


def check_organization_change(data: Mapping[str, Any]) -> dict[str, str]:
    """The columns of `OrganizationData`; the licence and the datasets of a self-hosted server are not for sale."""
    if "license" in data:
        raise Forbidden(
            "[accessDenied] The licence cannot be set: a self-hosted server limits nothing.", field="license"
        )
    if data.get("canSeeDataset") is False:
        raise BadUserInput("Everybody may keep datasets; leave canSeeDataset out.", field="canSeeDataset")
    return _columns(data)


def _columns(data: Mapping[str, Any]) -> dict[str, str]:
    return {
        column: within(data[name], name=name, limit=MAX_NAME, least=1 if name == "name" else 0)
        for name, column in COLUMNS.items()
        if name in data
    }


async def create_organization(connection: Writer, actor: Actor, values: Mapping[str, str]) -> Actor:
    """Add an organization, and an account there for the person, who administers it; answers the person of that account.

    Nobody is let into an organization from another one: the operator gives the account its key or password.
    """
    if await count_accounts(connection, actor.email) >= MAX_ORGANIZATIONS:
        raise BadUserInput(
            f"[quotaReached] {actor.email} administers {MAX_ORGANIZATIONS} organizations already, which is the most; "
            "delete one with deleteOrganization first.",
            limit=MAX_ORGANIZATIONS,
        )
    organization_id = new_id()
    address = {column: text for column, text in values.items() if column != "name"}
    await insert_organization(connection, identifier=organization_id, name=values["name"], address=address)
    user_id = await add_user(connection, organization_id, NewUser(actor.email, organization_role="ADMIN"))
    return replace(actor, user_id=user_id, organization_id=organization_id, roles={}, is_organization_admin=True)


async def remove_organization(connection: Writer, actor: Actor, organization_id: str) -> None:
    """Delete one's own organization, which has no projects and nobody else any more, and is not the only one."""
    _require_own(actor, organization_id)
    await take_transaction_lock(
        connection, AdvisoryLock.FIRST_START
    )  # of two that are deleted at once, one may be the last
    rest = await close_organization(connection, organization_id)
    if rest is None:
        raise _unknown(organization_id)
    if rest["projects"]:
        raise Conflict(
            f"[organizationInUse] The organization has {rest['projects']} projects; delete them with deleteProject first.",
            projects=rest["projects"],
        )
    if rest["people"] > 1:
        raise Conflict(
            f"[organizationInUse] The organization has {rest['people'] - 1} other active users; take their access with "
            "updatePropertiesInUser (activated: false) first.",
            users=rest["people"] - 1,
        )
    if not rest["others"]:
        raise Conflict("[organizationInUse] This is the only organization of the server, which needs one.")
    await delete_organization(connection, organization_id)


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
        raise _unknown(organization_id)


def _unknown(organization_id: str) -> NotFound:
    return NotFound(
        f"[notFound] No organization {organization_id!r} is visible to you.", organizationId=organization_id
    )
