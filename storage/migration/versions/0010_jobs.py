"""Jobs: work that happens after a commit"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

Timestamp = postgresql.TIMESTAMP(timezone=True, precision=3)


def upgrade() -> None:
    op.create_table(
        "job",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=False),
        sa.Column("project_id", sa.Text(), nullable=True),
        sa.Column("created_by", sa.Text(), nullable=True),
        sa.Column("payload", sa.Text(), server_default="{}", nullable=False),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), server_default="QUEUED", nullable=False),
        sa.Column("position", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("created_at", Timestamp, server_default=sa.text("now()"), nullable=False),
        sa.Column("run_at", Timestamp, server_default=sa.text("now()"), nullable=False),
        sa.Column("started_at", Timestamp, nullable=True),
        sa.Column("finished_at", Timestamp, nullable=True),
        sa.Column("worker_id", sa.Text(), nullable=True),
        sa.Column("lease_until", Timestamp, nullable=True),
        sa.Column("claims", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("max_failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("is_cancel_requested", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("done", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    unfinished = sa.text("key is not null and status in ('QUEUED', 'RUNNING')")
    queued, running = sa.text("status = 'QUEUED'"), sa.text("status = 'RUNNING'")
    op.create_index("job_queue", "job", ["organization_id", "run_at", "position"], postgresql_where=queued)
    op.create_index("job_key", "job", ["key", "position"], postgresql_where=unfinished)
    op.create_index("job_running_key", "job", ["key"], unique=True, postgresql_where=running)
    op.create_index("job_lease", "job", ["lease_until"], postgresql_where=running)
    op.create_index("job_finished", "job", ["finished_at"], postgresql_where=sa.text("finished_at is not null"))
    op.create_index("job_order", "job", ["position"])


def downgrade() -> None:
    op.drop_table("job")
