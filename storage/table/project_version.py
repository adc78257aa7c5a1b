"""What projects once asked of their labelers."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import SQLModel

from labelyard.storage.table.column import created, identifier, position, reference, text


class ProjectVersion(SQLModel, table=True):
    """An interface that a project has or had. `content` is its text until somebody writes another, such as a link."""

    __tablename__ = "project_version"

    id: str = identifier()
    position: int = position()
    project_id: str = reference("project.id", index=True)
    name: str = text()
    content: str = text()
    created_at: datetime = created()
