"""Jobs on a database of the test's own, with handlers that tests write."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from labelyard.server.app_services import app_services_of
from labelyard.server.loop.job_loop import JobLoops
from labelyard.server.loop.runner import LoopRunner
from labelyard.server.settings import Settings
from labelyard.services.job.handler import Handler, Run
from labelyard.services.job.queue import JobState, JobStatus, NewJob, enqueue, job_state
from labelyard.storage.database import Database
from tests.common.cluster import Cluster


@dataclass
class Jobs:
    """A queue, and workers at times."""

    database: Database
    settings: Settings

    async def add(self, kind: str = "test", *, organization: str = "o", delay: float = 0.0, **more: Any) -> str:
        key = more.pop("key", None)
        job = NewJob(kind, organization, None, None, more, key=key, delay_seconds=delay)
        async with self.database.transaction() as connection:
            return await enqueue(connection, job)

    async def state(self, job_id: str) -> JobState:
        async with self.database.reader() as connection:
            found = await job_state(connection, job_id)
        assert found is not None
        return found

    async def ended(self, *job_ids: str, seconds: float = 15.0) -> list[JobState]:
        """The states of jobs once none of them is queued or running."""
        deadline = time.monotonic() + seconds
        while True:
            states = [await self.state(job_id) for job_id in job_ids]
            if all(state.status not in (JobStatus.QUEUED, JobStatus.RUNNING) for state in states):
                return states
            assert time.monotonic() < deadline, states
            await asyncio.sleep(0.02)

    async def row(self, job_id: str) -> dict[str, Any]:
        async with self.database.reader() as connection:
            (row,) = await connection.fetch("select * from job where id = :id", {"id": job_id})
        return dict(row)

    async def reached(self, job_id: str, condition: Callable[[dict[str, Any]], bool], *, seconds: float = 20.0) -> None:
        """Wait until the row of a job fulfils a condition."""
        deadline = time.monotonic() + seconds
        while not condition(await self.row(job_id)):
            assert time.monotonic() < deadline
            await asyncio.sleep(0.02)

    async def until(self, condition: Callable[[], Any], *, seconds: float = 10.0) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline
            await asyncio.sleep(0.01)

    @asynccontextmanager
    async def worker(self, run: Run, *, kind: str = "test", slots: int = 4, **how: Any) -> AsyncIterator[JobLoops]:
        """A worker with one handler, while the block runs."""
        chosen = {"attempts": 3, "lease_seconds": 60.0, "backoff_seconds": 0.02, "at_once": None, **how}
        loops = JobLoops(
            self.database,
            app_services_of(self.settings),
            slots=slots,
            handlers={kind: Handler(kind, run, **chosen)},
        )
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(loops.running())
            await stack.enter_async_context(LoopRunner(loops.loops).running())
            yield loops


@pytest.fixture(scope="module")
async def jobs_database(cluster: Cluster) -> AsyncIterator[Database]:
    url = await cluster.new_database()
    database = await Database.open(url, size=12)
    yield database
    await database.close()
    await cluster.drop_database(url)


@pytest.fixture
async def jobs(jobs_database: Database, settings: Settings) -> Jobs:
    async with jobs_database.transaction() as connection:
        await connection.fetch("delete from job")
    return Jobs(jobs_database, settings)
