"""Jobs of projects are listed"""

from alembic import op
import sqlalchemy as sa

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "job_project",
        "job",
        ["project_id", "kind", "position"],
        postgresql_where=sa.text("project_id is not null"),
    )


def downgrade() -> None:
    op.drop_index("job_project", table_name="job")
