"""Keeping house goes on after a round that failed."""

import asyncio
from datetime import timedelta

import asyncpg
import pytest

from domain.error import Unavailable
from server import housekeeping


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

    async with housekeeping.housekeeping(database, None, links_live=timedelta(hours=1)):
        await asyncio.wait_for(enough.wait(), 5)


@pytest.mark.parametrize(
    ("links_live", "kept"), [(timedelta(hours=1), timedelta(hours=24)), (timedelta(days=7), timedelta(days=7))]
)
async def test_files_that_nobody_refers_to_stay_as_long_as_links_to_them_live(database, monkeypatch, links_live, kept):
    ages, swept = [], asyncio.Event()

    async def sweep(*, minimum_age, **_):
        ages.append(minimum_age)
        swept.set()

    monkeypatch.setattr(housekeeping, "PURGE_EVERY_SECONDS", 0.01)
    monkeypatch.setattr(housekeeping, "sweep_files", sweep)

    async with housekeeping.housekeeping(database, None, links_live=links_live):
        await asyncio.wait_for(swept.wait(), 5)

    assert set(ages) == {kept}
