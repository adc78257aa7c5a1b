"""Lists of issues and questions."""

from labelyard.domain.permission import Action
from labelyard.resolvers.issue.input import IssueWhere
from labelyard.resolvers.issue.type import Issue
from labelyard.resolvers.operation import Call, Input, query
from labelyard.resolvers.scalar import PageSize
from labelyard.storage.filter.issue import issue_filter


@query(Action.READ)
async def issues(call: Call, where: Input[IssueWhere], first: PageSize, skip: int) -> list[Issue] | None:
    """Issues and questions about assets that the caller may see, in the order of their creation."""
    return await call.page(issue_filter(where, call.actor), first=first, skip=skip)


@query(Action.READ)
async def countIssues(call: Call, where: Input[IssueWhere]) -> int:
    """How many issues and questions `issues` lists in all."""
    return await call.count("issue", issue_filter(where, call.actor))
