"""The memory that answers may take while they are made, over all requests.

What an answer takes is counted as its rows are read. A query that finds no room drops what it has read, waits for a short time, and
is begun again when there is room for what it needs; mutations have been committed by then, and are counted only.
"""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from dataclasses import dataclass
from typing import Final

from labelyard.domain.error import TooManyRequests

WAIT_SECONDS: Final = 5.0
RETRY_SECONDS: Final = 2
# Answers that take less are not counted.
SMALL_BYTES: Final = 1 << 20


class AnswerReservation:
    """What one answer takes; see `storage.plan.budget.Memory`. `is_refused` says that it found no room."""

    __slots__ = ("_may_be_refused", "_room", "bytes", "is_refused", "key", "wanted")

    def __init__(self, room: AnswerRoom, key: str, *, may_be_refused: bool) -> None:
        self._room = room
        self._may_be_refused = may_be_refused
        self.key = key
        self.bytes = 0
        self.wanted = 0
        self.is_refused = False

    def reserve(self, size: int) -> None:
        """Take `size` bytes in all; raises TooManyRequests where there is no room. May be called from any thread."""
        if size <= max(self.bytes, SMALL_BYTES):
            return
        if not self._room.grow(self, size, is_forced=not self._may_be_refused):
            self.wanted = size
            self.is_refused = True
            raise self._room.refusal()

    async def wait(self) -> None:
        """Wait for room for what was refused, holding nothing meanwhile; raises TooManyRequests when none comes in time."""
        self.release()
        await self._room.wait(self)
        self.is_refused = False

    def release(self) -> None:
        """Take nothing any more."""
        self._room.release(self)


@dataclass(slots=True, eq=False)
class _Waiting:
    answer: AnswerReservation
    admitted: asyncio.Future[None]


class AnswerRoom:
    """So many bytes for all answers together. Of the answers that wait, those of the key that holds the least are next.

    One answer always finds room when nothing else is being made.
    """

    def __init__(self, max_bytes: int, *, wait_seconds: float = WAIT_SECONDS) -> None:
        self._max_bytes = max_bytes
        self._wait_seconds = wait_seconds
        self._lock = threading.Lock()
        self._of_key: Counter[str] = Counter()
        self._waiting: list[_Waiting] = []
        self.bytes = 0

    def open(self, key: str, *, may_be_refused: bool) -> AnswerReservation:
        """The room of one more answer of a key, empty yet."""
        return AnswerReservation(self, key, may_be_refused=may_be_refused)

    def grow(self, answer: AnswerReservation, size: int, *, is_forced: bool = False) -> bool:
        """Let an answer take `size` bytes in all, if they fit."""
        with self._lock:
            others = self.bytes - answer.bytes
            if not is_forced and others and others + size > self._max_bytes:
                return False
            self._of_key[answer.key] += size - answer.bytes
            self.bytes = others + size
            answer.bytes = size
            return True

    async def wait(self, answer: AnswerReservation) -> None:
        """See `AnswerReservation.wait`."""
        if not self._waiting and self.grow(answer, answer.wanted):
            return
        waiting = _Waiting(answer, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        try:
            async with asyncio.timeout(self._wait_seconds):
                await waiting.admitted
        except TimeoutError:
            raise self.refusal() from None
        finally:
            if waiting in self._waiting:
                self._waiting.remove(waiting)

    def release(self, answer: AnswerReservation) -> None:
        """See `AnswerReservation.release`."""
        if not answer.bytes:  # it was small, and made no room for others
            return
        with self._lock:
            self.bytes -= answer.bytes
            self._of_key[answer.key] -= answer.bytes
            if not self._of_key[answer.key]:
                del self._of_key[answer.key]
            answer.bytes = 0
        self._admit_waiting()

    def _admit_waiting(self) -> None:
        for waiting in sorted(self._waiting, key=lambda each: self._of_key[each.answer.key]):
            if not waiting.admitted.done() and self.grow(waiting.answer, waiting.answer.wanted):
                waiting.admitted.set_result(None)
                self._waiting.remove(waiting)

    def refusal(self) -> TooManyRequests:
        """The refusal of an answer that finds no room."""
        return TooManyRequests(
            f"The answers that are being made take all the memory they may ({self._max_bytes:,} bytes, "
            "LABELYARD_ANSWER_BYTES_AT_ONCE); nothing was changed, try again in a moment, or ask for fewer items at once.",
            retryAfterSeconds=RETRY_SECONDS,
        )
