"""Lists of versions of projects."""

from labelyard.domain.permission import Action
from labelyard.resolvers.argument import Input
from labelyard.resolvers.call import Call
from labelyard.resolvers.operation import query
from labelyard.resolvers.project_version.input import ProjectVersionWhere
from labelyard.resolvers.project_version.type import ProjectVersion
from labelyard.resolvers.scalar import PageSize
from labelyard.storage.filter.project_version import project_version_filter


@query(Action.READ)
async def projectVersions(
    call: Call, where: Input[ProjectVersionWhere], first: PageSize, skip: int
) -> list[ProjectVersion] | None:
    """The interfaces that visible projects have and had, oldest first."""
    return await call.page(project_version_filter(where), first=first, skip=skip)


@query(Action.READ)
async def countProjectVersions(call: Call, where: Input[ProjectVersionWhere]) -> int:
    """How many versions `projectVersions` lists in all."""
    return await call.count("project_version", project_version_filter(where))
