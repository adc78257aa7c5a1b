"""Who made a dataset"""

from alembic import op
import sqlalchemy as sa

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

# Where only one person uses a dataset, they have made it; of others it is not known, and administrators of the organization say.
KNOWN = """
update dataset d
set owner_id = u.user_id
from (
  select dataset_id, min(user_id) as user_id
  from dataset_user
  group by dataset_id
  having count(*) = 1
) u
where u.dataset_id = d.id
"""


def upgrade() -> None:
    op.add_column("dataset", sa.Column("owner_id", sa.Text(), nullable=True))
    op.create_foreign_key(None, "dataset", "user_account", ["owner_id"], ["id"], ondelete="SET NULL")
    op.execute(KNOWN)


def downgrade() -> None:
    op.drop_column("dataset", "owner_id")
