"""Tags, versions of projects, and public tokens"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

POSITION = sa.BigInteger(), sa.Identity(always=True)


def created() -> sa.Column[Any]:
    return sa.Column(
        "created_at", postgresql.TIMESTAMP(timezone=True, precision=3), server_default=sa.text("now()"), nullable=False
    )


def upgrade() -> None:
    op.create_table(
        "tag",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("position", *POSITION, nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("color", sa.Text(), nullable=False),
        created(),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("organization_id", "label"),
    )
    op.create_table(
        "project_tag",
        sa.Column("project_id", sa.Text(), nullable=False),
        sa.Column("tag_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["tag_id"], ["tag.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("project_id", "tag_id"),
    )
    op.create_index("ix_project_tag_tag_id", "project_tag", ["tag_id"])
    op.create_table(
        "project_version",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("position", *POSITION, nullable=False),
        sa.Column("project_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        created(),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_project_version_project_id", "project_version", ["project_id"])
    op.add_column("project", sa.Column("public_token", sa.Text(), nullable=True))
    # What projects ask for today is the oldest version that is still known of them.
    op.execute(
        "insert into project_version (id, project_id, name, content) "
        "select 'c' || left(replace(gen_random_uuid()::text, '-', ''), 24), id, 'v' || interface_version, json_interface "
        "from project where deleted_at is null order by position"
    )


def downgrade() -> None:
    op.drop_column("project", "public_token")
    op.drop_table("project_version")
    op.drop_table("project_tag")
    op.drop_table("tag")
