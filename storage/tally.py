"""Rolling up the counts that statements add (`storage.table.tally`).

Readers sum all rows of a key, whether rolled up or not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from labelyard.storage.advisory_lock import AdvisoryLock
from labelyard.storage.database import Database, Writer

KEYS_AT_ONCE = 1_000
# The key and the counts of each tally.
TALLIES: Mapping[str, tuple[Sequence[str], Sequence[str]]] = {
    "asset_tally": (
        ("project_id",),
        (
            "assets",
            "skipped",
            "remaining",
            "reviewed",
            "consensus_marks",
            "consensus_sum",
            "honeypot_marks",
            "honeypot_sum",
            "todo",
            "ongoing",
            "labeled",
            "to_review",
        ),
    ),
    "label_tally": (
        ("project_id", "author_id", "day"),
        (
            "labels",
            "labeled_assets",
            "first_labels",
            "annotations",
            "seconds",
            "timed",
            "all_annotations",
            "all_seconds",
            "consensus_marks",
            "consensus_sum",
            "honeypot_marks",
            "honeypot_sum",
            "default_labels",
            "predictions",
            "inferences",
            "drafts",
        ),
    ),
    "blob_tally": (("organization_id",), ("bytes",)),
}


def fold_text(tally: str, key: Sequence[str], names: Sequence[str]) -> str:
    """The statement that makes one row of all rows of each key that has new ones; a key whose counts are zero has none left.

    What one statement deletes and adds is seen by others at once, or not at all.
    """
    keys, columns = ", ".join(key), ", ".join(names)
    sums = ", ".join(f"sum(g.{name})" for name in names)
    differ = " or ".join(f"sum(g.{name}) <> 0" for name in names)
    return f"""
    with due as (select distinct {keys} from {tally} where is_new limit :limit), gone as (
      delete from {tally} y
      using due
      where ({_of("y", key)}) = ({_of("due", key)})
      returning y.*
    ), kept as (
      insert into {tally} ({keys}, is_new, {columns})
      select {_of("g", key)}, false, {sums}
      from gone g
      group by {_of("g", key)} having {differ}
    )
    select count(*)
    from due
    """


def _of(alias: str, names: Sequence[str]) -> str:
    return ", ".join(f"{alias}.{name}" for name in names)


FOLDS: Mapping[str, str] = {tally: fold_text(tally, *columns) for tally, columns in TALLIES.items()}


async def rollup(database: Database) -> int:
    """Fold new rows, the work of one process at a time; answers how many keys were folded."""
    rolled_up = 0
    for name in FOLDS:
        async with database.transaction() as connection:
            rolled_up += await _rollup(connection, name)
    return rolled_up


async def _rollup(connection: Writer, name: str) -> int:
    if not await connection.fetch_value("select pg_try_advisory_xact_lock(:lock)", {"lock": AdvisoryLock.TALLY_FOLD}):
        return 0
    return int(await connection.fetch_value(FOLDS[name], {"limit": KEYS_AT_ONCE}))
