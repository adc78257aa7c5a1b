"""Creating, changing and deleting projects."""

from collections.abc import Mapping
from typing import Any

import strawberry

from labelyard.domain.error import BadUserInput
from labelyard.domain.permission import Action
from labelyard.resolvers.argument import one_form
from labelyard.resolvers.enumeration import InputType, ProjectType
from labelyard.resolvers.operation import Call, Input, mutation
from labelyard.resolvers.project.input import (
    CreateProjectData,
    ProjectData,
    ProjectWhere,
    UpdateProjectAnonymizationInput,
)
from labelyard.resolvers.project.type import Project
from labelyard.resolvers.scalar import JSON
from labelyard.services.asset.importing import import_assets
from labelyard.services.demo import demo_assets
from labelyard.services.project import (
    anonymize_project,
    check_new_project,
    check_project_change,
    create_project,
    delete_project,
    update_properties,
)
from labelyard.storage.database import Writer
from labelyard.storage.mark_request import request_project_marks


@mutation(Action.CREATE_PROJECT, own_transaction="stores the files of a demonstration first")
async def createProject(
    call: Call,
    data: Input[CreateProjectData] | None = None,
    description: str | None = None,
    inputType: InputType | None = None,
    jsonInterface: str | None = None,
    projectType: ProjectType | None = None,
    title: str | None = None,
    userID: strawberry.ID | None = None,
    toolType: JSON | None = None,
    useHoneyPot: bool | None = None,
    interfaceJsonSettings: str | None = None,
) -> Project | None:
    """Create a project, from `data` or from the arguments of older clients; the caller becomes its administrator."""
    del projectType, userID, toolType  # sent by older clients, decided by the interface and the key
    flat = {
        "description": description,
        "inputType": inputType or ("IMAGE" if interfaceJsonSettings is not None else None),
        "jsonInterface": jsonInterface or interfaceJsonSettings,
        "title": title,
        "useHoneyPot": useHoneyPot,
    }
    chosen = one_form(data, flat)
    new = check_new_project(chosen, call.actor, workflow_version=call.services.workflow_version)
    assets = await demo_assets(call.database, call.services, call.actor, new.id, new.demo) if new.demo else None
    async with call.transaction() as writer:
        await create_project(writer, call.actor, new)
        if assets is not None:
            await import_assets(writer, assets)
    call.warn([problem.as_context() for problem in new.warnings])
    return await call.with_project(new.id).by_id(new.id)


@mutation(Action.CHANGE_PROJECT)
async def updatePropertiesInProject(
    call: Call, writer: Writer, data: Input[ProjectData], where: Input[ProjectWhere]
) -> Project | None:
    """Change settings of a project; what is null stays as it is."""
    return await change_project(call, writer, project_id_of(where), data)


async def change_project(call: Call, writer: Writer, project_id: str, data: Mapping[str, Any]) -> Any:
    """Check and write changes of a project's settings, and answer the project."""
    await call.authorize(project_id, in_archive=True)
    change = check_project_change(data)
    warnings = await update_properties(writer, project_id, change, input_type=data.get("inputType"))
    call.warn([problem.as_context() for problem in warnings])
    return call.after_commit(call.by_id, project_id)


@mutation(Action.CHANGE_PROJECT)
async def forceProjectKpiComputation(
    call: Call, writer: Writer, projectID: strawberry.ID | None = None
) -> Project | None:
    """Compute all quality marks of a project anew, in the background; counters are always those of the moment."""
    project_id = project_id_of({"id": projectID})
    await call.authorize(project_id)
    await request_project_marks(writer, project_id)
    return call.after_commit(call.by_id, project_id)


@mutation(Action.CHANGE_PROJECT)
async def updateProjectAnonymization(
    call: Call, writer: Writer, input: Input[UpdateProjectAnonymizationInput]
) -> Project | None:
    """Hide the names and addresses of people from labelers and reviewers of a project, or show them again."""
    await call.authorize(input["id"])
    await anonymize_project(writer, input["id"], input["shouldAnonymize"])
    return call.after_commit(call.by_id, input["id"])


@mutation(Action.DELETE_PROJECT)
async def deleteProject(
    call: Call, writer: Writer, where: Input[ProjectWhere] | None = None, projectID: strawberry.ID | None = None
) -> Project | None:
    """Delete a project. It disappears from every list at once, its content in the background."""
    project_id = project_id_of(where or {"id": projectID})
    await call.authorize(project_id)
    await delete_project(writer, project_id)
    return call.after_commit(call.by_id, project_id)


@mutation(Action.DELETE_PROJECT)
async def deleteProjectAsynchronously(call: Call, writer: Writer, where: Input[ProjectWhere]) -> strawberry.ID | None:
    """Delete a project and answer its id. It disappears from every list at once, its content in the background."""
    project_id = project_id_of(where)
    await call.authorize(project_id)
    await delete_project(writer, project_id)
    return strawberry.ID(project_id)


def project_id_of(where: Input[ProjectWhere] | dict[str, str | None]) -> str:
    """The id that a mutation's `where` must name."""
    project_id = where.get("id")
    if not isinstance(project_id, str):
        raise BadUserInput("Name the project: `where: {id: …}`.", field="where.id")
    return project_id
