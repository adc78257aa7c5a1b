"""Statements about notifications that write operations need."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labelyard.storage.database import Writer

NOTHING = dict.fromkeys(("message", "status", "url", "progress", "has_been_seen"))


async def insert_notification(
    connection: Writer, columns: Mapping[str, Any], *, notification_id: str, user_id: str, organization_id: str
) -> bool:
    """Add a notification; False when the organization has no such user."""
    added = await connection.fetch(
        """
        insert into notification (id, user_id, message, status, progress, url, has_been_seen)
        select :id, u.id, coalesce(:message, ''), coalesce(:status, 'PENDING'), coalesce(:progress::int, 0),
          :url, coalesce(:has_been_seen::bool, false)
        from user_account u
        where u.id = :user_id and u.organization_id = :organization_id
        returning id
        """,
        {**NOTHING, **columns, "id": notification_id, "user_id": user_id, "organization_id": organization_id},
    )
    return bool(added)


async def update_notification(
    connection: Writer,
    columns: Mapping[str, Any],
    *,
    notification_id: str,
    user_id: str | None,
    organization_id: str,
) -> bool:
    """Change a notification of the user, of anybody in the organization when that is None; False when there is none."""
    changed = await connection.fetch(
        """
        update notification n
        set message = coalesce(:message, n.message), status = coalesce(:status, n.status),
          progress = coalesce(:progress::int, n.progress), url = coalesce(:url, n.url),
          has_been_seen = coalesce(:has_been_seen::bool, n.has_been_seen)
        from user_account u
        where n.id = :id
          and u.id = n.user_id
          and u.organization_id = :organization_id
          and u.id = coalesce(:user_id::text, u.id)
        returning n.id
        """,
        {**NOTHING, **columns, "id": notification_id, "user_id": user_id, "organization_id": organization_id},
    )
    return bool(changed)
