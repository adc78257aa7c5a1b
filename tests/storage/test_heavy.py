"""Statements that read many rows wait for one another."""

import asyncio

import pytest

from domain.error import TooManyRequests
from storage.heavy import HeavyPlaces


async def test_few_run_at_once_some_wait_and_the_rest_is_refused():
    places, go, running, most = HeavyPlaces(2, 3), asyncio.Event(), 0, 0

    async def heavy():
        nonlocal running, most
        async with places.taken():
            running += 1
            most = max(most, running)
            await go.wait()
            running -= 1

    tasks = [asyncio.create_task(heavy()) for _ in range(5)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    with pytest.raises(TooManyRequests) as refused:
        async with places.taken():
            pass
    assert refused.value.context == {"retryAfterSeconds": 5}
    go.set()
    await asyncio.gather(*tasks)
    assert most == 2


async def test_who_gives_up_waiting_makes_room():
    places = HeavyPlaces(1, 1)
    async with places.taken():
        waiting = asyncio.create_task(places.taken().__aenter__())
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
    for _ in range(3):
        async with places.taken():
            pass
