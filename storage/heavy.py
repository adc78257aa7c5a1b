"""The queue of statements that read many rows to find a few: they wait for one another and leave connections to all others."""

from __future__ import annotations

from labelyard.domain.error import TooManyRequests
from labelyard.storage.fair_queue import FairQueue

MOST_WAITING = 16
RETRY_SECONDS = 5


def heavy_queue(slots: int, max_waiting: int = MOST_WAITING) -> FairQueue:
    """Few statements run at once, some wait, and the rest is refused before anything has run; organizations take turns."""
    return FairQueue(slots, max_waiting=max_waiting, refusal=_refusal)


def _refusal() -> TooManyRequests:
    return TooManyRequests(
        "Too many searches through answers and metadata are under way; try again in a moment.",
        retryAfterSeconds=RETRY_SECONDS,
    )
