"""Counts of assets and labels, kept by triggers; who was invited"""

from alembic import op
import sqlalchemy as sa

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

HUMAN = "{r}.label_type in ('DEFAULT', 'REVIEW')"
LATEST = "{r}.is_latest_label_for_user and " + HUMAN

# What a row counts, in each column of its tally; the columns of the row that decide about it.
ASSET_COUNTS = {
    "assets": "1",
    "skipped": "{r}.skipped::int",
    "remaining": "(not {r}.skipped and {r}.status in ('TODO', 'ONGOING'))::int",
    "reviewed": "({r}.status = 'REVIEWED')::int",
    "consensus_marks": "({r}.consensus_mark is not null)::int",
    "consensus_sum": "coalesce({r}.consensus_mark::text::numeric, 0)",
    "honeypot_marks": "({r}.honeypot_mark is not null)::int",
    "honeypot_sum": "coalesce({r}.honeypot_mark::text::numeric, 0)",
}
ASSET_DECIDES = ("skipped", "status", "consensus_mark", "honeypot_mark")
LATEST_DEFAULT = "{r}.is_latest_default_label_for_user"
LABEL_COUNTS = {
    "labels": f"({HUMAN})::int",
    "labeled_assets": f"({LATEST})::int",
    "first_labels": "{r}.is_first_on_asset::int",
    "annotations": f"case when {LATEST} then {{r}}.number_of_annotations else 0 end",
    "seconds": f"case when {HUMAN} then coalesce({{r}}.seconds_to_label::text::numeric, 0) else 0 end",
    "timed": f"({HUMAN} and {{r}}.seconds_to_label is not null)::int",
    "all_annotations": "{r}.number_of_annotations",
    "all_seconds": "coalesce({r}.seconds_to_label::text::numeric, 0)",
    "consensus_marks": f"({LATEST_DEFAULT} and {{r}}.asset_consensus_mark is not null)::int",
    "consensus_sum": f"case when {LATEST_DEFAULT} then coalesce({{r}}.asset_consensus_mark::text::numeric, 0) else 0 end",
    "honeypot_marks": f"({LATEST_DEFAULT} and {{r}}.honeypot_mark is not null)::int",
    "honeypot_sum": f"case when {LATEST_DEFAULT} then coalesce({{r}}.honeypot_mark::text::numeric, 0) else 0 end",
}
LABEL_DECIDES = (
    "label_type",
    "is_latest_label_for_user",
    "is_latest_default_label_for_user",
    "is_first_on_asset",
    "number_of_annotations",
    "seconds_to_label",
    "asset_consensus_mark",
    "honeypot_mark",
)
ASSET_KEY = {"project_id": "{r}.project_id"}
LABEL_KEY = {
    "project_id": "{r}.project_id",
    "author_id": "{r}.author_id",
    "day": "({r}.created_at at time zone 'UTC')::date",
}
# What these keys are made of. It changes by hand only, and then row by row.
ASSET_KEPT, LABEL_KEPT = ("project_id",), ("project_id", "author_id", "created_at")
# As many rows are written one by one: to sum them up costs more, and they are folded soon.
FEW = 8


def counted(key: dict[str, str], counts: dict[str, str], sign: str, rows: str) -> str:
    """What rows add to the counts, or take away from them."""
    keys = ", ".join(f"{text.format(r='r')} as {name}" for name, text in key.items())
    values = ", ".join(f"{sign}({text.format(r='r')}) as {name}" for name, text in counts.items())
    return f"select {keys}, {values} from {rows} r"


def changed(key: dict[str, str], counts: dict[str, str], decides: tuple[str, ...]) -> str:
    """How counts differ after an update, of the rows where they may."""
    keys = ", ".join(f"{text.format(r='n')} as {name}" for name, text in key.items())
    values = ", ".join(f"({text.format(r='n')}) - ({text.format(r='o')}) as {name}" for name, text in counts.items())
    new, old = (", ".join(f"{row}.{name}" for name in decides) for row in "no")
    return (
        f"select {keys}, {values} from new_rows n join old_rows o on o.id = n.id where ({new}) is distinct from ({old})"
    )


def summed(table: str, key: dict[str, str], counts: dict[str, str], rows: str) -> str:
    """The statement that adds rows of differences by key, nothing where they cancel out."""
    keys, names = ", ".join(key), ", ".join(counts)
    sums = ", ".join(f"sum(d.{name})" for name in counts)
    differ = " or ".join(f"sum(d.{name}) <> 0" for name in counts)
    return f"insert into {table} ({keys}, {names}) select {keys}, {sums} from ({rows}) d group by {keys} having {differ};"


def count_rows(
    table: str, tally: str, key: dict[str, str], counts: dict[str, str], decides: tuple[str, ...], kept: tuple[str, ...]
) -> None:
    """Make the triggers of a table, and count what is there."""
    differences = {
        "insert": (counted(key, counts, "", "new_rows"), "new_rows", "new table as new_rows"),
        "delete": (counted(key, counts, "-", "old_rows"), "old_rows", "old table as old_rows"),
        "update": (changed(key, counts, decides), "new_rows", "old table as old_rows new table as new_rows"),
    }
    columns = ", ".join([*key, *counts])
    for event, (rows, seen, referencing) in differences.items():
        op.execute(
            f"create function {tally}_{event}() returns trigger language plpgsql as $$ begin "
            f"if (select count(*) from (select from {seen} limit {FEW + 1}) few) <= {FEW} then "
            f"insert into {tally} ({columns}) {rows}; else {summed(tally, key, counts, rows)} end if; return null; end $$"
        )
        op.execute(
            f"create trigger {tally}_{event} after {event} on {table} referencing {referencing} "
            f"for each statement execute function {tally}_{event}()"
        )
    old_keys, new_keys = (", ".join(text.format(r=row) for text in key.values()) for row in ("old", "new"))
    taken, given = (", ".join(f"{sign}({text.format(r='old')})" for text in counts.values()) for sign in ("-", ""))
    op.execute(
        f"create function {tally}_move() returns trigger language plpgsql as $$ begin insert into {tally} ({columns}) "
        f"values ({old_keys}, {taken}), ({new_keys}, {given}); return null; end $$"
    )
    before, after = (", ".join(f"{row}.{name}" for name in kept) for row in ("old", "new"))
    op.execute(
        f"create trigger {tally}_move after update of {', '.join(kept)} on {table} for each row "
        f"when (({before}) is distinct from ({after})) execute function {tally}_move()"
    )
    op.execute(summed(tally, key, counts, counted(key, counts, "", table)))


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
    count_rows("asset", "asset_tally", ASSET_KEY, ASSET_COUNTS, ASSET_DECIDES, ASSET_KEPT)
    count_rows("label", "label_tally", LABEL_KEY, LABEL_COUNTS, LABEL_DECIDES, LABEL_KEPT)
    op.drop_index("label_author", table_name="label")
    op.create_index("label_author", "label", ["author_id", "project_id", "label_type", "created_at"])
    op.create_index("label_time", "label", ["created_at"], postgresql_using="brin", postgresql_with={"autosummarize": True})


def downgrade() -> None:
    for table, tally in (("label", "label_tally"), ("asset", "asset_tally")):
        for event in ("insert", "delete", "update", "move"):
            op.execute(f"drop trigger {tally}_{event} on {table}")
            op.execute(f"drop function {tally}_{event}()")
        op.drop_table(tally)
    op.drop_index("label_time", table_name="label")
    op.drop_index("label_author", table_name="label")
    op.create_index("label_author", "label", ["author_id", "project_id"])
    op.drop_column("label", "is_first_on_asset")
    op.drop_column("label", "asset_consensus_mark")
    op.drop_column("user_account", "is_invited")
