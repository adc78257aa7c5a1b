"""Rolling up the counts that statements add (`storage.table.tally`).

Readers sum all rows of a key, whether rolled up or not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlmodel import SQLModel

from labelyard.storage.advisory_lock import AdvisoryLock
from labelyard.storage.database import Database, Writer
from labelyard.storage.table.tally import AssetTally, BlobTally, LabelTally

KEYS_AT_ONCE = 1_000


def fold_text(table: type[SQLModel]) -> str:
    """The statement that makes one row of all rows of each key that has new ones; a key whose counts are zero has none left.

    What one statement deletes and adds is seen by others at once, or not at all.
    """
    tally = str(table.__tablename__)
    every = [column.name for column in SQLModel.metadata.tables[tally].columns]
    # The key is what stands before `part`, the counts are what follows `is_new`.
    key, names = every[: every.index("part")], every[every.index("is_new") + 1 :]
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


FOLDS: Mapping[str, str] = {str(table.__tablename__): fold_text(table) for table in (AssetTally, LabelTally, BlobTally)}


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
