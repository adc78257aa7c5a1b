"""The sweeper: removes files that nothing holds any more, records first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from labelyard.storage.blob import Blobs
from labelyard.storage.database import Database
from labelyard.storage.upload import forget_blobs, orphans, recorded_ids

MINIMUM_AGE: Final = timedelta(hours=24)
_BATCH: Final = 1000


@dataclass(frozen=True, slots=True)
class SweepReport:
    """How many files lost their record as orphans, were found without one, and were never finished."""

    orphaned: int
    unrecorded: int
    unfinished: int


async def sweep_files(
    *, blobs: Blobs, database: Database, now: datetime, minimum_age: timedelta = MINIMUM_AGE
) -> SweepReport:
    """Remove what nothing has held for `minimum_age`, which must not be shorter than signed URLs are valid.

    Safe at any time, also twice at once: a crash between record and file leaves a file without record, which the next
    sweep finds.
    """
    if not await blobs.is_ready():  # unmounted, say: readiness tells, and what is to be removed can wait
        return SweepReport(0, 0, 0)
    older_than = now - minimum_age
    try:
        orphaned = await _sweep_orphans(blobs, database, older_than)
        unrecorded = await _sweep_unrecorded(blobs, database, older_than)
        return SweepReport(orphaned, unrecorded, await blobs.discard_unfinished(older_than))
    except FileNotFoundError:
        if await blobs.is_ready():
            raise
        # Unmounted while it was swept.
        return SweepReport(0, 0, 0)


async def _sweep_orphans(blobs: Blobs, database: Database, older_than: datetime) -> int:
    count = 0
    while True:
        # All or nothing: a part whose document is gone would be held for ever.
        async with database.transaction() as connection:
            gone = await forget_blobs(connection, await orphans(connection, older_than, limit=_BATCH))
        for blob_id in gone:
            await blobs.delete(blob_id)
        count += len(gone)
        # Also the end when all that is left is being referred to by transactions that are under way.
        if not gone:
            return count


async def _sweep_unrecorded(blobs: Blobs, database: Database, older_than: datetime) -> int:
    count = 0
    batch: list[str] = []

    async def sweep() -> int:
        async with database.reader() as connection:
            recorded = await recorded_ids(connection, batch)
        lost = [blob_id for blob_id in batch if blob_id not in recorded]
        for blob_id in lost:
            await blobs.delete(blob_id)
        batch.clear()
        return len(lost)

    async for blob_id in blobs.list_older_than(older_than):
        batch.append(blob_id)
        if len(batch) == _BATCH:
            count += await sweep()
    return count + await sweep()
