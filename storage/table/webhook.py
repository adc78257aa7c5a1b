"""Webhooks: where they are delivered, and how that went."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Identity, Index, LargeBinary, Text
from sqlmodel import Field, SQLModel

from labelyard.storage.table.column import big_number, inserted, number, optional_text, reference, text, timestamp


class Webhook(SQLModel, table=True):
    """The URL that a plugin is, instead of code.

    `header` is the value of the `Authorization` header and `secret` what deliveries are signed with, both sealed. Of `failures` in a
    row, many make deliveries wait until `paused_until`.
    """

    plugin_id: str = Field(foreign_key="plugin.id", primary_key=True, ondelete="CASCADE", sa_type=Text)
    url: str = text()
    header: bytes | None = Field(default=None, sa_type=LargeBinary, nullable=True)
    secret: bytes = Field(sa_type=LargeBinary)
    failures: int = number()
    paused_until: datetime | None = timestamp()


class WebhookDelivery(SQLModel, table=True):
    """An attempt to deliver an event: what the receiver answered, or why it did not."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        Index("webhook_delivery_order", "plugin_id", "position"),
        Index("webhook_delivery_age", "created_at", postgresql_using="brin"),
    )

    position: int = Field(default=None, primary_key=True, sa_type=BigInteger, sa_column_args=[Identity(always=True)])
    plugin_id: str = reference("plugin.id")
    project_id: str = text()
    event_position: int = Field(sa_type=BigInteger)
    handler: str = text()
    run_id: str = text()
    attempt: int = number()
    status: int | None = None
    reason: str | None = optional_text()
    milliseconds: int = number()
    created_at: datetime = inserted()


class EventCursor(SQLModel, table=True):
    """How far something has followed the chain of events."""

    __tablename__ = "event_cursor"

    name: str = Field(primary_key=True, sa_type=Text)
    sequence: int = big_number()
