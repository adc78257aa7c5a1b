"""Assets, and whole projects, whose quality marks are to be computed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Identity, Index, Text
from sqlmodel import Field, SQLModel

from labelyard.storage.table.column import created, flag, number, timestamp


class MarkRequest(SQLModel, table=True):
    """A wish to compute the marks of an asset, made in the transaction that changed what they follow from.

    `ticket` is new with every wish, so that who has computed sees whether the asset has changed meanwhile. `claimed_until` is
    when a process that took the request is given up. `is_slow` keeps what takes long out of the way of the rest; `attempts` are
    those that took too long. There is no foreign key: the request of a deleted asset is dropped when it is taken.
    """

    __tablename__ = "mark_request"
    __table_args__ = (Index("mark_request_order", "is_slow", "ticket"),)

    asset_id: str = Field(primary_key=True, sa_type=Text)
    ticket: int = Field(default=None, sa_type=BigInteger, sa_column_args=[Identity(always=True)], nullable=False)
    requested_at: datetime = created()
    claimed_until: datetime | None = timestamp()
    is_slow: bool = flag()
    attempts: int = number(0)


class ProjectMarkRequest(SQLModel, table=True):
    """A wish to compute all marks of a project, which becomes requests for its assets from the oldest on.

    Those up to `after_position` have theirs.
    """

    __tablename__ = "project_mark_request"

    project_id: str = Field(primary_key=True, sa_type=Text)
    after_position: int = Field(default=0, sa_type=BigInteger, sa_column_kwargs={"server_default": "0"}, nullable=False)
    requested_at: datetime = created()
