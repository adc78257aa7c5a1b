"""Up to the horizon of a table, no row is ever added."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable

import asyncpg
import pytest

from labelyard.storage.plan.row_horizon import LOOK, RowHorizon
from labelyard.storage.statement import statement

PROJECT = """
with o as (insert into organization (id, name) values ('o', 'Ours') returning id)
insert into project (id, organization_id, title, input_type) select 'p', id, 'race', 'TEXT' from o
"""
INSERT = "insert into asset (id, project_id, external_id) values ($1, 'p', $1) returning position"
# An insert that has its position and waits before it has a transaction number.
WAIT = """
create function wait() returns trigger language plpgsql as $$
begin
  if new.id = 'slow' then perform pg_advisory_lock_shared(77); end if;
  return new;
end $$;
create trigger wait before insert on asset for each row execute function wait();
"""
WAITS = "select count(*) from pg_locks where locktype = 'advisory' and objid = 77 and not granted"


@pytest.fixture
async def connect(own_database_url: str) -> AsyncIterator[Callable[[], object]]:
    """Makes connections to a database of the test's own, which has a project."""
    opened: list[asyncpg.Connection] = []

    async def one() -> asyncpg.Connection:
        opened.append(await asyncpg.connect(own_database_url))
        return opened[-1]

    await (await one()).execute(PROJECT)
    yield one
    for connection in opened:
        await connection.close()


async def look(reader: asyncpg.Connection, horizon: RowHorizon) -> None:
    text = statement(LOOK["asset"])
    row = await reader.fetchrow(text.text, *text.arguments({"id": "p"}))
    horizon.look(row["last_value"], frozenset(row["writers"]))


async def test_a_row_that_has_its_position_and_no_transaction_number_yet_is_waited_for(connect):
    reader, slow, quick, gate = [await connect() for _ in range(4)]
    await gate.execute(WAIT)
    await gate.execute("select pg_advisory_lock(77)")
    inserting = asyncio.create_task(slow.fetchval(INSERT, "slow"))
    while not await gate.fetchval(WAITS):  # noqa: ASYNC110 - nothing tells
        await asyncio.sleep(0.01)
    later = await quick.fetchval(INSERT, "quick")
    horizon = RowHorizon()
    for _ in range(3):
        await look(reader, horizon)
        assert not horizon.covers(later)
        assert horizon.is_wanted

    await gate.execute("select pg_advisory_unlock(77)")
    earlier = await inserting

    assert earlier < later
    await look(reader, horizon)
    assert horizon.covers(later)


async def test_nothing_is_added_before_the_horizon_while_many_write(connect):
    dice, reader, horizon = random.Random(5), await connect(), RowHorizon()
    until = asyncio.get_running_loop().time() + 2.5
    seen: list[tuple[int, int]] = []

    async def write(number: int) -> None:
        connection = await connect()
        round_number = 0
        while asyncio.get_running_loop().time() < until:
            round_number += 1
            transaction = connection.transaction()
            await transaction.start()
            for place in range(dice.choice([1, 1, 30])):
                await connection.execute(INSERT, f"{number}-{round_number}-{place}")
                await asyncio.sleep(dice.choice([0, 0, 0.02]))
            await (transaction.rollback() if dice.random() < 0.2 else transaction.commit())

    async def read() -> None:
        while asyncio.get_running_loop().time() < until:
            await look(reader, horizon)
            count = "select count(*) from asset where position <= $1"
            seen.append((horizon.final, await reader.fetchval(count, horizon.final)))

    await asyncio.gather(read(), *(write(number) for number in range(5)))

    assert len({final for final, _ in seen}) > 5
    for final, count in seen:
        assert await reader.fetchval("select count(*) from asset where position <= $1", final) == count, final
