"""The outcome of the writes of a request: whether a commit was sent, and what the database answered.

A commit that was sent and not answered may have happened. Code that is interrupted by a time limit, a client that hangs up or
a connection that breaks cannot know. So the functions that send commits record it here: each call of an operation has a
`Writes`, found by the context variable that its tasks inherit. `Deadline` is the only time limit of requests, and turns every
error behind a commit into `UnknownOutcome`.
"""

from __future__ import annotations

import asyncio
import ssl
from contextvars import ContextVar
from types import TracebackType
from typing import NoReturn

import asyncpg
import structlog

from labelyard.domain.error import TimedOut, Unavailable, UnknownOutcome
from labelyard.storage.bound import Bound

log = structlog.get_logger("labelyard.database")

CONNECTION_LOST = (
    OSError,
    ssl.SSLError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.IdleSessionTimeoutError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    # The driver's own: the connection is closed, in an undefined state, or closing.
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)
"""Errors that say nothing of the statement they were raised for: the connection, or the driver's view of it, is lost."""


class Writes:
    """The commits that a call has sent, on behalf of its parents too: a request, or the calls that share a statement."""

    __slots__ = ("_parents", "_sent")

    def __init__(self, *parents: Writes) -> None:
        self._parents = parents
        self._sent = 0

    @property
    def may_have_happened(self) -> bool:
        """Whether something was committed, or sent to be committed without an answer yet."""
        return self._sent > 0

    def send(self) -> None:
        """Count a commit that is about to be sent."""
        self._sent += 1
        for parent in self._parents:
            parent.send()

    def refuse(self) -> None:
        """Take back a commit that the database has refused: nothing of it happened."""
        self._sent -= 1
        for parent in self._parents:
            parent.refuse()


_CURRENT: ContextVar[Writes] = ContextVar("writes")


def current_writes() -> Writes:
    """The writes of the call that is being resolved; in background work, a count that is not read."""
    return _CURRENT.get(None) or Writes()


def recorded(writes: Writes | None = None) -> Bound[Writes]:
    """Count the commits of the block in `writes`: by default a new count, which the surrounding one includes."""
    return Bound(_CURRENT, writes or Writes(current_writes()))


class Deadline:
    """A time limit around a whole request, its answer included: behind a commit, every error is `UnknownOutcome`."""

    __slots__ = ("_bound", "_timeout")

    def __init__(self, seconds: float | None) -> None:
        self._timeout = asyncio.timeout(seconds)
        self._bound = recorded()

    async def __aenter__(self) -> Writes:
        await self._timeout.__aenter__()
        return self._bound.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        writes = current_writes()
        self._bound.__exit__()
        try:
            await self._timeout.__aexit__(kind, error, traceback)
        except TimeoutError as late:
            error = late
        if error is None or not isinstance(error, Exception) or isinstance(error, UnknownOutcome):
            return
        if writes.may_have_happened:
            raise UnknownOutcome.after_commit() from error
        if isinstance(error, TimeoutError):
            raise TimedOut from error


class Committing:
    """Around a commit, or a statement that is one.

    An error that the server answers is certain: nothing was committed. `statement_timeout` is no exception, for the server
    stops that clock before it commits, and a wait for a standby that is cancelled ends in a commit. Whatever else is raised,
    a cancellation included, leaves the commit counted.
    """

    __slots__ = ("_writes",)

    def __enter__(self) -> Writes:
        self._writes = writes = current_writes()
        writes.send()
        return writes

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if not isinstance(error, (asyncpg.PostgresError, *CONNECTION_LOST)):
            return
        if not is_certain(error):
            raise UnknownOutcome from error
        self._writes.refuse()
        raise_in_our_terms(error)


def is_certain(error: BaseException) -> bool:
    """Whether an error says for certain that the transaction of a statement was not committed.

    An ERROR of the server rolls back. A session that it ends (FATAL, PANIC) may have committed before. A value that the driver
    cannot encode was never sent.
    """
    if not isinstance(error, asyncpg.PostgresError) or isinstance(error, CONNECTION_LOST):
        return False
    severity = getattr(error, "severity_en", None)
    return severity == "ERROR" or (severity is None and isinstance(error, asyncpg.DataError))


def unavailable() -> Unavailable:
    """The refusal of what needs a database that cannot be reached."""
    return Unavailable("The database cannot be reached just now; try again in a moment.")


def raise_in_our_terms(error: Exception) -> NoReturn:
    """Raise what a statement that has committed nothing failed with: the refusal it amounts to, or the error itself."""
    if isinstance(error, CONNECTION_LOST):
        log.warning("connection lost", error=repr(error))
        raise unavailable() from error
    if isinstance(error, (asyncpg.QueryCanceledError, asyncpg.LockNotAvailableError)):
        raise TimedOut from error
    raise error
