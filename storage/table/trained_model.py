"""Models trained on the labels of projects, what they have learned from, and when they learn again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, LargeBinary, Text, UniqueConstraint
from sqlalchemy import text as sql
from sqlmodel import Field, SQLModel

from labelyard.storage.table.column import (
    created,
    flag,
    identifier,
    number,
    optional_text,
    position,
    reference,
    text,
    texts,
    timestamp,
)


class ImageFeature(SQLModel, table=True):
    """What a network says of a picture, by the SHA-256 of its bytes: copies share it, and a new model never computes it again.

    `vector` has 2 bytes a number and unit length; it is empty for bytes that cannot be read as a picture.
    """

    __tablename__ = "image_feature"
    __table_args__ = (Index("image_feature_order", "position"),)

    content_hash: str = Field(primary_key=True, sa_type=Text)
    backbone: str = Field(primary_key=True, sa_type=Text)
    vector: bytes = Field(sa_type=LargeBinary)
    position: int = position()
    created_at: datetime = created()


class TrainedModel(SQLModel, table=True):
    """A model of a project, trained by the job `job_id`.

    `labels` are categories of the job `job_name` of the interface, in the order of the numbers of a head: 4 bytes each, weights of
    features × labels and a bias for each label. `thresholds` (0–1) are one for each label. `parameters` and `curves` are JSON.
    `thresholds_at` is when they were set: predictions that are older are made again.
    """

    __tablename__ = "trained_model"
    __table_args__ = (
        UniqueConstraint("project_id", "name"),
        Index("trained_model_page", "project_id", "position"),
        Index("trained_model_job", "job_id", postgresql_where=sql("status in ('QUEUED', 'TRAINING')")),
    )

    id: str = identifier()
    position: int = position()
    project_id: str = reference("project.id")
    name: str = text()
    type: str = text()
    job_name: str = text()
    labels: list[str] = texts()
    parameters: str = text()
    status: str = text("QUEUED")
    progress: int = number()
    error: str | None = optional_text()
    requested_by: str = text()
    job_id: str = text()
    assists: bool = flag()
    backbone: str | None = optional_text()
    head_best: bytes | None = Field(default=None, sa_type=LargeBinary, nullable=True)
    head_last: bytes | None = Field(default=None, sa_type=LargeBinary, nullable=True)
    thresholds: str = text("[]")
    thresholds_at: datetime | None = timestamp()
    curves: str | None = optional_text()
    epochs: int | None = None
    best_epoch: int | None = None
    train_seconds: float | None = None
    best_at_seconds: float | None = None
    created_at: datetime = created()
    started_at: datetime | None = timestamp()
    finished_at: datetime | None = timestamp()


class TrainedModelImage(SQLModel, table=True):
    """An image as it was when a training began: later labels change no statistics.

    `truth` has a byte for each label of the model (`domain.trained_model`), the scores 4 bytes each. The asset may be gone.
    """

    __tablename__ = "trained_model_image"

    model_id: str = Field(foreign_key="trained_model.id", primary_key=True, ondelete="CASCADE", sa_type=Text)
    place: int = Field(primary_key=True)
    asset_id: str = text()
    in_validation: bool = flag()
    truth: bytes = Field(sa_type=LargeBinary)
    scores_best: bytes = Field(sa_type=LargeBinary)
    scores_last: bytes = Field(sa_type=LargeBinary)


class LearningLoop(SQLModel, table=True):
    """A project whose model is trained again after so many new labels of people, in the name of `user_id`.

    `model_id` is the newest model of the loop, whose parameters the next one has.
    """

    __tablename__ = "learning_loop"

    project_id: str = Field(foreign_key="project.id", primary_key=True, ondelete="CASCADE", sa_type=Text)
    model_id: str = reference("trained_model.id", index=True)
    every_labels: int = number()
    user_id: str = text()
    reason: str | None = optional_text()
    created_at: datetime = created()
