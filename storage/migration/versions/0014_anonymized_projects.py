"""Projects that hide names"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("project", sa.Column("is_anonymized", sa.Boolean(), server_default="false", nullable=False))


def downgrade() -> None:
    op.drop_column("project", "is_anonymized")
