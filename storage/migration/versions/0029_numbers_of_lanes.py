"""The index of the queue by one number for each lane"""

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

LANE = "coalesce(current_step_id, status)"
IS_BEGUN = "(is_used_for_consensus and status = 'ONGOING')"
ASSIGNEE = "coalesce(case when status = 'TO_REVIEW' then reviewing_assignee else labeling_assignee end, '')"
COLUMNS = f"project_id, ({LANE}), ({IS_BEGUN}), is_honeypot, ({ASSIGNEE})"
NUMBER = (
    f"hashtextextended(project_id || '/' || {LANE} || '/' || {ASSIGNEE}, "
    f"({IS_BEGUN}::int + 2 * is_honeypot::int)::bigint)"
)
IN_QUEUE = """(
  not skipped
  and case
    when current_step_id is null then status in ('TODO', 'ONGOING', 'TO_REVIEW')
    else step_status in ('TO_DO', 'REWORK', 'IN_PROGRESS', 'PARTIALLY_DONE')
  end
)"""


def index_by(key: str) -> None:
    """Make the index of the queue anew, by other columns in front."""
    op.drop_index("asset_queue", table_name="asset")
    op.execute(f"create index asset_queue on asset ({key}, priority desc, position) where {IN_QUEUE}".replace("::", r"\:\:"))


def upgrade() -> None:
    index_by(f"({NUMBER})")


def downgrade() -> None:
    index_by(COLUMNS)
