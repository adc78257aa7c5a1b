"""Statements about thumbnails, and the child process that makes them."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from typing import Final

from labelyard.storage.blob import Blobs
from labelyard.storage.child_process import ChildEnded, ChildProcess
from labelyard.storage.database import Database, Row, Writer

CHILD: Final = "labelyard.storage.thumbnail_child"
MAX_IMAGE_BYTES: Final = 256 << 20
MAX_ANSWER_BYTES: Final = 1 << 20
# Longer than the child may take of the processor.
IMAGE_SECONDS: Final = 45.0
CLAIM_MINUTES: Final = 10
MOST_ATTEMPTS: Final = 3
# A claim ends by itself: what a process that was killed had claimed is taken up by another.
CLAIM = f"""
update thumbnail
set due_at = case when attempts + 1 < {MOST_ATTEMPTS} then now() + interval '{CLAIM_MINUTES} minutes' end,
  attempts = attempts + 1
where source_id in (
  select source_id
  from thumbnail
  where due_at <= now()
  order by due_at
  limit :limit for update skip locked
)
returning source_id as id,
  (select b.organization_id from blob b where b.id = source_id) as organization_id,
  (select b.size from blob b where b.id = source_id) as size
"""
# The image may have been deleted since, or another process been quicker.
KEEP = """
update thumbnail set blob_id = :blob_id, due_at = null
where source_id = :source_id and blob_id is null and exists (select from blob b where b.id = :source_id)
returning source_id
"""


class ThumbnailMaker:
    """Makes thumbnails one after the other, in a child process that lives as long as there is something to do."""

    def __init__(self) -> None:
        self._child = ChildProcess(CHILD, max_answer_bytes=MAX_ANSWER_BYTES)

    async def make(self, blobs: Blobs, blob_id: str, size: int) -> bytes:
        """The thumbnail of a stored image; nothing where none can be made."""
        if size > MAX_IMAGE_BYTES:
            return b""
        try:
            async with asyncio.timeout(IMAGE_SECONDS):
                return await self._child.ask_in_pieces(size, blobs.stream(blob_id))
        except (ChildEnded, TimeoutError):
            return b""

    async def end(self) -> None:
        """End the child."""
        await self._child.end()


async def claim_thumbnails(database: Database, limit: int) -> list[Row]:
    """The images whose thumbnails are to be made by the caller; the organization is null for one that is gone."""
    async with database.autocommit() as connection:
        return await connection.write(CLAIM, {"limit": limit})


async def keep_thumbnail(connection: Writer, source_id: str, blob_id: str) -> bool:
    """Make a file the thumbnail of an image; False when it is not wanted any more."""
    return await connection.fetch_value(KEEP, {"source_id": source_id, "blob_id": blob_id}) is not None


async def leave_without_thumbnail(database: Database, source_ids: Sequence[str]) -> None:
    """Remember that there is nothing to be made of these images."""
    async with database.autocommit() as connection:
        await connection.write(
            "update thumbnail set due_at = null where source_id = any(:ids)", {"ids": list(source_ids)}
        )


async def remove_thumbnails(connection: Writer, source_ids: Collection[str]) -> list[str]:
    """Remove the thumbnails of images that are gone; answers the files that they were."""
    rows = await connection.fetch(
        "delete from thumbnail where source_id = any(:ids) returning blob_id", {"ids": list(source_ids)}
    )
    return [row["blob_id"] for row in rows if row["blob_id"] is not None]
