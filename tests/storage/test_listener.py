"""The connection that hears notifications: its own, outside the pools."""

import asyncio

import pytest

from labelyard.domain.error import Misconfigured, Unavailable
from labelyard.server.settings import read_settings
from labelyard.storage.database import Database
from tests.common.proxy import Proxy


@pytest.fixture
async def small(database_url):
    """The smallest database that the settings allow."""
    database = await Database.open(database_url, size=4)
    yield database
    await database.close()


async def test_it_hears_and_takes_no_connection_from_the_pools(small, database):
    heard: asyncio.Queue[str] = asyncio.Queue()
    async with small.listener() as one, small.listener() as two, small.listener():
        await one.listen("a_channel", heard.put_nowait)
        await two.listen("another_channel", heard.put_nowait)

        async def read() -> int:
            async with small.reader() as connection:
                return int(await connection.fetch_value("select 1"))

        async def write() -> None:
            async with small.transaction() as connection:
                await connection.fetch("select pg_notify('a_channel', 'said')")

        assert await asyncio.gather(*(read() for _ in range(20))) == [1] * 20
        await asyncio.gather(*(write() for _ in range(5)))
        assert [await asyncio.wait_for(heard.get(), 5) for _ in range(5)] == ["said"] * 5


async def test_its_end_is_noticed(database_url):
    proxy = Proxy(database_url)
    await proxy.open()
    database = await Database.open(proxy.url, size=4)
    async with database.listener() as listener:
        await listener.listen("a_channel", lambda _payload: None)
        await listener.check()
        proxy.break_connections()
        await asyncio.wait_for(listener.ended(), 5)
        with pytest.raises(Unavailable):
            await listener.check()
        await proxy.cut()
    with pytest.raises(Unavailable):
        async with database.listener():
            raise AssertionError
    database.pool.terminate()
    database.autocommit_pool.terminate()


@pytest.mark.parametrize("size", ["2", "3"])
def test_pools_that_are_too_small_are_refused_at_the_start(size, monkeypatch):
    monkeypatch.setenv("LABELYARD_DATABASE_POOL_SIZE", size)
    expected = rf"^LABELYARD_DATABASE_POOL_SIZE: Input should be greater than or equal to 4, not '{size}'$"
    with pytest.raises(Misconfigured, match=expected):
        read_settings()
