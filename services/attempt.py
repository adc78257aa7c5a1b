"""Retrying transactions: what they checked was changed by others, or the database ended a deadlock."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import asyncpg

from labelyard.domain.error import BadUserInput, TimedOut
from labelyard.storage.database import Database, Writer
from labelyard.storage.label_append import StaleReadError

ATTEMPTS: Final = 3
ROLLED_BACK: Final = (StaleReadError, asyncpg.DeadlockDetectedError)
"""Errors after which nothing was written for certain: nothing else may be repeated."""

T = TypeVar("T")


async def attempted(database: Database, work: Callable[[Writer], Awaitable[T]]) -> T:
    """Run a transaction that checks and writes on locked assets; only a change of the project can invalidate the checks."""
    last: BaseException | None = None
    for _ in range(ATTEMPTS):
        try:
            async with database.transaction() as connection:
                return await work(connection)
        except ROLLED_BACK as error:
            last = error
    if isinstance(last, asyncpg.DeadlockDetectedError):
        raise TimedOut from last
    raise BadUserInput("The interface of the project keeps changing; send the labels again.") from last
