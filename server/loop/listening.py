"""A connection that hears the notifications of a channel, held open by the rounds of a loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack

from labelyard.server.loop.runner import Loop
from labelyard.storage.database import Database, Listener


class Listening:
    """Hears one channel."""

    def __init__(self, database: Database, channel: str, hear: Callable[[str], None]) -> None:
        self._database = database
        self._channel = channel
        self._hear = hear
        self._connection: AsyncExitStack | None = None
        self._listener: Listener | None = None
        self._ended: asyncio.Task[None] | None = None

    @property
    def is_open(self) -> bool:
        """Whether there is a connection, or the rest of one that was lost."""
        return self._connection is not None

    async def hold(self, loop: Loop) -> bool:
        """Open the connection, or check that it answers; says whether it was opened.

        Raises when it was lost, to be closed then; `loop`, whose round calls this, is woken at that moment.
        """
        if self._ended is not None and self._ended.done():
            raise ConnectionResetError("the listening connection was lost")
        if self._listener is not None:
            await self._listener.check()
            return False
        self._connection = stack = AsyncExitStack()
        listener = await stack.enter_async_context(self._database.listener())
        await listener.listen(self._channel, self._hear)
        self._ended = asyncio.create_task(listener.ended())
        self._ended.add_done_callback(lambda _task: loop.wake())
        stack.callback(self._ended.cancel)
        self._listener = listener
        return True

    async def close(self) -> None:
        """Close the connection, if there is one."""
        stack, self._connection, self._listener, self._ended = self._connection, None, None, None
        if stack is not None:
            await stack.aclose()
