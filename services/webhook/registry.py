"""Registering webhooks, and the projects that plugins and webhooks are active on."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from labelyard.domain.error import BadUserInput, Conflict, NotFound
from labelyard.domain.permission import Actor, ProjectRole
from labelyard.domain.plugin import event_patterns_of, plugin_name_of
from labelyard.domain.text import within
from labelyard.services.app_services import AppServices
from labelyard.services.identity import new_id
from labelyard.services.job.queue import NewJob, enqueue
from labelyard.services.outgoing.client import AddressRefused
from labelyard.services.plugin.registry import CLEAN
from labelyard.storage import webhook as rows
from labelyard.storage.database import Connection, Row, Writer
from labelyard.storage.plan.compiler import milliseconds

MAX_HEADER: Final = 8_000
MAX_ACTIVE: Final = 50
SECRET_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class CheckedWebhook:
    """A webhook that can be registered."""

    name: str
    url: str
    header: str | None
    handler_types: list[str] | None
    event_matcher: list[str]


async def check_webhook(app_services: AppServices, data: Mapping[str, Any]) -> CheckedWebhook:
    """Check `WebhookData`. A host that cannot be found is refused like a private one."""
    name = plugin_name_of(data["pluginName"])
    url = data["webhookUrl"]
    try:
        await app_services.outgoing.check(url)
    except AddressRefused as refused:
        raise BadUserInput(
            f"[badUrl] {url[:200]!r} is not called by this server: {refused.reason}. Its operator may allow more with "
            "LABELYARD_OUTGOING_NETWORKS, LABELYARD_OUTGOING_PORTS or LABELYARD_OUTGOING_HTTP.",
            field="webhookUrl",
        ) from None
    header = data.get("header")
    if header is not None:
        within(header, name="The header", limit=MAX_HEADER)
        if not header.isprintable() or not header.isascii():
            raise BadUserInput("The header is one line of printable ASCII characters.", field="header")
    handlers = [str(handler) for handler in dict.fromkeys(data.get("handlerTypes", []))] or None
    return CheckedWebhook(name, url, header or None, handlers, event_patterns_of(data.get("eventMatcher", [])))


async def create_webhook(connection: Writer, app_services: AppServices, actor: Actor, checked: CheckedWebhook) -> str:
    """Register a webhook under a new name; answers the secret that its deliveries are signed with."""
    plugin_id, secret = new_id(), secrets.token_hex(SECRET_BYTES)
    values = {
        **_values(app_services, plugin_id, checked),
        "organization_id": actor.organization_id,
        "owner_id": actor.user_id,
        "name": checked.name,
        "secret": app_services.credentials.seal(secret, secret_purpose(plugin_id)),
    }
    if not await rows.insert_webhook(connection, values):
        raise Conflict(
            f"[pluginTaken] This cannot be done -- This can be due to: an entity Plugin already exists with value {checked.name!r}; "
            "update it with updateWebhook, or choose another name | trace : false",
            pluginName=checked.name,
        )
    return secret


async def update_webhook(connection: Writer, app_services: AppServices, actor: Actor, checked: CheckedWebhook) -> None:
    """Change everything of a webhook but its name and its secret; who changes it is its owner from now on."""
    plugin = await _named(connection, actor, checked.name)
    if not plugin["is_webhook"]:
        raise BadUserInput(
            f"{checked.name!r} is a plugin, no webhook; update it with updatePluginRunner.", field="pluginName"
        )
    values = {**_values(app_services, plugin["id"], checked), "owner_id": actor.user_id}
    await rows.update_webhook(connection, values)


async def activate(connection: Writer, actor: Actor, name: str, project_id: str) -> None:
    """Have a plugin or webhook handle what happens in a project from now on."""
    plugin = await _named(connection, actor, name)
    if not await rows.activate_plugin(connection, plugin["id"], project_id):
        raise Conflict(
            f"[pluginActive] This cannot be done -- This can be due to: an entity Project already exists with value {project_id!r} "
            f"for {name!r}: it is active there | trace : false",
            pluginName=name,
            projectId=project_id,
        )


async def deactivate(connection: Writer, actor: Actor, name: str, project_id: str) -> None:
    """End that a plugin or webhook handles what happens in a project."""
    plugin = await _named(connection, actor, name)
    if not await rows.deactivate_plugin(connection, plugin["id"], project_id):
        raise NotFound(f"[notFound] {name!r} is not active on project {project_id}.", pluginName=name)


async def delete_plugin(connection: Writer, actor: Actor, name: str) -> None:
    """Delete a plugin or webhook, on all projects."""
    plugin = await _named(connection, actor, name)
    await rows.delete_plugin(connection, plugin["id"])
    if not plugin["is_webhook"]:
        await enqueue(connection, NewJob(CLEAN, actor.organization_id, None, actor.user_id, {"pluginId": plugin["id"]}))


async def list_plugins(
    connection: Connection, actor: Actor, *, name: str | None = None, identifier: str | None = None
) -> list[dict[str, Any]]:
    """Plugins and webhooks of the organization, for its administrators and those of projects."""
    projects = [project for project, role in actor.roles.items() if role is ProjectRole.ADMIN]
    if not (actor.is_organization_admin or projects):
        return []
    values = {
        "organization_id": actor.organization_id,
        "sees_all": actor.is_organization_admin,
        "projects": projects,
        "name": name,
        "id": identifier,
    }
    return [
        {
            "id": row["id"],
            "name": row["name"],
            "projectIds": row["project_ids"],
            "eventMatcher": row["event_matcher"],
            "createdAt": milliseconds(row["created_at"]),
            "updatedAt": milliseconds(row["updated_at"]),
        }
        for row in await rows.list_plugins(connection, values)
    ]


def header_purpose(plugin_id: str) -> str:
    """What the sealed header of a webhook is bound to."""
    return f"webhook header:{plugin_id}"


def secret_purpose(plugin_id: str) -> str:
    """What the sealed secret of a webhook is bound to."""
    return f"webhook secret:{plugin_id}"


def _values(app_services: AppServices, plugin_id: str, checked: CheckedWebhook) -> dict[str, Any]:
    return {
        "id": plugin_id,
        "url": checked.url,
        "header": None
        if checked.header is None
        else app_services.credentials.seal(checked.header, header_purpose(plugin_id)),
        "handler_types": checked.handler_types,
        "event_matcher": checked.event_matcher,
    }


async def _named(connection: Writer, actor: Actor, name: str) -> Row:
    plugin = await rows.lock_plugin_named(connection, actor.organization_id, name)
    if plugin is None:
        raise NotFound(f"[notFound] Your organization has no plugin or webhook {name!r}.", pluginName=name)
    return plugin
