"""The notification as clients see it."""

import strawberry

from labelyard.resolvers.enumeration import NotificationStatus
from labelyard.resolvers.object_type import column, object_type
from labelyard.resolvers.scalar import DateTime


@object_type("notification")
class Notification:
    """A message to a user about work in the background."""

    id: strawberry.ID
    createdAt: DateTime | None
    hasBeenSeen: bool | None
    message: str | None
    progress: int | None
    status: NotificationStatus | None
    url: str | None
    userID: strawberry.ID | None = column("user_id")
