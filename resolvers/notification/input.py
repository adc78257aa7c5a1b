"""What clients send about this room. Every key may be absent or null, which means the same."""

from typing import TYPE_CHECKING, Annotated

import strawberry

from labelyard.resolvers.enumeration import NotificationStatus

if TYPE_CHECKING:
    from labelyard.resolvers.user.input import UserWhere


@strawberry.input
class NotificationWhere:
    """Which notifications of the caller."""

    id: strawberry.ID | None = strawberry.UNSET
    hasBeenSeen: bool | None = strawberry.UNSET
    taskId: strawberry.ID | None = strawberry.UNSET
    user: Annotated["UserWhere", strawberry.lazy("labelyard.resolvers.user.input")] | None = strawberry.UNSET


@strawberry.input
class NotificationData:
    """The content of a notification."""

    hasBeenSeen: bool | None = strawberry.UNSET
    message: str | None = strawberry.UNSET
    progress: int | None = strawberry.UNSET
    status: NotificationStatus | None = strawberry.UNSET
    url: str | None = strawberry.UNSET
    userID: strawberry.ID | None = strawberry.UNSET
