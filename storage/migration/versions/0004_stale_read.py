"""An error of our own for stale reads; seconds that no label takes"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# Volatile, or the planner would call it while it plans.
STALE_READ = """
create function labelyard_stale_read() returns int language plpgsql volatile as $$
begin
  raise exception using errcode = 'LY001', message = 'what this was based on has changed since it was read';
end $$
"""
# What was written before there was a limit cannot be added up for people to read.
MOST_SECONDS = """
update label set seconds_to_label = 10000000
where seconds_to_label > 10000000
"""


def upgrade() -> None:
    op.execute(STALE_READ)
    op.execute(MOST_SECONDS)


def downgrade() -> None:
    op.execute("drop function labelyard_stale_read()")
