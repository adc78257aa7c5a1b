"""Leaving notifications, and changing them."""

from labelyard.domain.permission import Action
from labelyard.resolvers.notification.input import NotificationData, NotificationWhere
from labelyard.resolvers.notification.type import Notification
from labelyard.resolvers.operation import Call, Input, mutation
from labelyard.services.notification import change_notification, check_notification, create_notification
from labelyard.storage.database import Writer


@mutation(Action.NOTIFY)
async def createNotification(call: Call, writer: Writer, data: Input[NotificationData]) -> Notification | None:
    """Leave a notification for oneself; administrators of the organization leave them for its users, too."""
    checked = check_notification(call.actor, data)
    identifier = await create_notification(writer, call.actor, data.get("userID"), checked)
    return call.after_commit(call.by_id, identifier)


@mutation(Action.NOTIFY)
async def updatePropertiesInNotification(
    call: Call, writer: Writer, data: Input[NotificationData], where: Input[NotificationWhere]
) -> Notification | None:
    """Change a notification, named by its id or by that of its task, which is the same; what is null stays as it is."""
    checked = check_notification(call.actor, data)
    identifier = await change_notification(writer, call.actor, where.get("id") or where.get("taskId"), checked)
    return call.after_commit(call.by_id, identifier)
