"""Adding, changing and removing cloud storage of an organization."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import orjson

from labelyard.domain.data_connection import KeyFilter, folders_of, tree_of
from labelyard.domain.data_integration import (
    SECRETS,
    StoreAddress,
    address_of,
    checked_integration,
)
from labelyard.domain.error import BadUserInput, Conflict, NotFound
from labelyard.domain.permission import Actor
from labelyard.services.app_services import AppServices
from labelyard.services.credential import Credentials
from labelyard.services.identity import new_id
from labelyard.storage import data_integration as rows
from labelyard.storage.database import Connection, Database, Row, Writer
from labelyard.storage.event import record_event
from labelyard.storage.organization import lock_organization

MAX_INTEGRATIONS: Final = 200
MAX_FOLDERS: Final = 10_000
MAX_LISTED: Final = 100_000
REACHED_BY: Final = frozenset(
    {
        "platform",
        "aws_access_point_arn",
        "azure_connection_url",
        "gcp_bucket_name",
        "s3_bucket_name",
        "s3_endpoint",
        "s3_region",
    }
)

ADDRESSED_BY: Final = REACHED_BY - {"gcp_bucket_name", "s3_bucket_name"}
"""With another one of these, credentials are given anew."""


@dataclass(frozen=True, slots=True)
class CheckedIntegration:
    """An integration whose store has answered, to be written; `secrets` is None where they stay as they are."""

    columns: Mapping[str, Any]
    secrets: Mapping[str, str] | None
    seen: bytes | None = None
    """The sealed secrets that a change was checked with."""


async def check_new(app_services: AppServices, actor: Actor, data: Mapping[str, Any]) -> CheckedIntegration:
    """Check what a client sends, and ask the store whether it can be read."""
    _check_organization(actor, data)
    columns, secrets = checked_integration(data)
    for name in ("name", "platform"):
        if name not in columns:
            raise BadUserInput(f"Give `{name}` of the integration.", field=name)
    secrets = {name: secret for name, secret in secrets.items() if secret}
    await _ask(app_services, address_of(columns, secrets))
    return CheckedIntegration(columns, secrets)


async def add_integration(
    connection: Writer, credentials: Credentials, actor: Actor, checked: CheckedIntegration
) -> str:
    """Add an integration whose store can be read; answers its id."""
    await lock_organization(connection, actor.organization_id)
    if await rows.count_integrations(connection, actor.organization_id) >= MAX_INTEGRATIONS:
        raise Conflict(
            f"[quotaReached] An organization has at most {MAX_INTEGRATIONS} integrations; delete one first.",
            limit=MAX_INTEGRATIONS,
        )
    await _check_projects(connection, actor, checked.columns)
    identifier = new_id()
    await rows.insert_integration(
        connection,
        {
            "id": identifier,
            "organization_id": actor.organization_id,
            "status": "CONNECTED",
            **checked.columns,
            **_sealed(credentials, identifier, checked.secrets or {}),
        },
    )
    await _record(connection, actor, "assetStorage.integration.created", identifier)
    return identifier


async def check_change(
    database: Database, app_services: AppServices, actor: Actor, where: Mapping[str, Any], data: Mapping[str, Any]
) -> CheckedIntegration:
    """Check the change of an integration; the store is asked where it is another one afterwards, or read in another way."""
    identifier = _named(where)
    _check_organization(actor, data)
    columns, secrets = checked_integration(data)
    async with database.autocommit() as connection:
        before = await rows.own_integration(connection, identifier, actor.organization_id)
    if before is None:
        raise unknown_integration(identifier)
    if not REACHED_BY & columns.keys() and not secrets and "status" not in data:
        return CheckedIntegration(columns, None)
    # Nobody sends credentials that they never knew to an address of their choice.
    is_elsewhere = any(name in columns and columns[name] != before[name] for name in ADDRESSED_BY)
    known = {} if is_elsewhere or secrets.keys() >= set(SECRETS) else secrets_of(app_services.credentials, before)
    merged = {name: secret for name, secret in {**known, **secrets}.items() if secret}
    whole = {column: before[column] for column in REACHED_BY} | columns
    await _ask(app_services, address_of(whole, merged))
    return CheckedIntegration({**columns, "status": "CONNECTED"}, merged, bytes(before["sealed_secrets"]))


async def change_integration(
    connection: Writer, credentials: Credentials, actor: Actor, where: Mapping[str, Any], checked: CheckedIntegration
) -> str:
    """Write a change that was checked; answers the id."""
    identifier = _named(where)
    row = await rows.lock_integration(connection, identifier, actor.organization_id)
    if row is None:
        raise unknown_integration(identifier)
    if checked.seen is not None and bytes(row["sealed_secrets"]) != checked.seen:
        raise Conflict(
            "[changedMeanwhile] Somebody has just changed the credentials of this integration; look at it and try again.",
            dataIntegrationId=identifier,
        )
    await _check_projects(connection, actor, checked.columns)
    sealed = {} if checked.secrets is None else _sealed(credentials, identifier, checked.secrets)
    values = {**checked.columns, **sealed, "updated_at": datetime.now(UTC)}
    await rows.update_integration(connection, identifier, values)
    await _record(connection, actor, "assetStorage.integration.updated", identifier)
    return identifier


async def remove_integration(connection: Writer, actor: Actor, where: Mapping[str, Any]) -> str:
    """Remove an integration; one whose objects are assets is refused, for they would be lost to their labelers."""
    identifier = _named(where)
    if await rows.lock_integration(connection, identifier, actor.organization_id) is None:
        raise unknown_integration(identifier)
    used = await rows.count_used_assets(connection, identifier)
    if used:
        raise Conflict(
            f"[integrationInUse] {used:,} assets of projects are objects of this integration; delete them, or their projects, first.",
            dataIntegrationId=identifier,
            numberOfAssets=used,
        )
    await rows.delete_integration(connection, identifier)
    await _record(connection, actor, "assetStorage.integration.deleted", identifier)
    return identifier


async def folders(
    database: Database, app_services: AppServices, actor: Actor, integration_id: str, root: str
) -> dict[str, object]:
    """The folders of a store that projects may take from, as objects within objects, from a folder on."""
    async with database.autocommit() as connection:
        row = await rows.visible_integration(connection, integration_id, actor)
    if row is None:
        raise unknown_integration(integration_id)
    root = root.strip("/")
    filters = key_filter(row, input_type="")
    found: set[str] = set()
    listed = 0
    async with app_services.object_stores.opened(store_address(app_services.credentials, row)) as store:
        async for page in store.pages(root, None):
            listed += len(page)
            found |= folders_of([key for key in page if filters.is_allowed(key)], root)
            if listed > MAX_LISTED or len(found) > MAX_FOLDERS:
                raise BadUserInput(
                    f"[tooManyItems] There are more than {MAX_LISTED:,} objects or {MAX_FOLDERS:,} folders; name a `rootFolder`.",
                    limit=MAX_FOLDERS,
                )
    return tree_of(list(found))


def key_filter(row: Row, *, input_type: str, **more: Any) -> KeyFilter:
    """What an integration is open for, in projects of a type."""
    root_files = (row["include_root_files"] or "").lower()
    has_root_files = {"true": True, "false": False}.get(root_files)
    return KeyFilter(input_type, tuple(row["allowed_paths"] or ()), has_root_files, **more)


def store_address(credentials: Credentials, row: Row) -> StoreAddress:
    """Where the store of an integration is, and what it is read with."""
    return address_of({column: row[column] for column in REACHED_BY}, secrets_of(credentials, row))


def secrets_of(credentials: Credentials, row: Row) -> dict[str, str]:
    """The credentials of an integration, opened."""
    opened = credentials.unseal(bytes(row["sealed_secrets"]), purpose_of(row["id"]))
    return dict(orjson.loads(opened))


def purpose_of(integration_id: str) -> str:
    """What the credentials of an integration are sealed for."""
    return f"data integration {integration_id}"


def unknown_integration(identifier: str) -> NotFound:
    """The refusal of an integration that does not exist or is somebody else's."""
    return NotFound(
        f"[notFound] No integration {identifier!r} is visible to you; dataIntegrations lists those that are.",
        dataIntegrationId=identifier,
    )


def _sealed(credentials: Credentials, identifier: str, secrets: Mapping[str, str]) -> dict[str, Any]:
    text = orjson.dumps(dict(secrets)).decode()
    return {"secret_names": sorted(secrets), "sealed_secrets": credentials.seal(text, purpose_of(identifier))}


async def _ask(app_services: AppServices, address: StoreAddress) -> None:
    async with app_services.object_stores.opened(address) as store:
        await store.check()


def _check_organization(actor: Actor, data: Mapping[str, Any]) -> None:
    """Clients name no organization when they add an integration."""
    if data.get("organizationId") not in (None, "", actor.organization_id):
        raise NotFound(
            f"[notFound] No organization {data['organizationId']!r} is visible to you.",
            organizationId=data["organizationId"],
        )


async def _check_projects(connection: Connection, actor: Actor, columns: Mapping[str, Any]) -> None:
    named = columns.get("allowed_projects")
    unknown = await rows.unknown_projects(connection, named, actor.organization_id) if named else []
    if unknown:
        raise NotFound(f"[notFound] No project {unknown[0]!r} is visible to you.", projectId=unknown[0])


async def _record(connection: Writer, actor: Actor, event: str, identifier: str) -> None:
    payload = {"integrationId": identifier}
    await record_event(connection, event, organization_id=actor.organization_id, payload=payload)


def _named(where: Mapping[str, Any]) -> str:
    if not where.get("id"):
        raise BadUserInput("Name the integration: `where: {id: …}`.", field="where.id")
    return str(where["id"])
