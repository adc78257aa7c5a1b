"""What clients send about this room."""

import strawberry


@strawberry.input
class TagData:
    """A new tag."""

    label: str
    color: str | None = strawberry.UNSET


@strawberry.input
class UpdateTagData:
    """The change of a tag."""

    label: str


@strawberry.input
class CheckedTagData:
    """A tag to put on a project."""

    tagId: strawberry.ID
    projectId: strawberry.ID
