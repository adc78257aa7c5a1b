"""What front doors keep of projects, assets and classes beside what GraphQL has fields for."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Index, Text, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from labelyard.storage.table.column import identifier, number, optional_text, position, reference, text


def record() -> Any:
    """An object of the door's own."""
    return Field(default=None, sa_type=JSONB, sa_column_kwargs={"server_default": "{}"}, nullable=False)


class DoorProject(SQLModel, table=True):
    """The record of a door for a project. `slug` is a name of the project in the door, unique in the organization.

    A project is deleted long before its row is: a trigger takes its records with it.
    """

    __tablename__ = "door_project"
    __table_args__ = (
        Index(
            "door_project_slug",
            "door",
            "organization_id",
            "slug",
            unique=True,
            postgresql_where=sql("slug is not null"),
        ),
        Index("door_project_project", "project_id"),
    )

    door: str = Field(primary_key=True, sa_type=Text)
    project_id: str = Field(primary_key=True, foreign_key="project.id", ondelete="CASCADE", sa_type=Text)
    organization_id: str = text()
    slug: str | None = optional_text()
    record: Any = record()


class DoorAsset(SQLModel, table=True):
    """The record of a door for an asset. Assets that a door made together have a `batch`, and a place in it."""

    __tablename__ = "door_asset"
    __table_args__ = (
        Index("door_asset_batch", "project_id", "door", "batch", "place", postgresql_where=sql("batch is not null")),
        Index("door_asset_number", "door", "batch", postgresql_where=sql("batch is not null")),
        Index("door_asset_asset", "asset_id"),
    )

    door: str = Field(primary_key=True, sa_type=Text)
    asset_id: str = Field(primary_key=True, foreign_key="asset.id", ondelete="CASCADE", sa_type=Text)
    project_id: str = text()
    batch: int | None = Field(default=None, sa_type=BigInteger, nullable=True)
    place: int | None = None
    record: Any = record()


class DoorClass(SQLModel, table=True):
    """The record of a door for a category of a job, or for a job, whose `category` is empty."""

    __tablename__ = "door_class"
    __table_args__ = (UniqueConstraint("project_id", "door", "job", "category"),)

    id: str = identifier()
    position: int = position()
    door: str = text()
    project_id: str = reference("project.id")
    job: str = text()
    category: str = text("")
    record: Any = record()


class DoorUser(SQLModel, table=True):
    """The record of a door for a person."""

    __tablename__ = "door_user"

    door: str = Field(primary_key=True, sa_type=Text)
    user_id: str = Field(primary_key=True, foreign_key="user_account.id", ondelete="CASCADE", sa_type=Text)
    record: Any = record()


class DoorDataset(SQLModel, table=True):
    """The record of a door for a dataset, and the number of its newest revision; `name` is unique in the organization, if the door
    has made it.
    """

    __tablename__ = "door_dataset"
    __table_args__ = (
        Index(
            "door_dataset_name",
            "door",
            "organization_id",
            "name",
            unique=True,
            postgresql_where=sql("name is not null"),
        ),
        Index("door_dataset_dataset", "dataset_id"),
    )

    door: str = Field(primary_key=True, sa_type=Text)
    dataset_id: str = Field(primary_key=True, foreign_key="dataset.id", ondelete="CASCADE", sa_type=Text)
    organization_id: str = text()
    name: str | None = optional_text()
    revision: int = number(0)
    record: Any = record()


class DoorDatasetAsset(SQLModel, table=True):
    """What a door keeps of an asset of a dataset, from one revision of the dataset up to another, or on if that is null."""

    __tablename__ = "door_dataset_asset"
    __table_args__ = (
        Index(
            "door_dataset_asset_newest",
            "door",
            "dataset_asset_id",
            unique=True,
            postgresql_where=sql("to_revision is null"),
        ),
        Index("door_dataset_asset_asset", "dataset_asset_id"),
    )

    door: str = Field(primary_key=True, sa_type=Text)
    dataset_asset_id: str = Field(primary_key=True, foreign_key="dataset_asset.id", ondelete="CASCADE", sa_type=Text)
    from_revision: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    to_revision: int | None = None
    record: Any = record()
