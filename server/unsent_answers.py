"""The memory that answers hold which clients have not read yet, over all connections.

The limits on running requests end when an answer is finished; from then on only its client decides how long it is held. When the
room is full, connections that read slowly are given up for the others, and one that reads nothing is given up in any case.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Protocol

import structlog

log = structlog.get_logger("labelyard.http")


class Transport(Protocol):
    """What is needed of a connection."""

    def abort(self) -> None:
        """Close it, and forget what has not been sent."""

    def get_write_buffer_size(self) -> int:
        """How many bytes wait to be sent."""


@dataclass(frozen=True, slots=True)
class UnsentLimits:
    """How many bytes may wait together, how old an answer is when its pace counts, and how long a client may read nothing."""

    max_bytes: int = 512 << 20
    slow_after_seconds: float = 1.0
    idle_seconds: float = 60.0


@dataclass(slots=True)
class _Unsent:
    began: float
    most: int
    left: int
    read_at: float


class UnsentAnswers:
    """Connections on which more waits to be sent than the system takes."""

    def __init__(self, limits: UnsentLimits | None = None) -> None:
        self._limits = limits or UnsentLimits()
        self._waiting: dict[Transport, _Unsent] = {}
        self._timer: asyncio.TimerHandle | None = None

    def enter(self, transport: Transport) -> None:
        """Bytes begin to wait on a connection."""
        now, size = asyncio.get_running_loop().time(), transport.get_write_buffer_size()
        self._waiting[transport] = _Unsent(now, size, size, now)
        self._look()

    def leave(self, transport: Transport) -> None:
        """The waiting bytes have been sent, or the connection has ended."""
        self._waiting.pop(transport, None)

    def _look(self) -> None:
        """Abort connections that read nothing, and the slowest ones while there is no room."""
        now = asyncio.get_running_loop().time()
        for transport, unsent in list(self._waiting.items()):
            size = transport.get_write_buffer_size()
            if size != unsent.left:
                unsent.most, unsent.left, unsent.read_at = max(unsent.most, size), size, now
            if now - unsent.read_at >= self._limits.idle_seconds:
                self._give_up(transport)
        unsent_bytes = sum(unsent.left for unsent in self._waiting.values())
        old = [item for item in self._waiting.items() if now - item[1].began >= self._limits.slow_after_seconds]
        for transport, unsent in sorted(old, key=lambda item: (item[1].most - item[1].left) / (now - item[1].began)):
            if unsent_bytes <= self._limits.max_bytes:
                break
            unsent_bytes -= unsent.left
            self._give_up(transport)
        if self._waiting and self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._limits.slow_after_seconds, self._look_again)

    def _look_again(self) -> None:
        self._timer = None
        self._look()

    def _give_up(self, transport: Transport) -> None:
        log.warning("answer given up", bytes_unsent=self._waiting.pop(transport).left)
        transport.abort()
