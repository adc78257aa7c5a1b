"""Counts of assets by status and of labels by type, kept by the triggers that count them already"""

from collections.abc import Mapping

from alembic import op
import sqlalchemy as sa

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

HUMAN = "{r}.label_type in ('DEFAULT', 'REVIEW')"
LATEST = "{r}.is_latest_label_for_user and " + HUMAN
LATEST_DEFAULT = "{r}.is_latest_default_label_for_user"
# As many rows are written one by one: to sum them up costs more, and they are folded soon.
FEW = 8

BEFORE = {
    "asset": {
        "assets": "1",
        "skipped": "{r}.skipped::int",
        "remaining": "(not {r}.skipped and {r}.status in ('TODO', 'ONGOING'))::int",
        "reviewed": "(not {r}.skipped and {r}.status = 'REVIEWED')::int",
        "consensus_marks": "({r}.consensus_mark is not null)::int",
        "consensus_sum": "coalesce({r}.consensus_mark::text::numeric, 0)",
        "honeypot_marks": "({r}.honeypot_mark is not null)::int",
        "honeypot_sum": "coalesce({r}.honeypot_mark::text::numeric, 0)",
    },
    "label": {
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
    },
}
ADDED = {
    "asset": {
        "todo": "({r}.status = 'TODO')::int",
        "ongoing": "({r}.status = 'ONGOING')::int",
        "labeled": "({r}.status = 'LABELED')::int",
        "to_review": "({r}.status = 'TO_REVIEW')::int",
    },
    "label": {
        "default_labels": "({r}.label_type = 'DEFAULT')::int",
        "predictions": "({r}.label_type = 'PREDICTION')::int",
        "inferences": "({r}.label_type = 'INFERENCE')::int",
        "drafts": "({r}.label_type = 'AUTOSAVE')::int",
    },
}
# When rows are compared: the columns that decide about the counts.
DECIDES = {
    "asset": ("skipped", "status", "consensus_mark", "honeypot_mark"),
    "label": (
        "label_type",
        "is_latest_label_for_user",
        "is_latest_default_label_for_user",
        "is_first_on_asset",
        "number_of_annotations",
        "seconds_to_label",
        "asset_consensus_mark",
        "honeypot_mark",
    ),
}
KEYS = {
    "asset": {"project_id": "{r}.project_id"},
    "label": {
        "project_id": "{r}.project_id",
        "author_id": "{r}.author_id",
        "day": "({r}.created_at at time zone 'UTC')::date",
    },
}


def counted(table: str, counts: Mapping[str, str], sign: str, rows: str) -> str:
    """What rows add to the counts, or take away from them."""
    keys = ", ".join(f"{text.format(r='r')} as {name}" for name, text in KEYS[table].items())
    values = ", ".join(f"{sign}({text.format(r='r')}) as {name}" for name, text in counts.items())
    return f"select {keys}, {values} from {rows} r"


def changed(table: str, counts: Mapping[str, str]) -> str:
    """How counts differ after an update, of the rows where they may."""
    keys = ", ".join(f"{text.format(r='n')} as {name}" for name, text in KEYS[table].items())
    values = ", ".join(f"({text.format(r='n')}) - ({text.format(r='o')}) as {name}" for name, text in counts.items())
    new, old = (", ".join(f"{row}.{name}" for name in DECIDES[table]) for row in "no")
    return (
        f"select {keys}, {values} from new_rows n join old_rows o on o.id = n.id where ({new}) is distinct from ({old})"
    )


def summed(table: str, counts: Mapping[str, str], rows: str) -> str:
    """The statement that adds rows of differences by key, nothing where they cancel out."""
    keys, names = ", ".join(KEYS[table]), ", ".join(counts)
    sums = ", ".join(f"sum(d.{name})" for name in counts)
    differ = " or ".join(f"sum(d.{name}) <> 0" for name in counts)
    return (
        f"insert into {table}_tally ({keys}, {names}) select {keys}, {sums} from ({rows}) d group by {keys} having {differ};"
    )


def replace_functions(table: str, counts: Mapping[str, str]) -> None:
    """Let the triggers of a table count these."""
    tally, columns = f"{table}_tally", ", ".join([*KEYS[table], *counts])
    for event, rows, seen in (
        ("insert", counted(table, counts, "", "new_rows"), "new_rows"),
        ("delete", counted(table, counts, "-", "old_rows"), "old_rows"),
        ("update", changed(table, counts), "new_rows"),
    ):
        op.execute(
            f"create or replace function {tally}_{event}() returns trigger language plpgsql as $$ begin "
            f"if (select count(*) from (select from {seen} limit {FEW + 1}) few) <= {FEW} then "
            f"insert into {tally} ({columns}) {rows}; else {summed(table, counts, rows)} end if; return null; end $$"
        )
    old_keys, new_keys = (", ".join(text.format(r=row) for text in KEYS[table].values()) for row in ("old", "new"))
    taken, given = (", ".join(f"{sign}({text.format(r='old')})" for text in counts.values()) for sign in ("-", ""))
    op.execute(
        f"create or replace function {tally}_move() returns trigger language plpgsql as $$ begin "
        f"insert into {tally} ({columns}) values ({old_keys}, {taken}), ({new_keys}, {given}); return null; end $$"
    )


def upgrade() -> None:
    for table, counts in ADDED.items():
        for name in counts:
            op.add_column(f"{table}_tally", sa.Column(name, sa.Integer(), server_default="0", nullable=False))
        replace_functions(table, {**BEFORE[table], **counts})
        op.execute(summed(table, counts, counted(table, counts, "", table)))


def downgrade() -> None:
    for table, counts in ADDED.items():
        replace_functions(table, BEFORE[table])
        for name in counts:
            op.drop_column(f"{table}_tally", name)
