"""Exports that people have asked for."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy import text as sql
from sqlmodel import SQLModel

from labelyard.storage.table.column import (
    blob_reference,
    created,
    flag,
    identifier,
    position,
    reference,
    text,
    timestamp,
)


class ProjectExport(SQLModel, table=True):
    """An export of the labels of a project, made by the job `job_id`; its file is there once it is done.

    `is_for_labeler` says that it holds what a labeler sees: others are not read any more by who has become one. In the same
    way, one that `shows_names` is not read any more by who is not to learn them. `options` is JSON, of which `format`, `layout` and
    `labels` are shown.
    """

    __tablename__ = "project_export"
    __table_args__ = (
        Index("project_export_page", "project_id", "position"),
        Index("project_export_blob", "blob_id", postgresql_where=sql("blob_id is not null")),
        Index("project_export_created", "created_at"),
    )

    id: str = identifier()
    position: int = position()
    project_id: str = reference("project.id")
    user_id: str = reference("user_account.id", index=True)
    job_id: str = text()
    format: str = text()
    layout: str = text()
    labels: str = text()
    options: str = text()
    is_for_labeler: bool = flag()
    shows_names: bool = flag(True)
    blob_id: str | None = blob_reference()
    created_at: datetime = created()
    finished_at: datetime | None = timestamp()
