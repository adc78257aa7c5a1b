"""What clients send about this room."""

import strawberry


@strawberry.input
class ProjectVersionWhere:
    """Which versions of projects."""

    id: strawberry.ID | None = strawberry.UNSET
    projectId: strawberry.ID | None = strawberry.UNSET


@strawberry.input
class ProjectVersionData:
    """The change of a version of a project."""

    content: str | None = strawberry.UNSET
