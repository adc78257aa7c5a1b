"""Conversations with models, and what is said in them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, Text
from sqlmodel import Field, SQLModel

from labelyard.storage.table.column import created, identifier, optional_text, position, reference, text


class Conversation(SQLModel, table=True):
    """An asset that is a conversation with models. `label_id` is the label it began with, whose messages are the asset's."""

    __tablename__ = "conversation"
    __table_args__ = (Index("conversation_label", "label_id"),)

    asset_id: str = Field(foreign_key="asset.id", primary_key=True, ondelete="CASCADE", sa_type=Text)
    project_id: str = text()
    label_id: str = text()


class ChatItem(SQLModel, table=True):
    """A message of a conversation.

    `label_id` is null in conversations that were imported, whose messages are those of every label. `model_id` is the model of the
    conversation that said it (`AssetProjectModel`). Only the asset is a foreign key: labels go without a look at messages.
    """

    __tablename__ = "chat_item"
    __table_args__ = (Index("chat_item_page", "asset_id", "position"),)

    id: str = identifier()
    position: int = position()
    project_id: str = text()
    asset_id: str = reference("asset.id")
    label_id: str | None = optional_text()
    parent_id: str | None = optional_text()
    external_id: str | None = optional_text()
    role: str = text()
    content: str = text()
    model_id: str | None = optional_text()
    model_name: str | None = optional_text()
    created_at: datetime = created()
