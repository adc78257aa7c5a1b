"""What happens becomes calls of plugins, soon after it has its place in the chain of events."""

from __future__ import annotations

from typing import Final

from labelyard.server.loop.runner import Loop
from labelyard.services.plugin.dispatch import dispatch
from labelyard.storage.database import Database

EVERY_SECONDS: Final = 0.5


def plugin_loop(database: Database) -> Loop:
    """The loop that follows the chain; every process that runs jobs has it, one of them at a time has something to do."""

    async def follow() -> float | None:
        return 0.0 if await dispatch(database) else None

    return Loop("plugins", follow, every_seconds=EVERY_SECONDS)
