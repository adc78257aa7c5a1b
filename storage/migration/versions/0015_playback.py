"""How long stored films and sounds are"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("blob", sa.Column("playback", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("blob", "playback")
