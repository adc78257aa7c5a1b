"""Issues, questions and comments as clients see them. All ids of people are those of users, as in labels."""

from typing import TYPE_CHECKING, Annotated

import strawberry

from labelyard.resolvers.enumeration import IssueStatus, IssueType
from labelyard.resolvers.object_type import column, expression, object_type, to_many, to_one
from labelyard.resolvers.scalar import DateTime
from labelyard.storage.scope import LABELER_ISSUE

if TYPE_CHECKING:
    from labelyard.resolvers.asset.type import Asset
    from labelyard.resolvers.label.type import Label
    from labelyard.resolvers.project.type import Project
    from labelyard.resolvers.project_user.type import ProjectUser

# Each value once, in the order in which it first came up.
SHOWN = f"i.project_id is not distinct from {{t}}.project_id and {LABELER_ISSUE.replace('{r}', 'i')}"
OPEN_OBJECT_MIDS = (
    f"array(select i.object_mid from issue i where {{of}} and {SHOWN} and i.type = 'ISSUE' and i.status = 'OPEN' "
    "and i.object_mid is not null group by i.object_mid order by min(i.position))"
)
OPEN_OBJECT_MIDS_OF_ASSET = OPEN_OBJECT_MIDS.replace("{of}", "i.asset_id = {t}.id")
OPEN_OBJECT_MIDS_OF_LABEL = OPEN_OBJECT_MIDS.replace("{of}", "i.label_id = {t}.id")
OPEN_ISSUES_ASSIGNEES = (
    f"array(select i.assignee_id from issue i where i.asset_id = {{t}}.id and {SHOWN} and i.type = 'ISSUE' and i.status = 'OPEN' "
    "and i.assignee_id is not null group by i.assignee_id order by min(i.position))"
)
OPEN_QUESTIONS_AUTHORS = (
    f"array(select i.author_id from issue i where i.asset_id = {{t}}.id and {SHOWN} and i.type = 'QUESTION' and i.status = 'OPEN' "
    "group by i.author_id order by min(i.position))"
)
SEEN = (
    "({t}.status <> 'OPEN' or exists (select 1 from issue_comment c where c.issue_id = {t}.id "
    "and c.author_id <> {t}.author_id))"
)
PROJECT_OF_ISSUE = "(select i.project_id from issue i where i.id = {t}.issue_id)"


@object_type("issue_comment")
class Comment:
    """A comment on an issue or question."""

    id: strawberry.ID
    author: Annotated["ProjectUser", strawberry.lazy("labelyard.resolvers.project_user.type")] | None = to_one(
        "ProjectUser", on="{r}.user_id = {t}.author_id and {r}.project_id = " + PROJECT_OF_ISSUE
    )
    authorId: strawberry.ID | None
    authorIdUser: strawberry.ID | None = column("author_id")
    createdAt: DateTime | None
    issue: Annotated["Issue", strawberry.lazy("labelyard.resolvers.issue.type")] | None = to_one(
        "Issue", on="{r}.id = {t}.issue_id"
    )
    issueId: strawberry.ID | None
    text: str | None
    updatedAt: DateTime | None


@object_type("issue")
class Issue:
    """Something that is wrong with a label, or a question about an asset.

    An issue is for the author of its label to handle. It has been seen once it is closed or somebody else has commented.
    """

    id: strawberry.ID
    asset: Annotated["Asset", strawberry.lazy("labelyard.resolvers.asset.type")] | None = to_one(
        "Asset", on="{r}.id = {t}.asset_id", same="project_id"
    )
    assetId: strawberry.ID | None
    assignee: Annotated["ProjectUser", strawberry.lazy("labelyard.resolvers.project_user.type")] | None = to_one(
        "ProjectUser", on="{r}.user_id = {t}.assignee_id and {r}.project_id = {t}.project_id", same="project_id"
    )
    assigneeId: strawberry.ID | None
    author: Annotated["ProjectUser", strawberry.lazy("labelyard.resolvers.project_user.type")] | None = to_one(
        "ProjectUser", on="{r}.user_id = {t}.author_id and {r}.project_id = {t}.project_id", same="project_id"
    )
    authorId: strawberry.ID | None
    comments: list[Comment] | None = to_many(
        "Comment", matches="{r}.issue_id", unscoped="a comment belongs to its issue alone and is seen by who sees that"
    )
    createdAt: DateTime | None
    hasBeenSeen: bool | None = expression(SEEN)
    issueNumber: int | None
    label: Annotated["Label", strawberry.lazy("labelyard.resolvers.label.type")] | None = to_one(
        "Label", on="{r}.id = {t}.label_id and {r}.asset_id is not distinct from {t}.asset_id", same="project_id"
    )
    labelId: strawberry.ID | None
    objectMid: str | None
    project: Annotated["Project", strawberry.lazy("labelyard.resolvers.project.type")] | None = to_one(
        "Project", on="{r}.id = {t}.project_id"
    )
    projectId: strawberry.ID | None
    status: IssueStatus | None
    type: IssueType | None
    updatedAt: DateTime | None
