"""Labels as they are written, by any process: LISTEN on one connection, one queue for each subscriber.

Writers notify only where somebody listens (`label_listener`), because every notification makes commits queue up. A subscriber
that falls behind loses the oldest ids rather than holding memory; lists are there for who needs every label.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import asyncpg
import structlog

from domain.error import Refusal
from storage.database import CONNECTION_LOST, Database
from storage.listener import forget_process, keep_listening

log = structlog.get_logger("labelyard.feed")
CHANNEL = "labelyard_label"
HEARTBEAT_SECONDS = 30.0
QUEUE_LENGTH = 1_000


class LabelFeed:
    """Hands the ids of new and changed labels to whoever subscribed to their project."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._process_id = secrets.token_hex(8)
        self._queues: dict[asyncio.Queue[list[str]], str] = {}
        self._projects: Counter[str] = Counter()
        self._listening = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Stop listening when the block ends. The connection is only opened for the first subscriber."""
        try:
            yield
        finally:
            if self._task is not None:
                self._task.cancel()
                with suppress(asyncio.CancelledError):
                    await self._task
                with suppress(Refusal, asyncpg.PostgresError, *CONNECTION_LOST):
                    async with self._database.transaction() as connection:
                        await forget_process(connection, self._process_id)

    async def labels(self, project_id: str) -> AsyncIterator[list[str]]:
        """Batches of label ids of a project, from now on, until the consumer stops."""
        queue: asyncio.Queue[list[str]] = asyncio.Queue(QUEUE_LENGTH)
        if self._task is None:
            self._task = asyncio.create_task(self._listen())
        await self._listening.wait()
        self._queues[queue] = project_id
        self._projects[project_id] += 1
        try:
            await self._announce([project_id])
            while True:
                yield await queue.get()
        finally:
            del self._queues[queue]
            self._projects -= Counter([project_id])

    async def _listen(self) -> None:
        """Hold the listening connection, and open it again when it breaks."""
        while True:
            try:
                async with self._database.pool.acquire() as driver:
                    await driver.add_listener(CHANNEL, self._heard)
                    self._listening.set()
                    try:
                        while not driver.is_closed():
                            await self._announce(list(self._projects))
                            await asyncio.sleep(HEARTBEAT_SECONDS)
                    finally:
                        if not driver.is_closed():
                            await driver.remove_listener(CHANNEL, self._heard)
            except (Refusal, asyncpg.PostgresError, asyncpg.InterfaceError, *CONNECTION_LOST) as error:
                log.warning("listening failed", error=str(error))
                await asyncio.sleep(1)

    def _heard(self, _driver: Any, _pid: int, _channel: str, payload: object) -> None:
        project_id, _, ids = str(payload).partition(" ")
        for queue, subscribed in list(self._queues.items()):
            if subscribed == project_id:
                if queue.full():
                    queue.get_nowait()
                queue.put_nowait(ids.split(","))

    async def _announce(self, project_ids: list[str]) -> None:
        """Tell writers of all processes that somebody listens."""
        if project_ids:
            async with self._database.transaction() as connection:
                await keep_listening(connection, self._process_id, project_ids)
