"""Lists of notifications."""

from labelyard.domain.permission import Action
from labelyard.resolvers.notification.input import NotificationWhere
from labelyard.resolvers.notification.type import Notification
from labelyard.resolvers.operation import Call, Input, query
from labelyard.resolvers.scalar import PageSize
from labelyard.storage.filter.notification import notification_filter


@query(Action.READ)
async def notifications(
    call: Call, where: Input[NotificationWhere], first: PageSize, skip: int
) -> list[Notification] | None:
    """The caller's notifications, oldest first."""
    return await call.page(notification_filter(where), first=first, skip=skip)


@query(Action.READ)
async def countNotifications(call: Call, where: Input[NotificationWhere]) -> int:
    """How many notifications `notifications` lists in all."""
    return await call.count("notification", notification_filter(where))
