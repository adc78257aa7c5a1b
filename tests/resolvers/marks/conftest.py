"""Waiting for marks, which the server computes after the label has been answered."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from labelyard.services.mark.computation import Marking
from labelyard.storage.database import Database
from tests.common.world import MARKS_ASKED_FOR, WEATHER, Organization, Project

WAITED_SECONDS = 15.0
Settled = Callable[[Project], Awaitable[None]]


@pytest.fixture
async def project(organization: Organization) -> Project:
    """A project where no job must be answered."""
    jobs = {name: {**job, "required": 0} for name, job in WEATHER["jobs"].items()}
    return await organization.project({"jobs": jobs})


@pytest.fixture
def settled() -> Settled:
    """Wait until nothing is asked for any more in a project."""

    async def wait(project: Project) -> None:
        deadline = time.monotonic() + WAITED_SECONDS
        while await requests_of(project):
            assert time.monotonic() < deadline, "the marks were not computed"
            await asyncio.sleep(0.05)

    return wait


async def requests_of(project: Project) -> int:
    async with project.organization.database.reader() as connection:
        found = await connection.fetch_value(MARKS_ASKED_FOR, {"id": project.id})
    return int(found)


@pytest.fixture
async def own_database(own_database_url: str) -> AsyncIterator[Database]:
    """A database where no server runs."""
    database = await Database.open(own_database_url, size=4)
    yield database
    await database.close()


@pytest.fixture
async def marking(own_database: Database) -> AsyncIterator[Marking]:
    """What computes marks there."""
    marks = Marking(own_database)
    async with marks.running():
        yield marks
