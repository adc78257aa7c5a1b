"""The record of events is a chain: without gaps, and whatever is changed or removed shows."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import asyncpg
import pytest

from labelyard.services.event_chain import extend_chain, verify_chain
from labelyard.storage.database import Database
from labelyard.storage.event import record_event


@pytest.fixture
async def record(own_database_url):
    database = await Database.open(own_database_url, size=6)
    yield database
    await database.close()


async def add(database: Database, *names: str) -> None:
    for name in names:
        async with database.transaction() as connection:
            await record_event(connection, name, organization_id="o", payload={"name": name})


async def chained(database: Database) -> list[tuple[int, str]]:
    async with database.reader() as connection:
        rows = await connection.fetch(
            "select sequence, event from event_link join event using (position) order by sequence"
        )
    return [(row["sequence"], row["event"]) for row in rows]


async def break_into(url: str, text: str) -> None:
    """What somebody does who owns the database."""
    connection = await asyncpg.connect(url)
    await connection.execute("set session_replication_role = replica")  # no trigger fires
    await connection.execute(text)
    await connection.close()


async def test_events_get_their_places_in_order(record):
    await add(record, "a", "b", "c")
    assert await extend_chain(record) == 3
    await add(record, "d")
    assert await extend_chain(record) == 1
    assert await extend_chain(record) == 0
    assert await chained(record) == [(1, "a"), (2, "b"), (3, "c"), (4, "d")]
    report = await verify_chain(record)
    assert (report.entries, report.fault, report.waiting) == (4, None, 0)


async def test_the_first_event_gets_its_place_though_it_was_looked_for_before(record):
    assert await extend_chain(record) == 0
    await add(record, "a")
    assert await extend_chain(record) == 1
    assert await chained(record) == [(1, "a")]
    assert (await verify_chain(record)).waiting == 0


async def test_nothing_overtakes_a_transaction_that_still_runs(record):
    async with record.transaction() as connection:
        await record_event(connection, "slow", organization_id="o")
        await add(record, "fast")
        # `slow` has the lower number and may still come.
        assert await extend_chain(record) == 0
    assert await extend_chain(record) == 2
    assert await chained(record) == [(1, "slow"), (2, "fast")]


async def test_two_processes_make_one_chain(record):
    await add(record, *(f"e{number}" for number in range(20)))
    for _ in range(5):
        await asyncio.gather(*(extend_chain(record) for _ in range(3)))
    assert [sequence for sequence, _ in await chained(record)] == list(range(1, 21))
    assert (await verify_chain(record)).fault is None


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("update event set user_id = 'somebody' where position = 3", "entry 3 (event 3) is not as it was written"),
        ("delete from event where position = 3", "entry 3 is missing"),
        ("delete from event_link where sequence = 3", "entry 3 is missing"),
        ("delete from event where position = 5", "entry 5 is missing"),
        ("delete from event where position between 1 and 4", "entries 1 to 4 are missing"),
        ("update event set created_at = created_at - interval '1 hour' where position = 5", "entry 5 (event 5) is not"),
        ("update event_link set hash = sha256('x') where sequence = 2", "entry 2 (event 2) is not as it was written"),
    ],
    ids=["changed", "removed", "link", "last", "several", "time", "hash"],
)
async def test_what_was_changed_or_removed_is_found(record, own_database_url, text, fault):
    await add(record, *"abcde")
    await extend_chain(record)
    await break_into(own_database_url, text)
    report = await verify_chain(record)
    assert report.fault is not None
    assert report.fault.startswith(fault)


async def test_an_end_that_was_cut_off_is_found_by_its_hash(record, own_database_url):
    await add(record, *"abc")
    await extend_chain(record)
    head = (await verify_chain(record)).head.hex()
    await add(record, "d")
    await extend_chain(record)
    assert (await verify_chain(record, head=head)).has_head
    await break_into(own_database_url, "delete from event_link where sequence >= 3")
    report = await verify_chain(record, head=head)
    assert (report.fault, report.has_head) == (None, False)


@pytest.mark.parametrize(
    "text",
    [
        "update event set user_id = 'x'",
        "delete from event",
        "update event_link set hash = 'x' where sequence = 1",
        "delete from event_link",
    ],
)
async def test_the_database_refuses_to_change_what_is_recorded(record, text):
    await add(record, "a")
    await extend_chain(record)
    with pytest.raises(asyncpg.RaiseError, match="never changed"):
        async with record.transaction() as connection:
            await connection.fetch(text)


async def test_events_of_a_restored_backup_get_their_places(record, own_database_url):
    # Another server was waiting for transactions with numbers that this one has not reached.
    async with record.transaction() as connection:
        await record_event(connection, "a", organization_id="o")
        assert await extend_chain(record) == 0
        await break_into(own_database_url, "update event_walk set next_transaction = next_transaction + 1000000000000")
        assert await extend_chain(record) == 0
    async with record.transaction() as connection:
        await record_event(connection, "b", organization_id="o")
        assert await extend_chain(record) == 1
    assert await extend_chain(record) == 1
    assert await chained(record) == [(1, "a"), (2, "b")]


async def test_transactions_that_never_pause_do_not_hold_up_the_chain(record):
    # There is always one running, but never the same for long.
    found = 0
    async with AsyncExitStack() as first:
        running = first
        for number in range(6):
            following = AsyncExitStack()
            connection = await following.enter_async_context(record.transaction())
            await record_event(connection, f"e{number}", organization_id="o")
            await running.aclose()
            found += await extend_chain(record)
            running = following
        await running.aclose()
    assert found >= 3
    found += await extend_chain(record)
    assert await chained(record) == [(number + 1, f"e{number}") for number in range(6)]
    assert found == 6


async def test_a_long_import_gets_its_places_in_pieces_among_those_of_others(record, monkeypatch):
    monkeypatch.setattr("labelyard.services.event_chain.PIECE", 3)
    async with record.transaction() as connection:
        for number in range(4):
            await record_event(connection, f"long {number}", organization_id="o")
            await add(record, f"short {number}")
        assert await extend_chain(record) == 0
    assert [await extend_chain(record) for _ in range(4)] == [3, 3, 2, 0]
    expected = [name for number in range(4) for name in (f"long {number}", f"short {number}")]
    assert [name for _, name in await chained(record)] == expected
    assert (await verify_chain(record)).fault is None


async def test_the_command_says_whether_the_record_is_whole(record, own_database_url, run, tell):
    await add(record, *"ab")
    await extend_chain(record)
    line, head = await tell("audit", "verify")
    assert line == "2 entries are in order, 0 wait for their place. The hash of the last one:"
    assert len(head) == 64
    assert (await tell("audit", "verify", "--head", head))[1] == head
    assert (await run("audit", "verify", "--head", "0" * 64)).code == 1
    assert (await run("audit", "verify", "--head", "short")).code == 1
    await break_into(own_database_url, "delete from event where position = 1")
    broken = await run("audit", "verify")
    assert (broken.code, broken.complaints) == (
        1,
        ["labelyard: The record is not whole: entry 1 is missing. The 0 entries before are in order."],
    )
