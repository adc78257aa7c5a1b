"""Places for statements that read many rows to find a few: they wait for one another, and not everybody else for them."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from labelyard.domain.error import TooManyRequests

MOST_WAITING = 16
RETRY_SECONDS = 5


class HeavyPlaces:
    """Lets few run at once, some wait, and refuses the rest before anything has run.

    Organizations take turns. When the queue is full, the one with the most statements in it makes room for another.
    """

    def __init__(self, most: int, waiting: int = MOST_WAITING) -> None:
        self._free = most
        self._most_waiting = waiting
        # The organization whose turn is next comes first; none is kept without statements.
        self._queues: dict[str, deque[asyncio.Future[None]]] = {}

    @asynccontextmanager
    async def taken(self, organization_id: str) -> AsyncIterator[None]:
        """One of the places, for as long as the block runs."""
        if self._free:  # nobody waits: a place that becomes free is handed on
            self._free -= 1
        else:
            await self._wait(organization_id)
        try:
            yield
        finally:
            self._hand_on()

    async def _wait(self, organization_id: str) -> None:
        self._make_room_for(organization_id)
        turn = asyncio.get_running_loop().create_future()
        self._queues.setdefault(organization_id, deque()).append(turn)
        try:
            await turn
        except BaseException:
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self._hand_on()  # cancelled when the place had just been given
            else:
                self._leave(organization_id, turn)
            raise

    def _make_room_for(self, organization_id: str) -> None:
        if sum(map(len, self._queues.values())) < self._most_waiting:
            return
        longest_id = max(self._queues, key=lambda each: len(self._queues[each]), default=organization_id)
        longest = self._queues.get(longest_id, deque())
        own = self._queues.get(organization_id, deque())
        if len(longest) <= len(own) + 1:
            raise _refusal()
        newest = longest[-1]
        self._leave(longest_id, newest)
        if not newest.done():
            newest.set_exception(_refusal())

    def _hand_on(self) -> None:
        """Give a place to the next organization, which then waits for all others to have had theirs."""
        while self._queues:
            organization_id = next(iter(self._queues))
            queue = self._queues.pop(organization_id)
            turn = queue.popleft()
            if queue:
                self._queues[organization_id] = queue
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1

    def _leave(self, organization_id: str, turn: asyncio.Future[None]) -> None:
        queue = self._queues.get(organization_id, deque())
        if turn in queue:
            queue.remove(turn)
            if not queue:
                del self._queues[organization_id]


def _refusal() -> TooManyRequests:
    return TooManyRequests(
        "Too many searches through answers and metadata are under way; try again in a moment.",
        retryAfterSeconds=RETRY_SECONDS,
    )
