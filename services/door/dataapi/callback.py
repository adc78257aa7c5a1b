"""Telling the customer of a data task that an item is done, or that its answer has changed.

A label leaves an event in its transaction, the event becomes one job (`services.event_dispatch`), and jobs about one item run one
after the other. What is sent is the answer as of that label; nothing is sent when it is the answer that was sent before.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson

from labelyard.domain.door.dataapi.answer import answers_of
from labelyard.domain.door.dataapi.output import output_jobs
from labelyard.domain.interface import parse_interface
from labelyard.domain.interface.model import Job
from labelyard.services.credential import UnreadableCredential
from labelyard.services.door.dataapi.project import callback_purpose
from labelyard.services.event_dispatch import CALLBACK
from labelyard.services.job.handler import GiveUp, RetryLater, RunningJob, job_handler
from labelyard.services.outgoing.client import AddressRefused, CallFailed, HostUnknown
from labelyard.storage.database import Row
from labelyard.storage.door_task import item_to_call_back, labels_until, put_callback
from labelyard.storage.plan.compiler import milliseconds

SECONDS: Final = 10.0
# Before each attempt but the first.
WAITS: Final = [10.0, 60.0, 600.0, 3_600.0, 21_600.0]
ATTEMPTS: Final = 6
AT_ONCE: Final = 5
DONE: Final = frozenset({"LABELED", "REVIEWED"})


@job_handler(CALLBACK, attempts=ATTEMPTS, at_once=AT_ONCE)
async def call_back(job: RunningJob) -> Mapping[str, Any] | None:
    """POST the answer of an item to the address of its project; any 2xx is success."""
    asset_id: str = job.payload["asset"]
    async with job.database.autocommit() as connection:
        item = await item_to_call_back(connection, asset_id)
        if item is None:
            return {"said": "nothing: the item is gone"}
        labels = await labels_until(connection, asset_id, job.payload["label"])
    project: dict[str, Any] = orjson.loads(item["project_record"])
    before: dict[str, Any] = orjson.loads(item["asset_record"] or "{}").get("callback", {})
    if "callback_url" not in project or "callback_secret" not in project:
        return {"said": "nothing: there is nobody to call"}
    said = _said(item, labels)
    if said is None:
        if before.get("digest"):  # an answer that comes back is told again
            await _keep(job, asset_id, {**before, "digest": ""})
        return {"said": "nothing: the item is not done"}
    digest = hashlib.sha256(
        orjson.dumps([said["answers"], said.get("all_answers")], option=orjson.OPT_SORT_KEYS)
    ).hexdigest()
    if before.get("digest") == digest and before["state"] == "delivered":
        return {"said": "nothing: the answer is the one that was told"}
    status, reason, is_final = await _call(job, item["project_id"], project, orjson.dumps(said))
    if status is not None and 200 <= status < 300:
        await _keep(job, asset_id, {"state": "delivered", "tries": job.attempt, "digest": digest})
        return {"status": status}
    is_final = is_final or job.attempt > len(WAITS)
    state = "failed" if is_final else "pending"
    await _keep(job, asset_id, {"state": state, "tries": job.attempt, "digest": digest})
    sentence = f"The receiver answered {status}." if status is not None else f"The receiver was not reached: {reason}."
    if is_final:
        raise GiveUp(sentence)
    raise RetryLater(WAITS[job.attempt - 1], sentence)


async def _keep(job: RunningJob, asset_id: str, callback: Mapping[str, Any]) -> None:
    async with job.database.autocommit() as connection:
        await put_callback(connection, asset_id, callback)


async def _call(
    job: RunningJob, project_id: str, project: Mapping[str, Any], body: bytes
) -> tuple[int | None, str, bool]:
    """The status of the answer, or why there is none and whether that is for good."""
    services = job.app_services
    sealed = base64.b64decode(project["callback_secret"])
    try:
        secret = services.credentials.unseal(sealed, callback_purpose(project_id))
    except UnreadableCredential:
        return None, "its secret cannot be read any more: set callback_secret again", True
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "labelyard",
        "X-Signature": "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest(),
    }
    try:
        async with (
            asyncio.timeout(SECONDS),
            services.outgoing.stream(
                "POST", project["callback_url"], headers=headers, content=body, seconds=SECONDS
            ) as answer,
        ):
            return answer.status, "", False
    except TimeoutError:
        return None, "no answer in time", False
    except AddressRefused as refused:
        return None, refused.reason, not isinstance(refused, HostUnknown)
    except CallFailed as failed:
        return None, failed.reason, False


def _said(item: Row, labels: Sequence[Row]) -> dict[str, Any] | None:
    """What a callback says of an item; None while it is not done."""
    reviews = [label for label in labels if label["label_type"] == "REVIEW"]
    answered = sorted(
        (label for label in labels if label["label_type"] == "DEFAULT"), key=lambda label: label["position"]
    )
    needed = item["min_consensus_size"] if item["is_used_for_consensus"] else 1
    standing = max(reviews or answered, key=lambda label: label["position"], default=None)
    if item["skipped"] or item["status"] not in DONE or standing is None:
        return None
    if not reviews and (len(answered) < needed or not standing["is_complete"]):
        return None
    interface = parse_interface(item["json_interface"], input_type=item["input_type"]).interface
    jobs = output_jobs(interface) if interface is not None else []
    is_shared = needed > 1 and not reviews
    shown = answered[0] if is_shared else standing
    said: dict[str, Any] = {
        "event": "task.item.done",
        "project_id": item["project_number"],
        "task_id": item["task"],
        "item_id": item["number"],
        "answers": _answers(jobs, shown),
        "worker": shown["email"],
        "finished_at": milliseconds(standing["created_at"]),
    }
    if is_shared:
        said["all_answers"] = [{"worker": label["email"], "answers": _answers(jobs, label)} for label in answered]
    return said


def _answers(jobs: Sequence[Job], label: Row) -> dict[str, Any]:
    return answers_of(jobs, orjson.loads(label["json_response"]))
