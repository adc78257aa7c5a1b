"""Groups of steps: an operation of this server, beside those that clients know."""

from labelyard.domain.permission import Action
from labelyard.resolvers.operation import Call, Input, mutation
from labelyard.resolvers.project.type import Project
from labelyard.resolvers.workflow.input import EditStepGroupsInput
from labelyard.services.workflow.step_group import edit_groups


@mutation(Action.CHANGE_PROJECT)
async def editStepGroups(call: Call, input: Input[EditStepGroupsInput]) -> Project | None:
    """Create, rename and delete groups of steps in one go; a V2 project becomes V3 with the first group that is created."""
    project_id = input["projectId"]
    await call.authorize(project_id)
    async with call.transaction() as connection:
        await edit_groups(
            connection,
            project_id,
            creates=input.get("creates") or [],
            updates=input.get("updates") or [],
            deletes=input.get("deletes") or [],
        )
    return await call.by_id(project_id)
