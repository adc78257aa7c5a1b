"""Writing issues and questions, and their comments."""

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
from labelyard.storage.database import Writer


@mutation(Action.ASK_QUESTIONS)
async def createIssues(
    call: Call, writer: Writer, issues: list[Input[IssueToCreate]], where: Input[AssetWhere]
) -> list[Issue]:
    """Create issues about labels and questions about assets, all in one project; answers them in the order given."""
    checked = check_issues(issues, where, most=call.services.max_items)
    identifiers = await create_issues(writer, call.actor, checked)
    return call.after_commit(call.by_ids, identifiers)


@mutation(Action.ASK_QUESTIONS, deprecated="Ask for `createIssues`.")
async def appendToIssues(
    call: Call, writer: Writer, data: Input[AppendToIssuesData], where: Input[AssetWhere]
) -> Issue | None:
    """Create one issue or question about the asset that `where` names."""
    checked = check_issues([data], where, most=1)
    (identifier,) = await create_issues(writer, call.actor, checked)
    return call.after_commit(call.by_id, identifier)


@mutation(Action.HANDLE_ISSUES)
async def appendToComments(
    call: Call, writer: Writer, data: Input[AppendToCommentsData], where: Input[IssueWhere]
) -> Comment | None:
    """Add a comment to an issue or question."""
    text = check_comment(data)
    identifier = await add_comment(writer, call.actor, where, text)
    return call.after_commit(call.by_id, identifier)


@mutation(Action.HANDLE_ISSUES)
async def updatePropertiesInIssue(
    call: Call, writer: Writer, data: Input[IssueData], where: Input[IssueWhere]
) -> Issue | None:
    """Solve, reopen or cancel an issue or question; what has been cancelled stays so."""
    identifier = await change_status(writer, call.actor, where, data.get("status"))
    return call.after_commit(call.by_id, identifier)
