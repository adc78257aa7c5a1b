"""A queue in which groups take turns: work of one group, however much it is, keeps no other group waiting for long."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager


class FairQueue:
    """So many slots; of those that wait, the group that was served the longest ago is next.

    With `max_waiting` the queue is bounded: the group with the most in it makes room for another, and what finds no room fails with
    `refusal()` before it has run.
    """

    def __init__(
        self, slots: int, *, max_waiting: int | None = None, refusal: Callable[[], Exception] = TimeoutError
    ) -> None:
        self._free = slots
        self._max_waiting = max_waiting
        self._refusal = refusal
        # In the order in which the groups are served; none is kept without anything that waits.
        self._queues: dict[str, deque[asyncio.Future[None]]] = {}

    @asynccontextmanager
    async def taken(self, group: str) -> AsyncIterator[None]:
        """A slot for a group, for as long as the block runs."""
        if self._free:  # nothing waits: a slot that becomes free is handed on
            self._free -= 1
        else:
            await self._wait(group)
        try:
            yield
        finally:
            self._hand_on()

    async def _wait(self, group: str) -> None:
        self._make_room_for(group)
        turn = asyncio.get_running_loop().create_future()
        self._queues.setdefault(group, deque()).append(turn)
        try:
            await turn
        except BaseException:
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self._hand_on()  # cancelled in the moment in which the slot came
            else:
                self._remove(group, turn)
            raise

    def _make_room_for(self, group: str) -> None:
        if self._max_waiting is None or sum(map(len, self._queues.values())) < self._max_waiting:
            return
        longest_group = max(self._queues, key=lambda each: len(self._queues[each]), default=group)
        longest = self._queues.get(longest_group, deque())
        own = self._queues.get(group, deque())
        if len(longest) <= len(own) + 1:
            raise self._refusal()
        newest = longest[-1]
        self._remove(longest_group, newest)
        if not newest.done():
            newest.set_exception(self._refusal())

    def _hand_on(self) -> None:
        """Give a slot to the next group, which then waits for all others to have had theirs."""
        while self._queues:
            group = next(iter(self._queues))
            queue = self._queues.pop(group)
            turn = queue.popleft()
            if queue:
                self._queues[group] = queue  # entered anew at the end
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1

    def _remove(self, group: str, turn: asyncio.Future[None]) -> None:
        queue = self._queues.get(group, deque())
        if turn in queue:
            queue.remove(turn)
            if not queue:
                del self._queues[group]
