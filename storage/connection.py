"""Connections: what reads, what writes in a transaction, and statements that are transactions of their own.

Everything runs on asyncpg: statements are texts with named parameters (`fetch`); single rows whose columns vary are written by
`insert_row` and `update_row`. SQLAlchemy declares the tables for migrations only: loading it would take half the time of a start.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, Protocol

import asyncpg

from labelyard.storage.outcome import CONNECTION_LOST, committing, raise_in_our_terms
from labelyard.storage.plan.page_bookmark import PageBookmarks
from labelyard.storage.statement import Statement, change, insertion, statement


class Row(Protocol):
    """A row of an answer, by column name or place."""

    def __getitem__(self, column: str | int, /) -> Any:
        """The value of a column."""

    def __iter__(self) -> Iterator[Any]:
        """The values of all columns."""


Observer = Callable[[str], None]
FAILED: Final = (asyncpg.PostgresError, *CONNECTION_LOST)
# What `Writer.copy_unless_taken` answers instead of the name of a constraint.
COLLIDED = "deadlock"


class Connection:
    """What can be read from: a `Reader`, a `Writer` or an `Autocommit`. Only what takes a `Writer` can write."""

    __slots__ = ("driver", "observe", "page_bookmarks")

    def __init__(self, driver: Any, observe: Observer | None, page_bookmarks: PageBookmarks | None = None) -> None:
        self.driver = driver
        self.observe = observe
        self.page_bookmarks = page_bookmarks or PageBookmarks()

    async def fetch(self, text: str, values: Mapping[str, Any] | None = None) -> list[Row]:
        """All rows of a text with named parameters."""
        prepared = statement(text)
        self._check(prepared)
        if self.observe is not None:
            self.observe(text)
        try:
            rows: list[Row] = await self.driver.fetch(prepared.text, *prepared.arguments(values or {}))
        except FAILED as error:
            raise_in_our_terms(error)
        return rows

    async def fetch_one(self, text: str, values: Mapping[str, Any] | None = None) -> Row | None:
        """The first row, or None."""
        rows = await self.fetch(text, values)
        return rows[0] if rows else None

    async def fetch_value(self, text: str, values: Mapping[str, Any] | None = None) -> Any:
        """The first column of the first row, or None."""
        row = await self.fetch_one(text, values)
        return row[0] if row is not None else None

    def _check(self, prepared: Statement) -> None:
        """Refuse statements that this kind of connection is not for."""
        if prepared.is_write:
            raise TypeError(f"{type(self).__name__} does not write: {prepared.text[:200]}")


class Reader(Connection):
    """A connection for lists, outside any transaction."""

    __slots__ = ()


class Autocommit(Connection):
    """A connection whose statements are transactions of their own, and never vary."""

    __slots__ = ()

    async def write(self, text: str, values: Mapping[str, Any] | None = None) -> list[Row]:
        """Run a statement that writes and commits itself: its outcome is known only when it answers."""
        prepared = statement(text)
        if self.observe is not None:
            self.observe(text)
        arguments = prepared.arguments(values or {})
        with committing():
            rows: list[Row] = await self.driver.fetch(prepared.text, *arguments)
        return rows


class Writer(Connection):
    """A connection with an open transaction."""

    __slots__ = ("has_written",)

    def __init__(self, driver: Any, observe: Observer | None) -> None:
        super().__init__(driver, observe)
        self.has_written = False

    async def write(self, text: str, values: Mapping[str, Any] | None = None) -> list[Row]:
        """Run a statement that may as well be a transaction of its own (`Autocommit.write`)."""
        return await self.fetch(text, values)

    async def insert_row(self, table: str, values: Mapping[str, Any], *, unless_taken: str = "") -> bool:
        """Add a row, whose other columns have their defaults; False when it has the values of another in a unique key."""
        return bool(await self.fetch(insertion(table, values, unless_taken=unless_taken), values))

    async def update_row(
        self, table: str, row_id: str, values: Mapping[str, Any], *, sets_updated_at: bool = False
    ) -> None:
        """Set columns of the row with this id."""
        if values or sets_updated_at:
            text = change(table, values, sets_updated_at=sets_updated_at)
            await self.fetch(text, {**values, "row_id": row_id})

    async def copy(self, table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
        """Add many rows to a table."""
        self.has_written = True
        if self.observe is not None:
            self.observe(f"copy {table} from stdin")
        try:
            await self.driver.copy_records_to_table(table, records=rows, columns=columns)
        except FAILED as error:
            raise_in_our_terms(error)

    async def copy_unless_taken(
        self, table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]
    ) -> str | None:
        """Add many rows to a table, or none when a unique constraint refuses one; answers its name. The transaction goes on.

        Two transactions that add the same rows to a deferrable constraint wait for each other; the one that the database ends
        answers `COLLIDED`.
        """
        try:
            await self.driver.execute("savepoint copied")
            try:
                await self.copy(table, columns, rows)
            except (asyncpg.UniqueViolationError, asyncpg.DeadlockDetectedError) as error:
                await self.driver.execute("rollback to savepoint copied")
                return str(error.constraint_name) if isinstance(error, asyncpg.UniqueViolationError) else COLLIDED
        except FAILED as error:
            raise_in_our_terms(error)
        return None

    def _check(self, prepared: Statement) -> None:
        """Everything may be run here; remember whether there is something to commit."""
        self.has_written = self.has_written or prepared.is_write


class Listener:
    """A connection outside the pools that hears notifications."""

    def __init__(self, driver: Any) -> None:
        self._driver = driver
        self._ended = asyncio.Event()
        driver.add_termination_listener(lambda _driver: self._ended.set())

    async def listen(self, channel: str, hear: Callable[[str], None]) -> None:
        """Call `hear` with the payload of every notification of a channel."""
        try:
            await self._driver.add_listener(channel, lambda _driver, _pid, _channel, payload: hear(str(payload)))
        except FAILED as error:
            raise_in_our_terms(error)

    async def check(self, *, timeout_seconds: float = 5.0) -> None:
        """Ask the server for an answer; `Unavailable` when it gives none in time. A silent connection is never noticed else."""
        try:
            await self._driver.execute("select 1", timeout=timeout_seconds)
        except FAILED as error:  # a time-out is an OSError
            raise_in_our_terms(error)

    async def ended(self) -> None:
        """Wait until the connection is lost."""
        await self._ended.wait()
