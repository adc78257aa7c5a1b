"""Assets and who they are assigned to."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, Text, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from labelyard.storage.queue_lane import IN_QUEUE, NUMBER_OF_ROW
from labelyard.storage.table.column import (
    blob_reference,
    created,
    flag,
    identifier,
    number,
    optional_text,
    position,
    reference,
    text,
    timestamp,
)


class Asset(SQLModel, table=True):
    """One item to label.

    What the asset is stands either in `content` (a URL, or raw text) or in the blob `content_blob_id`; the same holds for
    `json_content`. `json_metadata` is the text as sent without its OCR keys, which the file `ocr_blob_id` has; `metadata_search`
    is its parsed form for filters.
    The references to project and step carry no foreign key: imports hold the project's row instead, which spares a check per
    asset. `sent_back_step_id` is the step it was last sent back to, at `sent_back_at`. `resolution` and `page_resolutions` are
    JSON texts in pixels; `duration` is in seconds. `marks_failure` says which marks were given up, and why.
    `object_key` names an object of cloud storage: it is the content, or the JSON content when
    `is_object_json`, unless a column above has one.
    `labeling_assignee` and `reviewing_assignee` say who of its assignees counts in the queue: the one person, `SEVERAL`, or null;
    triggers keep them. Triggers count all rows (`storage.table.tally`).
    """

    __table_args__ = (
        # Deferrable: judged at the end of a statement, so that names may be exchanged within one.
        UniqueConstraint("project_id", "external_id", deferrable=True, initially="IMMEDIATE"),
        Index("asset_page", "project_id", "position", postgresql_include=["id"]),
        Index("asset_status", "project_id", "status", "position", postgresql_include=["id"]),
        Index("asset_content_blob", "content_blob_id", postgresql_where=sql("content_blob_id is not null")),
        Index(
            "asset_json_content_blob", "json_content_blob_id", postgresql_where=sql("json_content_blob_id is not null")
        ),
        Index("asset_ocr_blob", "ocr_blob_id", postgresql_where=sql("ocr_blob_id is not null")),
        # One asset of each object, whoever applies differences at the same time.
        Index(
            "asset_object",
            "data_connection_id",
            "object_key",
            unique=True,
            postgresql_where=sql("data_connection_id is not null"),
        ),
        Index(
            "asset_queue",
            sql(NUMBER_OF_ROW.replace("{row}.", "")),
            sql("priority desc"),
            "position",
            postgresql_where=sql(IN_QUEUE.replace("{row}.", "")),
        ),
        Index(
            "asset_marked",
            "project_id",
            "position",
            postgresql_where=sql(
                "consensus_mark is not null or honeypot_mark is not null or inference_mark is not null "
                "or consensus_mark_per_category is not null"
            ),
        ),
        Index("asset_skipped", "project_id", "position", postgresql_where=sql("skipped")),
        Index("asset_time", "created_at", postgresql_using="brin", postgresql_with={"autosummarize": True}),
        Index(
            "asset_sent_back",
            "project_id",
            postgresql_where=sql(f"sent_back_at is not null and {IN_QUEUE.replace('{row}.', '')}"),
        ),
    )

    id: str = identifier()
    position: int = position()
    project_id: str = text()
    external_id: str = text()
    content: str = text("")
    content_blob_id: str | None = blob_reference()
    json_content: str = text("")
    json_content_blob_id: str | None = blob_reference()
    ocr_blob_id: str | None = blob_reference()
    json_metadata: str = text("{}")
    metadata_search: Any = Field(default=None, sa_type=JSONB, sa_column_kwargs={"server_default": "{}"}, nullable=False)
    status: str = text("TODO")
    skipped: bool = flag()
    skip_reason: str | None = optional_text()
    current_step_id: str | None = optional_text()
    step_status: str | None = optional_text()
    sent_back_at: datetime | None = timestamp()
    sent_back_step_id: str | None = optional_text()
    is_to_review: bool = flag()
    labeling_assignee: str | None = optional_text()
    reviewing_assignee: str | None = optional_text()
    priority: int = number(0)
    is_honeypot: bool = flag()
    is_used_for_consensus: bool = flag()
    consensus_mark: float | None = None
    honeypot_mark: float | None = None
    inference_mark: float | None = None
    consensus_mark_per_category: str | None = optional_text()
    marks_failure: str | None = optional_text()
    resolution: str | None = optional_text()
    page_resolutions: str | None = optional_text()
    duration: int | None = None
    filename: str | None = optional_text()
    instructions: str | None = optional_text()
    is_instructions: bool = flag()
    data_connection_id: str | None = optional_text()
    object_key: str | None = optional_text()
    is_object_json: bool = flag()
    created_at: datetime = created()
    updated_at: datetime = created()


class AssetAssignee(SQLModel, table=True):
    """A person the asset is assigned to; an asset without rows is open to every member."""

    __tablename__ = "asset_assignee"

    asset_id: str = Field(foreign_key="asset.id", primary_key=True, ondelete="CASCADE", sa_type=Text)
    user_id: str = Field(foreign_key="user_account.id", primary_key=True, index=True, ondelete="CASCADE", sa_type=Text)


class AssetLock(SQLModel, table=True):
    """A person has the asset open. Valid until 30 minutes after `renewed_at`, the last sign of work on it."""

    __tablename__ = "asset_lock"
    __table_args__ = (UniqueConstraint("asset_id", "user_id"), Index("asset_lock_renewed", "renewed_at"))

    id: str = identifier()
    position: int = position()
    project_id: str = text()
    asset_id: str = reference("asset.id")
    user_id: str = reference("user_account.id", index=True)
    lock_type: str = text("DEFAULT")
    created_at: datetime = created()
    renewed_at: datetime = created()


class AssetFile(SQLModel, table=True):
    """A file that belongs to an asset beside its content: answers of file jobs, layers given inline."""

    __tablename__ = "asset_file"

    asset_id: str = Field(foreign_key="asset.id", primary_key=True, ondelete="CASCADE", sa_type=Text)
    blob_id: str = Field(primary_key=True, index=True, sa_type=Text)
