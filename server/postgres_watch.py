"""Watching the embedded PostgreSQL: a cluster that was killed is started again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import structlog

from labelyard.domain.error import ClientError
from labelyard.storage.cluster.embedded import EmbeddedPostgres

log = structlog.get_logger("labelyard.postgres")
CHECK_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 10.0
BOUND_LOG_EVERY_ROUNDS = 60


@asynccontextmanager
async def postgres_watch(postgres: EmbeddedPostgres | None) -> AsyncIterator[None]:
    """Watch while the block runs. Every process of a data directory does; whichever notices first starts it."""
    if postgres is None:
        yield
        return
    task = asyncio.create_task(_watch(postgres))
    try:
        yield
    finally:
        postgres.give_up()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _watch(postgres: EmbeddedPostgres) -> None:
    pause, rounds = CHECK_SECONDS, 0
    while True:
        await asyncio.sleep(pause)
        try:
            if not await asyncio.to_thread(postgres.is_running):
                await _start_again(postgres)
            elif rounds % BOUND_LOG_EVERY_ROUNDS == 0:
                await asyncio.to_thread(postgres.bound_log)
            pause = CHECK_SECONDS
        except ClientError as refusal:
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
            log.error("postgres does not start", reason=refusal.message, again_in_seconds=pause)
        except Exception:
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
            log.exception("postgres cannot be watched", again_in_seconds=pause)
        rounds += 1


async def _start_again(postgres: EmbeddedPostgres) -> None:
    log.warning("postgres is gone")
    started = time.monotonic()
    await asyncio.to_thread(postgres.ensure_running)
    log.warning("postgres is back", seconds=round(time.monotonic() - started, 2))
