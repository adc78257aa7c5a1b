"""Handlers of jobs: what runs them, and what they are given.

A handler is a coroutine function that is registered by `job_handler`. It may be run more than once for the same job, after a
worker was killed, so what it does a second time must lead to the same. It waits rather than computes: what takes processor time
belongs into a thread or a child process, because it runs beside requests.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from labelyard.services.app_services import AppServices
from labelyard.storage.database import Database, Row, Writer
from labelyard.storage.job import JobClaim, hold_job, report_job

REPORT_SECONDS: Final = 0.5
LOOK_SECONDS: Final = 1.0


class RetryLater(Exception):
    """Raised by a handler that cannot go on now: the job runs again after so many seconds, unless it has failed too often."""

    def __init__(self, seconds: float, reason: str) -> None:
        super().__init__(reason)
        self.seconds = seconds
        self.reason = reason


class Postpone(Exception):
    """Raised by a handler that is not to begin yet: the job runs again after so many seconds, and has not failed."""

    def __init__(self, seconds: float, reason: str) -> None:
        super().__init__(reason)
        self.seconds = seconds
        self.reason = reason


class GiveUp(Exception):
    """Raised by a handler for which another attempt would change nothing: the job is parked."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class JobCancelled(Exception):
    """The job is asked to end; raised where a handler looks, to be left alone by it."""


class JobLost(Exception):
    """The job belongs to another worker by now, or to none: nothing may be written for it any more."""


class RunningJob:
    """A job as its handler sees it. `attempt` counts from 1, `state` is what the last `checkpoint` kept."""

    def __init__(self, row: Row, *, worker_id: str, database: Database, app_services: AppServices) -> None:
        self.id: str = row["id"]
        self.kind: str = row["kind"]
        self.organization_id: str = row["organization_id"]
        self.project_id: str | None = row["project_id"]
        self.created_by: str | None = row["created_by"]
        self.payload: Mapping[str, Any] = orjson.loads(row["payload"])
        self.attempt: int = row["failures"] + 1
        self.state: Mapping[str, Any] | None = None if row["state"] is None else orjson.loads(row["state"])
        self.done: int = row["done"]
        self.total: int | None = row["total"]
        self.database = database
        self.app_services = app_services
        self.claim = JobClaim(self.id, worker_id, row["claims"])
        self.is_cancelled = False
        self.is_lost = False
        self.asked = asyncio.Event()
        self._reported_at = 0.0
        self._looked_at = time.monotonic()

    async def progress(self, done: int, total: int | None) -> None:
        """Say how far the job is; written twice a second at most, and when all is done. Raises `JobCancelled`."""
        self.done, self.total = done, total
        if done == total or time.monotonic() - self._reported_at >= REPORT_SECONDS:
            await self._report(None)
        else:
            await self.check_cancelled()

    async def checkpoint(self, state: Mapping[str, Any]) -> None:
        """Keep a state from which another worker can go on; failures are counted anew from here. Raises `JobCancelled`."""
        self.state = dict(state)
        await self._report(orjson.dumps(self.state).decode())

    async def check_cancelled(self) -> None:
        """Raise `JobCancelled` when the job is asked to end; costs a statement once a second at most."""
        if not self.is_cancelled and time.monotonic() - self._looked_at >= LOOK_SECONDS:
            await self._report(None)
        self._raise()

    async def hold(self, connection: Writer) -> None:
        """Keep the job from being given to another worker until the transaction ends; raises `JobLost` when it has been.

        For what must not be written once another worker has gone on; last in the transaction, for heartbeats wait meanwhile.
        """
        if not await hold_job(connection, self.claim):
            self.is_lost = True
            raise JobLost(self.id)

    def note_answer(self, is_cancelled: bool | None) -> None:
        """Record what a statement about the job has answered."""
        self._looked_at = time.monotonic()
        self.is_lost = self.is_lost or is_cancelled is None
        self.is_cancelled = self.is_cancelled or bool(is_cancelled)

    async def _report(self, state: str | None) -> None:
        self._raise()
        self._reported_at = time.monotonic()
        async with self.database.autocommit() as connection:
            self.note_answer(await report_job(connection, self.claim, done=self.done, total=self.total, state=state))
        self._raise()

    def _raise(self) -> None:
        if self.is_lost:
            raise JobLost(self.id)
        if self.is_cancelled:
            raise JobCancelled(self.id)


Run = Callable[[RunningJob], Awaitable[Mapping[str, Any] | None]]


@dataclass(frozen=True, slots=True)
class Handler:
    """What runs the jobs of a kind, and how."""

    kind: str
    run: Run
    attempts: int
    lease_seconds: float
    backoff_seconds: float
    at_once: int | None


HANDLERS: dict[str, Handler] = {}


def job_handler(
    kind: str,
    *,
    attempts: int = 5,
    lease_seconds: float = 60.0,
    backoff_seconds: float = 2.0,
    at_once: int | None = None,
) -> Callable[[Run], Run]:
    """Register a coroutine function for the jobs of a kind.

    A job that failed waits `backoff_seconds` and twice as long each time, and is parked after `attempts`. `lease_seconds` is how long
    nothing may be heard of a worker. A worker runs `at_once` jobs of the kind at most.
    """

    def register(run: Run) -> Run:
        if kind in HANDLERS and HANDLERS[kind].run is not run:
            raise ValueError(f"there are two handlers of the jobs {kind!r}")
        HANDLERS[kind] = Handler(kind, run, attempts, lease_seconds, backoff_seconds, at_once)
        return run

    return register
