"""Slots for running requests, limited for the process, each organization and each key; further requests wait in a short queue."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from dataclasses import dataclass

from labelyard.domain.error import TooManyRequests


@dataclass(frozen=True, slots=True)
class RunningLimits:
    """How many requests run at once, and how many wait for how long."""

    in_process: int = 64
    per_organization: int = 32
    per_key: int = 16
    waiting: int = 256
    max_wait_seconds: float = 5.0


@dataclass(slots=True, eq=False)
class _Waiting:
    key: str
    organization_id: str
    admitted: asyncio.Future[None]


class RunningRequests:
    """The requests that run and that wait: first come, first served among those whose key and organization have a free slot."""

    def __init__(self, limits: RunningLimits) -> None:
        self._limits = limits
        self._running = 0
        self._of_key: Counter[str] = Counter()
        self._of_organization: Counter[str] = Counter()
        self._waiting: deque[_Waiting] = deque()

    @property
    def running(self) -> int:
        """How many requests run."""
        return self._running

    @property
    def waiting(self) -> int:
        """How many requests wait for a slot."""
        return len(self._waiting)

    async def enter(self, key: str, organization_id: str, *, max_wait_seconds: float | None = None) -> None:
        """Take a slot, waiting for one if need be; raises TooManyRequests when none comes free in time.

        `max_wait_seconds` is for what is bounded elsewhere (operations of open websockets): it waits as long, and outside the
        count of those that may wait.
        """
        if self._has_slot(key, organization_id):
            self._take(key, organization_id)
            return
        limits = self._limits
        if max_wait_seconds is None and len(self._waiting) >= limits.waiting:
            raise TooManyRequests(
                f"{self._running} requests are running and {len(self._waiting)} are waiting, as many as may "
                "(LABELYARD_WAITING_REQUESTS); nothing was run, try again in a moment.",
                retryAfterSeconds=2,
            )
        waiting = _Waiting(key, organization_id, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        seconds = limits.max_wait_seconds if max_wait_seconds is None else max_wait_seconds
        try:
            async with asyncio.timeout(seconds):
                await waiting.admitted
        except BaseException as error:
            if waiting.admitted.done() and not waiting.admitted.cancelled():
                self.leave(key, organization_id)  # the slot came in the very moment of giving up
            else:
                self._waiting.remove(waiting)
            if isinstance(error, TimeoutError):
                raise TooManyRequests(
                    f"The request waited {seconds:g} seconds for a slot: {self._of_key[key]} of its key are running, at most "
                    f"{limits.per_key} may (LABELYARD_RUNNING_REQUESTS_PER_KEY), and {self._running} of everybody, at most "
                    f"{limits.in_process} (LABELYARD_RUNNING_REQUESTS); nothing was run, try again in a moment.",
                    retryAfterSeconds=2,
                ) from None
            raise

    def leave(self, key: str, organization_id: str) -> None:
        """Give the slot back, to the first in the queue who may have it."""
        self._running -= 1
        _subtract(self._of_key, key)
        _subtract(self._of_organization, organization_id)
        if self._waiting:
            self._admit_waiting()

    def _admit_waiting(self) -> None:
        for waiting in self._waiting:
            if not waiting.admitted.done() and self._has_slot(waiting.key, waiting.organization_id):
                self._take(waiting.key, waiting.organization_id)
                waiting.admitted.set_result(None)
                self._waiting.remove(waiting)
                return

    def _has_slot(self, key: str, organization_id: str) -> bool:
        limits = self._limits
        return (
            self._running < limits.in_process
            and self._of_key[key] < limits.per_key
            and self._of_organization[organization_id] < limits.per_organization
        )

    def _take(self, key: str, organization_id: str) -> None:
        self._running += 1
        self._of_key[key] += 1
        self._of_organization[organization_id] += 1


def _subtract(counter: Counter[str], name: str) -> None:
    """Count one less, and forget names that reach zero."""
    left = counter[name] - 1
    if left:
        counter[name] = left
    else:
        del counter[name]
