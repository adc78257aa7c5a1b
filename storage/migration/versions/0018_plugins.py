"""The builds of plugins, and what they log"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

Timestamp = postgresql.TIMESTAMP(timezone=True, precision=3)


def time(name: str, default: str = "now()") -> sa.Column[Any]:
    return sa.Column(name, Timestamp, server_default=sa.text(default), nullable=False)


def upgrade() -> None:
    op.add_column("plugin", sa.Column("built_version", sa.Integer(), nullable=True))
    op.add_column("plugin", sa.Column("built_blob_id", sa.Text(), nullable=True))
    op.create_foreign_key("plugin_built_blob_id_fkey", "plugin", "blob", ["built_blob_id"], ["id"])
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
        sa.ForeignKeyConstraint(["plugin_id"], ["plugin.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("position"),
    )
    op.create_index("plugin_log_of_project", "plugin_log", ["plugin_id", "project_id", "position"])
    op.create_index("plugin_log_age", "plugin_log", ["created_at"], postgresql_using="brin")


def downgrade() -> None:
    op.drop_column("api_key", "depth")
    op.drop_column("plugin", "built_blob_id")
    op.drop_column("plugin", "built_version")
    op.drop_table("plugin_log")
