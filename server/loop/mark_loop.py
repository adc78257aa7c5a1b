"""Loops that compute quality marks within about a second after a label; each asset is computed by one process."""

from __future__ import annotations

from typing import Final

import structlog

from labelyard.server.loop.runner import Loop
from labelyard.services.mark.computation import ROUND, SLOW_CLAIM_SECONDS, Marking, MarkReport

log = structlog.get_logger("labelyard.marks")
LOOK_EVERY_SECONDS: Final = 0.4


def mark_loops(marks: Marking) -> list[Loop]:
    """The loops that compute marks: of what is computed quickly, and of what takes long."""

    async def quick() -> float | None:
        return 0.0 if await quick_round(marks) else None

    async def slow() -> float | None:
        return 0.0 if await slow_round(marks) else None

    return [
        Loop("marks", quick, every_seconds=LOOK_EVERY_SECONDS),
        Loop("slow marks", slow, every_seconds=LOOK_EVERY_SECONDS, late_seconds=SLOW_CLAIM_SECONDS),
    ]


async def quick_round(marks: Marking) -> bool:
    """Do one round of what is computed quickly; answers whether there was anything to do.

    Whole projects come last: what people have just labeled does not wait for them.
    """
    report = await marks.quick_round()
    check(report)
    if report.taken == ROUND:
        return True
    has_project = await marks.spread()
    if not report.taken:
        await marks.rest()
    return report.taken > 0 or has_project


async def slow_round(marks: Marking) -> bool:
    """Do one round of what takes long; answers whether there was anything to do."""
    report = await marks.slow_round()
    check(report)
    return report.taken > 0


def check(report: MarkReport) -> None:
    """Log the marks that were given up; raises when the child did not start, for then nothing goes on."""
    for asset_id, reason in report.failures.items():
        log.error("marks given up", asset=asset_id, reason=reason)
    if report.not_started is not None:
        raise report.not_started
