"""Places for running requests: so many in the process, for one key, and for one organization; others wait in a short queue."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from dataclasses import dataclass

from domain.error import TooManyRequests


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
    place: asyncio.Future[None]


class RunningRequests:
    """Who runs and who waits, first come, first served among those whose key and organization have a place."""

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
        """How many requests wait for a place."""
        return len(self._waiting)

    async def enter(self, key: str, organization_id: str, *, max_wait_seconds: float | None = None) -> None:
        """Take a place, waiting for one if need be; raises TooManyRequests when none comes free in time.

        `max_wait_seconds` is for what is bounded elsewhere (operations of open websockets): it waits as long, and outside the
        count of those that may wait.
        """
        if self._has_place(key, organization_id):
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
                await waiting.place
        except BaseException as error:
            if waiting.place.done() and not waiting.place.cancelled():
                self.leave(key, organization_id)  # the place came in the very moment of giving up
            else:
                self._waiting.remove(waiting)
            if isinstance(error, TimeoutError):
                raise TooManyRequests(
                    f"The request waited {seconds:g} seconds for a place: {self._of_key[key]} of its key are running, at most "
                    f"{limits.per_key} may (LABELYARD_RUNNING_REQUESTS_PER_KEY), and {self._running} of everybody, at most "
                    f"{limits.in_process} (LABELYARD_RUNNING_REQUESTS); nothing was run, try again in a moment.",
                    retryAfterSeconds=2,
                ) from None
            raise

    def leave(self, key: str, organization_id: str) -> None:
        """Give the place back, to the first in the queue who may have it."""
        self._running -= 1
        _subtract(self._of_key, key)
        _subtract(self._of_organization, organization_id)
        if self._waiting:
            self._admit_waiting()

    def _admit_waiting(self) -> None:
        for waiting in self._waiting:
            if not waiting.place.done() and self._has_place(waiting.key, waiting.organization_id):
                self._take(waiting.key, waiting.organization_id)
                waiting.place.set_result(None)
                self._waiting.remove(waiting)
                return

    def _has_place(self, key: str, organization_id: str) -> bool:
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
    """One less; names with nothing are forgotten."""
    left = counter[name] - 1
    if left:
        counter[name] = left
    else:
        del counter[name]
