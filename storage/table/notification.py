"""Notifications."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import SQLModel

from labelyard.storage.table.column import created, flag, identifier, number, optional_text, position, reference, text


class Notification(SQLModel, table=True):
    """A message to a user about work in the background; `progress` is a percentage."""

    id: str = identifier()
    position: int = position()
    user_id: str = reference("user_account.id", index=True)
    message: str = text("")
    status: str = text("PENDING")
    progress: int = number(0)
    url: str | None = optional_text()
    has_been_seen: bool = flag()
    created_at: datetime = created()
