"""Answers of mutations that clients may send again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from labelyard.storage.table.column import created, text


class KeptAnswer(SQLModel, table=True):
    """What was sent under a person's key, by its SHA-256, and the sealed answers of its fields, by their names in the answer."""

    __tablename__ = "kept_answer"
    __table_args__ = (Index("kept_answer_created", "created_at"),)

    user_id: str = Field(primary_key=True, foreign_key="user_account.id", sa_type=Text, ondelete="CASCADE")
    key: str = Field(primary_key=True, sa_type=Text)
    digest: str = text()
    answers: Any = Field(default=None, sa_type=JSONB, sa_column_kwargs={"server_default": "{}"}, nullable=False)
    created_at: datetime = created()
