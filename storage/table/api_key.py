"""API keys."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel, UniqueConstraint

from labelyard.storage.table.column import Timestamp, created, identifier, number, position, reference, text, timestamp


class ApiKey(SQLModel, table=True):
    """A key of a user. Only the SHA-256 of its text is kept; `hint` is the part that may be shown.

    `depth` is 0, but for keys that plugins have while they run: how many calls of plugins follow from each other there.
    """

    __tablename__ = "api_key"
    __table_args__ = (UniqueConstraint("digest"),)

    id: str = identifier()
    position: int = position()
    user_id: str = reference("user_account.id", index=True)
    name: str = text()
    hint: str = text()
    digest: str = text()
    created_at: datetime = created()
    depth: int = number()
    expires_at: datetime = Field(sa_type=Timestamp)
    revoked_at: datetime | None = timestamp()
