"""Which files a JSON document names: the frames of a video live as long as the document that lists them."""

from __future__ import annotations

from sqlalchemy import Text
from sqlmodel import Field, SQLModel


class BlobPart(SQLModel, table=True):
    """One file named by one uploaded document, both of the same organization."""

    __tablename__ = "blob_part"

    document_id: str = Field(primary_key=True, sa_type=Text)
    part_id: str = Field(primary_key=True, sa_type=Text, index=True)
