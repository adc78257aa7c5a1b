"""What happened: the record that events and the audit are read from."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Identity, Index, LargeBinary, Text
from sqlalchemy import text as sql
from sqlmodel import Field, SQLModel

from labelyard.storage.table.column import inserted, optional_text, text


class Event(SQLModel, table=True):
    """One thing that happened, added by the transaction in which it did, and never changed.

    Triggers add the events of most tables; labels bring theirs in the statement that writes them. `origin` is JSON: the key, the
    address and the operation it came by. A transaction that is still open may add events with lower positions than those that
    are there: what reads events one after the other waits for `transaction_id`. The background then gives each a `sequence`
    without gaps and a `hash` over its content and the hash before (`domain.event_chain`).
    """

    __table_args__ = (
        Index("event_project", "project_id", "position", postgresql_where=sql("project_id is not null")),
        Index("event_organization", "organization_id", "position"),
        Index("event_unsealed", "position", postgresql_where=sql("sequence is null")),
        Index("event_sequence", "sequence", unique=True, postgresql_where=sql("sequence is not null")),
    )

    position: int = Field(default=None, primary_key=True, sa_type=BigInteger, sa_column_args=[Identity(always=True)])
    transaction_id: int = Field(
        default=None,
        sa_type=BigInteger,
        sa_column_kwargs={"server_default": sql("(pg_current_xact_id()::text)::bigint")},
        nullable=False,
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
    sequence: int | None = Field(default=None, sa_type=BigInteger, nullable=True)
    hash: bytes | None = Field(default=None, sa_type=LargeBinary, nullable=True)


class LabelVersion(SQLModel, table=True):
    """An answer that a label has or had: rows are there for labels that were edited, from the first answer on."""

    __tablename__ = "label_version"

    label_id: str = Field(primary_key=True, foreign_key="label.id", ondelete="CASCADE", sa_type=Text)
    number: int = Field(primary_key=True)
    json_response: str = text()
    author_id: str | None = optional_text()
    created_at: datetime = inserted()
