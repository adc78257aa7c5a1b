"""How long the server waits for a body: a sender must keep a minimum pace or is turned away."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Generator
from dataclasses import dataclass
from typing import Any

from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive

from labelyard.domain.error import BadRequest

Clock = Callable[[], float]


class TooSlow(BadRequest):
    """The body falls behind the pace."""


@dataclass(frozen=True, slots=True)
class Pace:
    """The slowest sender that is served.

    The first `grace_seconds` are free. After them every byte allows `1 / bytes_per_second` seconds more, and never more than
    `grace_seconds` are kept in reserve: a sender that was fast and then falls silent is cut off as soon as one that never
    began. Only the time spent waiting for the sender counts.
    """

    bytes_per_second: int = 1024
    grace_seconds: float = 10.0


class _Resumed:
    """The rest of an awaitable that has already been started and waits for `pending`."""

    __slots__ = ("_pending", "_waiting")

    def __init__(self, waiting: Generator[Any, Any, Message], pending: Any) -> None:
        self._waiting = waiting
        self._pending = pending

    def __await__(self) -> Generator[Any, Any, Message]:
        try:
            while True:
                try:
                    sent = yield self._pending
                except BaseException as error:  # a cancellation belongs to the started awaitable
                    self._pending = self._waiting.throw(error)
                else:
                    self._pending = self._waiting.send(sent)
        except StopIteration as done:
            message: Message = done.value
            return message


class PacedReceive:
    """The `receive` of one request, refusing with `TooSlow` when the body falls behind the pace.

    A sender that hangs up raises Starlette's `ClientDisconnect`: there is nobody left to answer.
    """

    __slots__ = ("_clock", "_deadline", "_pace", "_receive", "_returned", "received_bytes")

    def __init__(self, receive: Receive, pace: Pace, *, clock: Clock = time.monotonic) -> None:
        self._receive = receive
        self._pace = pace
        self._clock = clock
        self._returned = clock()
        self._deadline = self._returned + pace.grace_seconds
        self.received_bytes = 0

    async def __call__(self) -> Message:
        """The next `http.request` message."""
        self._deadline += self._clock() - self._returned
        waiting = self._receive().__await__()
        try:
            pending = next(waiting)
        except StopIteration as done:
            # It was there already, as nearly every small body is: no timer is set for it.
            message: Message = done.value
        else:
            message = await self._in_time(_Resumed(waiting, pending))
        if message["type"] == "http.disconnect":
            raise ClientDisconnect()
        now = self._clock()
        if now > self._deadline:
            raise self._too_slow()
        length = len(message.get("body", b""))
        self.received_bytes += length
        self._deadline = min(self._deadline + length / self._pace.bytes_per_second, now + self._pace.grace_seconds)
        self._returned = now
        return message

    async def _in_time(self, message: Awaitable[Message]) -> Message:
        patience = asyncio.timeout(self._deadline - self._clock())
        try:
            async with patience:
                return await message
        except TimeoutError:
            # A TimeoutError of the layer below is not ours to explain.
            if not patience.expired():
                raise
            raise self._too_slow() from None

    def _too_slow(self) -> TooSlow:
        pace = self._pace
        return TooSlow(
            f"The body arrives too slowly: after the first {pace.grace_seconds:g} seconds at least "
            f"{pace.bytes_per_second} bytes a second are expected, and {self.received_bytes} bytes came in all. "
            "Send it over a faster connection or in smaller requests.",
            limit="min_body_bytes_per_second",
            value=pace.bytes_per_second,
            received=self.received_bytes,
        )
