"""Changing versions of projects."""

from labelyard.domain.permission import Action
from labelyard.resolvers.argument import Input
from labelyard.resolvers.call import Call
from labelyard.resolvers.operation import mutation
from labelyard.resolvers.project_version.input import ProjectVersionData, ProjectVersionWhere
from labelyard.resolvers.project_version.type import ProjectVersion
from labelyard.services.project_version import change_version
from labelyard.storage.database import Writer


@mutation(Action.CHANGE_PROJECT)
async def updatePropertiesInProjectVersion(
    call: Call, writer: Writer, data: Input[ProjectVersionData], where: Input[ProjectVersionWhere]
) -> ProjectVersion | None:
    """Write what a version of a project holds, such as a link to a copy of it; null leaves it as it is."""
    identifier = await change_version(writer, call.actor, where, data.get("content"))
    return call.after_commit(call.by_id, identifier)
