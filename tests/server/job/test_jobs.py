"""Jobs: added with their transaction, run, tried again, parked, cancelled, in order of their key."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress

import pytest

from labelyard.domain.error import BadUserInput
from labelyard.services.job import handler as handling
from labelyard.services.job import worker as working
from labelyard.services.job.handler import GiveUp, Postpone, RetryLater
from labelyard.services.job.queue import JobState, JobStatus, NewJob, cancel, enqueue
from labelyard.storage.job import remove_finished_jobs


async def test_a_job_is_run_and_answers_what_its_handler_did(jobs):
    seen = []

    async def run(job):
        seen.append((job.id, job.organization_id, job.project_id, job.created_by, job.payload, job.attempt, job.state))
        await job.progress(2, 3)
        return {"answer": 42}

    async with jobs.worker(run):
        async with jobs.database.transaction() as connection:
            job_id = await enqueue(connection, NewJob("test", "o", "p", "u", {"a": [1, "b"]}))
        (state,) = await jobs.ended(job_id)
    assert state == JobState(JobStatus.DONE, 2, 3, None, {"answer": 42})
    assert seen == [(job_id, "o", "p", "u", {"a": [1, "b"]}, 1, None)]


async def test_a_new_job_is_heard_of_at_once(jobs):
    async def run(job):
        return None

    async with jobs.worker(run):
        await asyncio.sleep(0.2)  # the worker listens, and has found nothing to do
        began = time.monotonic()
        for _ in range(10):
            await jobs.ended(await jobs.add())
        assert time.monotonic() - began < 5  # one look a second would take twice as long


async def test_a_job_of_a_transaction_that_is_rolled_back_never_was(jobs):
    ran = []

    async def run(job):
        ran.append(job.payload)

    async with jobs.worker(run):
        with suppress(ZeroDivisionError):
            async with jobs.database.transaction() as connection:
                await enqueue(connection, NewJob("test", "o", None, None, {"number": 1}))
                raise ZeroDivisionError
        await jobs.ended(await jobs.add(number=2))
    assert ran == [{"number": 2}]


async def test_a_job_of_an_unknown_kind_waits(jobs):
    async def run(job):
        return None

    other = await jobs.add("of a newer version")
    async with jobs.worker(run):
        await jobs.ended(await jobs.add())
    assert (await jobs.state(other)).status == JobStatus.QUEUED


async def test_a_delayed_job_waits_for_its_time(jobs):
    async def run(job):
        return None

    later, now = await jobs.add(delay=3600), await jobs.add()
    async with jobs.worker(run):
        await jobs.ended(now)
    assert (await jobs.state(later)).status == JobStatus.QUEUED


async def test_what_fails_is_tried_again_later_each_time_and_then_parked_without_telling_secrets(jobs):
    times = []

    async def run(job):
        times.append((time.monotonic(), job.attempt))
        raise ValueError("password=hunter2")

    async with jobs.worker(run, attempts=3, backoff_seconds=0.4):
        job_id = await jobs.add()
        (state,) = await jobs.ended(job_id)
    assert state.status == JobStatus.PARKED
    assert state.reason == f"Something unexpected happened; the log has it under {job_id}."
    assert [attempt for _, attempt in times] == [1, 2, 3]
    first, second = times[1][0] - times[0][0], times[2][0] - times[1][0]
    assert first >= 0.3
    assert second >= 0.6


async def test_a_refusal_is_the_reason(jobs):
    async def run(job):
        raise BadUserInput("The bucket is empty; choose another one.")

    async with jobs.worker(run, attempts=1):
        (state,) = await jobs.ended(await jobs.add())
    assert (state.status, state.reason) == (JobStatus.PARKED, "The bucket is empty; choose another one.")


async def test_a_handler_says_when_to_try_again_and_when_not_to(jobs):
    attempts = []

    async def run(job):
        attempts.append(job.attempt)
        if job.attempt < 2:
            raise RetryLater(0.0, "away")
        raise GiveUp("gone")

    async with jobs.worker(run, attempts=5, backoff_seconds=1000):
        (state,) = await jobs.ended(await jobs.add())
    assert (state.status, state.reason, attempts) == (JobStatus.PARKED, "gone", [1, 2])


async def test_what_is_postponed_has_not_failed(jobs):
    times = []

    async def run(job):
        times.append((time.monotonic(), job.attempt))
        if len(times) < 4:
            raise Postpone(0.1, "later")

    async with jobs.worker(run, attempts=2):
        (state,) = await jobs.ended(await jobs.add())
    assert state.status == JobStatus.DONE
    assert [attempt for _, attempt in times] == [1, 1, 1, 1]
    assert times[3][0] - times[0][0] >= 0.3


async def test_jobs_of_one_key_run_one_at_a_time_in_order_also_when_one_fails(jobs):
    order, running, most = [], 0, 0

    async def run(job):
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.005)
        running -= 1
        if job.payload["number"] == 3 and job.attempt < 3:
            raise RetryLater(0.05, "not yet")
        order.append(job.payload["number"])

    ids = [await jobs.add(number=number, key="k") for number in range(10)]
    async with jobs.worker(run), jobs.worker(run):
        states = await jobs.ended(*ids)
    assert order == list(range(10))
    assert most == 1
    assert {state.status for state in states} == {JobStatus.DONE}


async def test_a_parked_job_lets_the_next_of_its_key_run(jobs):
    async def run(job):
        if job.payload["number"] == 0:
            raise GiveUp("no")

    ids = [await jobs.add(number=number, key="k") for number in range(2)]
    async with jobs.worker(run):
        states = await jobs.ended(*ids)
    assert [state.status for state in states] == [JobStatus.PARKED, JobStatus.DONE]


async def test_jobs_of_other_keys_run_beside_each_other(jobs):
    met = asyncio.Barrier(4)

    async def run(job):
        async with asyncio.timeout(10):
            await met.wait()

    ids = [await jobs.add(key=f"k{number}", organization=f"o{number % 2}") for number in range(4)]
    async with jobs.worker(run, slots=4):
        states = await jobs.ended(*ids)
    assert {state.status for state in states} == {JobStatus.DONE}


async def test_an_organization_with_many_jobs_leaves_places_to_others(jobs):
    stop, begun = asyncio.Event(), []

    async def run(job):
        begun.append(job.organization_id)
        await stop.wait()

    many = [await jobs.add(organization="many") for _ in range(20)]
    async with jobs.worker(run, slots=4):
        await jobs.until(lambda: len(begun) == 3)
        few = await jobs.add(organization="few")
        await jobs.until(lambda: len(begun) == 4)
        stop.set()
        await jobs.ended(*many, few)
    assert begun[:4] == ["many", "many", "many", "few"]


async def test_organizations_take_turns(jobs):
    begun = []

    async def run(job):
        begun.append(job.organization_id)

    ids = [await jobs.add(organization="a") for _ in range(20)]
    ids += [await jobs.add(organization="b") for _ in range(3)]
    async with jobs.worker(run, slots=2):
        await jobs.ended(*ids)
    assert begun.index("b") < 3
    assert [index for index, name in enumerate(begun) if name == "b"][-1] < 8


async def test_no_more_of_a_kind_run_than_it_allows(jobs):
    running, most = 0, 0

    async def run(job):
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.02)
        running -= 1

    ids = [await jobs.add(organization=f"o{number}") for number in range(8)]
    async with jobs.worker(run, slots=8, at_once=2):
        await jobs.ended(*ids)
    assert most == 2


async def test_a_queued_job_is_cancelled_at_once(jobs):
    async def run(job):
        raise AssertionError

    job_id = await jobs.add()
    async with jobs.database.transaction() as connection:
        assert await cancel(connection, job_id) == JobStatus.CANCELLED
    async with jobs.database.transaction() as connection:
        assert await cancel(connection, job_id) is None
        assert await cancel(connection, "unknown") is None
    async with jobs.worker(run):
        await asyncio.sleep(0.2)
    assert await jobs.state(job_id) == JobState(JobStatus.CANCELLED, 0, None, None, None)


async def cancelled(jobs, job_id: str) -> JobState:
    async with jobs.database.transaction() as connection:
        assert await cancel(connection, job_id) == JobStatus.RUNNING
    (state,) = await jobs.ended(job_id)
    return state


async def test_a_running_job_ends_where_it_looks(jobs):
    cleaned = asyncio.Event()

    async def run(job):
        try:
            for number in range(10_000):
                await job.progress(number, 10_000)
                await asyncio.sleep(0.01)
        finally:
            cleaned.set()

    job_id = await jobs.add()
    async with jobs.worker(run):
        await jobs.reached(job_id, lambda row: row["done"] > 0)
        state = await cancelled(jobs, job_id)
    assert state.status == JobStatus.CANCELLED
    assert 0 < state.done < 10_000
    assert cleaned.is_set()


async def test_a_running_job_that_does_not_look_is_ended(jobs, monkeypatch):
    monkeypatch.setattr(working, "CANCEL_SECONDS", 0.2)
    begun = asyncio.Event()

    async def run(job):
        begun.set()
        await asyncio.sleep(3600)

    job_id = await jobs.add()
    async with jobs.worker(run):
        await asyncio.wait_for(begun.wait(), 5)
        assert (await cancelled(jobs, job_id)).status == JobStatus.CANCELLED


async def test_a_job_that_is_cancelled_is_not_tried_again(jobs):
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def run(job):
        begun.set()
        await go_on.wait()
        raise OSError("away")

    job_id = await jobs.add()
    async with jobs.worker(run):
        await asyncio.wait_for(begun.wait(), 5)
        async with jobs.database.transaction() as connection:
            await cancel(connection, job_id)
        go_on.set()
        (state,) = await jobs.ended(job_id)
    assert state.status == JobStatus.CANCELLED


async def test_a_lease_is_kept_while_the_job_runs(jobs):
    runs = []

    async def run(job):
        runs.append(job.id)
        await asyncio.sleep(1.5)

    job_id = await jobs.add()
    async with jobs.worker(run, lease_seconds=0.6), jobs.worker(run, lease_seconds=0.6):
        (state,) = await jobs.ended(job_id)
    assert (state.status, runs) == (JobStatus.DONE, [job_id])


STALE = "update job set lease_until = now() - interval '1 second', worker_id = 'dead' where id = :id"


async def test_a_job_whose_worker_is_silent_is_run_by_another(jobs):
    begun, attempts = asyncio.Event(), []

    async def run(job):
        attempts.append(job.attempt)
        if job.attempt == 1:
            begun.set()
            await asyncio.sleep(3600)
        return {"attempt": job.attempt}

    job_id = await jobs.add()
    async with jobs.worker(run, lease_seconds=3.0):
        await asyncio.wait_for(begun.wait(), 5)
        async with jobs.database.transaction() as connection:
            await connection.fetch(STALE, {"id": job_id})
        (state,) = await jobs.ended(job_id)
    # The first run has noticed that the job is no longer its own, and has written nothing.
    assert (state.status, state.result, attempts) == (JobStatus.DONE, {"attempt": 2}, [1, 2])


async def test_a_job_whose_workers_are_silent_too_often_is_parked(jobs):
    job_id = await jobs.add()
    async with jobs.database.transaction() as connection:
        await connection.fetch(
            "update job set status = 'RUNNING', claims = 3, failures = 2, max_failures = 3 where id = :id",
            {"id": job_id},
        )
        await connection.fetch(STALE, {"id": job_id})

    async def run(job):
        raise AssertionError

    async with jobs.worker(run):
        (state,) = await jobs.ended(job_id)
    assert (state.status, state.reason) == (JobStatus.PARKED, "The worker that ran the job ended without a word.")


async def test_what_a_checkpoint_kept_is_the_state_of_the_next_attempt(jobs):
    states = []

    async def run(job):
        states.append((job.attempt, job.state, job.done, job.total))
        await job.progress(len(states), 9)
        await job.checkpoint({"reached": len(states)})
        if len(states) < 6:
            raise OSError("away")

    async with jobs.worker(run, attempts=2):
        (state,) = await jobs.ended(await jobs.add())
    # Two attempts in a row would be too many; each has come further, so all of them are first ones.
    assert state.status == JobStatus.DONE
    assert states == [(1, None, 0, None)] + [(2, {"reached": n}, n, 9) for n in range(1, 6)]


async def test_the_end_of_a_worker_gives_back_its_jobs_without_a_failure(jobs):
    begun = asyncio.Event()

    async def endless(job):
        begun.set()
        await asyncio.sleep(3600)

    async def run(job):
        return {"attempt": job.attempt}

    job_id = await jobs.add()
    async with jobs.worker(endless):
        await asyncio.wait_for(begun.wait(), 5)
    assert (await jobs.state(job_id)).status == JobStatus.QUEUED
    async with jobs.worker(run):
        (state,) = await jobs.ended(job_id)
    assert (state.status, state.result) == (JobStatus.DONE, {"attempt": 1})


async def test_a_broken_heartbeat_ends_the_run(jobs, monkeypatch):
    ended = asyncio.Event()

    async def run(job):
        try:
            await asyncio.sleep(3600)
        finally:
            ended.set()

    async def broken(*_, **__):
        raise ZeroDivisionError

    job_id = await jobs.add()
    monkeypatch.setattr(working, "extend_lease", broken)
    async with jobs.worker(run, lease_seconds=0.3):
        await asyncio.wait_for(ended.wait(), 5)
        row = await jobs.row(job_id)
        assert row["failures"] + row["claims"] > 0


async def test_workers_share_many_jobs_and_run_each_once(jobs):
    ran = []

    async def run(job):
        ran.append(job.id)

    async with jobs.worker(run), jobs.worker(run):
        ids = [await jobs.add(organization=f"o{number % 3}", key=f"k{number % 7}") for number in range(120)]
        states = await jobs.ended(*ids)
    assert {state.status for state in states} == {JobStatus.DONE}
    assert sorted(ran) == sorted(ids)


async def test_jobs_that_ended_long_ago_are_removed(jobs):
    async def run(job):
        return None

    waiting = await jobs.add("of a newer version")
    done = await jobs.add()
    async with jobs.worker(run):
        await jobs.ended(done)
    await remove_finished_jobs(jobs.database)
    assert (await jobs.state(done)).status == JobStatus.DONE
    async with jobs.database.transaction() as connection:
        await connection.fetch("update job set finished_at = now() - interval '8 days' where id = :id", {"id": done})
        await connection.fetch("update job set created_at = now() - interval '8 days' where id = :id", {"id": waiting})
    await remove_finished_jobs(jobs.database)
    async with jobs.database.reader() as connection:
        assert await connection.fetch_value("select array_agg(id) from job") == [waiting]


def test_two_handlers_of_one_kind_are_refused():
    async def one(job):
        return None

    async def other(job):
        return None

    register = handling.job_handler("test of two handlers")
    try:
        register(one)
        with pytest.raises(ValueError, match="two handlers"):
            register(other)
    finally:
        del handling.HANDLERS["test of two handlers"]
