"""Writing comments of the FastLabel door."""

from __future__ import annotations

from typing import Any

import orjson

from labelyard.domain.door.fastlabel.comment import SentComment, with_content
from labelyard.domain.error import NotFound
from labelyard.domain.permission import Action, Actor
from labelyard.domain.workflow import SUBMITTED
from labelyard.services.guard import require_to_write
from labelyard.services.issue import add_comment, change_status, check_issues, create_issues
from labelyard.storage.database import Row, Writer
from labelyard.storage.door import asset_records, put_asset_records, shown_label_ids
from labelyard.storage.fastlabel import DOOR
from labelyard.storage.fastlabel.comment import lock_thread, remove_thread, set_thread_text
from labelyard.storage.fastlabel.task import answers_of_labels, task_by_id
from labelyard.storage.label import lock_assets


async def make_comment(writer: Writer, actor: Actor, sent: SentComment) -> str:
    """Make an issue of the label that a task shows, or a question about the task; answers its id."""
    task = await task_by_id(writer, actor, sent.task_id)
    if task is None:
        raise NotFound(f"There is no task {sent.task_id!r} that you may see.", taskId=sent.task_id)
    await lock_assets(writer, [task["id"]])
    record = (await asset_records(writer, DOOR, [task["id"]])).get(task["id"], {})
    kept = with_content(sent.record, {one["id"]: one["name"] for one in record.get("contents") or ()})
    label_id = await _label_of(writer, actor, task)
    item: dict[str, Any] = {"text": sent.text, "assetId": task["id"]}
    if sent.annotation_id is not None:
        item["objectMid"] = sent.annotation_id
    if label_id is not None and actor.may(Action.CREATE_ISSUES, task["project_id"]):
        item |= {"type": "ISSUE", "labelID": label_id}
    else:
        item |= {"type": "QUESTION"}
    (issue_id,) = await create_issues(
        writer, actor, check_issues([item], {"project": {"id": task["project_id"]}}, most=1)
    )
    if sent.is_resolved:
        await change_status(writer, actor, {"id": issue_id}, "SOLVED")
    comments = {**(record.get("comments") or {}), issue_id: kept}
    await put_asset_records(writer, DOOR, task["project_id"], {task["id"]: {**record, "comments": comments}})
    return issue_id


async def _label_of(writer: Writer, actor: Actor, task: Row) -> str | None:
    """The label by a person that a task shows."""
    shown = (await shown_label_ids(writer, actor, [task["id"]], with_predictions=False)).get(task["id"])
    if shown is None:
        return None
    row = (await answers_of_labels(writer, [shown]))[shown]
    return shown if row["label_type"] in SUBMITTED else None


async def say(writer: Writer, actor: Actor, issue_id: str, text: str) -> None:
    """Add a thread to a comment."""
    await add_comment(writer, actor, {"id": issue_id}, text)


async def change_thread(writer: Writer, actor: Actor, thread_id: str, text: str) -> str:
    """Change what was said; answers the id of the comment."""
    thread = await _own_thread(writer, actor, thread_id)
    await set_thread_text(writer, thread_id, text)
    return str(thread["issue_id"])


async def delete_thread(writer: Writer, actor: Actor, thread_id: str) -> None:
    """Take back what was said; with the last thread goes the comment."""
    thread = await _own_thread(writer, actor, thread_id)
    if await remove_thread(writer, thread_id, thread["issue_id"]):
        record = (await asset_records(writer, DOOR, [thread["asset_id"]])).get(thread["asset_id"], {})
        comments = {key: one for key, one in (record.get("comments") or {}).items() if key != thread["issue_id"]}
        await put_asset_records(
            writer, DOOR, thread["project_id"], {thread["asset_id"]: {**record, "comments": comments}}
        )


async def _own_thread(writer: Writer, actor: Actor, thread_id: str) -> Row:
    """A thread that the person may change: their own, or any for who handles issues."""
    thread = await lock_thread(writer, actor, thread_id)
    if thread is None:
        raise NotFound(f"There is no thread {thread_id[:100]!r} that you may see.", threadId=thread_id[:100])
    is_own = thread["author_id"] == actor.user_id
    require_to_write(actor, Action.READ_PROJECT if is_own else Action.HANDLE_ISSUES, thread)
    return thread


def kept_of(row: Row) -> dict[str, Any]:
    """What is kept of a comment beside its issue."""
    kept: dict[str, Any] = orjson.loads(row["kept"])
    return kept
