"""Writing issues and questions, and their comments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from labelyard.domain.error import BadUserInput, NotFound
from labelyard.domain.permission import Action, Actor
from labelyard.domain.text import MAX_COMMENT, MAX_OBJECT_MID, within
from labelyard.services.guard import archived_project, require, require_to_write
from labelyard.services.identity import new_id
from labelyard.storage.database import Row, Writer
from labelyard.storage.issue import (
    hold_visible_assets,
    insert_comments,
    insert_issues,
    lock_issue,
    set_issue_status,
    take_issue_numbers,
    visible_labels,
)

ACTION_OF = {"ISSUE": Action.CREATE_ISSUES, "QUESTION": Action.ASK_QUESTIONS}
# What each status may become; to ask for the status an issue has changes nothing.
NEXT_STATUSES = {
    "OPEN": frozenset({"SOLVED", "CANCELLED"}),
    "SOLVED": frozenset({"OPEN", "CANCELLED"}),
    "CANCELLED": frozenset[str](),
}


@dataclass(frozen=True, slots=True)
class NewIssue:
    """An issue or question as it was asked for; at least one of asset and label is named."""

    type: str
    asset_id: str | None
    label_id: str | None
    object_mid: str | None
    text: str | None


@dataclass(frozen=True, slots=True)
class CheckedIssues:
    """Issues whose values have been checked, and what their assets must be: among these ids, or of this project."""

    issues: Sequence[NewIssue]
    asset_ids: frozenset[str] | None
    project_id: str | None


def check_issues(items: Sequence[Mapping[str, Any]], where: Mapping[str, Any], *, most: int) -> CheckedIssues:
    """Check all that needs no look at what is stored."""
    if len(items) > most:
        raise BadUserInput(
            f"[tooManyItems] One call creates at most {most:,} issues, not {len(items):,}; send them in parts.",
            limit=most,
            given=len(items),
        )
    project = where.get("project", {})
    project_id = project.get("id")
    named = [*where.get("idIn", []), *([where["id"]] if "id" in where else [])]
    is_named = "idIn" in where or "id" in where
    if where.keys() - {"id", "idIn", "project"} or project.keys() - {"id"} or not (is_named or project_id):
        raise BadUserInput(
            "Say which assets the issues are about: `where: {idIn: […]}` or `where: {project: {id: …}}`, and nothing else.",
            field="where",
        )
    only = named[0] if len(named) == 1 else None
    return CheckedIssues(
        [_checked(item, only, index) for index, item in enumerate(items)],
        frozenset(named) if is_named else None,
        project_id,
    )


def _checked(item: Mapping[str, Any], only_asset_id: str | None, index: int) -> NewIssue:
    """One issue; a question that names no asset is about the only one of the call."""
    kind = str(item.get("type", "ISSUE"))
    label_id, asset_id = item.get("labelID"), item.get("assetId")
    if kind == "ISSUE" and label_id is None:
        raise BadUserInput(
            "An ISSUE is about a label: name it as `labelID`, or ask a QUESTION about the asset.",
            field="labelID",
            issueIndex=index,
        )
    if label_id is None and asset_id is None:
        asset_id = only_asset_id
        if asset_id is None:
            raise BadUserInput("A QUESTION is about an asset: name it as `assetId`.", field="assetId", issueIndex=index)
    object_mid, text = item.get("objectMid"), item.get("text")
    if object_mid is not None:
        within(object_mid, name="objectMid", limit=MAX_OBJECT_MID)
    if text is not None:
        within(text, name="The text of an issue", limit=MAX_COMMENT)
    return NewIssue(kind, asset_id, label_id, object_mid, text)


async def create_issues(connection: Writer, actor: Actor, checked: CheckedIssues) -> list[str]:
    """Create issues and questions of one project with their first comments; answers their ids in the order given."""
    issues = checked.issues
    if not issues:
        return []
    label_ids = [issue.label_id for issue in issues if issue.label_id is not None]
    labels = await visible_labels(connection, label_ids, actor) if label_ids else {}
    asset_ids = [_asset_of(issue, labels) for issue in issues]
    projects = await hold_visible_assets(connection, asset_ids, actor)
    if set(asset_ids) - projects.keys() or (checked.project_id and set(projects.values()) != {checked.project_id}):
        raise _unknown_target()
    if checked.asset_ids is not None and set(asset_ids) - checked.asset_ids:
        raise BadUserInput("An issue is about an asset that `where` does not name; nothing was created.", field="where")
    if len(set(projects.values())) > 1:
        raise BadUserInput(
            "One call creates issues of one project; these assets are of several. Send them in parts.", field="issues"
        )
    project_id = projects[asset_ids[0]]
    for kind in sorted({issue.type for issue in issues}):
        require(actor, ACTION_OF[kind], project_id)
    before = await take_issue_numbers(connection, project_id, len(issues))
    if before is None:
        raise archived_project(project_id)
    ids = [new_id() for _ in issues]
    await insert_issues(
        connection,
        {
            "project_id": project_id,
            "author_id": actor.user_id,
            "before": before,
            "ids": ids,
            "asset_ids": asset_ids,
            "label_ids": [issue.label_id for issue in issues],
            "assignee_ids": [_assignee_of(issue, labels) for issue in issues],
            "types": [issue.type for issue in issues],
            "mids": [issue.object_mid for issue in issues],
        },
    )
    comments = [(identifier, issue.text) for identifier, issue in zip(ids, issues, strict=True) if issue.text]
    if comments:
        await insert_comments(
            connection,
            ids=[new_id() for _ in comments],
            issue_ids=[identifier for identifier, _ in comments],
            texts=[text for _, text in comments],
            author_id=actor.user_id,
        )
    return ids


def _asset_of(issue: NewIssue, labels: Mapping[str, Row]) -> str:
    """The asset of an issue: that of its label, which must not be another than the one it names."""
    if issue.label_id is None:
        return issue.asset_id or ""
    if issue.label_id not in labels:
        raise _unknown_target()
    asset_id = str(labels[issue.label_id]["asset_id"])
    if issue.asset_id not in (None, asset_id):
        raise _unknown_target()
    return asset_id


def _assignee_of(issue: NewIssue, labels: Mapping[str, Row]) -> str | None:
    """Whose work an issue is about: the author of its label has to handle it. Questions are for whoever reviews."""
    if issue.type != "ISSUE" or issue.label_id is None:
        return None
    return str(labels[issue.label_id]["author_id"])


def check_comment(data: Mapping[str, Any]) -> str:
    """The text of a comment, 1 to 10,000 characters."""
    return within(data.get("text", ""), name="A comment", limit=MAX_COMMENT, least=1)


async def add_comment(connection: Writer, actor: Actor, where: Mapping[str, Any], text: str) -> str:
    """Add a comment to an issue and answer its id; labelers comment on the questions they have asked."""
    issue = await _issue_to_change(connection, actor, where)
    is_own_question = issue["type"] == "QUESTION" and issue["author_id"] == actor.user_id
    require_to_write(actor, Action.READ_PROJECT if is_own_question else Action.HANDLE_ISSUES, issue)
    identifier = new_id()
    await insert_comments(connection, ids=[identifier], issue_ids=[issue["id"]], texts=[text], author_id=actor.user_id)
    return identifier


async def change_status(connection: Writer, actor: Actor, where: Mapping[str, Any], status: str | None) -> str:
    """Solve, reopen or cancel an issue; labelers solve issues about their own labels. Answers the issue's id."""
    issue = await _issue_to_change(connection, actor, where)
    is_own = issue["type"] == "ISSUE" and issue["label_author_id"] == actor.user_id
    is_solved_by_its_labeler = is_own and status == "SOLVED"
    require_to_write(actor, Action.READ_PROJECT if is_solved_by_its_labeler else Action.HANDLE_ISSUES, issue)
    before = issue["status"]
    if status is not None and status != before:
        if status not in NEXT_STATUSES[before]:
            raise BadUserInput(
                f"Issue {issue['id']} is {before} and stays so; create a new one instead of making it {status}.",
                field="status",
                status=before,
            )
        await set_issue_status(connection, issue["id"], str(status))
    return str(issue["id"])


async def _issue_to_change(connection: Writer, actor: Actor, where: Mapping[str, Any]) -> Row:
    identifier = where.get("id")
    if not identifier:
        raise BadUserInput("Name the issue: `where: {id: …}`.", field="where.id")
    issue = await lock_issue(connection, identifier, actor)
    if issue is None:
        raise NotFound(f"[notFound] No issue {identifier!r} is visible to you.", issueId=identifier)
    return issue


def _unknown_target() -> NotFound:
    """The one refusal of what does not exist, is somebody else's, or lies in another project."""
    return NotFound("[notFound] One or more of these assets or labels cannot be found; nothing was created.")
