"""Events become jobs of the plugins and webhooks that follow them.

The chain of events is followed by one process at a time. How far it has come is written with the jobs that it has added, so each
event becomes one job for each follower, whatever is killed. Jobs about one asset run in the order of its events.
"""

from __future__ import annotations

from typing import Any, Final

import orjson

from labelyard.domain.event_handler import handled_as
from labelyard.services.identity import new_id
from labelyard.services.job.handlers import all_handlers
from labelyard.storage.database import Database, Row
from labelyard.storage.door_task import events_to_call_back
from labelyard.storage.job import JobRow, insert_jobs
from labelyard.storage.webhook import followed_events, hold_dispatch, move_dispatch

DELIVERY: Final = "webhook"
PLUGIN_RUN: Final = "plugin run"
CALLBACK: Final = "callback of a data task"
PIECE: Final = 2_000


async def dispatch_events(database: Database) -> bool:
    """Add jobs for the next events; says whether there may be more."""
    async with database.transaction() as connection:
        sequence = await hold_dispatch(connection)
        if sequence is None:
            return False
        until, followed = await followed_events(connection, after=sequence, most=PIECE)
        jobs = [job for row in followed if (job := _job(row)) is not None]
        jobs += [_callback(row) for row in await events_to_call_back(connection, after=sequence, until=until)]
        if jobs:
            await insert_jobs(connection, jobs)
        if until > sequence:
            await move_dispatch(connection, until)
    return until - sequence == PIECE


def _callback(row: Row) -> JobRow:
    """A job for one event about a label, behind the others about the same item. What is edited is told as it is then."""
    is_new = row["event"].startswith("label.workflow.created.")
    return JobRow(
        id=new_id(),
        kind=CALLBACK,
        organization_id=row["organization_id"],
        project_id=row["project_id"],
        created_by=None,
        payload=orjson.dumps({"asset": row["asset_id"], "label": row["label_id"] if is_new else None}).decode(),
        key=f"callback {row['asset_id']}",
        delay_seconds=0.0,
    )


def delivery_job(
    *,
    kind: str,
    organization_id: str,
    project_id: str,
    plugin_id: str,
    asset_id: str | None,
    payload: dict[str, Any],
    created_by: str | None = None,
) -> JobRow:
    """A job for one event and one follower, behind the others about the same asset."""
    return JobRow(
        id=new_id(),
        kind=kind,
        organization_id=organization_id,
        project_id=project_id,
        created_by=created_by,
        payload=orjson.dumps(payload).decode(),
        key=f"{plugin_id} {asset_id or project_id}",
        delay_seconds=0.0,
    )


def _job(row: Row) -> JobRow | None:
    kind = DELIVERY if row["is_webhook"] else PLUGIN_RUN
    handled = handled_as(row["event"], row["handler_types"], row["event_matcher"])
    if handled is None or kind not in all_handlers():
        return None
    return delivery_job(
        kind=kind,
        organization_id=row["organization_id"],
        project_id=row["project_id"],
        plugin_id=row["plugin_id"],
        asset_id=row["asset_id"],
        created_by=row["user_id"],
        payload={"plugin": row["plugin_id"], "event": row["position"], "type": handled},
    )
