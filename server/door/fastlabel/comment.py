"""Comments on tasks and their threads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from labelyard.domain.door.fastlabel.comment import SHOWN, comment_text_of, sent_comment
from labelyard.domain.door.fastlabel.task_status import EXTERNAL_WORDS, WORDS
from labelyard.domain.door.fastlabel.time import text_of_time
from labelyard.domain.error import NotFound
from labelyard.domain.permission import Action
from labelyard.server.door.fastlabel.door import DOOR, page_of, project_named
from labelyard.server.door.fastlabel.task import unknown_task
from labelyard.server.door.rest import Answer, Call, no_content
from labelyard.services.door.fastlabel.comment import change_thread, delete_thread, kept_of, make_comment, say
from labelyard.storage.database import Connection, Row
from labelyard.storage.fastlabel.comment import comment_by_id, comments_of_task, threads_of, threads_of_project
from labelyard.storage.fastlabel.task import TaskQuery, task_by_id


@DOOR.get("/comments")
async def comments(call: Call) -> object:
    """The comments on a task."""
    project = await project_named(call, call.query.required("project"), Action.READ_PROJECT)
    task_id = call.query.required("taskId")
    offset, limit = page_of(call)
    async with call.reader() as connection:
        task = await task_by_id(connection, call.actor, task_id)
        if task is None or task["project_id"] != project.id:
            raise unknown_task(task_id)
        rows = await comments_of_task(connection, call.actor, task_id, offset=offset, limit=limit)
        return await _shapes(connection, rows)


@DOOR.get("/comments/threads")
async def threads(call: Call) -> object:
    """What is said in the comments of a project, each with its comment."""
    project = await project_named(call, call.query.required("project"), Action.READ_PROJECT)
    offset, limit = page_of(call)
    query = TaskQuery(
        project.id,
        status=call.query.one_of("taskStatus", WORDS),
        external_status=call.query.one_of("taskExternalStatus", EXTERNAL_WORDS),
        tags=[tag for tag in call.query.all("taskTags") if tag],
    )
    async with call.reader() as connection:
        rows = await threads_of_project(
            connection,
            call.actor,
            query,
            category=call.query.text("issueCategoryId"),
            offset=offset,
            limit=limit,
        )
    return [
        {
            "id": row["thread_id"],
            "text": row["text"],
            "createdAt": text_of_time(row["thread_created_at"]),
            "updatedAt": text_of_time(row["thread_updated_at"]),
            "comment": _shape(row),
        }
        for row in rows
    ]


@DOOR.post("/comments", Action.ASK_QUESTIONS)
async def create(call: Call) -> object:
    """Comment on a task."""
    sent = sent_comment(call.object)
    async with call.transaction() as writer:
        return await _comment(call, writer, await make_comment(writer, call.actor, sent))


@DOOR.post("/comments/{id}/threads", Action.READ_PROJECT)
async def add_thread(call: Call) -> object:
    """Say something in a comment."""
    text = comment_text_of(call.object)
    async with call.transaction() as writer:
        await say(writer, call.actor, call.path["id"], text)
        return await _comment(call, writer, call.path["id"])


@DOOR.put("/comments/threads/{id}", Action.READ_PROJECT)
async def edit_thread(call: Call) -> object:
    """Change what was said."""
    text = comment_text_of(call.object)
    async with call.transaction() as writer:
        return await _comment(call, writer, await change_thread(writer, call.actor, call.path["id"], text))


@DOOR.delete("/comments/threads/{id}", Action.READ_PROJECT)
async def remove_thread(call: Call) -> Answer:
    """Take back what was said."""
    async with call.transaction() as writer:
        await delete_thread(writer, call.actor, call.path["id"])
    return no_content()


async def _comment(call: Call, connection: Connection, issue_id: str) -> dict[str, Any]:
    row = await comment_by_id(connection, call.actor, issue_id)
    if row is None:
        raise NotFound(f"There is no comment {issue_id[:100]!r} that you may see.", commentId=issue_id[:100])
    return (await _shapes(connection, [row]))[0]


async def _shapes(connection: Connection, rows: Sequence[Row]) -> list[dict[str, Any]]:
    said: dict[str, list[dict[str, Any]]] = {row["id"]: [] for row in rows}
    for thread in await threads_of(connection, list(said)) if said else ():
        said[thread["issue_id"]].append(
            {
                "id": thread["id"],
                "text": thread["text"],
                "createdAt": text_of_time(thread["created_at"]),
                "updatedAt": text_of_time(thread["updated_at"]),
            }
        )
    return [{**_shape(row), "threads": said[row["id"]]} for row in rows]


def _shape(row: Row) -> dict[str, Any]:
    kept = {"type": "text", "points": [], "scale": 0, "frame": 0, **kept_of(row)}
    return {
        "id": row["id"],
        "taskId": row["asset_id"],
        **{name: kept.get(name) for name in SHOWN},
        "isResolved": row["status"] == "SOLVED",
        "taskAnnotationId": row["object_mid"],
        "createdAt": text_of_time(row["created_at"]),
        "updatedAt": text_of_time(row["updated_at"]),
    }
