"""From what happens to calls of plugins: each event of the chain becomes a job for every plugin that handles it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import orjson

from labelyard.domain.plugin import MAX_NESTED, PluginHandlerType, event_matches
from labelyard.services.job.queue import NewJob, enqueue_all
from labelyard.storage.database import Connection, Database, Row
from labelyard.storage.plan.compiler import milliseconds
from labelyard.storage.plugin import add_logs
from labelyard.storage.plugin_event import (
    event_at,
    follow_events,
    hold_cursor,
    label_for_plugin,
    move_cursor,
)

RUN: Final = "plugin run"
EVENT: Final = "onEvent"
PIECE: Final = 1_000
KEPT_LOGS: Final = 10_000
# The method of a plugin for each kind of event.
HANDLERS: Final[Mapping[str, PluginHandlerType]] = {
    "label.workflow.created.default": PluginHandlerType.onSubmit,
    "label.workflow.created.review": PluginHandlerType.onReview,
    "label.workflow.rejected": PluginHandlerType.onSendBackToQueue,
    "project.settings.updated": PluginHandlerType.onProjectUpdated,
    "project.workflow.settings.updated": PluginHandlerType.onProjectUpdated,
}


async def dispatch(database: Database) -> bool:
    """Add jobs for the next events; answers whether there may be more. Of several processes one does it at a time."""
    async with database.transaction() as connection:
        reached = await hold_cursor(connection)
        if reached is None:
            return False
        until, rows = await follow_events(connection, after=reached, most=PIECE)
        if until == reached:
            return False
        jobs = []
        for row in rows:
            handler = handler_for(row)
            if handler is None:
                continue
            depth = 1 + depth_of(row)
            if depth > MAX_NESTED:
                text = f"{handler} is not called: what happened follows from {MAX_NESTED} calls of plugins, one after the other."
                await add_logs(
                    connection,
                    row["plugin_id"],
                    [("ERROR", text)],
                    kept=KEPT_LOGS,
                    project_id=row["project_id"],
                    asset_id=row["asset_id"],
                    label_id=row["label_id"],
                )
            else:
                jobs.append(_job(row, handler, depth))
        await enqueue_all(connection, jobs)
        await move_cursor(connection, until)
        return until - reached == PIECE


def handler_for(row: Row) -> str | None:
    """What of a plugin handles an event: `EVENT` for one that follows patterns, None for none."""
    if row["event_matcher"]:
        return EVENT if any(event_matches(pattern, row["event"]) for pattern in row["event_matcher"]) else None
    handler = HANDLERS.get(row["event"])
    return handler.value if handler is not None and handler.value in (row["handler_types"] or ()) else None


def depth_of(row: Row) -> int:
    """How many calls of plugins an event follows from."""
    origin = {} if row["origin"] is None else orjson.loads(row["origin"])
    return int(origin.get("depth", 0))


def _job(row: Row, handler: str, depth: int) -> NewJob:
    payload = {
        "pluginId": row["plugin_id"],
        "projectId": row["project_id"],
        "assetId": row["asset_id"],
        "labelId": row["label_id"],
        "handler": handler,
        "depth": depth,
        "position": row["position"],
    }
    # In order for each asset; what is about none, for the project.
    key = f"{RUN} {row['plugin_id']} {row['asset_id'] or row['project_id']}"
    return NewJob(RUN, row["organization_id"], row["project_id"], row["user_id"], payload, key=key)


async def arguments_of(connection: Connection, payload: Mapping[str, Any]) -> list[Any] | None:
    """What the method of a plugin is called with; None when that is gone."""
    handler = payload["handler"]
    if handler in (PluginHandlerType.onSubmit, PluginHandlerType.onReview):
        label = await label_for_plugin(connection, payload["labelId"])
        return None if label is None else [label_argument(label), payload["assetId"]]
    if handler == PluginHandlerType.onSendBackToQueue:
        return [payload["assetId"]]
    event = await event_at(connection, payload["position"])
    if event is None:
        return None
    if handler == PluginHandlerType.onProjectUpdated:
        changes = event["payload"]
        before, after = changes.get("before", {}), changes.get("after", {})
        return [
            [
                {"key": name, "newValue": after.get(name), "oldValue": before.get(name)}
                for name in changes.get("fields", ())
            ]
        ]
    return [{name: event[name] for name in ("event", "organizationId", "projectId", "userId", "payload")}]


def label_argument(row: Row) -> dict[str, Any]:
    """A label as methods of plugins get it."""
    return {
        "id": row["id"],
        "labelType": row["label_type"],
        "authorId": row["author_id"],
        "modelName": row["model_name"],
        "jsonResponse": orjson.loads(row["json_response"]),
        "search": orjson.loads(row["search"]),
        "secondsToLabel": row["seconds_to_label"],
        "numberOfAnnotations": row["number_of_annotations"],
        "isSentBackToQueue": row["is_sent_back_to_queue"],
        "isLatestLabelForUser": row["is_latest_label_for_user"],
        "isLatestDefaultLabelForUser": row["is_latest_default_label_for_user"],
        "isLatestReviewLabelForUser": row["is_latest_review_label_for_user"],
        "version": row["version"],
        "createdAt": milliseconds(row["created_at"]),
        "updatedAt": milliseconds(row["updated_at"]),
    }
