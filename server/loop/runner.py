"""One runner for all background loops: a loop is a function, called again and again.

A round that fails is logged and tried again after a pause that grows; nothing ends a loop but the end of the server. A loop that
has not come round for long shows in `/health/ready`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Final

import structlog

log = structlog.get_logger("labelyard.loop")

FIRST_PAUSE_SECONDS: Final = 0.5
MAX_PAUSE_SECONDS: Final = 30.0
LATE_SECONDS: Final = 60.0

Round = Callable[[], Awaitable[float | None]]


class Loop:
    """One loop: `round` does the work once, and answers after how many seconds it wants to be called again.

    None means `every_seconds`. A loop is late when no round has ended well for `late_seconds`.
    """

    def __init__(
        self,
        name: str,
        round: Round,
        *,
        every_seconds: float,
        late_seconds: float = LATE_SECONDS,
        max_pause_seconds: float = MAX_PAUSE_SECONDS,
    ) -> None:
        self.name = name
        self.failures = 0
        self._round = round
        self._every_seconds = every_seconds
        self.late_seconds = late_seconds
        self._max_pause_seconds = max_pause_seconds
        self._came_round: float | None = None
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Begin the next round now."""
        self._woken.set()

    @property
    def is_late(self) -> bool:
        """Whether the loop runs and has not come round in time."""
        return self._came_round is not None and time.monotonic() - self._came_round > self.late_seconds

    async def run(self) -> None:
        """Go round until cancelled."""
        self._came_round = time.monotonic()
        try:
            while True:
                await self._pause(await self._once())
        finally:
            self._came_round = None

    async def _once(self) -> float:
        """One round; answers the pause after it."""
        self._woken.clear()
        try:
            wanted = await self._round()
        except asyncio.CancelledError as error:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            return self._failed(error)  # a library has let the cancellation of something of its own escape
        except Exception as error:
            return self._failed(error)
        self.failures = 0
        self._came_round = time.monotonic()
        return self._every_seconds if wanted is None else wanted

    def _failed(self, error: BaseException) -> float:
        self.failures += 1
        pause = min(FIRST_PAUSE_SECONDS * float(2 ** min(self.failures - 1, 16)), self._max_pause_seconds)
        log.warning("loop failed", loop=self.name, failures=self.failures, pause_seconds=pause, exc_info=error)
        return pause

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(max(seconds, 0)):
                await self._woken.wait()
        except TimeoutError:
            pass


class LoopRunner:
    """All loops of a process."""

    def __init__(self, loops: Sequence[Loop]) -> None:
        self._loops = loops

    def late(self) -> list[str]:
        """The names of the loops that have not come round in time; none before they run."""
        return [loop.name for loop in self._loops if loop.is_late]

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run every loop while the block runs."""
        tasks = [asyncio.create_task(loop.run(), name=f"loop {loop.name}") for loop in self._loops]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
