"""A database seen through one open transaction: what is read and written by way of it is one commit, whoever opens what.

For a field whose answer has to be kept together with what it did. Transactions become savepoints, readers and statements that would
commit themselves use the same connection, and what stays behind when a request is refused (`aside`) goes past it.
"""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from labelyard.storage.connection_cache import FAILED, GIVE_UP_SECONDS
from labelyard.storage.database import Autocommit, Database, Reader, Row, Writer
from labelyard.storage.outcome import raise_in_our_terms
from labelyard.storage.plan.page_bookmark import PageBookmarks


class _Statements(Autocommit):
    """Statements that commit with the transaction around them."""

    __slots__ = ("_writer",)

    def __init__(self, writer: Writer) -> None:
        super().__init__(writer.driver, writer.observe)
        self._writer = writer

    async def write(self, text: str, values: Mapping[str, Any] | None = None) -> list[Row]:
        """Run a statement that writes."""
        return await self._writer.fetch(text, values)


class OneTransaction(Database):
    """A view of a database through an open transaction. Nobody may use it at the same time as somebody else."""

    def __init__(self, base: Database, writer: Writer) -> None:
        self._base = base
        self._writer = writer
        self._numbers = itertools.count(1)
        self.observe = base.observe
        self.readers = base.readers
        # Pages of what is not committed yet are not for others.
        self.page_bookmarks = PageBookmarks()

    @asynccontextmanager
    async def reader(self) -> AsyncIterator[Reader]:
        """The connection of the transaction, which sees what it has written."""
        yield Reader(self._writer.driver, self.observe, self.page_bookmarks)

    @asynccontextmanager
    async def heavy_reader(self, organization_id: str) -> AsyncIterator[Reader]:
        """The same, for a statement that looks at many rows: it takes its turn among those of others."""
        async with self._base.heavy_turn(organization_id), self.reader() as connection:
            yield connection

    @asynccontextmanager
    async def autocommit(self) -> AsyncIterator[Autocommit]:
        """Statements of the transaction; when one of them fails, the transaction goes on without it."""
        async with self._savepoint():
            yield _Statements(self._writer)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Writer]:
        """A part of the transaction, undone when the block raises."""
        async with self._savepoint():
            part = Writer(self._writer.driver, self.observe)
            yield part
            self._writer.has_written = self._writer.has_written or part.has_written

    @asynccontextmanager
    async def aside(self) -> AsyncIterator[Writer]:
        """A transaction of its own."""
        async with self._base.aside() as connection:
            yield connection

    @asynccontextmanager
    async def _savepoint(self) -> AsyncIterator[None]:
        name = f"part_{next(self._numbers)}"
        await self._execute(f"savepoint {name}")
        try:
            yield
        except BaseException:
            await self._execute(f"rollback to savepoint {name}")
            raise
        await self._execute(f"release savepoint {name}")

    async def _execute(self, text: str) -> None:
        try:
            await self._writer.driver.execute(text, timeout=GIVE_UP_SECONDS)
        except FAILED as error:
            raise_in_our_terms(error)
