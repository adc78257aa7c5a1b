"""Whole worker processes: killed in the middle of jobs, ended in order, beside servers."""

from __future__ import annotations

import asyncio
import os
import random
import secrets
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from labelyard.server.settings import Settings
from labelyard.storage.database import Database
from tests.common.cluster import Cluster
from tests.server.job.conftest import Jobs

pytestmark = pytest.mark.xdist_group("two servers")
JOBS = int(os.environ.get("LABELYARD_TEST_JOBS", "40"))
KILLS = int(os.environ.get("LABELYARD_TEST_WORKER_KILLS", "4"))
ROOT = Path(__file__).parents[3]

Start = Callable[[], subprocess.Popen[str]]


@pytest.fixture
async def place(cluster: Cluster, settings: Settings, tmp_path: Path) -> AsyncIterator[tuple[Jobs, Start]]:
    """A queue, and a function that starts workers on it."""
    url = await cluster.new_database()
    database = await Database.open(url, size=4)
    connection = await asyncpg.connect(url)
    await connection.execute("create table begun (job_id text)")
    await connection.execute("create table effect (number bigint generated always as identity, job_id text, key text)")
    await connection.close()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LABELYARD_")}
    environment = {
        **kept,
        "LABELYARD_DATABASE_URL": url,
        "LABELYARD_ALLOW_UNSAFE_DATABASE": "true",
        "LABELYARD_DATA_DIR": str(tmp_path / "data"),
        "LABELYARD_SECRET": secrets.token_hex(32),
        "LABELYARD_WORKER_JOBS": "4",
    }
    started: list[subprocess.Popen[str]] = []

    def start() -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.common.job_worker"],
            env=environment,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=(tmp_path / "log").open("a"),
            text=True,
        )
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "labelyard runs jobs.\n"
        return process

    yield Jobs(database, settings), start
    for process in started:
        process.kill()
        process.wait()
    await database.close()
    await cluster.drop_database(url)


async def fetch(jobs: Jobs, text: str) -> Any:
    async with jobs.database.reader() as connection:
        return await connection.fetch_value(text)


async def test_workers_killed_in_the_middle_of_jobs_lose_none_and_leave_none_running(place):
    jobs, start = place
    chosen = random.Random(1)
    ids = [
        await jobs.add("test effect", organization=f"o{number % 3}", key=f"k{number % 12}", seconds=0.05)
        for number in range(JOBS)
    ]
    async with jobs.database.transaction() as connection:
        await connection.fetch("update job set payload = jsonb_set(payload::jsonb, '{key}', to_jsonb(key))::text")
    workers = [await asyncio.to_thread(start) for _ in range(2)]
    for number in range(KILLS):
        await asyncio.sleep(chosen.uniform(0.1, 0.3))
        workers[number % 2].kill()
        workers[number % 2].wait()
        workers[number % 2] = await asyncio.to_thread(start)
    states = await jobs.ended(*ids, seconds=60)
    assert {state.status for state in states} == {"DONE"}
    assert await fetch(jobs, "select count(distinct job_id) from effect") == JOBS
    # In order of their keys, each at least once; what was run twice was run by a worker that was killed before it could say so.
    disorder = """
    select count(*) from (
      select e.key, j.position, lag(j.position) over (partition by e.key order by e.number) as before
      from effect e join job j on j.id = e.job_id
    ) o where o.position < o.before
    """
    assert await fetch(jobs, disorder) == 0
    assert await fetch(jobs, "select count(*) from begun") >= JOBS


async def test_a_killed_worker_goes_on_from_the_last_checkpoint(place):
    jobs, start = place
    job_id = await jobs.add("test counting")
    for _ in range(3):  # more often than the attempts it has, each of which comes further
        worker = await asyncio.to_thread(start)
        before = (await jobs.row(job_id))["done"]
        await jobs.reached(job_id, lambda row, before=before: row["state"] is not None and row["done"] > before)
        worker.kill()
        worker.wait()
    await asyncio.to_thread(start)
    (state,) = await jobs.ended(job_id, seconds=30)
    assert (state.status, state.result, state.done, state.total) == ("DONE", {"reached": 100}, 100, 100)
    repeated = "select count(*) from (select key from effect group by key having count(*) > 1) r"
    assert await fetch(jobs, "select count(distinct key) from effect") == 100
    assert await fetch(jobs, repeated) <= 3


async def test_a_worker_that_is_asked_to_end_gives_back_its_jobs(place):
    jobs, start = place
    worker = await asyncio.to_thread(start)
    job_id = await jobs.add("test effect", key=None, seconds=3600)
    await jobs.reached(job_id, lambda row: row["status"] == "RUNNING")
    worker.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(worker.wait, 15) == 0
    row = await jobs.row(job_id)
    assert (row["status"], row["failures"], row["worker_id"], row["lease_until"]) == ("QUEUED", 0, None, None)
