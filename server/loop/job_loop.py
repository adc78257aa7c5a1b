"""Jobs run beside requests, or in a process of their own: one loop takes what is due, another one hears of it.

Who adds a job says so (NOTIFY), which a connection of the process's own hears. While it is lost, and for jobs that nobody speaks of,
the queue is looked at every second.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from importlib import import_module
from typing import Final

from labelyard.server.loop.listening import Listening
from labelyard.server.loop.runner import Loop
from labelyard.services.app_services import AppServices
from labelyard.services.job.handler import Handler
from labelyard.services.job.handlers import all_handlers
from labelyard.services.job.worker import JobWorker
from labelyard.storage.database import Database
from labelyard.storage.job import CHANNEL

LOOK_EVERY_SECONDS: Final = 1.0
CHECK_EVERY_SECONDS: Final = 30.0
LATE_SECONDS: Final = 100.0
READERS: Final = ("export.job",)
"""The rooms of `resolvers` that have handlers of jobs: those that read what clients would."""


def every_handler() -> Mapping[str, Handler]:
    """The handlers of all rooms by the kind of their jobs."""
    for module in READERS:
        import_module(f"labelyard.resolvers.{module}")
    return all_handlers()


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
        self.worker = JobWorker(database, app_services, every_handler() if handlers is None else handlers, slots=slots)
        self._take = Loop("jobs", self._round, every_seconds=LOOK_EVERY_SECONDS)
        self._hear = Loop("job feed", self._listen, every_seconds=CHECK_EVERY_SECONDS, late_seconds=LATE_SECONDS)
        self.loops = [self._take, self._hear]
        self.worker.on_free = self._take.wake
        self._listening = Listening(database, CHANNEL, self.worker.hear)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Around the time in which the loops run: at the end, jobs that run are ended and given back."""
        try:
            async with self.worker.running():
                yield
        finally:
            await self._listening.close()

    async def _round(self) -> float | None:
        return 0.0 if await self.worker.round() else None

    async def _listen(self) -> None:
        """Hold the listening connection, and open it again when it broke."""
        try:
            if await self._listening.hold(self._hear):
                self.worker.look()
        except BaseException:
            await self._listening.close()
            raise
