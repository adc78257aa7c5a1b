"""Deliveries to subscribers leave readers to lists, and keys take turns."""

import asyncio

import pytest

from labelyard.storage.database import Database
from labelyard.storage.fair_queue import FairQueue


async def test_keys_take_turns_however_much_each_waits_for():
    turns, served = FairQueue(2), []
    running = most = 0

    async def deliver(key):
        nonlocal running, most
        async with turns.taken(key):
            running += 1
            most = max(most, running)
            served.append(key)
            await asyncio.sleep(0)
            running -= 1

    tasks = [asyncio.create_task(deliver(key)) for key in ["a"] * 20 + ["b"] * 2 + ["c"] * 2]
    await asyncio.gather(*tasks)
    assert most == 2
    assert sorted(served[2:8]) == ["a", "a", "b", "b", "c", "c"]
    assert served[8:] == ["a"] * 16


async def test_who_gives_up_waiting_takes_no_turn():
    turns = FairQueue(1)
    async with turns.taken("a"):
        waiting = [asyncio.create_task(turns.taken("a").__aenter__()) for _ in range(2)]
        await asyncio.sleep(0)
        waiting[0].cancel()
        await asyncio.gather(waiting[0], return_exceptions=True)
    # The turn comes to the second in the very moment in which it gives up.
    waiting[1].cancel()
    await asyncio.gather(waiting[1], return_exceptions=True)
    for _ in range(3):
        async with asyncio.timeout(1), turns.taken("b"):
            pass


@pytest.mark.parametrize(("size", "share"), [(4, 1), (6, 1), (20, 3), (200, 33)])
async def test_what_comes_in_masses_holds_a_third_of_the_readers(own_database_url, size, share):
    database = await Database.open(own_database_url, size=size)
    try:
        assert database.share_of_readers == share
    finally:
        await database.close()


async def test_searches_hold_no_more_readers_than_their_share(own_database_url):
    database = await Database.open(own_database_url, size=4)
    try:
        async with database.heavy_reader("one"):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.2), database.heavy_reader("other"):
                    pass
            async with asyncio.timeout(1), database.reader() as reader:
                assert await reader.fetch_value("select 1") == 1
    finally:
        await database.close()
