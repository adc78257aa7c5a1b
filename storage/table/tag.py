"""Tags of an organization, and the projects that have them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Text
from sqlmodel import Field, SQLModel, UniqueConstraint

from labelyard.storage.table.column import created, identifier, position, reference, text


class Tag(SQLModel, table=True):
    """A word that marks projects; it names one tag of its organization."""

    __table_args__ = (UniqueConstraint("organization_id", "label"),)

    id: str = identifier()
    position: int = position()
    organization_id: str = reference("organization.id")
    label: str = text()
    color: str = text()
    created_at: datetime = created()


class ProjectTag(SQLModel, table=True):
    """A tag on a project of the same organization."""

    __tablename__ = "project_tag"

    project_id: str = Field(foreign_key="project.id", primary_key=True, ondelete="CASCADE", sa_type=Text)
    tag_id: str = Field(foreign_key="tag.id", primary_key=True, index=True, ondelete="CASCADE", sa_type=Text)
