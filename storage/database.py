"""The pools of connections: readers, writers in a transaction, and statements that are transactions of their own.

Everything runs on asyncpg: statements are texts with named parameters (`fetch`); single rows whose columns vary are written by
`insert_row` and `update_row`. SQLAlchemy declares the tables for migrations only: loading it would take half the time of a start.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Protocol

import asyncpg

from labelyard.domain.error import UnknownOutcome
from labelyard.storage.connection_cache import FAILED, GIVE_UP_SECONDS, CheckedOut, ConnectionCache, acquired
from labelyard.storage.heavy import heavy_queue
from labelyard.storage.origin import begin_text
from labelyard.storage.outcome import CONNECTION_LOST, Committing, Writes, raise_in_our_terms, recorded, unavailable
from labelyard.storage.plan.page_bookmark import PageBookmarks
from labelyard.storage.statement import Statement, change, insertion, statement


class Row(Protocol):
    """A row of an answer, by column name or place."""

    def __getitem__(self, column: str | int, /) -> Any:
        """The value of a column."""

    def __iter__(self) -> Iterator[Any]:
        """The values of all columns."""


Observer = Callable[[str], None]

# How long running statements are waited for when the server stops; connections that are still in use then are cut.
CLOSE_SECONDS = 10.0


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
        with Committing():
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

    def autocommit(self) -> AbstractAsyncContextManager[Autocommit]:
        """A connection for statements that never vary; each is a transaction of its own."""
        return CheckedOut(self._connections, self._autocommit)

    def _autocommit(self, driver: Any) -> Autocommit:
        return Autocommit(driver, self.observe)

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
    with Committing() as writes:
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
