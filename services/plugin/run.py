"""Jobs that call plugins: each has one plugin handle one thing that happened."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import orjson

from labelyard.domain.plugin import MAX_NESTED, PluginHandlerType
from labelyard.domain.secret import digest_of, hint_of
from labelyard.services.api_key import new_key
from labelyard.services.event_dispatch import PLUGIN_RUN
from labelyard.services.identity import new_id
from labelyard.services.job.handler import GiveUp, RetryLater, RunningJob, job_handler
from labelyard.services.plugin.call import CallOutcome, call_plugin
from labelyard.services.plugin.environment import BuildFailed, prepare
from labelyard.services.plugin.registry import OWNER_LOST, owner_may_manage
from labelyard.services.webhook.job import label_for_handler
from labelyard.storage.database import Connection, Row
from labelyard.storage.event import as_event
from labelyard.storage.plugin import add_logs, event_for_plugin, is_on_project, plugin_by_id
from labelyard.storage.plugin_key import insert_run_key, remove_run_key
from labelyard.storage.webhook import label_to_deliver

ATTEMPTS: Final = 4
"""The call, and three more when it fails."""
BACKOFF_SECONDS: Final = 2.0
# A key outlives its call by no more than this when the worker was killed.
KEY_MARGIN: Final = timedelta(minutes=2)
KEPT_LOGS: Final = 10_000
OF_LABELS: Final = (PluginHandlerType.onSubmit, PluginHandlerType.onReview)


@job_handler(PLUGIN_RUN, attempts=ATTEMPTS, at_once=2)
async def run_plugin(job: RunningJob) -> dict[str, str] | None:
    """Call the method of a plugin, with a key that ends with the call; what it logs is kept, and failures are tried again."""
    handler = job.payload["type"]
    async with job.database.reader() as connection:
        plugin = await plugin_by_id(connection, job.payload["plugin"])
        event = await event_for_plugin(connection, job.payload["event"])
        if plugin is None or plugin["built_blob_id"] is None or event is None:
            return None
        if not await is_on_project(connection, plugin["id"], event["project_id"]):
            return None
        may_act = await owner_may_manage(connection, plugin)
        arguments = await _arguments(connection, handler, event)
    if arguments is None:
        return None  # what it was about is gone
    depth = 1 + _depth_of(event)
    if depth > MAX_NESTED:
        outcome = CallOutcome(f"what happened follows from {MAX_NESTED} calls of plugins, one after the other")
    elif not job.app_services.plugins.is_on:
        outcome = CallOutcome("this server runs no plugins any more")
    elif not may_act:
        outcome = CallOutcome(OWNER_LOST)
    else:
        outcome = await _called(job, plugin, event, depth, arguments)
        if outcome.reason is not None and job.attempt < ATTEMPTS:
            await _keep_lines(job, plugin, event, outcome, f"{handler} failed: {outcome.reason}. It is tried again.")
            raise RetryLater(BACKOFF_SECONDS * 2 ** (job.attempt - 1), outcome.reason)
    if outcome.reason is None:
        await _keep_lines(job, plugin, event, outcome, None)
        return {"status": "done"}
    await _keep_lines(job, plugin, event, outcome, f"{handler} failed: {outcome.reason}.")
    raise GiveUp(outcome.reason)


def _depth_of(event: Row) -> int:
    """How many calls of plugins an event follows from."""
    origin = {} if event["origin"] is None else orjson.loads(event["origin"])
    return int(origin.get("depth", 0))


async def _arguments(connection: Connection, handler: str, event: Row) -> list[Any] | None:
    """What the method of a plugin is called with; None when that is gone."""
    if handler in OF_LABELS:
        label = await label_to_deliver(connection, event["label_id"])
        return None if label is None else [label_for_handler(label), event["asset_id"]]
    if handler == PluginHandlerType.onSendBackToQueue:
        return [event["asset_id"]]
    listed = as_event(event)
    if handler == PluginHandlerType.onProjectUpdated:
        return [_changes(listed["payload"])]
    return [{name: listed[name] for name in ("event", "organizationId", "projectId", "userId", "payload")}]


def _changes(payload: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Settings with their values; those of long texts are left out of events, so they are null."""
    before, after = payload.get("before", {}), payload.get("after", {})
    return [
        {"key": name, "newValue": after.get(name), "oldValue": before.get(name)} for name in payload.get("fields", ())
    ]


async def _called(job: RunningJob, plugin: Row, event: Row, depth: int, arguments: list[Any]) -> CallOutcome:
    settings = job.app_services.plugins
    try:
        prepared = await prepare(
            settings,
            job.app_services.blobs,
            plugin_id=plugin["id"],
            version=plugin["built_version"],
            blob_id=plugin["built_blob_id"],
        )
    except BuildFailed as failure:
        return CallOutcome(str(failure))
    key, key_id = new_key(), new_id()
    values = {
        "id": key_id,
        "user_id": plugin["owner_id"],
        "name": f"plugin {plugin['name']}"[:500],
        "hint": hint_of(key),
        "digest": digest_of(key),
        "expires_at": datetime.now(UTC) + timedelta(seconds=settings.run_seconds) + KEY_MARGIN,
        "depth": depth,
    }
    async with job.database.transaction() as connection:
        await insert_run_key(connection, values)
    try:
        request = {
            "task": "call",
            "code": str(prepared.code),
            "key": key,
            "endpoint": settings.endpoint,
            "projectId": event["project_id"],
            "handler": job.payload["type"],
            "arguments": arguments,
        }
        return await call_plugin(settings, python=prepared.python, request=request)
    finally:
        await asyncio.shield(_end_key(job, key_id))


async def _end_key(job: RunningJob, key_id: str) -> None:
    async with job.database.transaction() as connection:
        await remove_run_key(connection, key_id)


async def _keep_lines(job: RunningJob, plugin: Row, event: Row, outcome: CallOutcome, last: str | None) -> None:
    lines = outcome.lines if last is None else [*outcome.lines, ("ERROR", last)]
    if not lines:
        return
    async with job.database.transaction() as connection:
        await add_logs(
            connection,
            plugin["id"],
            lines,
            kept=KEPT_LOGS,
            project_id=event["project_id"],
            run_id=job.id,
            asset_id=event["asset_id"],
            label_id=event["label_id"],
        )
