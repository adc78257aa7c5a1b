"""Closing the pools does not wait for connections that never come back."""

import asyncio

import asyncpg
import pytest

from labelyard.storage import database as databases
from labelyard.storage.database import Database


@pytest.mark.parametrize("kind", ["reader", "autocommit", "transaction"])
async def test_connections_in_use_are_cut_when_their_time_is_over(database_url, monkeypatch, kind):
    monkeypatch.setattr(databases, "CLOSE_SECONDS", 0.2)
    database = await Database.open(database_url, size=2)
    used = getattr(database, kind)()
    connection = await used.__aenter__()
    process = await connection.fetch_value("select pg_backend_pid()")

    async with asyncio.timeout(5):
        await database.close()

    watching = await asyncpg.connect(database_url)
    try:
        for _ in range(100):
            if not await watching.fetchval("select exists (select 1 from pg_stat_activity where pid = $1)", process):
                break
            await asyncio.sleep(0.05)
        else:
            pytest.fail("the connection is still there")
    finally:
        await watching.close()


async def test_a_running_statement_is_waited_for(database_url):
    database = await Database.open(database_url, size=2)

    async def slow():
        async with database.reader() as connection:
            return await connection.fetch_value("select 'ended' from pg_sleep(0.3)")

    running = asyncio.create_task(slow())
    await asyncio.sleep(0.1)
    await database.close()

    assert await running == "ended"
