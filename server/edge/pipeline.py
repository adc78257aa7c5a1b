"""The steps that every request takes, over every transport.

    identify   find the caller from the head alone: a key or a signature (401, 403, wrong keys 429)
    admit      requests of the key, the organization, or a stranger's address (429)
    read       the bytes become a request, within bounds of size and pace (400, 413, 415, 429)
    measure    what it costs, before anything is validated or run (400, 429)
    slot       one of the slots for running requests, after a short wait (429)
    perform    within the time limit; the size of the answer is bounded
    refuse     turn what was raised into an answer, by the table of `server.edge.error`
    log        one line

A door only reads and writes bytes; `perform` is reached through these steps alone.
"""

from __future__ import annotations

import time
from typing import Protocol, TypeVar

import structlog
from starlette.requests import ClientDisconnect

from labelyard.domain.address import client_network
from labelyard.server.edge.authentication import LOOK_UP_SECONDS
from labelyard.server.edge.error import ErrorPayload, to_error_payload
from labelyard.server.edge.exchange import Caller, Exchange
from labelyard.server.edge.load import Load
from labelyard.storage.outcome import Deadline

log = structlog.get_logger("labelyard.access")

Request = TypeVar("Request")
Measured = TypeVar("Measured")
Answer_co = TypeVar("Answer_co", covariant=True)


class Door(Protocol[Request, Measured, Answer_co]):
    """One request's transport."""

    @property
    def seconds(self) -> float | None:
        """The time limit of `perform`; None where the pace of a body is the limit."""

    @property
    def needs_slot(self) -> bool:
        """Whether `perform` takes one of the slots for running requests."""

    @property
    def max_wait_seconds(self) -> float | None:
        """How long to wait for a slot, where that differs from the default."""

    async def identify(self, exchange: Exchange) -> Caller | None:
        """The caller by the head of the request; None without a valid key or signature."""

    async def read(self, exchange: Exchange) -> Request:
        """The request in the body."""

    def measure(self, exchange: Exchange, request: Request) -> tuple[Measured, int]:
        """What is to be executed, and its cost. Raises where it is too large, or needs a key that is missing."""

    async def perform(self, exchange: Exchange, measured: Measured) -> Answer_co:
        """Execute the request, and make its answer."""

    def refuse(self, exchange: Exchange, error: ErrorPayload) -> Answer_co:
        """The answer for an error."""


class Pipeline:
    """The steps, with the counters of load that they share."""

    def __init__(self, load: Load) -> None:
        self.load = load

    async def answer(self, exchange: Exchange, door: Door[Request, Measured, Answer_co]) -> Answer_co | None:
        """The answer to one request; None when the client has closed the connection."""
        try:
            async with Deadline(LOOK_UP_SECONDS if door.seconds is None else min(door.seconds, LOOK_UP_SECONDS)):
                caller = exchange.caller = await door.identify(exchange)
            if caller is None:
                self.load.admit_stranger(client_network(exchange.address))
            elif caller.actor is not None:
                self.load.admit(caller)
            else:
                self.load.admit_file(caller)
            measured, exchange.cost = door.measure(exchange, await door.read(exchange))
            if caller is not None and exchange.cost:
                self.load.charge(caller, exchange.cost)
            if not door.needs_slot:
                return await self._performed(exchange, door, measured)
            key, organization_id = (
                (caller.key, caller.organization_id) if caller is not None else (client_network(exchange.address), "")
            )
            await self.load.running.enter(key, organization_id, max_wait_seconds=door.max_wait_seconds)
            try:
                return await self._performed(exchange, door, measured)
            finally:
                self.load.running.leave(key, organization_id)
        except ClientDisconnect:
            exchange.code = "CLIENT_LEFT"
            return None
        except Exception as error:
            return self.refuse(exchange, door, error)

    async def _performed(
        self, exchange: Exchange, door: Door[Request, Measured, Answer_co], measured: Measured
    ) -> Answer_co:
        """The answer of the door, within its time limit."""
        async with Deadline(door.seconds):
            return await door.perform(exchange, measured)

    def refuse(self, exchange: Exchange, door: Door[Request, Measured, Answer_co], error: Exception) -> Answer_co:
        """The answer for an error."""
        payload = to_error_payload(error, exchange.request_id)
        exchange.code = payload.code
        return door.refuse(exchange, payload)

    def log(self, exchange: Exchange, event: str = "request", **more: object) -> None:
        """The line of the access log."""
        actor = exchange.caller.actor if exchange.caller is not None else None
        log.info(
            event,
            request_id=exchange.request_id,
            transport=exchange.transport,
            method=exchange.method,
            operation=exchange.operation,
            field=exchange.root_field,
            status=exchange.status,
            code=exchange.code,
            milliseconds=round((time.perf_counter() - exchange.began) * 1000, 2),
            cost=exchange.cost,
            bytes=exchange.bytes,
            user_id=actor.user_id if actor is not None else None,
            organization_id=exchange.caller.organization_id if exchange.caller is not None else None,
            **more,
        )
