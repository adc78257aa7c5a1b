"""Labels as they are written, by any process: LISTEN on a connection of its own, one queue for each subscriber.

Writers notify only where somebody listens (`label_listener`), because every notification makes commits queue up. A subscriber
that falls behind loses the oldest ids rather than holding memory; lists are there for those who need every label.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

import asyncpg
import structlog

from labelyard.domain.error import ClientError, Unavailable
from labelyard.server.loop.listening import Listening
from labelyard.server.loop.runner import Loop
from labelyard.storage.database import CONNECTION_LOST, Database
from labelyard.storage.listener import forget_process, keep_listening

log = structlog.get_logger("labelyard.feed")
CHANNEL: Final = "labelyard_label"
HEARTBEAT_SECONDS: Final = 30.0
LATE_SECONDS: Final = 100.0
FIRST_CONNECTION_SECONDS: Final = 5.0
QUEUE_LENGTH: Final = 1_000


class Heard:
    """The batches of label ids of one project, from the moment of subscribing until `close`."""

    def __init__(self, feed: LabelFeed, project_id: str) -> None:
        self._feed = feed
        self.project_id = project_id
        self._batches: asyncio.Queue[list[str]] = asyncio.Queue(QUEUE_LENGTH)

    async def next(self) -> list[str]:
        """The next batch."""
        return await self._batches.get()

    def put(self, ids: list[str]) -> None:
        """Add a batch; the oldest one makes room."""
        if self._batches.full():
            self._batches.get_nowait()
        self._batches.put_nowait(ids)

    def close(self) -> None:
        """Stop hearing."""
        self._feed.forget(self)


class LabelFeed:
    """Publishes the ids of new and changed labels to the subscribers of their project."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._process_id = secrets.token_hex(8)
        self._subscribers: dict[str, set[Heard]] = {}
        self._announcing: dict[str, asyncio.Task[None]] = {}
        self._listening = Listening(database, CHANNEL, self._heard)
        self._is_listening = asyncio.Event()
        self.loop = Loop("label feed", self._round, every_seconds=HEARTBEAT_SECONDS, late_seconds=LATE_SECONDS)

    async def subscribe(self, project_id: str) -> Heard:
        """Hear of a project's labels from now on; writers of all processes know it when this returns."""
        heard = Heard(self, project_id)
        is_first = project_id not in self._subscribers
        self._subscribers.setdefault(project_id, set()).add(heard)
        try:
            if not self._is_listening.is_set():
                self.loop.wake()
                await self._connected()
            await self._announced(project_id, is_first=is_first)
        except BaseException:
            heard.close()
            raise
        return heard

    def forget(self, heard: Heard) -> None:
        """See `Heard.close`."""
        others = self._subscribers.get(heard.project_id, set())
        others.discard(heard)
        if not others:
            self._subscribers.pop(heard.project_id, None)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Around the time in which the loop runs: at the end, say that this process listens no more."""
        try:
            yield
        finally:
            was_listening = self._listening.is_open
            await self._disconnect()
            if was_listening:
                with suppress(ClientError, asyncpg.PostgresError, asyncpg.InterfaceError, *CONNECTION_LOST):
                    async with self._database.transaction() as connection:
                        await forget_process(connection, self._process_id)

    async def _connected(self) -> None:
        try:
            async with asyncio.timeout(FIRST_CONNECTION_SECONDS):
                await self._is_listening.wait()
        except TimeoutError:
            raise Unavailable("The server cannot listen for labels just now; try again in a moment.") from None

    async def _announced(self, project_id: str, *, is_first: bool) -> None:
        """Return when a project is announced: once for all that subscribe to it at the same time."""
        running = self._announcing.get(project_id)
        if running is None:
            if not is_first:
                return
            running = asyncio.create_task(self._announce([project_id]))
            self._announcing[project_id] = running
            running.add_done_callback(lambda _task: self._announcing.pop(project_id, None))
        await asyncio.shield(running)

    async def _round(self) -> None:
        """Hold the listening connection, open it again when it broke, and keep this process's subscriptions known."""
        if not self._listening.is_open and not self._subscribers:
            return
        try:
            if await self._listening.hold(self.loop):
                self._is_listening.set()
            await self._announce(list(self._subscribers))
        except BaseException:
            await self._disconnect()
            raise

    async def _disconnect(self) -> None:
        self._is_listening.clear()
        await self._listening.close()

    def _heard(self, payload: str) -> None:
        project_id, _, ids = payload.partition(" ")
        for heard in list(self._subscribers.get(project_id, ())):
            heard.put(ids.split(","))

    async def _announce(self, project_ids: list[str]) -> None:
        """Tell writers of all processes that somebody listens."""
        if project_ids:
            async with self._database.aside() as connection:
                await keep_listening(connection, self._process_id, project_ids)
