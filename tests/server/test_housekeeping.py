"""Keeping house goes on after a round that failed."""

import asyncio

import asyncpg
import pytest

from domain.error import Unavailable
from server.loop import housekeeping


@pytest.mark.parametrize(
    "error",
    [
        asyncpg.InterfaceError("connection is closed"),
        asyncpg.DeadlockDetectedError("x"),
        OSError("away"),
        Unavailable("x"),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_a_failed_round_is_followed_by_another(database, monkeypatch, error):
    rounds, enough = [], asyncio.Event()

    async def fold(_database):
        rounds.append(None)
        if len(rounds) == 1:
            raise error
        if len(rounds) == 3:
            enough.set()

    async def nothing(*_, **__):
        return 0

    monkeypatch.setattr(housekeeping, "PURGE_EVERY_SECONDS", 0.01)
    monkeypatch.setattr(housekeeping, "fold", fold)
    monkeypatch.setattr(housekeeping, "purge_deleted_projects", nothing)
    monkeypatch.setattr(housekeeping, "sweep_files", nothing)

    async with housekeeping.housekeeping(database, None):
        await asyncio.wait_for(enough.wait(), 5)
