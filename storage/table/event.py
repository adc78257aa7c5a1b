"""What happened: the record that events and the audit are read from."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import BigInteger, Index, LargeBinary, Text, UniqueConstraint
from sqlalchemy import text as sql
from sqlmodel import Field, SQLModel

from labelyard.storage.table.column import big_number, inserted, optional_text, text

NEXT_POSITION: Final = "case when pg_current_xact_id() is not null then nextval('event_position_seq') end"


class Event(SQLModel, table=True):
    """One thing that happened, added by the transaction in which it did, and never changed.

    Triggers add the events of most tables; labels bring theirs in the statement that writes them. `origin` is JSON: the key, the
    address and the operation it came by. A transaction that is still open may add events with lower positions than those that are
    there; the background adds an `EventLink` when none can. For its sake a transaction has its number before it gets a position.
    """

    __table_args__ = (
        Index("event_project", "project_id", "position", postgresql_where=sql("project_id is not null")),
        Index("event_organization", "organization_id", "position"),
    )

    position: int = Field(
        default=None, primary_key=True, sa_type=BigInteger, sa_column_kwargs={"server_default": sql(NEXT_POSITION)}
    )
    created_at: datetime = inserted()
    organization_id: str = text()
    project_id: str | None = optional_text()
    user_id: str | None = optional_text()
    event: str = text()
    asset_id: str | None = optional_text()
    label_id: str | None = optional_text()
    payload: str | None = optional_text()
    origin: str | None = optional_text()


class EventLink(SQLModel, table=True):
    """The place of an event in the chain: a number without gaps, and a hash over its content and the hash before
    (`domain.event.link`). Rows are added, never changed.
    """

    __tablename__ = "event_link"
    __table_args__ = (UniqueConstraint("position"),)

    sequence: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    position: int = Field(sa_type=BigInteger)
    hash: bytes = Field(sa_type=LargeBinary)


class EventWalk(SQLModel, table=True):
    """How far events have been added to the chain, in one row: all up to `position` are there.

    Those up to `next_position` follow as soon as no transaction runs whose number is below `next_transaction`.
    """

    __tablename__ = "event_walk"

    id: bool = Field(primary_key=True)
    position: int = big_number()
    next_position: int = big_number()
    next_transaction: int = big_number()


class LabelVersion(SQLModel, table=True):
    """An answer that a label has or had: rows are there for labels that were edited, from the first answer on."""

    __tablename__ = "label_version"

    label_id: str = Field(primary_key=True, foreign_key="label.id", ondelete="CASCADE", sa_type=Text)
    number: int = Field(primary_key=True)
    json_response: str = text()
    author_id: str | None = optional_text()
    created_at: datetime = inserted()
