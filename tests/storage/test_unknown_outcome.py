"""A connection that breaks during a commit leaves the outcome open, and says so."""

import asyncpg
import pytest

from domain.error import UnknownOutcome
from storage.database import Database
from storage.label_append import append


class Broken:
    """A driver whose commit, or whose only statement, never hears back."""

    def transaction(self):
        return self

    async def start(self) -> None:
        """Begins as usual."""

    async def commit(self) -> None:
        raise asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation")

    async def rollback(self) -> None:
        raise asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation")

    async def fetch(self, *_arguments):
        raise asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation")


class Pool:
    """Hands out the broken driver."""

    async def acquire(self, **_options):
        return Broken()

    async def release(self, driver: Broken) -> None:
        """Takes it back."""


@pytest.fixture
def database() -> Database:
    return Database(Pool(), Pool())


async def test_a_lost_commit_is_of_unknown_outcome(database: Database) -> None:
    with pytest.raises(UnknownOutcome, match="look whether it happened"):
        async with database.transaction():
            pass


async def test_an_error_before_the_commit_stays_what_it_was(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        async with database.transaction():
            raise ZeroDivisionError


async def test_a_lost_label_statement_is_of_unknown_outcome(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.statement.Statement.arguments", lambda *_: [])
    async with database.steady() as connection:
        with pytest.raises(UnknownOutcome):
            await append(connection, {"label_type": "DEFAULT", "ids": [], "marked_ids": [], "scope": []}, there=set())
