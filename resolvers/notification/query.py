"""Lists of notifications."""

from domain.permission import Action
from resolvers.notification.input import NotificationWhere
from resolvers.notification.type import Notification
from resolvers.operation import Call, Input, query
from resolvers.scalar import PageSize
from storage.filter.notification import choose_notifications


@query(Action.READ)
async def notifications(
    call: Call, where: Input[NotificationWhere], first: PageSize, skip: int
) -> list[Notification] | None:
    """The caller's notifications, oldest first."""
    return await call.page(choose_notifications(where), first=first, skip=skip)


@query(Action.READ)
async def countNotifications(call: Call, where: Input[NotificationWhere]) -> int:
    """How many notifications `notifications` lists in all."""
    return await call.count("notification", choose_notifications(where))
