"""Delivering an event to a webhook: signed, at least once, tried again for a day."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import time
from collections.abc import Mapping
from typing import Any, Final

import orjson

from labelyard.services.event_dispatch import DELIVERY
from labelyard.services.job.handler import GiveUp, Postpone, RetryLater, RunningJob, job_handler
from labelyard.services.outgoing.client import AddressRefused, CallFailed, HostUnknown
from labelyard.services.plugin.registry import OWNER_LOST, owner_may_manage
from labelyard.services.webhook.registry import header_purpose, secret_purpose
from labelyard.storage.database import Row
from labelyard.storage.event import as_event
from labelyard.storage.plan.compiler import milliseconds
from labelyard.storage.webhook import event_to_deliver, label_to_deliver, log_delivery

SECONDS: Final = 30.0
# Before each attempt but the first: 24 hours in all.
WAITS: Final = (1, 5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400, 21_600, 36_000)
AT_ONCE: Final = 5


@job_handler(DELIVERY, attempts=len(WAITS) + 1, at_once=AT_ONCE)
async def deliver(job: RunningJob) -> Mapping[str, Any] | None:
    """Call the URL of a webhook with an event; what it answers beside a status is not read."""
    async with job.database.autocommit() as connection:
        event = await event_to_deliver(connection, job.payload["plugin"], job.payload["event"])
        is_again = job.payload.get("again", False)
        if event is None or not (event["is_active"] or is_again):
            return {"status": None, "reason": "the webhook is not active any more"}
        may_act = await owner_may_manage(connection, event)
        if may_act and event["paused_seconds"] > 0 and not is_again:
            raise Postpone(
                event["paused_seconds"], "The receiver has failed again and again; it is left alone for a while."
            )
        label = await label_to_deliver(connection, event["label_id"]) if event["label_id"] is not None else None
    body = orjson.dumps(_body(job, event, label))
    began = time.monotonic()
    status, reason, is_final = None, None, False
    try:
        if may_act:
            status = await _call(job, event, body)
        else:
            reason, is_final = f"not called: {OWNER_LOST}", True
    except AddressRefused as refused:
        reason, is_final = f"not called: {refused.reason}", not isinstance(refused, HostUnknown)
    except CallFailed as failed:
        reason = failed.reason
    is_done = status is not None and 200 <= status < 300
    async with job.database.autocommit() as connection:
        await log_delivery(
            connection,
            {
                "plugin_id": job.payload["plugin"],
                "project_id": job.project_id,
                "position": job.payload["event"],
                "handler": job.payload["type"],
                "run_id": job.id,
                "attempt": job.attempt,
                "status": status,
                "reason": reason,
                "milliseconds": int((time.monotonic() - began) * 1000),
                "is_done": is_done,
            },
        )
    if is_done:
        return {"status": status}
    sentence = f"The receiver answered {status}." if status is not None else f"The receiver was not reached: {reason}."
    if is_final or job.attempt > len(WAITS):
        raise GiveUp(sentence)
    raise RetryLater(WAITS[job.attempt - 1], sentence)


async def _call(job: RunningJob, event: Row, body: bytes) -> int:
    credentials, plugin_id = job.app_services.credentials, job.payload["plugin"]
    timestamp = str(int(time.time()))
    secret = credentials.unseal(event["secret"], secret_purpose(plugin_id))
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "labelyard",
        "X-Labelyard-Event": str(event["position"]),
        "X-Labelyard-Timestamp": timestamp,
        "X-Labelyard-Signature": "sha256=" + signature(secret, timestamp, body),
    }
    if event["header"] is not None:
        headers["Authorization"] = credentials.unseal(event["header"], header_purpose(plugin_id))
    client = job.app_services.outgoing
    try:
        async with (
            asyncio.timeout(SECONDS),
            client.stream("POST", event["url"], headers=headers, content=body, seconds=SECONDS) as answer,
        ):
            return answer.status
    except TimeoutError:
        raise CallFailed("no answer in time") from None


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """What proves that a delivery is of this server and of now."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def _body(job: RunningJob, event: Row, label: Row | None) -> dict[str, Any]:
    return {
        "eventType": job.payload["type"],
        "logPayload": {"runId": job.id, "projectId": event["project_id"]},
        "payload": payload_of(job.payload["type"], event, label),
    }


def payload_of(handler: str, event: Row, label: Row | None) -> dict[str, Any]:
    """What a handler is given: the label and its asset, or for patterns the event as `events` lists it."""
    if "." in handler:
        listed = as_event(event)
        return {name: listed[name] for name in ("event", "organizationId", "projectId", "userId", "payload")} | {
            "id": listed["id"],
            "createdAt": listed["createdAt"],
        }
    if event["asset_id"] is None:
        return dict(as_event(event)["payload"])
    arguments: dict[str, Any] = {"asset_id": event["asset_id"]}
    if label is not None:
        arguments["label"] = label_for_handler(label)
    elif event["label_id"] is not None:  # deleted meanwhile
        arguments["label"] = {"id": event["label_id"]}
    return arguments


def label_for_handler(row: Row) -> dict[str, Any]:
    """A label as handlers get it: as it is when it is delivered."""
    return {
        "id": row["id"],
        "assetId": row["asset_id"],
        "authorId": row["author_id"],
        "labelType": row["label_type"],
        "modelName": row["model_name"],
        "jsonResponse": orjson.Fragment(row["json_response"]),
        "secondsToLabel": row["seconds_to_label"],
        "numberOfAnnotations": row["number_of_annotations"],
        "isSentBackToQueue": row["is_sent_back_to_queue"],
        "isLatestLabelForUser": row["is_latest_label_for_user"],
        "isLatestDefaultLabelForUser": row["is_latest_default_label_for_user"],
        "isLatestReviewLabelForUser": row["is_latest_review_label_for_user"],
        "readPermissionsFromProject": row["project_id"],
        "clientVersion": row["client_version"],
        "search": {
            "numberOfAnnotations": row["number_of_annotations"],
            "numberOfAnnotationsByObject": orjson.loads(row["search"]),
        },
        "createdAt": milliseconds(row["created_at"]),
        "updatedAt": milliseconds(row["updated_at"]),
        "version": row["version"],
    }
