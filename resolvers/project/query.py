"""Lists of projects."""

from labelyard.domain.permission import Action
from labelyard.resolvers.operation import Call, Input, query
from labelyard.resolvers.project.input import ProjectWhere
from labelyard.resolvers.project.type import Project
from labelyard.resolvers.scalar import PageSize
from labelyard.storage.filter.project import project_filter


@query(Action.READ)
async def projects(call: Call, where: Input[ProjectWhere], first: PageSize, skip: int) -> list[Project] | None:
    """Projects that the caller belongs to, oldest first."""
    return await call.page(project_filter(where), first=first, skip=skip)


@query(Action.READ)
async def countProjects(call: Call, where: Input[ProjectWhere]) -> int:
    """How many projects `projects` lists in all."""
    return await call.count("project", project_filter(where))
