"""The loop that has models trained again as labels come, and ends a process that nobody has asked for a while."""

from __future__ import annotations

from typing import Final

from labelyard.server.loop.runner import Loop
from labelyard.services.learning.process import Inference
from labelyard.services.trained_model.repetition import ROUND, repeat_trainings
from labelyard.storage.database import Database

LOOK_EVERY_SECONDS: Final = 5.0


def learning_loop(database: Database, inference: Inference) -> Loop:
    """One look at the projects whose models are trained again."""

    async def look() -> float | None:
        await inference.rest()
        return 0.0 if await repeat_trainings(database) == ROUND else None

    return Loop("learning", look, every_seconds=LOOK_EVERY_SECONDS)
