"""Events get their places in the chain, and become jobs of those that follow them, within about a second."""

from __future__ import annotations

from typing import Final

from labelyard.server.loop.runner import Loop
from labelyard.services.event_chain import PIECE, extend_chain
from labelyard.services.event_dispatch import dispatch_events
from labelyard.storage.database import Database

EVERY_SECONDS: Final = 1.0


def event_loop(database: Database) -> Loop:
    """The loop that makes a chain of what was recorded; every process runs it, one of them at a time has something to do."""

    async def extend() -> float | None:
        has_more = await extend_chain(database) == PIECE
        return 0.0 if await dispatch_events(database) or has_more else None

    return Loop("events", extend, every_seconds=EVERY_SECONDS)
