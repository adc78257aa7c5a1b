"""Log-ins with a password: the sessions they opened and the attempts that failed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel, UniqueConstraint

from labelyard.storage.table.column import Timestamp, created, identifier, reference, text


class LoginSession(SQLModel, table=True):
    """A key that a log-in was answered with. Like that of an API key, only the SHA-256 of its text is kept."""

    __tablename__ = "login_session"
    __table_args__ = (UniqueConstraint("digest"),)

    id: str = identifier()
    user_id: str = reference("user_account.id", index=True)
    digest: str = text()
    created_at: datetime = created()
    expires_at: datetime = Field(sa_type=Timestamp, index=True)


class LoginFailure(SQLModel, table=True):
    """An attempt to log in that has not succeeded (yet). `account` is the SHA-256 of the e-mail address that was given."""

    __tablename__ = "login_failure"
    __table_args__ = (
        Index("login_failure_account", "account", "failed_at"),
        Index("login_failure_address", "address", "failed_at"),
        Index("login_failure_time", "failed_at"),
    )

    id: str = identifier()
    account: str = text()
    address: str = text()
    failed_at: datetime = created()
