from collections.abc import AsyncIterator

import asyncpg
import pytest

from tests.file_database import new_pool


@pytest.fixture(scope="session")
async def database_pool() -> AsyncIterator[asyncpg.Pool]:
    pool = await new_pool("files_of_storage")
    yield pool
    await pool.close()
