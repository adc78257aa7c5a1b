"""What a server does beside answering: removing what was deleted and files that nobody refers to, folding counts.

Several processes may run it on one database: each round takes what no other has locked.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta

import asyncpg
import structlog

from domain.error import Refusal
from server.sweep import MINIMUM_AGE, sweep_files
from storage.blob import Blobs
from storage.database import CONNECTION_LOST, Database
from storage.purge import purge_deleted_projects
from storage.tally import fold

log = structlog.get_logger("labelyard.housekeeping")
PURGE_EVERY_SECONDS = 5.0
SWEEP_EVERY_ROUNDS = 720


@asynccontextmanager
async def housekeeping(database: Database, blobs: Blobs, *, links_live: timedelta) -> AsyncIterator[None]:
    """Keep house while the block runs. Files that nobody refers to stay at least as long as signed links to them live."""
    task = asyncio.create_task(_keep_house(database, blobs, max(MINIMUM_AGE, links_live)))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _keep_house(database: Database, blobs: Blobs, minimum_age: timedelta) -> None:
    rounds = 0
    while True:
        await asyncio.sleep(PURGE_EVERY_SECONDS)
        try:
            await fold(database)
            removed = await purge_deleted_projects(database)
            if removed:
                log.info("purged", assets=removed)
            if rounds % SWEEP_EVERY_ROUNDS == 0:
                await sweep_files(blobs=blobs, pool=database.pool, now=datetime.now(UTC), minimum_age=minimum_age)
        except (Refusal, asyncpg.PostgresError, asyncpg.InterfaceError, *CONNECTION_LOST) as error:
            log.warning("housekeeping failed", error=str(error))
        rounds += 1
