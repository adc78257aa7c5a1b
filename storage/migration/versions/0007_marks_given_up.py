"""Marks that were given up, and requests for all marks of a project"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("asset", sa.Column("marks_failure", sa.Text(), nullable=True))
    op.add_column("mark_request", sa.Column("is_slow", sa.Boolean(), server_default="false", nullable=False))
    op.add_column("mark_request", sa.Column("attempts", sa.Integer(), server_default="0", nullable=False))
    op.drop_index("mark_request_order", table_name="mark_request")
    op.create_index("mark_request_order", "mark_request", ["is_slow", "ticket"], unique=False)
    op.create_table(
        "project_mark_request",
        sa.Column("project_id", sa.Text(), nullable=False),
        sa.Column("after_position", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column(
            "requested_at",
            postgresql.TIMESTAMP(timezone=True, precision=3),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("project_id"),
    )


def downgrade() -> None:
    op.drop_table("project_mark_request")
    op.drop_index("mark_request_order", table_name="mark_request")
    op.create_index("mark_request_order", "mark_request", ["ticket"], unique=False)
    op.drop_column("mark_request", "attempts")
    op.drop_column("mark_request", "is_slow")
    op.drop_column("asset", "marks_failure")
