"""The loop that makes thumbnails of images a moment after they became assets."""

from __future__ import annotations

from typing import Final

from labelyard.server.loop.runner import Loop
from labelyard.services.app_services import AppServices
from labelyard.services.asset.thumbnail import ROUND, make_thumbnails
from labelyard.storage.database import Database
from labelyard.storage.thumbnail import ThumbnailMaker

LOOK_EVERY_SECONDS: Final = 1.0
# Then the child is ended: it takes 30 MB.
IDLE_ROUNDS: Final = 60
# A round of images that all take as long as they may.
LATE_SECONDS: Final = 1_800.0


def thumbnail_loop(database: Database, app_services: AppServices) -> Loop:
    """One image after the other: thumbnails never take more than one core from what people wait for."""
    maker = ThumbnailMaker()
    idle = 0

    async def look() -> float | None:
        nonlocal idle
        made = await make_thumbnails(database, app_services, maker)
        idle = 0 if made else idle + 1
        if idle == IDLE_ROUNDS:
            await maker.end()
        return 0.0 if made == ROUND else None

    return Loop("thumbnails", look, every_seconds=LOOK_EVERY_SECONDS, late_seconds=LATE_SECONDS)
