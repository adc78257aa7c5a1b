"""Groups of steps: an operation of this server, beside those that clients know."""

from labelyard.domain.permission import Action
from labelyard.resolvers.operation import Call, Input, mutation
from labelyard.resolvers.project.type import Project
from labelyard.resolvers.workflow.input import EditStepGroupsInput
from labelyard.services.workflow.step_group import change_groups
from labelyard.storage.database import Writer


@mutation(Action.CHANGE_PROJECT)
async def editStepGroups(call: Call, writer: Writer, input: Input[EditStepGroupsInput]) -> Project | None:
    """Create, rename and delete groups of steps in one go; a V2 project becomes V3 with the first group that is created."""
    project_id = input["projectId"]
    await call.authorize(project_id)
    await change_groups(
        writer,
        project_id,
        creates=input.get("creates") or [],
        updates=input.get("updates") or [],
        deletes=input.get("deletes") or [],
    )
    return call.after_commit(call.by_id, project_id)
