"""Indexes of what few rows have: marks, skips, empty answers; and one of days"""

from alembic import op
import sqlalchemy as sa

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

EMPTY = "number_of_annotations = 0 and is_latest_label_for_user and label_type in ('DEFAULT', 'REVIEW')"
PARTIAL = {
    "asset_marked": (
        "asset",
        ["project_id", "position"],
        "consensus_mark is not null or honeypot_mark is not null or inference_mark is not null "
        "or consensus_mark_per_category is not null",
    ),
    "asset_skipped": ("asset", ["project_id", "position"], "skipped"),
    "label_marked": ("label", ["project_id", "position"], "consensus_mark is not null or honeypot_mark is not null"),
    "label_skipped": ("label", ["project_id", "position"], "skipped"),
    "label_empty": ("label", ["project_id", "asset_id"], EMPTY),
}


def upgrade() -> None:
    for name, (table, columns, where) in PARTIAL.items():
        op.create_index(name, table, columns, postgresql_where=sa.text(where))
    op.create_index("asset_time", "asset", ["created_at"], postgresql_using="brin", postgresql_with={"autosummarize": True})
    op.drop_column("label", "inserted_at")


def downgrade() -> None:
    # A default that does not vary within a statement is not written into the rows that there are.
    op.execute("alter table label add column inserted_at timestamptz(3) not null default now()")
    op.execute("alter table label alter column inserted_at set default clock_timestamp()")
    op.drop_index("asset_time", table_name="asset")
    for name, (table, _, _) in PARTIAL.items():
        op.drop_index(name, table_name=table)
