"""Tools: the interface of a project as clients until 1.6 read and wrote it."""

from typing import Any

import strawberry

from labelyard.domain.error import BadUserInput, NotFound
from labelyard.domain.permission import Action
from labelyard.resolvers.enumeration import InterfaceCategory
from labelyard.resolvers.operation import Call, mutation, query
from labelyard.resolvers.project.mutation import project_id_of
from labelyard.resolvers.scalar import JSON
from labelyard.resolvers.tool.type import Tool
from labelyard.services.tool import add_to_tool, change_tool, remove_tool
from labelyard.storage.database import Writer
from labelyard.storage.filter.project import tool_filter


@query(Action.READ, deprecated="Ask for `projects`.")
async def getTools(call: Call, projectID: strawberry.ID | None = None) -> list[Tool] | None:
    """The tool of a project: its interface. An empty list as long as the interface has no jobs."""
    return await call.page(tool_filter(projectID or ""), first=1, skip=0)


@mutation(Action.CHANGE_PROJECT, deprecated="Call `updatePropertiesInProject`.")
async def appendToTools(
    call: Call,
    writer: Writer,
    projectID: strawberry.ID | None = None,
    name: str | None = None,
    toolType: JSON | None = None,
    jsonSettings: str | None = None,
) -> Tool | None:
    """Add the jobs of `jsonSettings` to the interface of a project; a job that it has already is refused."""
    del name  # a tool goes by the title of its project
    project_id = project_id_of({"id": projectID})
    await call.authorize(project_id)
    if jsonSettings is None:
        raise BadUserInput("Give the settings of the tool, as jsonSettings.", field="jsonSettings")
    problems = await add_to_tool(writer, project_id, jsonSettings, _category_of(toolType))
    call.warn([problem.as_context() for problem in problems])
    return call.after_commit(call.by_id, project_id)


@mutation(Action.CHANGE_PROJECT, deprecated="Call `updatePropertiesInProject`.")
async def updateTool(
    call: Call,
    writer: Writer,
    toolID: strawberry.ID | None = None,
    projectID: strawberry.ID | None = None,
    name: str | None = None,
    toolType: JSON | None = None,
    jsonSettings: str | None = None,
) -> Tool | None:
    """Replace the interface of a project, or its category; what is null stays as it is."""
    del name
    project_id = _tool_id_of(toolID)
    await call.authorize(project_id)
    if projectID is not None and projectID != project_id:
        raise NotFound(f"[notFound] Project {projectID!r} has no tool {project_id!r}.", toolID=project_id)
    problems = await change_tool(writer, project_id, jsonSettings, _category_of(toolType))
    call.warn([problem.as_context() for problem in problems])
    return call.after_commit(call.by_id, project_id)


@mutation(Action.CHANGE_PROJECT, deprecated="Call `updatePropertiesInProject`.")
async def deleteFromTools(call: Call, writer: Writer, toolID: strawberry.ID | None = None) -> Tool | None:
    """Remove all jobs from the interface of a project. Labels stay as they are stored."""
    project_id = _tool_id_of(toolID)
    await call.authorize(project_id)
    problems = await remove_tool(writer, project_id)
    call.warn([problem.as_context() for problem in problems])
    return call.after_commit(call.by_id, project_id)


def _tool_id_of(tool_id: str | None) -> str:
    if tool_id is None:
        raise BadUserInput("Name the tool with toolID; getTools answers its id.", field="toolID")
    return tool_id


def _category_of(tool_type: Any) -> str | None:
    """The category of an interface that a kind of tool names: the first clients write it as a bare word."""
    if tool_type is None:
        return None
    known = [category.value for category in InterfaceCategory]
    if tool_type not in known:
        raise BadUserInput(f"toolType is one of {', '.join(known)}, not {tool_type!r}.", field="toolType")
    return str(tool_type)
