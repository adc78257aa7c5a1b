"""Projects as the first clients read, created and changed them."""

from typing import Any

import strawberry

from labelyard.domain.permission import Action
from labelyard.resolvers.argument import page_size, present
from labelyard.resolvers.enumeration import InputType, InterfaceCategory
from labelyard.resolvers.operation import Call, mutation, query
from labelyard.resolvers.project.mutation import change_project, project_id_of
from labelyard.resolvers.project.type import Project
from labelyard.services.project import create_project, empty_project
from labelyard.storage.database import Writer
from labelyard.storage.filter.legacy import projects_of_user_filter
from labelyard.storage.filter.project import project_filter


@query(Action.READ, deprecated="Ask for `projects`.")
async def getProject(call: Call, projectID: strawberry.ID | None = None) -> Project | None:
    """One project, or null."""
    return await call.first_of(project_filter({"id": projectID or ""}))


@query(Action.READ, deprecated="Ask for `projects`.")
async def getProjects(
    call: Call,
    userID: strawberry.ID | None = None,
    searchQuery: str | None = None,
    skip: int | None = None,
    first: int | None = None,
) -> list[Project] | None:
    """A page of the projects of a user that the caller sees too, oldest first."""
    chosen = projects_of_user_filter(userID or call.actor.user_id, searchQuery)
    return await call.page(chosen, first=page_size(first), skip=skip or 0)


@mutation(Action.CREATE_PROJECT, deprecated="Call `createProject`.")
async def createEmptyProject(call: Call, writer: Writer, userID: strawberry.ID | None = None) -> Project | None:
    """Create a project without title, asset type and interface, which `updatePropertiesInProject` then gives it."""
    del userID  # the caller becomes the administrator
    return await _create_empty(call, writer)


@mutation(Action.CREATE_PROJECT, deprecated="Call `createProject`.")
async def frontendCreateProject(call: Call, writer: Writer, userID: strawberry.ID | None = None) -> Project | None:
    """Create an empty project as the very first clients did."""
    del userID
    return await _create_empty(call, writer)


async def _create_empty(call: Call, writer: Writer) -> Any:
    new = empty_project(call.actor, workflow_version=call.services.workflow_version)
    await create_project(writer, call.actor, new)
    return call.after_commit(call.with_project(new.id).by_id, new.id)


@mutation(Action.CHANGE_PROJECT, deprecated="Call `updatePropertiesInProject`.")
async def updateProject(
    call: Call,
    writer: Writer,
    projectID: strawberry.ID | None = None,
    title: str | None = None,
    description: str | None = None,
    creationActiveStep: int | None = None,
    creationCompleted: list[int] | None = None,
    creationSkipped: list[int] | None = None,
    interfaceCategory: InterfaceCategory | None = None,
    inputType: InputType | None = None,
    interfaceTitle: str | None = None,
    interfaceDescription: str | None = None,
    interfaceUrl: str | None = None,
    outsource: bool | None = None,
    consensusTotCoverage: int | None = None,
    minConsensusSize: int | None = None,
    maxWorkerCount: int | None = None,
    minAgreement: int | None = None,
    useHoneyPot: bool | None = None,
    instructions: str | None = None,
    modelTitle: str | None = None,
    modelDescription: str | None = None,
    modelUrl: str | None = None,
) -> Project | None:
    """Change settings of a project as older clients did; what is null stays as it is."""
    # Steps of a screen that is gone, and texts that nothing shows any more.
    del creationActiveStep, creationCompleted, creationSkipped, outsource
    del interfaceTitle, interfaceDescription, interfaceUrl, modelTitle, modelDescription, modelUrl
    settings = {
        "title": title,
        "description": description,
        "interfaceCategory": interfaceCategory,
        "inputType": inputType,
        "consensusTotCoverage": consensusTotCoverage,
        "minConsensusSize": minConsensusSize,
        "maxWorkerCount": maxWorkerCount,
        "minAgreement": minAgreement,
        "useHoneyPot": useHoneyPot,
        "instructions": instructions,
    }
    return await change_project(call, writer, project_id_of({"id": projectID}), present(settings))
