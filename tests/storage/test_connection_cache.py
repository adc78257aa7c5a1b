"""Connections that are lent again and again."""

import asyncio

import pytest

from labelyard.domain.error import Unavailable
from labelyard.storage.database import Database


@pytest.fixture
async def narrow(database_url):
    """A database with one connection for what never varies."""
    database = await Database.open(database_url, size=2)
    yield database
    await database.close()


async def identity(connection):
    return await connection.fetch_value("select pg_backend_pid()")


async def test_what_came_back_is_lent_again(narrow):
    async with narrow.autocommit() as connection:
        first = await identity(connection)
    async with narrow.transaction() as connection:
        assert await identity(connection) == first


async def test_who_waits_gets_what_comes_back(narrow):
    async with narrow.autocommit() as connection:
        first = await identity(connection)

        async def later():
            async with narrow.autocommit() as waited:
                return await identity(waited)

        waiting = [asyncio.create_task(later()) for _ in range(5)]
        await asyncio.sleep(0.05)
        assert not any(task.done() for task in waiting)

    assert await asyncio.wait_for(asyncio.gather(*waiting), 5) == [first] * 5


async def test_after_a_failure_the_pool_cleans_up(narrow):
    async def fail():
        async with narrow.autocommit() as connection:
            await connection.fetch("begin")
            raise RuntimeError("ours")

    with pytest.raises(RuntimeError, match="ours"):
        await fail()
    async with narrow.autocommit() as connection:
        assert not connection.driver.is_in_transaction()
        assert await connection.fetch_value("select 1") == 1


async def test_a_statement_that_is_given_up_harms_nobody(narrow):
    async def slow():
        async with narrow.autocommit() as connection:
            await connection.fetch("select pg_sleep(20)")

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(slow(), 0.2)
    async with narrow.autocommit() as connection:
        assert await connection.fetch_value("select 2") == 2


async def test_a_connection_that_the_server_ended_is_replaced(narrow, database):
    async with narrow.autocommit() as connection:
        first = await identity(connection)
    async with database.reader() as other:
        await other.fetch("select pg_terminate_backend(:pid)", {"pid": first})
    await asyncio.sleep(0.2)
    async with narrow.autocommit() as connection:
        assert await identity(connection) != first


async def test_what_was_lost_while_it_was_kept_does_not_hinder_the_end(narrow, database):
    async with narrow.autocommit() as connection:
        first = await identity(connection)
    async with database.reader() as other:
        await other.fetch("select pg_terminate_backend(:pid)", {"pid": first})
    await asyncio.sleep(0.2)

    await narrow.close()


async def test_a_closed_database_lends_nothing(database_url):
    database = await Database.open(database_url, size=2)
    async with database.autocommit() as connection:
        await connection.fetch("select 1")
    await database.close()
    with pytest.raises(Unavailable):
        async with database.autocommit():
            raise AssertionError
