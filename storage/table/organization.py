"""Organizations."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import SQLModel

from labelyard.storage.table.column import created, flag, identifier, optional_text, position, text, timestamp


class Organization(SQLModel, table=True):
    """Owner of users and projects; nothing crosses its border.

    It `has_kept_ids` when the chosen id of one of its assets was somebody else's already (`domain.identifier.kept_id`).
    """

    id: str = identifier()
    position: int = position()
    name: str = text()
    address: str | None = optional_text()
    city: str | None = optional_text()
    country: str | None = optional_text()
    zip_code: str | None = optional_text()
    has_kept_ids: bool = flag()
    created_at: datetime = created()
    deleted_at: datetime | None = timestamp()
