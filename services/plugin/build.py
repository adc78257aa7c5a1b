"""Jobs that make the code of a plugin ready to run, and remove it."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import structlog

from labelyard.domain.error import ClientError
from labelyard.domain.plugin import PluginStatus
from labelyard.services.job.handler import RunningJob, job_handler
from labelyard.services.plugin.call import CallOutcome, call_plugin
from labelyard.services.plugin.environment import BuildFailed, prepare, remove_other_versions
from labelyard.services.plugin.registry import BUILD, CLEAN, OWNER_LOST, owner_may_manage
from labelyard.storage.database import Row
from labelyard.storage.plugin import add_logs, plugin_by_id, settle_build
from labelyard.storage.upload import forget_blobs

log = structlog.get_logger("labelyard.plugin")
ATTEMPTS: Final = 2
INSPECT_SECONDS: Final = 120.0
KEPT_BUILD_LOGS: Final = 1_000
UNEXPECTED: Final = "Something unexpected happened on the server; its log has more."


@job_handler(BUILD, attempts=ATTEMPTS, at_once=2)
async def build_plugin(job: RunningJob) -> dict[str, str] | None:
    """Build a version of a plugin and say how that ended; a version that is not the newest any more is left alone."""
    async with job.database.reader() as connection:
        plugin = await plugin_by_id(connection, job.payload["pluginId"])
        may_act = plugin is not None and await owner_may_manage(connection, plugin)
    if plugin is None or plugin["version"] != job.payload["version"] or plugin["blob_id"] is None:
        return None
    outcome = await _built(job, plugin) if may_act else CallOutcome(OWNER_LOST)
    status = PluginStatus.ACTIVE if outcome.reason is None else PluginStatus.FAILED
    lines = outcome.lines if outcome.reason is None else [*outcome.lines, ("ERROR", outcome.reason)]
    async with job.database.transaction() as connection:
        found = outcome.result if outcome.reason is None else None
        before = await settle_build(
            connection, plugin["id"], plugin["version"], status=status.value, handler_types=found
        )
        if before is not None:
            await forget_blobs(connection, [before])
        await add_logs(connection, plugin["id"], lines, kept=KEPT_BUILD_LOGS)
    if status is PluginStatus.ACTIVE:
        await remove_other_versions(job.app_services.plugins, plugin["id"], kept=plugin["version"])
    return {"status": status.value}


async def _built(job: RunningJob, plugin: Row) -> CallOutcome:
    """Make the environment, and have the code say what it handles: what cannot be imported would fail at each call."""
    settings = job.app_services.plugins
    if not settings.is_on:
        return CallOutcome("This server runs no plugins; its operator turns them on with LABELYARD_PLUGINS=process.")
    try:
        prepared = await prepare(
            settings,
            job.app_services.blobs,
            plugin_id=plugin["id"],
            version=plugin["version"],
            blob_id=plugin["blob_id"],
        )
        request = {"task": "inspect", "code": str(prepared.code)}
        limits = replace(settings, run_seconds=max(settings.run_seconds, INSPECT_SECONDS))
        outcome = await call_plugin(limits, python=prepared.python, request=request)
    except BuildFailed as failure:
        return CallOutcome(str(failure))
    except ClientError as refusal:
        return CallOutcome(refusal.message)
    except Exception as error:
        if job.attempt < ATTEMPTS:
            raise
        log.error("plugin not built", plugin=plugin["id"], exc_info=error)
        return CallOutcome(UNEXPECTED)
    if outcome.reason is not None:
        outcome.reason = f"main.py cannot be used: {outcome.reason}"
    return outcome


@job_handler(CLEAN, attempts=3)
async def remove_code(job: RunningJob) -> None:
    """Remove what is left of a plugin on this machine."""
    await remove_other_versions(job.app_services.plugins, job.payload["pluginId"], kept=None)
