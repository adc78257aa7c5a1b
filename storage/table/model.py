"""Language models, and those that answer in projects and conversations."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, LargeBinary
from sqlmodel import Field, SQLModel

from labelyard.storage.table.column import created, identifier, optional_text, position, reference, text


class Model(SQLModel, table=True):
    """A language model of an organization. The key to it is sealed (`services.credential`), and never read but to be used."""

    __tablename__ = "model"
    __table_args__ = (Index("model_page", "organization_id", "position"),)

    id: str = identifier()
    position: int = position()
    organization_id: str = reference("organization.id")
    name: str = text()
    type: str = text()
    endpoint: str = text()
    deployment_id: str | None = optional_text()
    sealed_key: bytes = Field(sa_type=LargeBinary, nullable=False)
    created_at: datetime = created()
    updated_at: datetime = created()


class ProjectModel(SQLModel, table=True):
    """A model that answers in a project. `configuration` is JSON text, as clients sent it."""

    __tablename__ = "project_model"
    __table_args__ = (Index("project_model_page", "project_id", "position"),)

    id: str = identifier()
    position: int = position()
    project_id: str = reference("project.id")
    model_id: str = reference("model.id", index=True)
    configuration: str = text("{}")
    created_at: datetime = created()
    updated_at: datetime = created()


class AssetProjectModel(SQLModel, table=True):
    """A model as it answers in one conversation: what is drawn by chance in its configuration stays the same from there on.

    It stays when the model leaves the project, for it says who answered; only the asset is a foreign key.
    """

    __tablename__ = "asset_project_model"
    __table_args__ = (Index("asset_project_model_page", "asset_id", "position"),)

    id: str = identifier()
    position: int = position()
    project_id: str = text()
    asset_id: str = reference("asset.id")
    project_model_id: str = text()
    model_id: str = text()
    name: str = text()
    configuration: str = text("{}")
