"""The open websockets by key: their number is limited, and the rights of their people are checked again and again."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Protocol

from labelyard.domain.error import TooManyRequests
from labelyard.domain.permission import Actor
from labelyard.server.edge.authentication import LOOK_UP_SECONDS, Authenticator
from labelyard.server.loop.runner import Loop

# How late an idle socket may be closed after a right was taken away; each delivery checks rights itself.
CHECK_EVERY_SECONDS: Final = 2.0


@dataclass(frozen=True, slots=True)
class SocketLimits:
    """How many websockets there may be."""

    per_key: int = 20
    in_process: int = 800


class OpenSocket(Protocol):
    """What is asked of a socket here."""

    @property
    def key(self) -> str:
        """The digest of the key it was opened with."""

    async def check(self, actor: Actor | None) -> None:
        """Close when the person is gone, or may not read any more what it subscribes to."""


class OpenSockets:
    """All sockets of the process whose first message was accepted."""

    def __init__(self, authenticator: Authenticator, limits: SocketLimits) -> None:
        self.limits = limits
        self.connections = 0
        self._authenticator = authenticator
        self._by_key: dict[str, set[OpenSocket]] = {}
        self.loop = Loop("websockets", self._check_all, every_seconds=CHECK_EVERY_SECONDS, max_pause_seconds=2.0)

    def enter(self) -> None:
        """Count a connection, of any key."""
        if self.connections >= self.limits.in_process:
            raise TooManyRequests(
                f"{self.connections} websockets are open, as many as may (LABELYARD_SOCKETS); try again in a moment.",
                retryAfterSeconds=5,
            )
        self.connections += 1

    def leave(self) -> None:
        """Count a connection no more."""
        self.connections -= 1

    def add(self, socket: OpenSocket) -> None:
        """Enter a socket under its key."""
        of_key = self._by_key.setdefault(socket.key, set())
        if len(of_key) >= self.limits.per_key:
            raise TooManyRequests(
                f"{len(of_key)} websockets of this key are open, as many as may (LABELYARD_SOCKETS_PER_KEY); close one.",
                retryAfterSeconds=5,
            )
        of_key.add(socket)

    def remove(self, socket: OpenSocket) -> None:
        """Forget a socket, entered or not."""
        of_key = self._by_key.get(socket.key)
        if of_key is not None:
            of_key.discard(socket)
            if not of_key:
                del self._by_key[socket.key]

    async def _check_all(self) -> None:
        """Read the people of all sockets in one statement."""
        if not self._by_key:
            return
        keys: Collection[str] = list(self._by_key)
        async with asyncio.timeout(LOOK_UP_SECONDS):
            actors = await self._authenticator.actors_of(keys)
        sockets = [(socket, actors.get(key)) for key in keys for socket in self._by_key.get(key, ())]
        await asyncio.gather(*(socket.check(actor) for socket, actor in sockets))
