"""What was sent to review, who has what open, and reviewed assets without those that are skipped"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

REVIEWED = "({row}.status = 'REVIEWED')::int"
REVIEWED_AND_NOT_SKIPPED = "(not {row}.skipped and {row}.status = 'REVIEWED')::int"
FUNCTIONS = ("asset_tally_insert", "asset_tally_delete", "asset_tally_update", "asset_tally_move")


def count_as(before: str, after: str) -> None:
    """Let the triggers count reviewed assets another way, and correct what they have counted so far."""
    for row in ("r", "n", "o", "old", "new"):
        for function in FUNCTIONS:
            op.execute(
                f"do $do$ begin execute replace(pg_get_functiondef('{function}'::regproc), "
                f"$text${before.format(row=row)}$text$, $text${after.format(row=row)}$text$); end $do$"
            )
    op.execute(
        "insert into asset_tally (project_id, reviewed) select r.project_id, "
        f"sum({after.format(row='r')} - {before.format(row='r')}) from asset r where r.skipped and r.status = 'REVIEWED' "
        "group by r.project_id"
    )


def upgrade() -> None:
    count_as(REVIEWED, REVIEWED_AND_NOT_SKIPPED)
    op.execute("update asset set is_to_review = true where status = 'TO_REVIEW' and not is_to_review")
    op.create_index("asset_lock_renewed", "asset_lock", ["renewed_at"])


def downgrade() -> None:
    op.drop_index("asset_lock_renewed", table_name="asset_lock")
    op.execute("update asset set is_to_review = false where current_step_id is not null or status <> 'TO_REVIEW'")
    count_as(REVIEWED_AND_NOT_SKIPPED, REVIEWED)
