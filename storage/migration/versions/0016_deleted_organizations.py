"""Organizations that have been deleted"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("organization", sa.Column("deleted_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True))


def downgrade() -> None:
    op.drop_column("organization", "deleted_at")
