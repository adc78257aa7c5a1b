"""Exports made by the server"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

Timestamp = postgresql.TIMESTAMP(timezone=True, precision=3)


def upgrade() -> None:
    op.create_table(
        "project_export",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("project_id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("job_id", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("layout", sa.Text(), nullable=False),
        sa.Column("labels", sa.Text(), nullable=False),
        sa.Column("options", sa.Text(), nullable=False),
        sa.Column("is_for_labeler", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("blob_id", sa.Text(), nullable=True),
        sa.Column("created_at", Timestamp, server_default=sa.text("now()"), nullable=False),
        sa.Column("finished_at", Timestamp, nullable=True),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["blob_id"], ["blob.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("project_export_page", "project_export", ["project_id", "position"])
    has_file = sa.text("blob_id is not null")
    op.create_index("project_export_blob", "project_export", ["blob_id"], postgresql_where=has_file)
    op.create_index("project_export_created", "project_export", ["created_at"])
    op.create_index(op.f("ix_project_export_user_id"), "project_export", ["user_id"])


def downgrade() -> None:
    op.drop_table("project_export")
