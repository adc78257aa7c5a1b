"""Datasets: assets that an organization keeps apart from projects, and the assets of projects that were made of them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, Text, UniqueConstraint
from sqlalchemy import text as sql
from sqlmodel import Field, SQLModel

from labelyard.storage.table.column import (
    blob_reference,
    created,
    identifier,
    optional_reference,
    position,
    reference,
    text,
)


class Dataset(SQLModel, table=True):
    """A named collection of assets of one type. Who made it says who uses it, as administrators of the organization do."""

    id: str = identifier()
    position: int = position()
    organization_id: str = reference("organization.id", index=True)
    owner_id: str | None = optional_reference("user_account.id")
    name: str = text()
    type: str = text()
    created_at: datetime = created()
    updated_at: datetime = created()


class DatasetUser(SQLModel, table=True):
    """A person who sees and changes a dataset besides the administrators of the organization."""

    __tablename__ = "dataset_user"

    dataset_id: str = Field(foreign_key="dataset.id", primary_key=True, ondelete="CASCADE", sa_type=Text)
    user_id: str = Field(foreign_key="user_account.id", primary_key=True, index=True, ondelete="CASCADE", sa_type=Text)


class DatasetAsset(SQLModel, table=True):
    """An asset of a dataset. Content and JSON content are kept as those of assets of projects are."""

    __tablename__ = "dataset_asset"
    __table_args__ = (
        # Deferrable, as that of assets is: names may be exchanged within one statement.
        UniqueConstraint("dataset_id", "external_id", deferrable=True, initially="IMMEDIATE"),
        Index("dataset_asset_page", "dataset_id", "position"),
        Index("dataset_asset_content_blob", "content_blob_id", postgresql_where=sql("content_blob_id is not null")),
        Index(
            "dataset_asset_json_content_blob",
            "json_content_blob_id",
            postgresql_where=sql("json_content_blob_id is not null"),
        ),
    )

    id: str = identifier()
    position: int = position()
    dataset_id: str = reference("dataset.id")
    external_id: str = text()
    content: str = text("")
    content_blob_id: str | None = blob_reference()
    json_content: str = text("")
    json_content_blob_id: str | None = blob_reference()
    json_metadata: str = text("{}")
    created_at: datetime = created()
    updated_at: datetime = created()


class DatasetLink(SQLModel, table=True):
    """An asset of a project that was made of one of a dataset."""

    __tablename__ = "dataset_link"

    asset_id: str = Field(foreign_key="asset.id", primary_key=True, ondelete="CASCADE", sa_type=Text)
    dataset_asset_id: str = reference("dataset_asset.id", index=True)
