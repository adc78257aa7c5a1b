"""Quality marks follow the labels within about a second: every server computes what was asked for, each asset once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import asyncpg
import structlog

from domain.error import Refusal
from services.mark import ROUND, Marking, MarkReport
from storage.database import CONNECTION_LOST, Database

log = structlog.get_logger("labelyard.marking")
LOOK_EVERY_SECONDS = 0.4
AFTER_FAILURE_SECONDS = 5.0


@asynccontextmanager
async def marking(database: Database) -> AsyncIterator[None]:
    """Compute marks while the block runs."""
    marks = Marking(database)
    tasks = [asyncio.create_task(_repeat(once)) for once in (lambda: quick_round(marks), lambda: slow_round(marks))]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task
        await marks.end()


async def quick_round(marks: Marking) -> bool:
    """Do one round of what is computed quickly; says whether there was anything to do.

    Whole projects come last: what people have just labeled does not wait for them.
    """
    report = await marks.quick_round()
    tell(report)
    if report.taken == ROUND:
        return True
    has_project = await marks.spread()
    if not report.taken:
        await marks.rest()
    return report.taken > 0 or has_project


async def slow_round(marks: Marking) -> bool:
    """Do one round of what takes long; says whether there was anything to do."""
    report = await marks.slow_round()
    tell(report)
    return report.taken > 0


def tell(report: MarkReport) -> None:
    """Log what was given up."""
    for asset_id, reason in report.failures.items():
        log.error("marks given up", asset=asset_id, reason=reason)


async def _repeat(once: Callable[[], Awaitable[bool]]) -> None:
    while True:
        try:
            had_work = await once()
        except (Refusal, asyncpg.PostgresError, asyncpg.InterfaceError, *CONNECTION_LOST) as error:
            log.warning("marking failed", error=str(error))
            await asyncio.sleep(AFTER_FAILURE_SECONDS)
            continue
        if not had_work:
            await asyncio.sleep(LOOK_EVERY_SECONDS)
