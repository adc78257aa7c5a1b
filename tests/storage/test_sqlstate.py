"""States of ours are what the functions of the migrations raise."""

import re
from pathlib import Path

import asyncpg
import pytest

from labelyard.storage import migration, sqlstate
from labelyard.storage.sqlstate import STALE_READ, is_stale_read

VERSIONS = Path(migration.__file__).parent / "versions"


async def test_a_stale_read_has_its_own_state(database):
    async with database.reader() as connection:
        with pytest.raises(asyncpg.PostgresError) as raised:
            await connection.fetch("select labelyard_stale_read()")
        assert is_stale_read(raised.value)
        with pytest.raises(asyncpg.DivisionByZeroError) as other:
            await connection.fetch("select 1 / 0")
        assert not is_stale_read(other.value)


async def test_it_is_not_raised_by_planning(database):
    async with database.reader() as connection:
        assert await connection.fetch_value("select case when true then 1 else labelyard_stale_read() end") == 1


def test_every_state_that_is_raised_has_a_name():
    raised = {code for path in VERSIONS.glob("*.py") for code in re.findall(r"errcode = '(\w+)'", path.read_text())}
    named = {value for name, value in vars(sqlstate).items() if name.isupper()}

    assert raised == named == {STALE_READ}
