"""Tags."""

from __future__ import annotations

from typing import Final

from labelyard.domain.door.fastlabel.sent_task import tags_of
from labelyard.domain.door.fastlabel.tag import tag_id, tag_of
from labelyard.domain.door.fastlabel.time import text_of_time
from labelyard.domain.door.fastlabel.value import texts_of
from labelyard.domain.error import NotFound
from labelyard.domain.permission import Action
from labelyard.server.door.fastlabel.door import DOOR, page_of, project_named
from labelyard.server.door.rest import Answer, Call, no_content
from labelyard.services.door.fastlabel.tag import change_tags, remove_tag
from labelyard.storage.fastlabel.tag import listed_tags

MOST_TASKS: Final = 5_000
MOST_CHANGED_TAGS: Final = 20
MOST_DELETED: Final = 1_000
MAX_ID: Final = 1_000


@DOOR.get("/tags")
async def tags(call: Call) -> object:
    """The tags on the tasks of a project."""
    project = await project_named(call, call.query.required("project"), Action.READ_PROJECT)
    offset, limit = page_of(call)
    async with call.reader() as connection:
        rows = await listed_tags(
            connection, call.actor, project.id, keyword=call.query.text("keyword"), offset=offset, limit=limit
        )
    return [
        {
            "id": tag_id(project.id, row["name"]),
            "name": row["name"],
            "order": row["place"],
            "createdAt": text_of_time(row["created_at"]),
            "updatedAt": text_of_time(row["updated_at"]),
        }
        for row in rows
    ]


@DOOR.post("/tags/delete/multi", Action.CHANGE_ASSETS)
async def delete(call: Call) -> Answer:
    """Take tags from all tasks."""
    found = []
    for identifier in texts_of(call.object.get("tagIds"), "tagIds", limit=MOST_DELETED, length=MAX_ID):
        named = tag_of(identifier)
        if named is None:
            raise NotFound(f"There is no tag {identifier[:100]!r} that you may see.", tagId=identifier[:100])
        found.append(named)
    for project_id in dict.fromkeys(project_id for project_id, _ in found):
        await call.authorize(project_id)
    async with call.transaction() as writer:
        for project_id, name in found:
            await remove_tag(writer, project_id, name)
    return no_content()


@DOOR.post("/tasks/tags/add", Action.CHANGE_ASSETS)
async def add(call: Call) -> object:
    """Put tags on tasks."""
    return await _change(call, is_added=True)


@DOOR.post("/tasks/tags/remove", Action.CHANGE_ASSETS)
async def remove(call: Call) -> object:
    """Take tags from tasks."""
    return await _change(call, is_added=False)


async def _change(call: Call, *, is_added: bool) -> object:
    project = await project_named(call, call.object.get("project", ""))
    ids = texts_of(call.object.get("taskIds"), "taskIds", limit=MOST_TASKS, length=MAX_ID)
    names = tags_of(call.object.get("tags"), limit=MOST_CHANGED_TAGS)
    async with call.transaction() as writer:
        count = await change_tags(
            writer,
            call.actor,
            project.id,
            ids,
            added=names if is_added else (),
            removed=() if is_added else names,
        )
    return {"updatedTaskCount": count}
