"""The memory that request bodies may hold at once, over all requests.

When it is full, bodies that come in slowly are given up for those that come in fast: a few dozen senders at the slowest pace
allowed would otherwise keep everybody else out for hours.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from labelyard.domain.error import TooManyRequests
from labelyard.server.resident_memory import ResidentMemory

Clock = Callable[[], float]
# From this size on a body is taken only while the process takes no more memory than it may.
LARGE_BYTES: Final = 1 << 20
# A body this old that has come in slower is given up when the room is needed.
SLOW_AFTER_SECONDS: Final = 2.0
SLOW_BYTES_PER_SECOND: Final = 256 * 1024


class BodyReservation:
    """What one request holds. `is_given_up` is set when its room was taken for another body."""

    __slots__ = ("_began", "_room", "bytes", "is_given_up", "is_whole")

    def __init__(self, room: BodyRoom, began: float) -> None:
        self._room = room
        self._began = began
        self.bytes = 0
        self.is_given_up = False
        self.is_whole = False

    def add(self, size: int) -> None:
        """Hold more bytes; raises TooManyRequests when there is no room for them, or none any more."""
        self._room.add(self, size)

    def require_memory(self, size: int) -> None:
        """Refuse a body of this size if it is a large one and the process takes too much memory."""
        self._room.require_memory(size)

    def release(self) -> None:
        """Hold nothing any more."""
        self._room.release(self)

    def bytes_per_second(self, now: float) -> float:
        """The pace since the first byte; that of a body just begun counts as fast."""
        age = now - self._began
        return float("inf") if age < SLOW_AFTER_SECONDS else self.bytes / age


class BodyRoom:
    """So many bytes for the bodies of all requests together."""

    def __init__(
        self,
        max_bytes: int,
        *,
        memory: ResidentMemory | None = None,
        clock: Clock = time.monotonic,
        limit: str = "LABELYARD_BODY_BYTES_AT_ONCE",
    ) -> None:
        self._max_bytes = max_bytes
        self._memory = memory
        self._clock = clock
        self._limit = limit
        self._bodies: dict[BodyReservation, None] = {}
        self.bytes = 0

    def open(self) -> BodyReservation:
        """The room of one more body, empty yet."""
        return BodyReservation(self, self._clock())

    def add(self, body: BodyReservation, size: int) -> None:
        """See `BodyReservation.add`."""
        if body.is_given_up:
            raise self._full("This body came in slowly, and its room was needed")
        if body.bytes <= LARGE_BYTES:
            self.require_memory(body.bytes + size)
        while self.bytes + size > self._max_bytes:
            slowest = self._slowest()
            if slowest is None or slowest is body:
                raise self._full("The bodies of requests take all the room there is")
            slowest.is_given_up = True
            self.release(slowest)
        self._bodies[body] = None
        body.bytes += size
        self.bytes += size

    def require_memory(self, size: int) -> None:
        """See `BodyReservation.require_memory`."""
        if size > LARGE_BYTES and self._memory is not None:
            self._memory.require()

    def release(self, body: BodyReservation) -> None:
        """See `BodyReservation.release`."""
        if body in self._bodies:
            del self._bodies[body]
            self.bytes -= body.bytes
            body.bytes = 0

    def _slowest(self) -> BodyReservation | None:
        """The slowest of the bodies that are still coming in, if it is slow."""
        now = self._clock()
        coming = [body for body in self._bodies if not body.is_whole]
        slowest = min(coming, key=lambda body: body.bytes_per_second(now), default=None)
        return slowest if slowest is not None and slowest.bytes_per_second(now) < SLOW_BYTES_PER_SECOND else None

    def _full(self, what: str) -> TooManyRequests:
        return TooManyRequests(
            f"{what} ({self._max_bytes:,} bytes, {self._limit}); nothing was run, try again in a moment.",
            retryAfterSeconds=2,
        )
