"""Clocks: wall time, and CPU of processes and of PostgreSQL."""

from __future__ import annotations

import statistics
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

import psutil


@dataclass(frozen=True)
class Spent:
    """Seconds that something took."""

    wall: float
    cpu: float

    def per(self, other: Spent) -> tuple[float, float]:
        """Ratios of wall and CPU time; the system counts CPU time in hundredths of a second."""
        return self.wall / max(other.wall, 1e-9), max(self.cpu, 0.01) / max(other.cpu, 0.01)


class Clock:
    """Sums the CPU of the given processes and of all processes of the database cluster, if there is one."""

    def __init__(self, postmaster: int | None, processes: Iterable[int]) -> None:
        self._postmaster = None if postmaster is None else psutil.Process(postmaster)
        self._processes = [psutil.Process(pid) for pid in processes]

    def cpu(self) -> float:
        """CPU seconds so far, those of ended backends included."""
        total = 0.0
        cluster = [] if self._postmaster is None else [self._postmaster, *self._postmaster.children(recursive=True)]
        for process in [*self._processes, *cluster]:
            try:
                times = process.cpu_times()
            except psutil.NoSuchProcess:
                continue
            total += times.user + times.system
            if process is self._postmaster:
                total += times.children_user + times.children_system
        return total

    async def measure(self, work: Callable[[], Awaitable[object]], *, rounds: int = 3) -> Spent:
        """The median of a few rounds, by wall time."""
        spent = []
        for _ in range(rounds):
            cpu, wall = self.cpu(), time.perf_counter()
            await work()
            spent.append(Spent(time.perf_counter() - wall, self.cpu() - cpu))
        return sorted(spent, key=lambda one: one.wall)[len(spent) // 2]


def median_milliseconds(samples: list[float]) -> float:
    """The median of samples in seconds, in milliseconds."""
    return statistics.median(samples) * 1000
