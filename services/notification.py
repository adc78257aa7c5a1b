"""Notifications about work in the background."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labelyard.domain.error import BadUserInput, Forbidden, NotFound
from labelyard.domain.number import in_range
from labelyard.domain.permission import Actor
from labelyard.domain.text import MAX_DESCRIPTION, MAX_URL, within
from labelyard.services.identity import new_id
from labelyard.storage.database import Writer
from labelyard.storage.notification import insert_notification, update_notification

COLUMNS = {
    "message": "message",
    "status": "status",
    "url": "url",
    "progress": "progress",
    "hasBeenSeen": "has_been_seen",
}


async def tell_finished(connection: Writer, actor: Actor, message: str) -> str:
    """Leave the actor a notification of work that succeeded, and answer its id."""
    columns = {"message": message, "status": "SUCCESS", "progress": 100}
    return await create_notification(connection, actor, None, columns)


def check_notification(actor: Actor, data: Mapping[str, Any]) -> dict[str, Any]:
    """The columns that `NotificationData` gives; the person it is for is not among them."""
    if data.get("userID", actor.user_id) != actor.user_id and not actor.is_organization_admin:
        raise Forbidden(
            "[noOrganizationRights] Only administrators of the organization may leave notifications for others.",
            userID=data["userID"],
        )
    columns = {column: data[key] for key, column in COLUMNS.items() if key in data}
    if "message" in columns:
        within(columns["message"], name="The message of a notification", limit=MAX_DESCRIPTION)
    if "url" in columns:
        within(columns["url"], name="The URL of a notification", limit=MAX_URL)
    if "progress" in columns:
        in_range(columns["progress"], "progress")
    if "status" in columns:
        columns["status"] = str(columns["status"])
    return columns


async def create_notification(connection: Writer, actor: Actor, user_id: str | None, columns: Mapping[str, Any]) -> str:
    """Leave a notification for a user of the organization, the actor when none is named; answers its id."""
    identifier = new_id()
    is_added = await insert_notification(
        connection,
        columns,
        notification_id=identifier,
        user_id=user_id or actor.user_id,
        organization_id=actor.organization_id,
    )
    if not is_added:
        raise NotFound(f"[notFound] No user {user_id!r} is visible to you.", userID=user_id)
    return identifier


async def change_notification(
    connection: Writer, actor: Actor, identifier: str | None, columns: Mapping[str, Any]
) -> str:
    """Change one's own notification, or as an administrator one of the organization's users; answers its id."""
    if not identifier:
        raise BadUserInput("Name the notification: `where: {id: …}`.", field="where.id")
    is_changed = await update_notification(
        connection,
        columns,
        notification_id=identifier,
        user_id=None if actor.is_organization_admin else actor.user_id,
        organization_id=actor.organization_id,
    )
    if not is_changed:
        raise NotFound(f"[notFound] No notification {identifier!r} is visible to you.", notificationId=identifier)
    return identifier
