"""Assets whose quality marks are to be computed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Identity, Index, Text
from sqlmodel import Field, SQLModel

from storage.table.kind import created, moment


class MarkRequest(SQLModel, table=True):
    """A wish to compute the marks of an asset, made in the transaction that changed what they follow from.

    `ticket` is new with every wish, so that who has computed sees whether the asset has changed meanwhile. `claimed_until` is
    when a process that took the request is given up. There is no foreign key: the request of a deleted asset is dropped
    by whoever takes it.
    """

    __tablename__ = "mark_request"
    __table_args__ = (Index("mark_request_order", "ticket"),)

    asset_id: str = Field(primary_key=True, sa_type=Text)
    ticket: int = Field(default=None, sa_type=BigInteger, sa_column_args=[Identity(always=True)], nullable=False)
    requested_at: datetime = created()
    claimed_until: datetime | None = moment()
