"""Connections of a pool, kept checked out between uses."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, Final, Generic, TypeVar

import asyncpg

from labelyard.storage.outcome import CONNECTION_LOST, raise_in_our_terms

T = TypeVar("T")
FAILED: Final = (asyncpg.PostgresError, *CONNECTION_LOST)

# How long a connection is waited for whose last statement was given up; then it is closed.
GIVE_UP_SECONDS: Final = 2.0


class ConnectionCache:
    """Keeps connections of a pool checked out between uses; all users of the pool go through it.

    Acquiring and releasing a connection of asyncpg's pool takes a third of the time of a small statement, and adding a label
    takes two. A connection whose block raised goes back to the pool, which resets or replaces it.
    """

    def __init__(self, pool: Any) -> None:
        self._pool = pool
        self._kept: list[Any] = []
        self._asking = 0

    def checked_out(self) -> CheckedOut[Any]:
        """A connection for as long as the block runs."""
        return CheckedOut(self, lambda driver: driver)

    async def take(self) -> Any:
        """A connection that is kept, or one of the pool."""
        return self._kept_one() or await self._from_pool()

    async def give(self, driver: Any, *, has_failed: bool) -> None:
        """Give a connection back: to the pool where something has failed with it or somebody waits for it there."""
        if has_failed or self._asking:
            await _give_back(self._pool, driver)
        else:
            self._kept.append(driver)

    async def close(self) -> None:
        """Give back what is kept."""
        while self._kept:
            await _give_back(self._pool, self._kept.pop())  # which does nothing to one that was lost

    def _kept_one(self) -> Any:
        while self._kept:
            driver = self._kept.pop()
            try:
                if not driver.is_closed():
                    return driver
            except asyncpg.InterfaceError:  # lost meanwhile, which the pool has noticed and made room for
                pass
        return None

    async def _from_pool(self) -> Any:
        self._asking += 1
        try:
            return await _taken(self._pool)
        finally:
            self._asking -= 1


class CheckedOut(Generic[T]):
    """A connection of a cache for as long as a block runs, made into what the block works with."""

    __slots__ = ("_cache", "_driver", "_made_of")

    def __init__(self, cache: ConnectionCache, made_of: Callable[[Any], T]) -> None:
        self._cache = cache
        self._made_of = made_of

    async def __aenter__(self) -> T:
        self._driver = await self._cache.take()
        return self._made_of(self._driver)

    async def __aexit__(self, kind: type[BaseException] | None, *_error: Any) -> None:
        await self._cache.give(self._driver, has_failed=kind is not None)


async def _taken(pool: Any) -> Any:
    try:
        return await pool.acquire(timeout=5)
    except FAILED as error:  # a time-out is an OSError
        raise_in_our_terms(error)


@asynccontextmanager
async def acquired(pool: Any) -> AsyncIterator[Any]:
    """A connection of a pool for as long as the block runs."""
    driver = await _taken(pool)
    try:
        yield driver
    finally:
        await _give_back(pool, driver)


async def _give_back(pool: Any, driver: Any) -> None:
    """Give a connection back; the pool closes one whose statement was given up and does not end."""
    with suppress(*FAILED):  # a time-out is an OSError
        await pool.release(driver, timeout=GIVE_UP_SECONDS)
