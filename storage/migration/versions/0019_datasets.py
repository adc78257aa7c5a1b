"""Datasets of organizations"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

Timestamp = postgresql.TIMESTAMP(timezone=True, precision=3)


def identity() -> list[sa.Column[Any]]:
    return [
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), sa.Identity(always=True), nullable=False),
    ]


def times() -> list[sa.Column[Any]]:
    return [
        sa.Column(name, Timestamp, server_default=sa.text("now()"), nullable=False)
        for name in ("created_at", "updated_at")
    ]


def owned_by(column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], ondelete="CASCADE")


def upgrade() -> None:
    op.create_table(
        "dataset",
        *identity(),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        *times(),
        owned_by("organization_id", "organization.id"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_dataset_organization_id"), "dataset", ["organization_id"])
    op.create_table(
        "dataset_user",
        sa.Column("dataset_id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        owned_by("dataset_id", "dataset.id"),
        owned_by("user_id", "user_account.id"),
        sa.PrimaryKeyConstraint("dataset_id", "user_id"),
    )
    op.create_index(op.f("ix_dataset_user_user_id"), "dataset_user", ["user_id"])
    op.create_table(
        "dataset_asset",
        *identity(),
        sa.Column("dataset_id", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), server_default="", nullable=False),
        sa.Column("content_blob_id", sa.Text(), nullable=True),
        sa.Column("json_content", sa.Text(), server_default="", nullable=False),
        sa.Column("json_content_blob_id", sa.Text(), nullable=True),
        sa.Column("json_metadata", sa.Text(), server_default="{}", nullable=False),
        *times(),
        owned_by("dataset_id", "dataset.id"),
        sa.ForeignKeyConstraint(["content_blob_id"], ["blob.id"]),
        sa.ForeignKeyConstraint(["json_content_blob_id"], ["blob.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("dataset_id", "external_id", deferrable=True, initially="IMMEDIATE"),
    )
    op.create_index("dataset_asset_page", "dataset_asset", ["dataset_id", "position"])
    for name in ("content_blob", "json_content_blob"):
        held = sa.text(f"{name}_id is not null")
        op.create_index(f"dataset_asset_{name}", "dataset_asset", [f"{name}_id"], postgresql_where=held)
    op.create_table(
        "dataset_link",
        sa.Column("asset_id", sa.Text(), nullable=False),
        sa.Column("dataset_asset_id", sa.Text(), nullable=False),
        owned_by("asset_id", "asset.id"),
        owned_by("dataset_asset_id", "dataset_asset.id"),
        sa.PrimaryKeyConstraint("asset_id"),
    )
    op.create_index(op.f("ix_dataset_link_dataset_asset_id"), "dataset_link", ["dataset_asset_id"])


def downgrade() -> None:
    for table in ("dataset_link", "dataset_asset", "dataset_user", "dataset"):
        op.drop_table(table)
