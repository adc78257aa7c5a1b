"""One operation on a websocket, on its way through the pipeline."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

from graphql import ExecutionResult

from labelyard.domain.error import BadRequest, PayloadTooLarge, Unauthenticated
from labelyard.domain.permission import Actor
from labelyard.server.door.open_sockets import OpenSockets
from labelyard.server.door.subscription import SubscriptionContext
from labelyard.server.edge.authentication import LOOK_UP_SECONDS, Callers
from labelyard.server.edge.body import BodyLimits, GraphQLRequest, request_of
from labelyard.server.edge.error import ErrorPayload
from labelyard.server.edge.exchange import Caller, Exchange
from labelyard.server.edge.execution import KEY_MISSING, Execution, GraphQLAnswer, MeasuredRequest
from labelyard.server.edge.pipeline import Pipeline
from labelyard.server.loop.label_feed import LabelFeed
from labelyard.server.websocket_protocol import MAX_MESSAGE_BYTES
from labelyard.storage.fair_queue import FairQueue

MAX_OPERATIONS: Final = 50
# What is kept of a subscription while it is open: twice the longest document.
MAX_SUBSCRIPTION_BYTES: Final = 128 * 1024
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
    turns: FairQueue


@dataclass(frozen=True, slots=True)
class Stream:
    """A subscription that has begun."""

    events: AsyncIterator[ExecutionResult]
    context: SubscriptionContext


Outcome = GraphQLAnswer | Stream | ErrorPayload


class Operation:
    """One operation on a socket; see `server.edge.pipeline.Door`."""

    __slots__ = ("_authorization", "_payload", "_size", "_tools", "is_subscription")

    needs_slot = True

    def __init__(self, tools: SocketTools, authorization: str | None, payload: object, size: int) -> None:
        self._tools = tools
        self._authorization = authorization
        self._payload = payload
        self._size = size
        self.is_subscription = False

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
        return caller

    async def read(self, _exchange: Exchange) -> GraphQLRequest:
        """See `Door.read`."""
        if not isinstance(self._payload, dict):
            raise BadRequest("The message has no 'payload' with a 'query'.")
        return request_of(self._payload, MESSAGE_LIMITS, 0)

    def measure(self, exchange: Exchange, request: GraphQLRequest) -> tuple[MeasuredRequest, int]:
        """See `Door.measure`."""
        measured, cost = self._tools.execution.measure(exchange, request)
        self.is_subscription = measured.is_subscription
        if self.is_subscription and self._size > MAX_SUBSCRIPTION_BYTES:
            raise PayloadTooLarge(
                f"The message that begins a subscription has {self._size:,} bytes; at most {MAX_SUBSCRIPTION_BYTES:,} may be "
                "kept for as long as it is open. Leave out variables that it does not use."
            )
        return measured, cost

    async def perform(self, exchange: Exchange, measured: MeasuredRequest) -> Outcome:
        """See `Door.perform`."""
        tools = self._tools
        context = tools.execution.context(exchange, measured)
        if not measured.is_subscription:
            return await tools.execution.answer(exchange, measured, context)
        caller = exchange.caller
        if caller is None:
            raise Unauthenticated(KEY_MISSING)
        listening = SubscriptionContext(
            **vars(context),
            feed=tools.feed,
            find_actor=lambda: self._actor(caller.key),
            charge=lambda cost: tools.pipeline.load.charge(caller, cost),
            label_cost=max(1, exchange.cost),
            take_turn=lambda: tools.turns.taken(caller.key),
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
        async with asyncio.timeout(LOOK_UP_SECONDS):
            actor = await self._tools.callers.authenticator.actor_of(key)
        if actor is None:
            raise Unauthenticated(KEY_MISSING)
        return actor
