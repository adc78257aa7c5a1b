"""Removal of the content of deleted projects, in pieces so small that other transactions do not wait for long."""

from __future__ import annotations

from labelyard.storage.asset import delete_assets
from labelyard.storage.database import Database

PIECE = 2_000

# Skips what another process is removing at this moment.
TAKE = """
select a.id
from asset a
where a.project_id = (
  select p.id
  from project p
  where p.deleted_at is not null and exists (select 1 from asset x where x.project_id = p.id)
  limit 1
)
limit :piece for update of a skip locked
"""


async def purge_deleted_projects(database: Database, *, max_pieces: int = 50) -> int:
    """Remove assets of deleted projects with their labels and files; answers how many. The project's row stays."""
    removed = 0
    for _ in range(max_pieces):
        async with database.transaction() as connection:
            rows = await connection.fetch(TAKE, {"piece": PIECE})
            if not rows:
                break
            ids = [row["id"] for row in rows]
            await delete_assets(connection, ids)
            removed += len(ids)
    return removed
