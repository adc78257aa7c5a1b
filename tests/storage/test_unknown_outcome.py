"""What is known of a commit when its connection breaks, its time is over, or the server refuses it."""

import asyncio

import asyncpg
import pytest

from labelyard.domain.error import TimedOut, Unavailable, UnknownOutcome
from labelyard.storage.database import Database
from labelyard.storage.label_append import LabelBatch, append
from labelyard.storage.outcome import Deadline, recorded

WRITE = "insert into organization (id, name) values (:process_id, 'ours')"
NO_LABELS = LabelBatch(
    labels=(),
    moved=(),
    marked=(),
    project_id="project",
    organization_id="organization",
    interface_version=1,
    label_type="DEFAULT",
    event="labels",
    skipped=False,
    is_honeypot=False,
    present_types=frozenset(),
)
LOST = asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation")
LOSSES = [
    LOST,
    ConnectionResetError("reset by peer"),
    asyncpg.InterfaceError("connection is closed"),
    asyncpg.InternalClientError("got result for unknown protocol state 3"),
]


class Failing:
    """A driver that fails at one command: `begin`, `commit`, or a statement."""

    def __init__(self, at: str, error: BaseException) -> None:
        self.at, self.error = at, error
        self.heard: list[str] = []
        self.is_ended = False

    async def _hear(self, command: str) -> None:
        self.heard.append(command)
        if command == self.at:
            raise self.error

    async def execute(self, command: str) -> str:
        await self._hear(command)
        return command.upper()

    async def fetch(self, *_arguments) -> list[object]:
        await self._hear("statement")
        return []

    def terminate(self) -> None:
        self.is_ended = True

    def is_closed(self) -> bool:
        return self.is_ended


class Pool:
    """Hands out one driver."""

    def __init__(self, driver) -> None:
        self.driver = driver

    async def acquire(self, **_options):
        return self.driver

    async def release(self, driver, **options) -> None:
        assert options["timeout"] is not None, "nobody waits forever for a statement that was given up"


def failing(at: str, error: BaseException) -> Database:
    pool = Pool(Failing(at, error))
    return Database(pool, pool)


def server_error(cls: type[asyncpg.PostgresError], severity: str) -> asyncpg.PostgresError:
    error = cls("the server's words")
    error.severity_en = severity
    return error


async def write(database: Database) -> None:
    async with database.transaction() as connection:
        await connection.fetch(WRITE, {"process_id": "x"})


@pytest.mark.parametrize("error", [*LOSSES, server_error(asyncpg.AdminShutdownError, "FATAL")], ids=repr)
async def test_a_commit_without_an_answer_is_of_unknown_outcome(error):
    with recorded() as writes:
        with pytest.raises(UnknownOutcome, match="look whether it happened"):
            await write(failing("commit", error))
        assert writes.may_have_happened


@pytest.mark.parametrize("cls", [asyncpg.SerializationError, asyncpg.DeadlockDetectedError, asyncpg.DiskFullError])
async def test_a_commit_that_the_server_refuses_is_certain(cls):
    with recorded() as writes:
        with pytest.raises(cls):
            await write(failing("commit", server_error(cls, "ERROR")))
        assert not writes.may_have_happened


@pytest.mark.parametrize("error", LOSSES, ids=repr)
@pytest.mark.parametrize("at", ["begin", "statement"])
async def test_a_connection_that_is_lost_before_the_commit_has_written_nothing(at, error):
    with recorded() as writes:
        with pytest.raises(Unavailable):
            await write(failing(at, error))
        assert not writes.may_have_happened


async def test_a_transaction_that_wrote_nothing_is_never_of_unknown_outcome():
    database = failing("commit", LOST)
    with recorded() as writes:
        async with database.transaction() as connection:
            await connection.fetch("select 1 from asset for update")
        assert not writes.may_have_happened


async def test_an_error_of_ours_rolls_back_and_stays_what_it_was():
    database = failing("commit", LOST)
    with pytest.raises(ZeroDivisionError):
        async with database.transaction():
            raise ZeroDivisionError
    assert database.pool.driver.heard == ["begin", "rollback"]


@pytest.mark.parametrize("error", LOSSES, ids=repr)
async def test_a_lost_label_statement_is_of_unknown_outcome(error, monkeypatch):
    monkeypatch.setattr("labelyard.storage.statement.Statement.arguments", lambda *_: [])
    async with failing("statement", error).autocommit() as connection:
        with pytest.raises(UnknownOutcome):
            await append(connection, NO_LABELS)


async def test_a_value_that_cannot_be_sent_is_certain(database):
    with recorded() as writes:
        async with database.autocommit() as connection:
            with pytest.raises(asyncpg.DataError):
                await connection.write("update asset set priority = :priority::int where false", {"priority": 2**40})
        assert not writes.may_have_happened


async def pass_over(database: Database) -> None:
    async with database.transaction() as connection:
        await connection.fetch(WRITE, {"process_id": "passed over"})
        with pytest.raises(asyncpg.DivisionByZeroError):
            await connection.fetch("select 1 / 0")


async def test_the_end_of_a_commit_is_not_passed_over(database):
    with recorded() as writes:
        with pytest.raises(RuntimeError, match="ROLLBACK"):
            await pass_over(database)
        assert not writes.may_have_happened


# Time limits


class Silent(Failing):
    """A driver whose commit never ends."""

    def __init__(self, at: str) -> None:
        super().__init__("", LOST)
        self.silent_at = at

    async def _hear(self, command: str) -> None:
        await super()._hear(command)
        if command == self.silent_at:
            await asyncio.sleep(60)


@pytest.mark.parametrize(("at", "expected"), [("begin", TimedOut), ("statement", TimedOut), ("commit", UnknownOutcome)])
async def test_a_time_limit_knows_whether_a_commit_was_sent(at, expected):
    pool = Pool(Silent(at))
    with pytest.raises(expected):
        async with Deadline(0.05):
            await write(Database(pool, pool))


async def test_a_time_limit_around_a_statement_that_commits_itself_is_of_unknown_outcome():
    pool = Pool(Silent("statement"))
    with pytest.raises(UnknownOutcome):
        async with Deadline(0.05), Database(pool, pool).autocommit() as connection:
            await connection.write(WRITE, {"process_id": "x"})


async def test_a_time_limit_around_reading_is_certain():
    pool = Pool(Silent("statement"))
    with pytest.raises(TimedOut):
        async with Deadline(0.05), Database(pool, pool).autocommit() as connection:
            await connection.fetch("select 1")


async def test_behind_a_commit_every_error_is_of_unknown_outcome():
    async def answer() -> None:
        async with Deadline(5):
            await write(failing("", LOST))
            raise KeyError("the answer")

    with pytest.raises(UnknownOutcome):
        await answer()


async def test_what_is_written_aside_does_not_decide_the_outcome():
    async def refuse() -> None:
        async with Deadline(5):
            async with failing("", LOST).aside() as connection:
                await connection.fetch(WRITE, {"process_id": "x"})
            raise KeyError("the answer")

    with pytest.raises(KeyError):
        await refuse()


async def test_a_connection_that_does_not_answer_is_closed(monkeypatch):
    monkeypatch.setattr("labelyard.storage.database.GIVE_UP_SECONDS", 0.05)
    pool = Pool(Silent("rollback"))
    with pytest.raises(ZeroDivisionError):
        async with Database(pool, pool).transaction():
            raise ZeroDivisionError
    assert pool.driver.is_ended


async def test_the_servers_own_time_limit_is_certain(database):
    with recorded() as writes:
        async with database.autocommit() as connection:
            await connection.fetch("set statement_timeout = '50ms'")
            try:
                with pytest.raises(TimedOut):
                    await connection.write("insert into organization (id, name) select 'slow', pg_sleep(5)::text")
            finally:
                await connection.fetch("set statement_timeout = '25s'")
            assert await connection.fetch_value("select count(*) from organization where id = 'slow'") == 0
        assert not writes.may_have_happened


# What each connection may be used for


@pytest.mark.parametrize(
    "text",
    [
        "insert into label_listener (process_id) values ('x')",
        "UPDATE asset SET priority = 1",
        'update "asset" a set priority = 1',
        "with gone as (delete from asset returning id) select * from gone",
        "select pg_notify('a', 'b')",
    ],
)
async def test_only_what_may_write_writes(database, text):
    async with database.reader() as connection:
        with pytest.raises(TypeError, match="Reader does not write"):
            await connection.fetch(text)
    async with database.autocommit() as connection:
        with pytest.raises(TypeError, match="Autocommit does not write"):
            await connection.fetch(text)
