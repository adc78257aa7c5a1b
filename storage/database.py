"""The pools of connections, and the transactions that begin and end on them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import asyncpg

from labelyard.domain.error import UnknownOutcome
from labelyard.storage.connection import FAILED, Autocommit, Connection, Listener, Observer, Reader, Row, Writer
from labelyard.storage.connection_cache import GIVE_UP_SECONDS, ConnectionCache, acquired
from labelyard.storage.heavy import heavy_queue
from labelyard.storage.origin import begin_text
from labelyard.storage.outcome import CONNECTION_LOST, Writes, committing, raise_in_our_terms, recorded, unavailable
from labelyard.storage.plan.page_bookmark import PageBookmarks

# How long running statements are waited for when the server stops; connections that are still in use then are cut.
CLOSE_SECONDS = 10.0


SETTINGS = {
    "application_name": "labelyard",
    "timezone": "UTC",
    "statement_timeout": "25s",
    "lock_timeout": "5s",
    "jit": "off",  # its compilation costs more than the short statements here can win
}

LISTENING = {**SETTINGS, "application_name": "labelyard listener"}

# Statements that each connection keeps prepared, some ten KiB each: lists vary with what is asked for, the others do not.
LIST_STATEMENTS = 128
AUTOCOMMIT_STATEMENTS = 1_024


class Database:
    """Two pools on one database. `observe`, when given, hears the text of every statement (tests count them).

    Lists are composed from what a request asks for, and are planned for its values (`reader`). The statements of writes and of
    look-ups are always the same and touch a few rows by key: they are planned once per connection (`autocommit`, `transaction`),
    which is worth a third of the database's time for a label.
    """

    def __init__(
        self, pool: Any, autocommit_pool: Any, observe: Observer | None = None, *, url: str = "", readers: int = 1
    ) -> None:
        self.pool = pool
        self.readers = readers
        self.autocommit_pool = autocommit_pool
        self._connections = ConnectionCache(autocommit_pool)
        self._url = url
        self.observe = observe
        self.page_bookmarks = PageBookmarks()
        self._heavy = heavy_queue(self.share_of_readers)

    @classmethod
    async def open(cls, url: str, *, size: int, timeout_seconds: float = 5.0) -> Database:
        """Open the pools, `size` connections in all; raises what asyncpg raises when the server is away."""
        half = max(1, size // 2)
        pool = await _pool(url, half, timeout_seconds, SETTINGS, statements=LIST_STATEMENTS)
        generic = {**SETTINGS, "plan_cache_mode": "force_generic_plan"}
        autocommit = await _pool(url, half, timeout_seconds, generic, statements=AUTOCOMMIT_STATEMENTS)
        return cls(pool, autocommit, url=url, readers=half)

    @property
    def share_of_readers(self) -> int:
        """How many readers one kind of work that comes in masses may hold at once: a third, so that lists have the rest."""
        return max(1, self.readers // 3)

    @property
    def share_of_writers(self) -> int:
        """How many transactions may stay open at once while something else is waited for: half, so that others have the rest."""
        return max(1, self.readers // 2)

    def heavy_turn(self, group: str) -> AbstractAsyncContextManager[None]:
        """A turn for a statement that looks at many rows: few of them run at once, and groups take turns."""
        return self._heavy.taken(group)

    async def close(self) -> None:
        """Wait for running statements, up to `CLOSE_SECONDS`, and close every connection."""
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._connections.close()
                await self.pool.close()
                await self.autocommit_pool.close()
        except TimeoutError:
            self.pool.terminate()
            self.autocommit_pool.terminate()

    @asynccontextmanager
    async def reader(self) -> AsyncIterator[Reader]:
        """A connection outside any transaction; each statement sees what is committed when it starts."""
        async with acquired(self.pool) as driver:
            yield Reader(driver, self.observe, self.page_bookmarks)

    @asynccontextmanager
    async def heavy_reader(self, organization_id: str) -> AsyncIterator[Reader]:
        """A reader for a statement that looks at many rows."""
        async with self.heavy_turn(organization_id), self.reader() as connection:
            yield connection

    @asynccontextmanager
    async def autocommit(self) -> AsyncIterator[Autocommit]:
        """A connection for statements that never vary; each is a transaction of its own."""
        async with self._connections.checked_out() as driver:
            yield Autocommit(driver, self.observe)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Writer]:
        """A connection with an open transaction: committed when the block ends, rolled back when it raises."""
        async with self._connections.checked_out() as driver:
            connection = Writer(driver, self.observe)
            try:
                try:
                    await driver.execute(begin_text())
                except FAILED as error:
                    raise_in_our_terms(error)
                yield connection
            except BaseException:
                await _roll_back(driver)
                raise
            if connection.has_written:
                await _commit(driver)
            else:
                await _roll_back(driver)  # ends the same way, and cannot be of unknown outcome

    @asynccontextmanager
    async def aside(self) -> AsyncIterator[Writer]:
        """A transaction that does not decide the outcome of the request it is part of.

        For what stays behind when a request is refused: counted attempts, records of files that nothing refers to yet. When it is
        unknown whether it was committed, the request is known not to have begun.
        """
        with recorded(Writes()):
            try:
                async with self.transaction() as connection:
                    yield connection
            except UnknownOutcome as error:
                raise unavailable() from error

    @asynccontextmanager
    async def listener(self) -> AsyncIterator[Listener]:
        """A connection of its own that hears notifications; it takes none from the pools."""
        try:
            driver = await asyncpg.connect(self._url, timeout=5, server_settings=LISTENING)
        except FAILED as error:
            raise_in_our_terms(error)
        try:
            yield Listener(driver)
        finally:
            driver.terminate()


async def _commit(driver: Any) -> None:
    with committing() as writes:
        tag = await driver.execute("commit")
        if tag != "COMMIT":  # the server's way to say that a statement had failed, which somebody has passed over
            writes.refuse()
            raise RuntimeError(f"a transaction with a failed statement was committed, and so rolled back: {tag}")


async def _roll_back(driver: Any) -> None:
    """Roll back, what has failed or has written nothing; a connection that does not answer is closed, which rolls back too."""
    try:
        async with asyncio.timeout(GIVE_UP_SECONDS):
            await driver.execute("rollback")
    except FAILED:  # a time-out is an OSError
        driver.terminate()


async def _pool(url: str, size: int, timeout_seconds: float, settings: dict[str, str], *, statements: int) -> Any:
    return await asyncpg.create_pool(
        url,
        min_size=1,
        max_size=size,
        timeout=timeout_seconds,
        statement_cache_size=statements,
        max_cached_statement_lifetime=0,
        server_settings=settings,
        reset=_leave_as_is,
    )


async def _leave_as_is(_connection: Any) -> None:
    """Sessions hold no state worth a round trip on every release."""


__all__ = ["CONNECTION_LOST", "Autocommit", "Connection", "Database", "Listener", "Reader", "Row", "Writer"]
