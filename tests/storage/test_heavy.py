"""Statements that read many rows wait for one another."""

import asyncio

import pytest

from labelyard.domain.error import TooManyRequests
from labelyard.storage.database import Database
from labelyard.storage.heavy import heavy_queue


async def settle():
    for _ in range(5):
        await asyncio.sleep(0)


async def test_few_run_at_once_some_wait_and_the_rest_is_refused():
    slots, go, running, most = heavy_queue(2, 3), asyncio.Event(), 0, 0

    async def heavy():
        nonlocal running, most
        async with slots.taken("one"):
            running += 1
            most = max(most, running)
            await go.wait()
            running -= 1

    tasks = [asyncio.create_task(heavy()) for _ in range(5)]
    await settle()
    with pytest.raises(TooManyRequests) as refused:
        async with slots.taken("one"):
            pass
    assert refused.value.context == {"retryAfterSeconds": 5}
    go.set()
    await asyncio.gather(*tasks)
    assert most == 2


async def test_who_gives_up_waiting_makes_room():
    slots = heavy_queue(1, 1)
    async with slots.taken("one"):
        waiting = asyncio.create_task(slots.taken("one").__aenter__())
        await settle()
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
    for _ in range(3):
        async with slots.taken("one"):
            pass


async def test_who_gives_up_when_their_turn_has_come_hands_the_place_on():
    slots = heavy_queue(1, 2)
    async with slots.taken("one"):
        waiting = asyncio.create_task(slots.taken("one").__aenter__())
        await settle()
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    async with asyncio.timeout(1), slots.taken("two"):
        pass


async def test_organizations_take_turns():
    slots, order = heavy_queue(1, 16), []

    async def heavy(organization):
        async with slots.taken(organization):
            order.append(organization)

    async with slots.taken("flood"):
        tasks = [asyncio.create_task(heavy(name)) for name in ["flood"] * 4 + ["calm"] * 2]
        await settle()
    await asyncio.gather(*tasks)

    assert order == ["flood", "calm", "flood", "calm", "flood", "flood"]


async def test_in_a_full_queue_the_organization_with_the_most_makes_room():
    slots, done = heavy_queue(1, 4), []

    async def heavy(organization, number):
        async with slots.taken(organization):
            done.append((organization, number))

    async with slots.taken("flood"):
        names = ["flood"] * 4 + ["calm"] * 3
        tasks = [asyncio.create_task(heavy(name, number)) for number, name in enumerate(names)]
        await settle()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)

    assert [type(outcome) for outcome in outcomes] == [
        type(None), type(None), TooManyRequests, TooManyRequests, type(None), type(None), TooManyRequests
    ]  # fmt: skip
    assert done == [("flood", 0), ("calm", 4), ("flood", 1), ("calm", 5)]


@pytest.mark.parametrize(("size", "slots"), [(2, 1), (10, 1), (12, 2), (40, 6)])
async def test_at_most_a_third_of_the_readers_is_heavy(cluster, size, slots):
    database = await Database.open(await cluster.new_database(migrated=False), size=size)
    held = [database.heavy_reader("one") for _ in range(slots)]
    try:
        for one in held:
            await asyncio.wait_for(one.__aenter__(), 5)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(database.heavy_reader("two").__aenter__(), 0.05)
    finally:
        for one in held:
            await one.__aexit__(None, None, None)
        await database.close()
