"""Cloud storage that projects take assets from."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, Text
from sqlmodel import Field, SQLModel

from labelyard.storage.table.column import (
    created,
    flag,
    identifier,
    number,
    optional_text,
    optional_texts,
    position,
    reference,
    timestamp,
)


class DataConnection(SQLModel, table=True):
    """A project that takes assets from a store, and the part of the store that it takes.

    `added` and `removed` count the rows of `data_difference` that wait to be applied. Whether the store is being compared or
    differences are being applied is a matter of jobs, whose key is that of the connection.
    """

    __tablename__ = "data_connection"
    __table_args__ = (Index("data_connection_page", "project_id", "position"),)

    id: str = identifier()
    position: int = position()
    project_id: str = reference("project.id")
    integration_id: str = reference("data_integration.id", index=True)
    selected_folders: list[str] | None = optional_texts()
    prefix: str | None = optional_text()
    include: list[str] | None = optional_texts()
    exclude: list[str] | None = optional_texts()
    is_json_processing_enabled: bool = flag()
    last_checked: datetime | None = timestamp()
    added: int = number()
    removed: int = number()
    created_at: datetime = created()


class DataListing(SQLModel, table=True):
    """A key that a comparison under way has found in the store."""

    __tablename__ = "data_listing"

    connection_id: str = Field(foreign_key="data_connection.id", primary_key=True, ondelete="CASCADE", sa_type=Text)
    key: str = Field(primary_key=True, sa_type=Text)


class DataDifference(SQLModel, table=True):
    """An object without an asset (ADD), or an asset whose object is gone (REMOVE)."""

    __tablename__ = "data_difference"

    connection_id: str = Field(foreign_key="data_connection.id", primary_key=True, ondelete="CASCADE", sa_type=Text)
    type: str = Field(primary_key=True, sa_type=Text)
    key: str = Field(primary_key=True, sa_type=Text)
