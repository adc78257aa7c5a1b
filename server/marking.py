"""Quality marks follow the labels within about a second: every server computes what was asked for, each asset once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import asyncpg
import structlog

from domain.error import Refusal
from services.mark import compute_requested_marks
from storage.database import CONNECTION_LOST, Database

log = structlog.get_logger("labelyard.marking")
LOOK_EVERY_SECONDS = 0.4
AFTER_FAILURE_SECONDS = 5.0


@asynccontextmanager
async def marking(database: Database) -> AsyncIterator[None]:
    """Compute marks while the block runs."""
    task = asyncio.create_task(_mark(database))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _mark(database: Database) -> None:
    while True:
        try:
            report = await compute_requested_marks(database)
        except (Refusal, asyncpg.PostgresError, asyncpg.InterfaceError, *CONNECTION_LOST) as error:
            log.warning("marking failed", error=str(error))
            await asyncio.sleep(AFTER_FAILURE_SECONDS)
            continue
        for asset_id, reason in report.failures.items():
            log.error("marks not computed", asset=asset_id, error=reason)
        if not report.taken:
            await asyncio.sleep(LOOK_EVERY_SECONDS)
