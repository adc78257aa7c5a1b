"""How far the rows of a table are final: the position before which no row can be added any more.

Positions are given out before their transactions commit, so a row may appear before one that was read already. A transaction that may
still add one has been given its position, and for that holds a lock on the table from before until after its commit is seen. So when
the last position given out is read first, and then who holds such a lock: as soon as all of these have ended, every statement that
starts from then on finds all rows up to that position.
"""

from __future__ import annotations

from dataclasses import dataclass

# The subquery on locks refers to the sequence, so that it runs when that has been read.
WRITERS = """array(
    select held.virtualtransaction
    from pg_locks held
    where held.locktype = 'relation'
      and held.database = (select d.oid from pg_database d where d.datname = current_database())
      and held.relation = '{table}'::regclass
      and held.mode = 'RowExclusiveLock'
      and held.granted
      and s.last_value is not null
  )"""
LOOK = {
    table: f"""
    select p.removals, s.last_value, {WRITERS.format(table=table)} as writers
    from project p cross join (
      select case when is_called then last_value else 0 end as last_value
      from {table}_position_seq
      offset 0
    ) s
    where p.id = :id
    """
    for table in ("asset", "label")
}


@dataclass(slots=True)
class RowHorizon:
    """What is known of one table.

    Rows at or before `final` are final; `is_wanted` says that some further on were read. `last` was the last position given out when
    the transactions `awaited` were running.
    """

    final: int = 0
    is_wanted: bool = False
    last: int = 0
    awaited: frozenset[str] = frozenset()

    def look(self, last: int, writers: frozenset[str]) -> None:
        """Take in a look at the table: the last position given out, and then who was writing. Statements after it may rely on it."""
        if not writers:
            self.final, self.awaited = max(self.final, last), frozenset()
        elif not self.awaited:
            self.last, self.awaited = last, writers
        elif not self.awaited & writers:
            self.final = max(self.final, self.last)
            self.last, self.awaited = last, writers

    def covers(self, position: int) -> bool:
        """Whether no row can be added at or before a position; if not, somebody wants to know more."""
        if position > self.final:
            self.is_wanted = True
            return False
        return True
