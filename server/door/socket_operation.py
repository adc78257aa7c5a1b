"""One operation on a websocket, on its way through the pipeline."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Final

from graphql import ExecutionResult

from domain.error import BadRequest, TooManyRequests, Unauthenticated
from domain.permission import Actor
from server.door.open_sockets import OpenSockets
from server.door.subscription import SubscriptionContext
from server.edge.authentication import Callers
from server.edge.body import BodyLimits, GraphQLRequest, request_of
from server.edge.error import ErrorPayload
from server.edge.exchange import Caller, Exchange
from server.edge.execution import KEY_MISSING, Execution, GraphQLAnswer, MeasuredRequest
from server.edge.pipeline import Pipeline
from server.loop.label_feed import LabelFeed
from server.websocket_protocol import MAX_MESSAGE_BYTES

MAX_OPERATIONS: Final = 50
DELIVERIES_AT_ONCE: Final = 8
MESSAGE_LIMITS: Final = BodyLimits(max_body_bytes=MAX_MESSAGE_BYTES)


@dataclass(frozen=True, slots=True, kw_only=True)
class SocketTools:
    """What all websockets work with. `turns` bounds how many deliveries are read at once."""

    pipeline: Pipeline
    callers: Callers
    execution: Execution
    feed: LabelFeed
    sockets: OpenSockets
    timeout_seconds: float
    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(DELIVERIES_AT_ONCE))


@dataclass(frozen=True, slots=True)
class Stream:
    """A subscription that has begun."""

    events: AsyncIterator[ExecutionResult]
    context: SubscriptionContext


Outcome = GraphQLAnswer | Stream | ErrorPayload


class Operation:
    """One operation on a socket; see `server.edge.pipeline.Door`."""

    __slots__ = ("_authorization", "_is_one_too_many", "_payload", "_tools")

    needs_place = True

    def __init__(
        self, tools: SocketTools, authorization: str | None, payload: object, *, is_one_too_many: bool
    ) -> None:
        self._tools = tools
        self._authorization = authorization
        self._payload = payload
        self._is_one_too_many = is_one_too_many

    @property
    def seconds(self) -> float:
        """See `Door.seconds`."""
        return self._tools.timeout_seconds

    @property
    def max_wait_seconds(self) -> float:
        """Sockets, and operations on each, are counted: those there are may all wait."""
        return self._tools.timeout_seconds

    async def identify(self, exchange: Exchange) -> Caller:
        """See `Door.identify`."""
        caller = await self._tools.callers.find(self._authorization, exchange.address)
        if caller is None:
            raise Unauthenticated(KEY_MISSING)
        if self._is_one_too_many:
            exchange.caller = caller
            raise TooManyRequests(
                f"{MAX_OPERATIONS} operations are open on this websocket, as many as may; end one, or open another websocket."
            )
        return caller

    async def read(self, _exchange: Exchange) -> GraphQLRequest:
        """See `Door.read`."""
        if not isinstance(self._payload, dict):
            raise BadRequest("The message has no 'payload' with a 'query'.")
        return request_of(self._payload, MESSAGE_LIMITS, 0)

    def measure(self, exchange: Exchange, request: GraphQLRequest) -> tuple[MeasuredRequest, int]:
        """See `Door.measure`."""
        return self._tools.execution.measure(exchange, request)

    async def perform(self, exchange: Exchange, measured: MeasuredRequest) -> Outcome:
        """See `Door.perform`."""
        tools = self._tools
        context = tools.execution.context(exchange, measured)
        if not measured.is_subscription:
            return await tools.execution.answer(exchange, measured, context)
        key = exchange.caller.key if exchange.caller is not None else ""
        listening = SubscriptionContext(
            **vars(context),
            feed=tools.feed,
            find_actor=lambda: self._actor(key),
            turns=tools.turns,
            timeout_seconds=tools.timeout_seconds,
        )
        try:
            begun = await tools.execution.events(exchange, measured, listening)
        except BaseException:
            listening.close()
            raise
        if isinstance(begun, GraphQLAnswer):
            listening.close()
            return begun
        return Stream(begun, listening)

    def refuse(self, _exchange: Exchange, error: ErrorPayload) -> ErrorPayload:
        """See `Door.refuse`."""
        return error

    async def _actor(self, key: str) -> Actor:
        """The person, read anew."""
        actor = await self._tools.callers.authenticator.actor_of(key)
        if actor is None:
            raise Unauthenticated(KEY_MISSING)
        return actor
