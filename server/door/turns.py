"""Turns for deliveries to subscribers: few are read at once, and the keys that wait take turns, however much each waits for."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Turns:
    """So many turns at once. One that comes free goes to the key that was served the longest ago of those that wait."""

    def __init__(self, most: int) -> None:
        self._free = most
        # In the order in which the keys are served.
        self._waiting: dict[str, deque[asyncio.Future[None]]] = {}

    @asynccontextmanager
    async def taken(self, key: str) -> AsyncIterator[None]:
        """A turn of a key, for as long as the block runs."""
        if self._free:
            self._free -= 1
        else:
            await self._wait(key)
        try:
            yield
        finally:
            self._pass_on()

    async def _wait(self, key: str) -> None:
        turn = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(key, deque()).append(turn)
        try:
            await turn
        except BaseException:
            if turn.done() and not turn.cancelled():
                self._pass_on()  # the turn came in the very moment of giving up
            elif turn in (waiting := self._waiting.get(key, deque())):
                waiting.remove(turn)
                if not waiting:
                    del self._waiting[key]
            raise

    def _pass_on(self) -> None:
        """Give a turn to the next who waits for one."""
        while self._waiting:
            key = next(iter(self._waiting))
            waiting = self._waiting.pop(key)
            turn = waiting.popleft()
            if waiting:
                self._waiting[key] = waiting  # entered anew at the end
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1
