"""Organizations."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import SQLModel

from storage.table.kind import created, identifier, optional_text, position, text


class Organization(SQLModel, table=True):
    """Owner of users and projects; nothing crosses its border."""

    id: str = identifier()
    position: int = position()
    name: str = text()
    address: str | None = optional_text()
    city: str | None = optional_text()
    country: str | None = optional_text()
    zip_code: str | None = optional_text()
    created_at: datetime = created()
