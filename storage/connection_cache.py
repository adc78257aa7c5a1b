"""Connections of a pool: taking them, giving them back, and keeping them between uses."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

import asyncpg

from labelyard.storage.connection import FAILED
from labelyard.storage.outcome import raise_in_our_terms

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

    @asynccontextmanager
    async def checked_out(self) -> AsyncIterator[Any]:
        """A connection for as long as the block runs."""
        driver = await self._take()
        try:
            yield driver
        except BaseException:
            await give_back(self._pool, driver)
            raise
        if self._asking:
            await give_back(self._pool, driver)  # somebody waits for it there
        else:
            self._kept.append(driver)

    async def close(self) -> None:
        """Give back what is kept."""
        while self._kept:
            await give_back(self._pool, self._kept.pop())  # which does nothing to one that was lost

    async def _take(self) -> Any:
        while self._kept:
            driver = self._kept.pop()
            with suppress(asyncpg.InterfaceError):  # lost meanwhile, which the pool has noticed and made room for
                if not driver.is_closed():
                    return driver
        self._asking += 1
        try:
            return await taken(self._pool)
        finally:
            self._asking -= 1


async def taken(pool: Any) -> Any:
    """A connection of a pool; `Unavailable` when there is none in time."""
    try:
        return await pool.acquire(timeout=5)
    except FAILED as error:  # a time-out is an OSError
        raise_in_our_terms(error)


@asynccontextmanager
async def acquired(pool: Any) -> AsyncIterator[Any]:
    """A connection of a pool for as long as the block runs."""
    driver = await taken(pool)
    try:
        yield driver
    finally:
        await give_back(pool, driver)


async def give_back(pool: Any, driver: Any) -> None:
    """Give a connection back; the pool closes one whose statement was given up and does not end."""
    with suppress(*FAILED):  # a time-out is an OSError
        await pool.release(driver, timeout=GIVE_UP_SECONDS)
