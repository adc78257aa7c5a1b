"""Registering plugins, and giving them code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from labelyard.domain.error import BadUserInput, Conflict, Forbidden, NotFound
from labelyard.domain.permission import Actor
from labelyard.domain.plugin import MAX_PLUGINS
from labelyard.services.identity import new_id
from labelyard.services.job.queue import NewJob, cancel, enqueue
from labelyard.services.plugin.settings import PluginSettings
from labelyard.storage import plugin as rows
from labelyard.storage.actor import find_actor
from labelyard.storage.database import Connection, Row, Writer
from labelyard.storage.organization import lock_organization
from labelyard.storage.upload import find_blob, forget_blobs

BUILD: Final = "plugin build"
CLEAN: Final = "plugin removal"
MAX_ARCHIVE_BYTES: Final = 16 * 1024**2


OWNER_LOST: Final = "its owner may not manage plugins and webhooks any more; somebody who does has to update it"


async def owner_may_manage(connection: Connection, plugin: Row) -> bool:
    """Whether the person in whose name a plugin or webhook acts may still have it do so: they administer its organization."""
    owner = await find_actor(connection, plugin["owner_id"])
    return owner is not None and owner.is_organization_admin and owner.organization_id == plugin["organization_id"]


def require_on(plugins: PluginSettings) -> None:
    """Refuse what needs a server that runs plugins."""
    if not plugins.is_on:
        raise Forbidden(
            "[pluginsOff] This server runs no plugins. Its operator turns them on with LABELYARD_PLUGINS=process, having read "
            "docs/plugins.md; a webhook needs no plugin.",
            setting="LABELYARD_PLUGINS",
        )


async def create_plugin(connection: Writer, actor: Actor, name: str, upload_id: str) -> None:
    """Register a plugin whose code comes in a file."""
    await lock_organization(connection, actor.organization_id)
    taken = await rows.own_plugin(connection, actor.organization_id, name=name)
    if taken is not None:
        raise Conflict(
            f'[pluginTaken] In your organization an entity Plugin already exists with value "{name}" of its name; update it, or '
            "choose another name.",
            pluginName=name,
        )
    if await rows.count_plugins(connection, actor.organization_id) >= MAX_PLUGINS:
        raise BadUserInput(
            f"[quotaReached] An organization has at most {MAX_PLUGINS} plugins; delete some with deletePlugin first.",
            limit=MAX_PLUGINS,
        )
    await rows.insert_plugin(
        connection,
        identifier=new_id(),
        organization_id=actor.organization_id,
        owner_id=actor.user_id,
        name=name,
        upload_id=upload_id,
    )


async def expect_upload(connection: Writer, actor: Actor, name: str, upload_id: str) -> None:
    """Expect the next version of a plugin in a file."""
    plugin = await _locked(connection, actor, name)
    await rows.set_upload(connection, plugin["id"], upload_id)


async def deploy_plugin(
    connection: Writer, actor: Actor, name: str, *, handler_types: Sequence[str] | None, event_matcher: Sequence[str]
) -> None:
    """Build what was uploaded for a plugin, by a job; until that has ended well, the version before goes on."""
    plugin = await _locked(connection, actor, name)
    await _require_upload(connection, plugin)
    version = await rows.deploy(
        connection, plugin["id"], owner_id=actor.user_id, handler_types=handler_types, event_matcher=event_matcher
    )
    if plugin["blob_id"] is not None:
        await forget_blobs(connection, [plugin["blob_id"]])
    if plugin["build_job_id"] is not None:
        await cancel(connection, plugin["build_job_id"])
    payload = {"pluginId": plugin["id"], "version": version}
    job = NewJob(BUILD, actor.organization_id, None, actor.user_id, payload, key=f"{BUILD} {plugin['id']}")
    await rows.set_build_job(connection, plugin["id"], await enqueue(connection, job))


async def plugin_of(
    connection: Connection, actor: Actor, *, name: str | None = None, identifier: str | None = None
) -> Row:
    """A plugin of the person's organization; `NotFound` where there is none."""
    plugin = await rows.own_plugin(connection, actor.organization_id, name=name, identifier=identifier)
    if plugin is None:
        raise _unknown(name if name is not None else identifier)
    return plugin


async def _locked(connection: Writer, actor: Actor, name: str) -> Row:
    plugin = await rows.lock_plugin(connection, actor.organization_id, name)
    if plugin is None:
        raise _unknown(name)
    if plugin["is_webhook"]:
        raise BadUserInput(
            f"{name!r} is a webhook, which has no code; change it with updateWebhook.", field="pluginName"
        )
    return plugin


async def _require_upload(connection: Writer, plugin: Row) -> None:
    """Refuse to build what has not been uploaded, or is too large to be looked at."""
    blob = None if plugin["upload_id"] is None else await find_blob(connection, plugin["upload_id"])
    if blob is None:
        raise BadUserInput(
            f"[notUploaded] No code of plugin {plugin['name']!r} has been uploaded; ask for a URL with generateUpdateUrl, and PUT "
            "the archive there first.",
            pluginName=plugin["name"],
        )
    if blob.size > MAX_ARCHIVE_BYTES:
        raise BadUserInput(
            f"[archiveTooLarge] The archive of a plugin has at most {MAX_ARCHIVE_BYTES:,} bytes, not {blob.size:,}.",
            limit=MAX_ARCHIVE_BYTES,
            size=blob.size,
        )


def _unknown(name: str | None) -> NotFound:
    return NotFound(
        f"[notFound] No plugin {name!r} is visible to you; listPlugins lists those that are.", pluginName=name
    )
