"""Plugins, the projects they are active on, and their logs"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

Timestamp = postgresql.TIMESTAMP(timezone=True, precision=3)


def time(name: str, default: str = "now()") -> sa.Column[Any]:
    return sa.Column(name, Timestamp, server_default=sa.text(default), nullable=False)


def of_plugin() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["plugin_id"], ["plugin.id"], ondelete="CASCADE")


def upgrade() -> None:
    op.create_table(
        "plugin",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("handler_types", sa.ARRAY(sa.Text()), nullable=True),
        sa.Column("event_matcher", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("status", sa.Text(), server_default="FAILED", nullable=False),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        sa.Column("blob_id", sa.Text(), nullable=True),
        sa.Column("upload_id", sa.Text(), nullable=True),
        sa.Column("build_job_id", sa.Text(), nullable=True),
        sa.Column("built_version", sa.Integer(), nullable=True),
        sa.Column("built_blob_id", sa.Text(), nullable=True),
        time("created_at"),
        time("updated_at"),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["blob_id"], ["blob.id"]),
        sa.ForeignKeyConstraint(["built_blob_id"], ["blob.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("organization_id", "name"),
    )
    op.create_table(
        "plugin_project",
        sa.Column("plugin_id", sa.Text(), nullable=False),
        sa.Column("project_id", sa.Text(), nullable=False),
        time("created_at"),
        of_plugin(),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("plugin_id", "project_id"),
    )
    op.create_index(op.f("ix_plugin_project_project_id"), "plugin_project", ["project_id"])
    op.create_table(
        "plugin_cursor",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sequence", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    # What happened before there were plugins is not their business.
    op.execute("insert into plugin_cursor (id, sequence) select 1, coalesce(max(sequence), 0) from event")
    op.add_column("api_key", sa.Column("depth", sa.Integer(), server_default="0", nullable=False))
    op.create_table(
        "plugin_log",
        sa.Column("position", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("plugin_id", sa.Text(), nullable=False),
        sa.Column("project_id", sa.Text(), nullable=True),
        sa.Column("run_id", sa.Text(), nullable=True),
        sa.Column("log_type", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("asset_id", sa.Text(), nullable=True),
        sa.Column("label_id", sa.Text(), nullable=True),
        time("created_at", "clock_timestamp()"),
        of_plugin(),
        sa.PrimaryKeyConstraint("position"),
    )
    op.create_index("plugin_log_of_project", "plugin_log", ["plugin_id", "project_id", "position"])
    op.create_index("plugin_log_age", "plugin_log", ["created_at"], postgresql_using="brin")


def downgrade() -> None:
    op.drop_column("api_key", "depth")
    for table in ("plugin_log", "plugin_cursor", "plugin_project", "plugin"):
        op.drop_table(table)
