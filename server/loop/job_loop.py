"""Jobs run beside requests, or in a process of their own: one loop takes what is due, another one hears of it.

Who adds a job says so (NOTIFY), which a connection of the process's own hears. While it is lost, and for jobs that nobody speaks of,
the queue is looked at every second.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final

from labelyard.server.loop.runner import Loop
from labelyard.services.app_services import AppServices
from labelyard.services.job.handler import Handler
from labelyard.services.job.handlers import all_handlers
from labelyard.services.job.worker import JobWorker
from labelyard.storage.database import Database, Listener
from labelyard.storage.job import CHANNEL

LOOK_EVERY_SECONDS: Final = 1.0
CHECK_EVERY_SECONDS: Final = 30.0
LATE_SECONDS: Final = 100.0


class JobLoops:
    """The worker of a process and its loops; by default it runs the jobs of all rooms."""

    def __init__(
        self,
        database: Database,
        app_services: AppServices,
        *,
        slots: int,
        handlers: Mapping[str, Handler] | None = None,
    ) -> None:
        self._database = database
        self.worker = JobWorker(database, app_services, all_handlers() if handlers is None else handlers, slots=slots)
        self._take = Loop("jobs", self._round, every_seconds=LOOK_EVERY_SECONDS)
        self._hear = Loop("job feed", self._listen, every_seconds=CHECK_EVERY_SECONDS, late_seconds=LATE_SECONDS)
        self.loops = [self._take, self._hear]
        self.worker.on_free = self._take.wake
        self._connection: AsyncExitStack | None = None
        self._listener: Listener | None = None
        self._ended: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Around the time in which the loops run: at the end, jobs that run are ended and given back."""
        try:
            async with self.worker.running():
                yield
        finally:
            await self._disconnect()

    async def _round(self) -> float | None:
        return 0.0 if await self.worker.round() else None

    async def _listen(self) -> None:
        """Hold the listening connection, and open it again when it broke."""
        try:
            if self._ended is not None and self._ended.done():
                raise ConnectionResetError("the listening connection was lost")
            if self._listener is None:
                await self._connect()
            else:
                await self._listener.check()
        except BaseException:
            await self._disconnect()
            raise

    async def _connect(self) -> None:
        self._connection = stack = AsyncExitStack()
        listener = await stack.enter_async_context(self._database.listener())
        await listener.listen(CHANNEL, self.worker.hear)
        self._ended = asyncio.create_task(listener.ended())
        self._ended.add_done_callback(lambda _task: self._hear.wake())
        stack.callback(self._ended.cancel)
        self._listener = listener
        self.worker.look()

    async def _disconnect(self) -> None:
        stack, self._connection, self._listener, self._ended = self._connection, None, None, None
        if stack is not None:
            await stack.aclose()
