"""What clients send about this room. Every key may be absent or null, which means the same."""

from typing import TYPE_CHECKING, Annotated

import strawberry

from labelyard.resolvers.enumeration import IssueStatus, IssueType

if TYPE_CHECKING:
    from labelyard.resolvers.asset.input import AssetWhere
    from labelyard.resolvers.project.input import ProjectWhere


@strawberry.input
class IssueWhere:
    """Which issues and questions; all conditions given must hold."""

    id: strawberry.ID | None = strawberry.UNSET
    project: Annotated["ProjectWhere", strawberry.lazy("labelyard.resolvers.project.input")] | None = strawberry.UNSET
    asset: Annotated["AssetWhere", strawberry.lazy("labelyard.resolvers.asset.input")] | None = strawberry.UNSET
    assetIn: list[strawberry.ID] | None = strawberry.UNSET
    status: IssueStatus | None = strawberry.UNSET
    type: IssueType | None = strawberry.UNSET


@strawberry.input
class IssueToCreate:
    """An issue about a label, or a question about an asset; `text` becomes its first comment, `issueNumber` is ignored."""

    assetId: strawberry.ID | None = strawberry.UNSET
    issueNumber: int | None = strawberry.UNSET
    labelID: strawberry.ID | None = strawberry.UNSET
    objectMid: str | None = strawberry.UNSET
    text: str | None = strawberry.UNSET
    type: IssueType | None = strawberry.UNSET


@strawberry.input
class AppendToIssuesData:
    """One issue or question; `inReview` and `issueNumber` are ignored."""

    inReview: bool | None = strawberry.UNSET
    issueNumber: int | None = strawberry.UNSET
    labelID: strawberry.ID | None = strawberry.UNSET
    objectMid: str | None = strawberry.UNSET
    text: str | None = strawberry.UNSET
    type: IssueType | None = strawberry.UNSET


@strawberry.input
class AppendToCommentsData:
    """A comment; `inReview` is ignored."""

    inReview: bool | None = strawberry.UNSET
    text: str | None = strawberry.UNSET


@strawberry.input
class IssueData:
    """What to change in an issue or question."""

    status: IssueStatus | None = strawberry.UNSET
