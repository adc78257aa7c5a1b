"""Adding jobs, cancelling them, and reading how far they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import orjson

from labelyard.services.identity import new_id
from labelyard.storage.database import Connection, Writer
from labelyard.storage.job import JobRow, cancel_job, insert_jobs, read_job_state


class JobStatus(StrEnum):
    """Where a job is."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    DONE = "DONE"
    PARKED = "PARKED"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True)
class NewJob:
    """A job to be added. Jobs of one `key` run one at a time, in the order in which they were added."""

    kind: str
    organization_id: str
    project_id: str | None
    created_by: str | None
    payload: Mapping[str, Any]
    key: str | None = None
    delay_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class JobState:
    """What can be read of a job; `total` is None while nobody knows it, `reason` says why a job waits or has not been done."""

    status: JobStatus
    done: int
    total: int | None
    reason: str | None
    result: Any


async def enqueue(connection: Writer, job: NewJob) -> str:
    """Add a job, which runs once the caller's transaction is committed; answers its id."""
    (job_id,) = await enqueue_all(connection, [job])
    return job_id


async def enqueue_all(connection: Writer, jobs: Sequence[NewJob]) -> list[str]:
    """Add jobs in order, which run once the caller's transaction is committed; answers their ids."""
    rows = [
        JobRow(
            new_id(),
            job.kind,
            job.organization_id,
            job.project_id,
            job.created_by,
            orjson.dumps(dict(job.payload)).decode(),
            job.key,
            job.delay_seconds,
        )
        for job in jobs
    ]
    if rows:
        await insert_jobs(connection, rows)
    return [row.id for row in rows]


async def cancel(connection: Writer, job_id: str) -> JobStatus | None:
    """End a job: a queued one at once, a running one as soon as its handler notices. None when there is nothing to end."""
    status = await cancel_job(connection, job_id)
    return None if status is None else JobStatus(status)


async def job_state(connection: Connection, job_id: str) -> JobState | None:
    """Where a job is; None for one that never was, or that ended long ago."""
    row = await read_job_state(connection, job_id)
    if row is None:
        return None
    result = None if row["result"] is None else orjson.loads(row["result"])
    return JobState(JobStatus(row["status"]), row["done"], row["total"], row["reason"], result)
