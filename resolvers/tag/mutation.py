"""Creating, changing and deleting tags, and putting them on projects."""

from typing import Any

import strawberry

from labelyard.domain.permission import Action
from labelyard.domain.tag import tag_color_of, tag_label_of
from labelyard.resolvers.operation import Call, CompletedValue, Input, mutation
from labelyard.resolvers.selection import selection_of
from labelyard.resolvers.tag.input import CheckedTagData, TagData, UpdateTagData
from labelyard.resolvers.tag.type import Tag, UpdateTagResult
from labelyard.services import tag as tags


@mutation(Action.MANAGE_TAGS)
async def createTag(call: Call, data: Input[TagData]) -> Tag | None:
    """Add a tag to the organization, which its projects may then be given."""
    label, color = tag_label_of(data["label"]), tag_color_of(data.get("color"))
    async with call.transaction() as connection:
        identifier = await tags.create_tag(connection, call.actor, label=label, color=color)
    return await call.by_id(identifier)


@mutation(Action.MANAGE_TAGS)
async def updateTag(call: Call, tagId: strawberry.ID, data: Input[UpdateTagData]) -> UpdateTagResult:
    """Change the text of a tag, on all projects that have it."""
    label = tag_label_of(data["label"])
    async with call.transaction() as connection:
        affected = await tags.rename_tag(connection, call.actor, tagId, label)
    leaves = {"affectedRows": affected, "__typename": "UpdateTagResult"}
    answer: Any = CompletedValue({})
    for field in selection_of(call.info):
        is_leaf = field.children is None
        answer.value[field.key] = leaves[field.name] if is_leaf else await call.object_below(field, tagId)
    return answer


@mutation(Action.MANAGE_TAGS)
async def deleteTag(call: Call, tagId: strawberry.ID) -> bool:
    """Delete a tag, and take it from all projects."""
    async with call.transaction() as connection:
        await tags.delete_tag(connection, call.actor, tagId)
    return True


@mutation(Action.CHANGE_PROJECT)
async def checkTag(call: Call, data: Input[CheckedTagData]) -> Tag:
    """Put a tag on a project; one that it has already stays."""
    await call.authorize(data["projectId"])
    async with call.transaction() as connection:
        await tags.check_tag(connection, call.actor, project_id=data["projectId"], tag_id=data["tagId"])
    return await call.by_id(data["tagId"])


@mutation(Action.CHANGE_PROJECT)
async def uncheckTag(call: Call, projectId: strawberry.ID, tagId: strawberry.ID) -> Tag:
    """Take a tag from a project, which has it."""
    await call.authorize(projectId)
    async with call.transaction() as connection:
        await tags.uncheck_tag(connection, call.actor, project_id=projectId, tag_id=tagId)
    return await call.by_id(tagId)
