"""Counts of assets and labels, kept by triggers; who was invited"""

from alembic import op
import sqlalchemy as sa

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

HUMAN = "{r}.label_type in ('DEFAULT', 'REVIEW')"
LATEST = "{r}.is_latest_label_for_user and " + HUMAN

ASSET_COUNTS = {
    "assets": "count(*)",
    "skipped": "count(*) filter (where {r}.skipped)",
    "remaining": "count(*) filter (where not {r}.skipped and {r}.status in ('TODO', 'ONGOING'))",
    "reviewed": "count(*) filter (where {r}.status = 'REVIEWED')",
    "consensus_marks": "count({r}.consensus_mark)",
    "consensus_sum": "coalesce(sum({r}.consensus_mark::text::numeric), 0)",
    "honeypot_marks": "count({r}.honeypot_mark)",
    "honeypot_sum": "coalesce(sum({r}.honeypot_mark::text::numeric), 0)",
}
LABEL_COUNTS = {
    "labels": f"count(*) filter (where {HUMAN})",
    "labeled_assets": f"count(*) filter (where {LATEST})",
    "first_labels": "count(*) filter (where {r}.is_first_on_asset)",
    "annotations": f"coalesce(sum({{r}}.number_of_annotations) filter (where {LATEST}), 0)",
    "seconds": f"coalesce(sum({{r}}.seconds_to_label::text::numeric) filter (where {HUMAN}), 0)",
    "timed": f"count({{r}}.seconds_to_label) filter (where {HUMAN})",
    "all_annotations": "coalesce(sum({r}.number_of_annotations), 0)",
    "all_seconds": "coalesce(sum({r}.seconds_to_label::text::numeric), 0)",
    "consensus_marks": "count({r}.asset_consensus_mark) filter (where {r}.is_latest_default_label_for_user)",
    "consensus_sum": "coalesce(sum({r}.asset_consensus_mark::text::numeric) "
    "filter (where {r}.is_latest_default_label_for_user), 0)",
    "honeypot_marks": "count({r}.honeypot_mark) filter (where {r}.is_latest_default_label_for_user)",
    "honeypot_sum": "coalesce(sum({r}.honeypot_mark::text::numeric) "
    "filter (where {r}.is_latest_default_label_for_user), 0)",
}
ASSET_KEY = {"project_id": "{r}.project_id"}
LABEL_KEY = {
    "project_id": "{r}.project_id",
    "author_id": "{r}.author_id",
    "day": "({r}.created_at at time zone 'UTC')::date",
}


def added(table: str, key: dict[str, str], counts: dict[str, str], rows: str) -> str:
    """The statement that adds what rows count."""
    keys = ", ".join(text.format(r="r") for text in key.values())
    sums = ", ".join(text.format(r="r") for text in counts.values())
    return f"insert into {table} ({', '.join([*key, *counts])}) select {keys}, {sums} from {rows} r group by {keys};"


def removed(table: str, key: dict[str, str], counts: dict[str, str], rows: str) -> str:
    """The statement that takes away what rows counted."""
    keys = ", ".join(text.format(r="r") for text in key.values())
    sums = ", ".join(f"-({text.format(r='r')})" for text in counts.values())
    return f"insert into {table} ({', '.join([*key, *counts])}) select {keys}, {sums} from {rows} r group by {keys};"


def changed(table: str, key: dict[str, str], counts: dict[str, str]) -> str:
    """The statement that adds how counts differ after an update, nothing where they do not."""
    keys = ", ".join(f"{text.format(r='r')} as {name}" for name, text in key.items())
    grouped = ", ".join(text.format(r="r") for text in key.values())
    sums = ", ".join(f"{text.format(r='r')} as {name}" for name, text in counts.items())
    minus = ", ".join(f"-({text.format(r='r')})" for text in counts.values())
    totals = ", ".join(f"sum(d.{name})" for name in counts)
    differ = " or ".join(f"sum(d.{name}) <> 0" for name in counts)
    return (
        f"insert into {table} ({', '.join([*key, *counts])}) select {', '.join(f'd.{name}' for name in key)}, {totals} "
        f"from (select {keys}, {sums} from new_rows r group by {grouped} "
        f"union all select {grouped}, {minus} from old_rows r group by {grouped}) d "
        f"group by {', '.join(f'd.{name}' for name in key)} having {differ};"
    )


def count_rows(table: str, tally: str, key: dict[str, str], counts: dict[str, str]) -> None:
    """Make the triggers of a table, and count what is there."""
    bodies = {
        "insert": added(tally, key, counts, "new_rows"),
        "delete": removed(tally, key, counts, "old_rows"),
        "update": changed(tally, key, counts),
    }
    tables = {
        "insert": "new table as new_rows",
        "delete": "old table as old_rows",
        "update": "old table as old_rows new table as new_rows",
    }
    for event, body in bodies.items():
        op.execute(
            f"create function {tally}_{event}() returns trigger language plpgsql as "
            f"$$ begin {body} return null; end $$"
        )
        op.execute(
            f"create trigger {tally}_{event} after {event} on {table} referencing {tables[event]} "
            f"for each statement execute function {tally}_{event}()"
        )
    op.execute(added(tally, key, counts, table))


def total(name: str) -> "sa.Column[object]":
    return sa.Column(name, sa.Numeric(), server_default="0", nullable=False)


def count(name: str) -> "sa.Column[object]":
    kind = sa.BigInteger() if name.endswith("annotations") else sa.Integer()
    return sa.Column(name, kind, server_default="0", nullable=False)


def upgrade() -> None:
    op.add_column("user_account", sa.Column("is_invited", sa.Boolean(), server_default="false", nullable=False))
    op.execute(
        "update user_account u set is_invited = true where not u.activated and exists (select 1 from project_user pu "
        "where pu.user_id = u.id and pu.invitation_status = 'PENDING')"
    )
    op.add_column("label", sa.Column("asset_consensus_mark", sa.Float(), nullable=True))
    op.add_column("label", sa.Column("is_first_on_asset", sa.Boolean(), server_default="false", nullable=False))
    op.execute(
        "update label l set is_first_on_asset = first.position = l.position, asset_consensus_mark = "
        "case when l.is_latest_default_label_for_user and a.is_used_for_consensus then a.consensus_mark end "
        "from asset a, (select asset_id, min(position) as position from label where label_type in ('DEFAULT', 'REVIEW') "
        "group by asset_id) first where a.id = l.asset_id and first.asset_id = l.asset_id "
        "and (first.position = l.position or (l.is_latest_default_label_for_user and a.consensus_mark is not null))"
    )
    op.create_table(
        "asset_tally",
        sa.Column("project_id", sa.Text(), nullable=False),
        sa.Column("part", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("is_new", sa.Boolean(), server_default="true", nullable=False),
        *(total(name) if name.endswith("_sum") else count(name) for name in ASSET_COUNTS),
        sa.PrimaryKeyConstraint("project_id", "part"),
    )
    op.create_index("asset_tally_new", "asset_tally", ["project_id"], postgresql_where=sa.text("is_new"))
    op.create_table(
        "label_tally",
        sa.Column("project_id", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("part", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("is_new", sa.Boolean(), server_default="true", nullable=False),
        *(total(name) if name.endswith(("_sum", "seconds")) else count(name) for name in LABEL_COUNTS),
        sa.PrimaryKeyConstraint("project_id", "author_id", "day", "part"),
    )
    op.create_index(
        "label_tally_new", "label_tally", ["project_id", "author_id", "day"], postgresql_where=sa.text("is_new")
    )
    count_rows("asset", "asset_tally", ASSET_KEY, ASSET_COUNTS)
    count_rows("label", "label_tally", LABEL_KEY, LABEL_COUNTS)
    op.drop_index("label_author", table_name="label")
    op.create_index("label_author", "label", ["author_id", "project_id", "label_type", "created_at"])
    op.create_index("label_time", "label", ["created_at"], postgresql_using="brin", postgresql_with={"autosummarize": True})


def downgrade() -> None:
    for table, tally in (("label", "label_tally"), ("asset", "asset_tally")):
        for event in ("insert", "delete", "update"):
            op.execute(f"drop trigger {tally}_{event} on {table}")
            op.execute(f"drop function {tally}_{event}()")
        op.drop_table(tally)
    op.drop_index("label_time", table_name="label")
    op.drop_index("label_author", table_name="label")
    op.create_index("label_author", "label", ["author_id", "project_id"])
    op.drop_column("label", "is_first_on_asset")
    op.drop_column("label", "asset_consensus_mark")
    op.drop_column("user_account", "is_invited")
