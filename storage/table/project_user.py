"""Members of projects."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import SQLModel

from labelyard.storage.table.column import created, flag, identifier, position, reference, text, timestamp


class ProjectUser(SQLModel, table=True):
    """A user's role in a project. A removed member keeps the row, with `deleted_at`, because labels point at people."""

    __tablename__ = "project_user"
    __table_args__ = (UniqueConstraint("project_id", "user_id"),)

    id: str = identifier()
    position: int = position()
    project_id: str = reference("project.id")
    user_id: str = reference("user_account.id", index=True)
    role: str = text()
    invitation_status: str = text("ACCEPTED")
    starred: bool = flag()
    created_at: datetime = created()
    deleted_at: datetime | None = timestamp()
