"""Lists of tags, which have no pages: an organization has at most `MAX_TAGS`."""

import strawberry

from labelyard.domain.permission import Action
from labelyard.domain.tag import MAX_TAGS
from labelyard.resolvers.call import Call
from labelyard.resolvers.operation import query
from labelyard.resolvers.tag.type import Tag
from labelyard.storage.filter.tag import tags_of_organization, tags_of_project


@query(Action.READ)
async def listTagsByOrg(call: Call) -> list[Tag]:
    """All tags of the organization, oldest first."""
    return await call.page(tags_of_organization(), first=MAX_TAGS, skip=0)


@query(Action.READ_PROJECT)
async def listTagsByProject(call: Call, projectId: strawberry.ID) -> list[Tag]:
    """The tags of a project, oldest first."""
    await call.authorize(projectId)
    return await call.page(tags_of_project(projectId), first=MAX_TAGS, skip=0)
