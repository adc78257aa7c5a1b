"""Raising issues and questions, answering and closing them."""

from labelyard.domain.permission import Action
from labelyard.resolvers.asset.input import AssetWhere
from labelyard.resolvers.issue.input import (
    AppendToCommentsData,
    AppendToIssuesData,
    IssueData,
    IssueToCreate,
    IssueWhere,
)
from labelyard.resolvers.issue.type import Comment, Issue
from labelyard.resolvers.operation import Call, Input, mutation
from labelyard.services.issue import add_comment, change_status, check_comment, check_issues, create_issues


@mutation(Action.ASK_QUESTIONS)
async def createIssues(call: Call, issues: list[Input[IssueToCreate]], where: Input[AssetWhere]) -> list[Issue]:
    """Create issues about labels and questions about assets, all in one project; answers them in the order given."""
    checked = check_issues(issues, where, most=call.services.max_items)
    async with call.transaction() as connection:
        identifiers = await create_issues(connection, call.actor, checked)
    return await call.by_ids(identifiers)


@mutation(Action.ASK_QUESTIONS, deprecated="Ask for `createIssues`.")
async def appendToIssues(call: Call, data: Input[AppendToIssuesData], where: Input[AssetWhere]) -> Issue | None:
    """Create one issue or question about the asset that `where` names."""
    checked = check_issues([data], where, most=1)
    async with call.transaction() as connection:
        (identifier,) = await create_issues(connection, call.actor, checked)
    return await call.by_id(identifier)


@mutation(Action.HANDLE_ISSUES)
async def appendToComments(call: Call, data: Input[AppendToCommentsData], where: Input[IssueWhere]) -> Comment | None:
    """Say something about an issue or question."""
    text = check_comment(data)
    async with call.transaction() as connection:
        identifier = await add_comment(connection, call.actor, where, text)
    return await call.by_id(identifier)


@mutation(Action.HANDLE_ISSUES)
async def updatePropertiesInIssue(call: Call, data: Input[IssueData], where: Input[IssueWhere]) -> Issue | None:
    """Solve, reopen or cancel an issue or question; what has been cancelled stays so."""
    async with call.transaction() as connection:
        identifier = await change_status(connection, call.actor, where, data.get("status"))
    return await call.by_id(identifier)
