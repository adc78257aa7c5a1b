"""Jobs that call plugins: each has one plugin handle one thing that happened."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from labelyard.domain.secret import digest_of, hint_of
from labelyard.services.api_key import new_key
from labelyard.services.identity import new_id
from labelyard.services.job.handler import GiveUp, RetryLater, RunningJob, job_handler
from labelyard.services.plugin.call import CallOutcome, call_plugin
from labelyard.services.plugin.dispatch import RUN, arguments_of
from labelyard.services.plugin.environment import BuildFailed, prepare
from labelyard.storage.actor import find_actor
from labelyard.storage.database import Row
from labelyard.storage.plugin import add_logs, is_on_project, plugin_by_id
from labelyard.storage.plugin_key import insert_run_key, remove_run_key

ATTEMPTS: Final = 4
"""The call, and three more when it fails."""
BACKOFF_SECONDS: Final = 2.0
# A key outlives its call by no more than this when the worker was killed.
KEY_MARGIN: Final = timedelta(minutes=2)
KEPT_LOGS: Final = 10_000


@job_handler(RUN, attempts=ATTEMPTS, at_once=2)
async def run_plugin(job: RunningJob) -> dict[str, str] | None:
    """Call the method of a plugin, with a key that ends with the call; what it logs is kept, and failures are tried again."""
    payload = job.payload
    async with job.database.reader() as connection:
        plugin = await plugin_by_id(connection, payload["pluginId"])
        if plugin is None or plugin["built_version"] is None or plugin["built_blob_id"] is None:
            return None
        if not await is_on_project(connection, plugin["id"], payload["projectId"]):
            return None
        owner = await find_actor(connection, plugin["owner_id"])
        arguments = await arguments_of(connection, payload)
    if arguments is None:
        return None  # what it was about is gone
    if not job.app_services.plugins.is_on:
        outcome = CallOutcome("This server runs no plugins any more.")
    elif owner is None or not owner.is_organization_admin or owner.organization_id != plugin["organization_id"]:
        outcome = CallOutcome("Its owner may not manage plugins any more: somebody who does has to update it.")
    else:
        outcome = await _called(job, plugin, arguments)
        if outcome.reason is not None and job.attempt < ATTEMPTS:
            await _keep_lines(
                job, plugin, outcome, f"{payload['handler']} failed: {outcome.reason}. It is tried again."
            )
            raise RetryLater(BACKOFF_SECONDS * 2 ** (job.attempt - 1), outcome.reason)
    if outcome.reason is None:
        await _keep_lines(job, plugin, outcome, None)
        return {"status": "done"}
    await _keep_lines(job, plugin, outcome, f"{payload['handler']} failed: {outcome.reason}")
    raise GiveUp(outcome.reason)


async def _called(job: RunningJob, plugin: Row, arguments: list[Any]) -> CallOutcome:
    settings, payload = job.app_services.plugins, job.payload
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
        "depth": payload["depth"],
    }
    async with job.database.transaction() as connection:
        await insert_run_key(connection, values)
    try:
        request = {
            "task": "call",
            "code": str(prepared.code),
            "key": key,
            "endpoint": settings.endpoint,
            "projectId": payload["projectId"],
            "handler": payload["handler"],
            "arguments": arguments,
        }
        return await call_plugin(settings, python=prepared.python, request=request)
    finally:
        await asyncio.shield(_end_key(job, key_id))


async def _end_key(job: RunningJob, key_id: str) -> None:
    async with job.database.transaction() as connection:
        await remove_run_key(connection, key_id)


async def _keep_lines(job: RunningJob, plugin: Row, outcome: CallOutcome, last: str | None) -> None:
    lines = outcome.lines if last is None else [*outcome.lines, ("ERROR", last)]
    if not lines:
        return
    payload = job.payload
    async with job.database.transaction() as connection:
        await add_logs(
            connection,
            plugin["id"],
            lines,
            kept=KEPT_LOGS,
            project_id=payload["projectId"],
            run_id=job.id,
            asset_id=payload["assetId"],
            label_id=payload["labelId"],
        )
