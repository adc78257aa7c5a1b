"""Users. The table is not called `user`, which PostgreSQL reserves."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import SQLModel, UniqueConstraint

from labelyard.storage.table.column import created, flag, identifier, optional_text, position, reference, text


class UserAccount(SQLModel, table=True):
    """The account of a person or a program in one organization. `email` is stored in lower case.

    Addresses are unique in an organization, not on the server: what one organization writes says nothing about another.
    Who `is_invited` has never been activated; anybody else who is not activated has been suspended.
    """

    __tablename__ = "user_account"
    __table_args__ = (UniqueConstraint("email", "organization_id"),)

    id: str = identifier()
    position: int = position()
    organization_id: str = reference("organization.id", index=True)
    email: str = text()
    firstname: str = text("")
    lastname: str = text("")
    organization_role: str = text("USER")
    activated: bool = flag(True)
    is_invited: bool = flag()
    password_hash: str | None = optional_text()
    has_completed_labeling_tour: bool = flag()
    created_at: datetime = created()
    updated_at: datetime = created()
