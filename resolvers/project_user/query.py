"""Lists of members."""

from labelyard.domain.permission import Action
from labelyard.resolvers.operation import Call, Input, query
from labelyard.resolvers.project_user.input import ProjectUserWhere
from labelyard.resolvers.project_user.type import ProjectUser
from labelyard.resolvers.scalar import PageSize
from labelyard.storage.filter.project_user import project_user_filter


@query(Action.READ)
async def projectUsers(
    call: Call, where: Input[ProjectUserWhere], first: PageSize, skip: int
) -> list[ProjectUser] | None:
    """Members of projects that the caller belongs to, oldest first."""
    return await call.page(project_user_filter(where), first=first, skip=skip)


@query(Action.READ)
async def countProjectUsers(call: Call, where: Input[ProjectUserWhere]) -> int:
    """How many members `projectUsers` lists in all."""
    return await call.count("project_user", project_user_filter(where))
