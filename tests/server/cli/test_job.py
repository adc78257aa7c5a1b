"""`labelyard job` on a database of its own."""

from __future__ import annotations

import pytest

from labelyard.services.job.queue import NewJob, enqueue
from labelyard.storage.database import Database
from tests.common.command import Done


@pytest.fixture
async def database(own_database_url):
    opened = await Database.open(own_database_url, size=2)
    yield opened
    await opened.close()


async def added(database, kind: str = "export") -> str:
    async with database.transaction() as connection:
        return await enqueue(connection, NewJob(kind, "o", "p", "u", {"format": "coco"}, key="k"))


async def change(database, job_id: str, text: str) -> None:
    async with database.transaction() as connection:
        await connection.fetch(f"update job set {text} where id = :id", {"id": job_id})


async def test_jobs_are_listed_the_newest_first(tell, database):
    first, second = await added(database), await added(database, "sync")
    await change(
        database, first, "status = 'PARKED', reason = 'The bucket is gone.', failures = 5, done = 3, total = 9"
    )
    head, newest, oldest = await tell("job", "list")
    assert head.split() == ["ID", "KIND", "STATUS", "PROGRESS", "FAILURES", "CREATED", "REASON"]
    assert newest.split()[:4] == [second, "sync", "QUEUED", "0"]
    assert oldest.split()[:5] == [first, "export", "PARKED", "3/9", "5"]
    assert oldest.endswith("The bucket is gone.")
    assert len(await tell("job", "list", "--status", "PARKED")) == 2
    assert len(await tell("job", "list", "--kind", "nothing")) == 1
    assert len(await tell("job", "list", "--limit", "1")) == 2


async def test_a_job_is_shown(tell, run, database):
    job_id = await added(database)
    fields = dict(line.split(maxsplit=1) for line in (await tell("job", "show", job_id))[1:])
    assert fields.keys() == {
        "id",
        "kind",
        "status",
        "failures",
        "organization",
        "project",
        "user",
        "key",
        "created",
        "due",
        "payload",
    }
    assert (fields["status"], fields["payload"], fields["key"]) == ("QUEUED", '{"format":"coco"}', "k")
    refused = await run("job", "show", "nothing")
    assert refused == Done(1, [], ["labelyard: There is no job 'nothing'; `labelyard job list` shows them."])


async def test_a_job_is_cancelled_and_retried(tell, run, database):
    job_id = await added(database)
    refused = await run("job", "retry", job_id)
    assert refused.complaints == [
        f"labelyard: The job {job_id} is QUEUED; only parked and cancelled jobs can be retried."
    ]
    assert await tell("job", "cancel", job_id) == [f"The job {job_id} is cancelled."]
    refused = await run("job", "cancel", job_id)
    assert refused.complaints == [
        f"labelyard: The job {job_id} is CANCELLED; only queued and running jobs can be cancelled."
    ]
    assert await tell("job", "retry", job_id) == [f"The job {job_id} is queued again."]
    await change(database, job_id, "status = 'RUNNING'")
    assert await tell("job", "cancel", job_id) == [f"The job {job_id} is asked to end."]
    for command in ("retry", "cancel"):
        assert (await run("job", command, "nothing")).code == 1
