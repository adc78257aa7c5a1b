"""Token buckets in memory: how often, by name.

Written here because it is twenty lines: what libraries add is a store shared between processes, which would cost a round trip for
every request.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

Clock = Callable[[], float]
MAX_NAMES: Final = 10_000


@dataclass(frozen=True, slots=True)
class Rate:
    """So much a minute in the long run, and `burst` at once."""

    setting: str
    per_minute: float
    burst: float


class Buckets:
    """One bucket of a rate for each name; a name that was not used for long has a full one.

    The names used least recently are forgotten when there are too many, which fills their buckets: an attacker who can use ten
    thousand addresses is not held by this.
    """

    __slots__ = ("_buckets", "_clock", "_max_names", "rate")

    def __init__(self, rate: Rate, *, clock: Clock = time.monotonic, max_names: int = MAX_NAMES) -> None:
        self.rate = rate
        self._clock = clock
        self._max_names = max_names
        self._buckets: dict[str, tuple[float, float]] = {}

    def __len__(self) -> int:
        return len(self._buckets)

    def seconds_until(self, name: str, amount: float = 1.0) -> float:
        """How long until `amount` can be taken; 0 when it can be now."""
        missing = amount - self._level(name, self._clock())
        return max(0.0, missing * 60 / self.rate.per_minute)

    def take(self, name: str, amount: float = 1.0) -> float:
        """Take `amount` and answer 0, or take nothing and answer after how many seconds it can be taken."""
        now = self._clock()
        level = self._level(name, now) - amount
        if level < 0:
            return -level * 60 / self.rate.per_minute
        self._buckets.pop(name, None)  # entered anew at the end: the order is that of use
        self._buckets[name] = (level, now)
        if len(self._buckets) > self._max_names:
            del self._buckets[next(iter(self._buckets))]
        return 0.0

    def _level(self, name: str, now: float) -> float:
        known = self._buckets.get(name)
        if known is None:
            return self.rate.burst
        level, then = known
        return min(self.rate.burst, level + (now - then) * self.rate.per_minute / 60)
