"""What clients send about this room. Every key may be absent or null, which means the same."""

from typing import TYPE_CHECKING, Annotated

import strawberry

from labelyard.resolvers.enumeration import ProjectRole, ProjectUserStatus

if TYPE_CHECKING:
    from labelyard.resolvers.project.input import ProjectWhere
    from labelyard.resolvers.user.input import UserWhere


@strawberry.input
class ProjectUserWhere:
    """Which members of which project."""

    id: strawberry.ID | None = strawberry.UNSET
    roleID: strawberry.ID | None = strawberry.UNSET
    activeInProject: bool | None = strawberry.UNSET
    deleted: bool | None = strawberry.UNSET
    project: Annotated["ProjectWhere", strawberry.lazy("labelyard.resolvers.project.input")] | None = strawberry.UNSET
    status: ProjectUserStatus | None = strawberry.UNSET
    user: Annotated["UserWhere", strawberry.lazy("labelyard.resolvers.user.input")] | None = strawberry.UNSET


@strawberry.input
class AppendToRolesData:
    """Who gets which role."""

    role: ProjectRole
    userEmail: str


@strawberry.input
class RoleData:
    """The new role of a member."""

    projectID: strawberry.ID | None = strawberry.UNSET
    userID: strawberry.ID | None = strawberry.UNSET
    role: ProjectRole


@strawberry.input
class ProjectUserData:
    """What may be set on a membership: `starred`; counters are computed by the server."""

    totalDuration: int | None = strawberry.UNSET
    durationPerLabel: float | None = strawberry.UNSET
    numberOfLabeledAssets: int | None = strawberry.UNSET
    numberOfAnnotations: int | None = strawberry.UNSET
    consensusMark: float | None = strawberry.UNSET
    honeypotMark: float | None = strawberry.UNSET
    starred: bool | None = strawberry.UNSET
