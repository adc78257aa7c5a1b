"""Places for statements that read many rows to find a few: they wait for one another, and not everybody else for them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from labelyard.domain.error import TooManyRequests

MOST_WAITING = 16
RETRY_SECONDS = 5


class HeavyPlaces:
    """Lets few run at once, some wait, and refuses the rest before anything has run."""

    def __init__(self, most: int, waiting: int = MOST_WAITING) -> None:
        self._places = asyncio.Semaphore(most)
        self._most_waiting = waiting
        self._waiting = 0

    @asynccontextmanager
    async def taken(self) -> AsyncIterator[None]:
        """One of the places, for as long as the block runs."""
        if self._waiting >= self._most_waiting:
            raise TooManyRequests(
                "Too many searches through answers and metadata are under way; try again in a moment.",
                retryAfterSeconds=RETRY_SECONDS,
            )
        self._waiting += 1
        try:
            await self._places.acquire()
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._places.release()
