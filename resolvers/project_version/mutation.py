"""Changing versions of projects."""

from labelyard.domain.permission import Action
from labelyard.resolvers.operation import Call, Input, mutation
from labelyard.resolvers.project_version.input import ProjectVersionData, ProjectVersionWhere
from labelyard.resolvers.project_version.type import ProjectVersion
from labelyard.services.project_version import change_version


@mutation(Action.CHANGE_PROJECT)
async def updatePropertiesInProjectVersion(
    call: Call, data: Input[ProjectVersionData], where: Input[ProjectVersionWhere]
) -> ProjectVersion | None:
    """Write what a version of a project holds, such as a link to a copy of it; null leaves it as it is."""
    async with call.transaction() as connection:
        identifier = await change_version(connection, call.actor, where, data.get("content"))
    return await call.by_id(identifier)
