"""When labels were added, also those that keep the date of the label they were copied from"""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A default that does not vary within a statement is not written into the rows that there are: for them, it is this moment.
    op.execute("alter table label add column inserted_at timestamptz not null default now()")
    op.execute("alter table label alter column inserted_at set default clock_timestamp()")


def downgrade() -> None:
    op.drop_column("label", "inserted_at")
