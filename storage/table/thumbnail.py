"""Small pictures of the images that assets are."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, Text
from sqlalchemy import text as sql
from sqlmodel import Field, SQLModel

from labelyard.storage.table.column import blob_reference, number, timestamp


class Thumbnail(SQLModel, table=True):
    """The thumbnail of a file, added by triggers when the file becomes the content of an asset.

    `due_at` is when it is to be made, or made again by who comes next; null once there is no more to do.
    """

    __tablename__ = "thumbnail"
    __table_args__ = (
        Index("thumbnail_blob", "blob_id", postgresql_where=sql("blob_id is not null")),
        Index("thumbnail_due", "due_at", postgresql_where=sql("due_at is not null")),
    )

    source_id: str = Field(primary_key=True, sa_type=Text)
    blob_id: str | None = blob_reference()
    due_at: datetime | None = timestamp()
    attempts: int = number()
