"""Quality marks follow the labels within about a second: every server computes what was asked for, each asset once."""

from __future__ import annotations

from typing import Final

import structlog

from server.loop.runner import Loop
from services.mark import compute_requested_marks
from storage.database import Database

log = structlog.get_logger("labelyard.marking")
LOOK_EVERY_SECONDS: Final = 0.4


def marking(database: Database) -> Loop:
    """The loop that computes marks."""

    async def mark() -> float | None:
        report = await compute_requested_marks(database)
        for asset_id, reason in report.failures.items():
            log.error("marks not computed", asset=asset_id, error=reason)
        return 0.0 if report.taken else None

    return Loop("marking", mark, every_seconds=LOOK_EVERY_SECONDS)
