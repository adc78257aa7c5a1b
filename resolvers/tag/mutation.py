"""Creating, changing and deleting tags, and putting them on projects."""

from typing import Any

import strawberry

from labelyard.domain.permission import Action
from labelyard.domain.tag import tag_color_of, tag_label_of
from labelyard.resolvers.argument import Input
from labelyard.resolvers.call import Call, CompletedValue
from labelyard.resolvers.operation import mutation
from labelyard.resolvers.selection import selection_of
from labelyard.resolvers.tag.input import CheckedTagData, TagData, UpdateTagData
from labelyard.resolvers.tag.type import Tag, UpdateTagResult
from labelyard.services import tag as tags
from labelyard.storage.database import Writer


@mutation(Action.MANAGE_TAGS)
async def createTag(call: Call, writer: Writer, data: Input[TagData]) -> Tag | None:
    """Add a tag to the organization, which its projects may then be given."""
    label, color = tag_label_of(data["label"]), tag_color_of(data.get("color"))
    identifier = await tags.create_tag(writer, call.actor, label=label, color=color)
    return call.after_commit(call.by_id, identifier)


@mutation(Action.MANAGE_TAGS)
async def updateTag(call: Call, writer: Writer, tagId: strawberry.ID, data: Input[UpdateTagData]) -> UpdateTagResult:
    """Change the text of a tag, on all projects that have it."""
    affected = await tags.rename_tag(writer, call.actor, tagId, tag_label_of(data["label"]))
    return call.after_commit(_changed, call, tagId, affected)


async def _changed(call: Call, tag_id: str, affected: int) -> Any:
    leaves = {"affectedRows": affected, "__typename": "UpdateTagResult"}
    answer: Any = CompletedValue({})
    for field in selection_of(call.info):
        is_leaf = field.children is None
        answer.value[field.key] = leaves[field.name] if is_leaf else await call.object_below(field, tag_id)
    return answer


@mutation(Action.MANAGE_TAGS)
async def deleteTag(call: Call, writer: Writer, tagId: strawberry.ID) -> bool:
    """Delete a tag, and take it from all projects."""
    await tags.delete_tag(writer, call.actor, tagId)
    return True


@mutation(Action.CHANGE_PROJECT)
async def checkTag(call: Call, writer: Writer, data: Input[CheckedTagData]) -> Tag:
    """Put a tag on a project; one that it has already stays."""
    await call.authorize(data["projectId"])
    await tags.check_tag(writer, call.actor, project_id=data["projectId"], tag_id=data["tagId"])
    return call.after_commit(call.by_id, data["tagId"])


@mutation(Action.CHANGE_PROJECT)
async def uncheckTag(call: Call, writer: Writer, projectId: strawberry.ID, tagId: strawberry.ID) -> Tag:
    """Take a tag from a project, which has it."""
    await call.authorize(projectId)
    await tags.uncheck_tag(writer, call.actor, project_id=projectId, tag_id=tagId)
    return call.after_commit(call.by_id, tagId)
