"""The public name of a project."""

from labelyard.domain.permission import Action
from labelyard.resolvers.argument import Input
from labelyard.resolvers.call import Call
from labelyard.resolvers.operation import mutation
from labelyard.resolvers.project.input import ProjectWhere
from labelyard.resolvers.project.mutation import project_id_of
from labelyard.resolvers.project.type import Project
from labelyard.services.project import publish_project
from labelyard.storage.database import Writer


@mutation(Action.CHANGE_PROJECT, deprecated="Invite people with `appendToRoles`: nobody reads a project without a key.")
async def makeProjectPublic(call: Call, writer: Writer, where: Input[ProjectWhere]) -> Project | None:
    """Give a project a public token, the same each time. It names the project to others, and opens nothing."""
    project_id = project_id_of(where)
    await call.authorize(project_id)
    await publish_project(writer, project_id)
    return call.after_commit(call.by_id, project_id)
