"""A worker: takes jobs that are due, runs their handlers, keeps the leases, and writes what became of them.

Any number of workers share one database. Each job has a lease, which a heartbeat moves on; when nothing is heard of a worker for
that long, another one runs its jobs. So a job is run at least once, and by two workers only when one of them has been silent.
"""

from __future__ import annotations

import asyncio
import random
import secrets
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final

import asyncpg
import orjson
import structlog

from labelyard.domain.error import ClientError
from labelyard.services.app_services import AppServices
from labelyard.services.job.handler import GiveUp, Handler, JobCancelled, JobLost, Postpone, RetryLater, RunningJob
from labelyard.services.job.queue import JobStatus
from labelyard.storage.database import CONNECTION_LOST, Database, Row
from labelyard.storage.job import claim_jobs, extend_lease, finish_job, release_jobs, return_lost_jobs
from labelyard.storage.origin import Origin, originating

log = structlog.get_logger("labelyard.job")

# A handler that does not look whether it is cancelled is ended after so long.
CANCEL_SECONDS: Final = 10.0
# How long handlers may clean up at the end of a worker, and its jobs take to be released.
END_SECONDS: Final = 5.0
RELEASE_SECONDS: Final = 2.0
MAX_BACKOFF_SECONDS: Final = 600.0
MAX_REASON: Final = 1_000
SETTLE_PAUSE_SECONDS: Final = 0.5
WITHOUT_A_WORD: Final = "The worker that ran the job ended without a word."
DATABASE_FAILED: Final = (ClientError, asyncpg.PostgresError, *CONNECTION_LOST)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of a run; QUEUED runs the job again."""

    status: JobStatus
    reason: str | None = None
    result: str | None = None
    has_failed: bool = False
    wait_seconds: float = 0.0


class JobWorker:
    """Runs up to `slots` jobs at once, of one organization no more than three quarters of them."""

    def __init__(
        self, database: Database, app_services: AppServices, handlers: Mapping[str, Handler], *, slots: int
    ) -> None:
        self.id = secrets.token_hex(8)
        self._database = database
        self._app_services = app_services
        self._handlers = handlers
        self._slots = slots
        self._jobs: dict[str, RunningJob] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_ending = False
        self.on_free: Callable[[], None] = lambda: None

    async def round(self) -> bool:
        """Return lost jobs to the queue and take what is due; says whether anything was taken."""
        async with self._database.autocommit() as connection:
            for row in await return_lost_jobs(connection, WITHOUT_A_WORD):
                log.warning("job lost", job=row["id"], kind=row["kind"], status=row["status"])
            free = self._slots - len(self._jobs)
            if free <= 0 or self._is_ending:
                return False
            began = time.monotonic()
            try:
                rows = await claim_jobs(
                    connection,
                    worker_id=self.id,
                    limit=free,
                    most_of_organization=max(1, self._slots * 3 // 4),
                    kinds=self._free_kinds(free),
                )
            except asyncpg.UniqueViolationError:  # another worker has just taken a job of the same key
                return True
        for row in rows:
            self._begin(row, began)
        return bool(rows)

    def hear(self, payload: str) -> None:
        """Take in a notification: a job to be cancelled, or new ones."""
        job = self._jobs.get(payload)
        if job is not None:
            job.asked.set()
        elif not payload:
            self.on_free()

    def look(self) -> None:
        """Have all heartbeats ask at once whether their jobs are to be cancelled: notifications may have been missed."""
        for job in self._jobs.values():
            job.asked.set()
        self.on_free()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """End what still runs when the block ends, and give it back."""
        self._is_ending = False
        try:
            yield
        finally:
            self._is_ending = True
            for task in self._tasks:
                task.cancel()
            if self._tasks:
                await asyncio.wait(self._tasks, timeout=END_SECONDS)
            with suppress(TimeoutError, *DATABASE_FAILED):
                async with asyncio.timeout(RELEASE_SECONDS), self._database.autocommit() as connection:
                    await release_jobs(connection, self.id)

    def _free_kinds(self, free: int) -> list[dict[str, Any]]:
        running = Counter(job.kind for job in self._jobs.values())
        kinds = []
        for handler in self._handlers.values():
            slots = free if handler.at_once is None else handler.at_once - running[handler.kind]
            if slots > 0:
                kinds.append(
                    {
                        "name": handler.kind,
                        "lease_seconds": handler.lease_seconds,
                        "attempts": handler.attempts,
                        "slots": slots,
                    }
                )
        return kinds

    def _begin(self, row: Row, began: float) -> None:
        job = RunningJob(row, worker_id=self.id, database=self._database, app_services=self._app_services)
        self._jobs[job.id] = job
        task = asyncio.create_task(self._run(job, self._handlers[job.kind], began), name=f"job {job.kind} {job.id}")
        self._tasks.add(task)
        task.add_done_callback(lambda task: self._ended(task, job))

    def _ended(self, task: asyncio.Task[None], job: RunningJob) -> None:
        self._tasks.discard(task)
        self._jobs.pop(job.id, None)
        if not task.cancelled() and task.exception() is not None:
            log.error("job abandoned", job=job.id, kind=job.kind, exc_info=task.exception())
        self.on_free()

    async def _run(self, job: RunningJob, handler: Handler, began: float) -> None:
        """Run a job beside its heartbeat, and write how it ended."""
        with originating(Origin(job.created_by, operation=f"job {job.kind}")):
            work = asyncio.ensure_future(handler.run(job))  # with a copy of the context
        heartbeat = asyncio.create_task(self._keep(job, handler, work, began))
        try:
            await asyncio.wait({work, heartbeat}, return_when=asyncio.FIRST_COMPLETED)
            if heartbeat.done():  # the job is lost, or its heartbeat is broken, and nothing goes on without one
                job.is_lost = True
                work.cancel()
                await asyncio.wait({work})
                heartbeat.result()
            outcome = _outcome(job, handler, work)
            if outcome is not None:
                await self._finish(job, outcome)
        except asyncio.CancelledError:
            work.cancel()
            await asyncio.wait({work}, timeout=END_SECONDS)
            raise
        finally:
            heartbeat.cancel()

    async def _keep(self, job: RunningJob, handler: Handler, work: asyncio.Future[Any], began: float) -> None:
        """The heartbeat: keep the lease, and end work that is cancelled and does not notice; returns when the lease is lost."""
        lost_at = began + handler.lease_seconds
        cancelled_at: float | None = None
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(handler.lease_seconds / 3 if cancelled_at is None else 1.0):
                    await job.asked.wait()
            job.asked.clear()
            beat = time.monotonic()
            with suppress(TimeoutError, *DATABASE_FAILED):
                async with asyncio.timeout(handler.lease_seconds / 3), self._database.autocommit() as connection:
                    job.note_answer(await extend_lease(connection, job.claim, lease_seconds=handler.lease_seconds))
                    lost_at = beat + handler.lease_seconds
            if time.monotonic() >= lost_at:
                job.is_lost = True
            if job.is_lost:
                return
            if job.is_cancelled and cancelled_at is None:
                cancelled_at = time.monotonic()
            if cancelled_at is not None and time.monotonic() - cancelled_at > CANCEL_SECONDS:
                work.cancel()

    async def _finish(self, job: RunningJob, outcome: Outcome) -> None:
        """Write the outcome of a job while its lease lasts; otherwise it runs again, which handlers allow for."""
        while not job.is_lost:
            try:
                async with self._database.autocommit() as connection:
                    status = await finish_job(
                        connection,
                        job.claim,
                        status=outcome.status,
                        done=job.done,
                        total=job.total,
                        reason=outcome.reason,
                        result=outcome.result,
                        has_failed=outcome.has_failed,
                        wait_seconds=outcome.wait_seconds,
                    )
            except DATABASE_FAILED:
                await asyncio.sleep(SETTLE_PAUSE_SECONDS)
                continue
            level = log.error if status == JobStatus.PARKED else log.info
            level("job", job=job.id, kind=job.kind, status=status or "LOST", reason=outcome.reason)
            return


def _outcome(job: RunningJob, handler: Handler, work: asyncio.Future[Any]) -> Outcome | None:
    """The outcome of a handler's run; None when its job was lost."""
    error = asyncio.CancelledError() if work.cancelled() else work.exception()
    if job.is_lost or isinstance(error, JobLost):
        return None
    if error is None:
        result = work.result()
        return Outcome(JobStatus.DONE, result=None if result is None else orjson.dumps(dict(result)).decode())
    if isinstance(error, JobCancelled) or (isinstance(error, asyncio.CancelledError) and job.is_cancelled):
        return Outcome(JobStatus.CANCELLED)
    if isinstance(error, GiveUp):
        return Outcome(JobStatus.PARKED, reason=error.reason[:MAX_REASON], has_failed=True)
    if isinstance(error, Postpone):
        return Outcome(JobStatus.QUEUED, reason=error.reason[:MAX_REASON], wait_seconds=max(0.0, error.seconds))
    if isinstance(error, RetryLater):
        return Outcome(
            JobStatus.QUEUED, reason=error.reason[:MAX_REASON], has_failed=True, wait_seconds=max(0.0, error.seconds)
        )
    if isinstance(error, ClientError):
        reason = error.message[:MAX_REASON]
    else:
        # What is unexpected may name anything: the log has it, under the id of the job.
        reason = f"Something unexpected happened; the log has it under {job.id}."
        log.error("job failed", job=job.id, kind=job.kind, attempt=job.attempt, exc_info=error)
    return Outcome(JobStatus.QUEUED, reason=reason, has_failed=True, wait_seconds=_backoff(job, handler))


def _backoff(job: RunningJob, handler: Handler) -> float:
    """Twice as long each time, and not the same for all that failed together."""
    wait = min(handler.backoff_seconds * 2.0 ** min(job.attempt - 1, 20), MAX_BACKOFF_SECONDS)
    return wait * random.uniform(0.75, 1.0)  # noqa: S311 - spreads load
