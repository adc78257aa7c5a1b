"""Leaving notifications, and changing them."""

from labelyard.domain.permission import Action
from labelyard.resolvers.notification.input import NotificationData, NotificationWhere
from labelyard.resolvers.notification.type import Notification
from labelyard.resolvers.operation import Call, Input, mutation
from labelyard.services.notification import change_notification, check_notification, create_notification


@mutation(Action.MANAGE_OWN_ACCOUNT)
async def createNotification(call: Call, data: Input[NotificationData]) -> Notification | None:
    """Leave a notification for oneself; administrators of the organization leave them for its users, too."""
    checked = check_notification(call.actor, data)
    async with call.transaction() as connection:
        identifier = await create_notification(connection, call.actor, data.get("userID"), checked)
    return await call.by_id(identifier)


@mutation(Action.MANAGE_OWN_ACCOUNT)
async def updatePropertiesInNotification(
    call: Call, data: Input[NotificationData], where: Input[NotificationWhere]
) -> Notification | None:
    """Change a notification, named by its id or by that of its task, which is the same; what is null stays as it is."""
    checked = check_notification(call.actor, data)
    async with call.transaction() as connection:
        identifier = await change_notification(connection, call.actor, where.get("id") or where.get("taskId"), checked)
    return await call.by_id(identifier)
