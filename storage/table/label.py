"""Labels, and who listens to them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, Text
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from labelyard.storage.table.column import (
    Timestamp,
    created,
    flag,
    identifier,
    number,
    optional_text,
    position,
    reference,
    text,
)


class Label(SQLModel, table=True):
    """All answers of one author on one asset at one moment.

    `json_response` is text: key order and numbers are kept as sent. `search` holds the annotations per `JOB.CATEGORY`,
    `warnings` what was wrong and stored all the same. Only the asset is a foreign key: labels of one project are written by
    many people at once, and each key to a shared row would make them meet there. `asset_consensus_mark` is the asset's, on the
    latest DEFAULT label of each author while the asset is in consensus: means over people are counted by it.
    `is_first_on_asset` is of DEFAULT and REVIEW labels.
    Triggers count all rows (`storage.table.tally`).
    """

    __table_args__ = (
        Index("label_page", "project_id", "position", postgresql_include=["id"]),
        Index("label_asset", "asset_id", "position"),
        Index("label_author", "author_id", "project_id", "label_type", "created_at"),
        Index("label_time", "created_at", postgresql_using="brin", postgresql_with={"autosummarize": True}),
        Index(
            "label_marked",
            "project_id",
            "position",
            postgresql_where=sql("consensus_mark is not null or honeypot_mark is not null"),
        ),
        Index("label_skipped", "project_id", "position", postgresql_where=sql("skipped")),
        Index(
            "label_empty",
            "project_id",
            "asset_id",
            postgresql_where=sql(
                "number_of_annotations = 0 and is_latest_label_for_user and label_type in ('DEFAULT', 'REVIEW')"
            ),
        ),
        Index("label_search", "search", postgresql_using="gin"),
        Index("label_marking", "asset_id", postgresql_where=sql("label_type in ('INFERENCE', 'REVIEW')")),
    )

    id: str = identifier()
    position: int = position()
    project_id: str = text()
    asset_id: str = reference("asset.id")
    author_id: str = text()
    label_type: str = text()
    model_name: str | None = optional_text()
    json_response: str = text()
    search: Any = Field(default=None, sa_type=JSONB, sa_column_kwargs={"server_default": "{}"}, nullable=False)
    warnings: str | None = optional_text()
    number_of_annotations: int = number(0)
    seconds_to_label: float | None = None
    client_version: int | None = None
    version: int = number(1)
    skipped: bool = flag()
    step_id: str | None = optional_text()
    referenced_label_id: str | None = optional_text()
    is_honeypot: bool = flag()
    is_sent_back_to_queue: bool = flag()
    is_latest_label_for_user: bool = flag()
    is_latest_default_label_for_user: bool = flag()
    is_latest_review_label_for_user: bool = flag()
    is_latest_prediction_label_for_user: bool = flag()
    is_last_for_step: bool = flag()
    is_first_on_asset: bool = flag()
    consensus_mark: float | None = None
    asset_consensus_mark: float | None = None
    honeypot_mark: float | None = None
    inference_mark: float | None = None
    review_score: float | None = None
    created_at: datetime = created()
    updated_at: datetime = created()


class LabelListener(SQLModel, table=True):
    """A process with subscribers on a project. Writers notify only where one exists: NOTIFY makes commits queue up."""

    __tablename__ = "label_listener"

    project_id: str = Field(foreign_key="project.id", primary_key=True, ondelete="CASCADE", sa_type=Text)
    process_id: str = Field(primary_key=True, sa_type=Text)
    seen_at: datetime = Field(sa_type=Timestamp)
