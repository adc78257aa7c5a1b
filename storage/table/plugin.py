"""Plugins and webhooks of an organization, the projects that they are active on, and what plugins have logged."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ARRAY, BigInteger, Identity, Index, Text
from sqlmodel import Field, SQLModel, UniqueConstraint

from labelyard.storage.table.column import (
    blob_reference,
    created,
    identifier,
    inserted,
    number,
    optional_text,
    position,
    reference,
    text,
    texts,
)


class Plugin(SQLModel, table=True):
    """Code that handles what happens in projects of its organization; the name is unique there. A webhook is one with a `Webhook`.

    `blob_id` is the archive of the newest `version`, `upload_id` the file that a client was last given a URL for. `status` is that of
    the newest build, done by the job `build_job_id`; what runs is `built_version`, in the archive `built_blob_id`. What it does, it
    does with a key of `owner_id`. No `handler_types` are those which its code has.
    """

    __table_args__ = (UniqueConstraint("organization_id", "name"),)

    id: str = identifier()
    position: int = position()
    organization_id: str = reference("organization.id")
    owner_id: str = text()
    name: str = text()
    handler_types: list[str] | None = Field(default=None, sa_type=ARRAY(Text), nullable=True)
    event_matcher: list[str] = texts()
    status: str = text("FAILED")
    version: int = number()
    blob_id: str | None = blob_reference()
    upload_id: str | None = optional_text()
    build_job_id: str | None = optional_text()
    built_version: int | None = None
    built_blob_id: str | None = blob_reference()
    created_at: datetime = created()
    updated_at: datetime = created()


class PluginProject(SQLModel, table=True):
    """A plugin that is active on a project of its organization."""

    __tablename__ = "plugin_project"

    plugin_id: str = Field(foreign_key="plugin.id", primary_key=True, ondelete="CASCADE", sa_type=Text)
    project_id: str = Field(foreign_key="project.id", primary_key=True, index=True, ondelete="CASCADE", sa_type=Text)
    created_at: datetime = created()


class PluginLog(SQLModel, table=True):
    """A line that a plugin has logged, or its build: those of builds have no project."""

    __tablename__ = "plugin_log"
    __table_args__ = (
        Index("plugin_log_of_project", "plugin_id", "project_id", "position"),
        Index("plugin_log_age", "created_at", postgresql_using="brin"),
    )

    position: int = Field(default=None, primary_key=True, sa_type=BigInteger, sa_column_args=[Identity(always=True)])
    plugin_id: str = reference("plugin.id")
    project_id: str | None = optional_text()
    run_id: str | None = optional_text()
    log_type: str = text()
    content: str = text()
    asset_id: str | None = optional_text()
    label_id: str | None = optional_text()
    created_at: datetime = inserted()
