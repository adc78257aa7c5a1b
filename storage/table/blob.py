"""The files that are stored whole; a row exists only once its file is safe on disk."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Column, DateTime, Text, func
from sqlmodel import Field, SQLModel


class Blob(SQLModel, table=True):
    """One stored file. `media_type` is what its first bytes say, or plain text for what was declared a text and is one; it is not
    always what the file is served as.

    Triggers sum the sizes (`storage.table.tally`). `page_resolutions` is the JSON text of the sizes of a PDF's pages, where they
    could be read; `playback` that of a film's or sound's length (`domain.playback`).
    """

    __tablename__ = "blob"

    id: str = Field(primary_key=True, sa_type=Text)
    organization_id: str = Field(sa_type=Text)
    size: int = Field(sa_column=Column(BigInteger, nullable=False))
    sha256: str = Field(sa_type=Text)
    media_type: str = Field(sa_type=Text)
    width: int | None = None
    height: int | None = None
    page_resolutions: str | None = Field(default=None, sa_type=Text, nullable=True)
    playback: str | None = Field(default=None, sa_type=Text, nullable=True)
    created_at: datetime = Field(
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=func.now()),
    )
