"""Removing the content of deleted projects, a piece at a time, so that nobody waits for it."""

from __future__ import annotations

from storage.database import Database
from storage.upload import forget_blobs

PIECE = 2_000

# Skips what another process is removing at this moment.
TAKE = (
    "select a.id, a.content_blob_id, a.json_content_blob_id from asset a "
    "where a.project_id = (select p.id from project p where p.deleted_at is not null "
    "and exists (select 1 from asset x where x.project_id = p.id) limit 1) "
    "limit :piece for update of a skip locked"
)


async def purge_deleted_projects(database: Database, *, max_pieces: int = 50) -> int:
    """Remove assets of deleted projects with their labels and files; answers how many. The project's row stays."""
    removed = 0
    for _ in range(max_pieces):
        async with database.transaction() as connection:
            rows = await connection.fetch(TAKE, {"piece": PIECE})
            if not rows:
                break
            ids = [row["id"] for row in rows]
            await connection.fetch("delete from label where asset_id = any(:ids)", {"ids": ids})
            await connection.fetch("delete from asset where id = any(:ids)", {"ids": ids})
            blobs = {row[name] for row in rows for name in ("content_blob_id", "json_content_blob_id")} - {None}
            await forget_blobs(connection.driver, blobs)
            removed += len(ids)
    return removed
