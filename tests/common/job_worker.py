"""`labelyard worker` with handlers of the tests: `python -m tests.common.job_worker`, settings in the environment."""

from __future__ import annotations

import asyncio

from labelyard.server.logs import set_up_logs
from labelyard.server.settings import read_settings
from labelyard.server.worker import run
from labelyard.services.job.handler import RunningJob, job_handler

LEASE_SECONDS = 1.0


@job_handler("test effect", lease_seconds=LEASE_SECONDS, attempts=100)
async def effect(job: RunningJob) -> dict[str, str]:
    """Begin, wait, and leave a row: what a killed worker began has none."""
    async with job.database.transaction() as connection:
        await connection.fetch("insert into begun (job_id) values (:id)", {"id": job.id})
    await asyncio.sleep(job.payload["seconds"])
    async with job.database.transaction() as connection:
        await connection.fetch(
            "insert into effect (job_id, key) values (:id, :key)", {"id": job.id, "key": job.payload["key"]}
        )
    return {"done": "yes"}


@job_handler("test counting", lease_seconds=LEASE_SECONDS, attempts=2)
async def counting(job: RunningJob) -> dict[str, int]:
    """Count to a hundred in steps that are kept."""
    begun = job.state["reached"] if job.state else 0
    for number in range(begun + 1, 101):
        async with job.database.transaction() as connection:
            await connection.fetch(
                "insert into effect (job_id, key) values (:id, :key)", {"id": job.id, "key": str(number)}
            )
        await job.checkpoint({"reached": number})
        await job.progress(number, 100)
        await asyncio.sleep(0.02)
    return {"reached": 100}


if __name__ == "__main__":
    settings = read_settings()
    set_up_logs(settings.log_level)
    run(settings)
