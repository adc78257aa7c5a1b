"""Requests to an open door, on their way through the pipeline that all requests take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

import orjson
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route as StarletteRoute
from starlette.types import Receive, Scope, Send

from labelyard.domain.error import (
    BadRequest,
    ErrorCode,
    NotFound,
    TooManyRequests,
    Unauthenticated,
)
from labelyard.domain.repetition import HEADER, Repetition, digest_of, key_of
from labelyard.resolvers.call import CompletedValue
from labelyard.resolvers.operation import report_unchecked
from labelyard.resolvers.performing import Performing
from labelyard.server.door.rest.answer import Answer
from labelyard.server.door.rest.body import MOST_BYTES, Body, BodyReader
from labelyard.server.door.rest.call import Call
from labelyard.server.door.rest.cors import Origins
from labelyard.server.door.rest.door import Door, Found, Route
from labelyard.server.door.rest.query import Query
from labelyard.server.door.signed_url import guards_of
from labelyard.server.edge.asked_address import AskedAddresses
from labelyard.server.edge.authentication import Callers
from labelyard.server.edge.body import check_headers
from labelyard.server.edge.body_room import BodyReservation, BodyRoom
from labelyard.server.edge.error import ErrorPayload, refusal_headers
from labelyard.server.edge.exchange import Caller, Exchange
from labelyard.server.edge.execution import Execution
from labelyard.server.edge.pipeline import Pipeline
from labelyard.server.edge.serialisation import serialised
from labelyard.storage.plan.budget import ReadBudget
from labelyard.storage.spool import Spool

SPOOLED_AT_ONCE: Final = 16 * MOST_BYTES
"""Bytes on the disk that the bodies of all requests take at once."""

GUARDS: Final = guards_of("same-site")
_READING: Final = frozenset({"GET", "HEAD"})


class MethodNotAllowed(BadRequest):
    """A path that takes other verbs."""

    code = ErrorCode.METHOD_NOT_ALLOWED


@dataclass(frozen=True, slots=True, kw_only=True)
class RestTools:
    """What all doors of a process share."""

    pipeline: Pipeline
    callers: Callers
    execution: Execution
    addresses: AskedAddresses
    origins: Origins
    timeout_seconds: float
    disk: BodyRoom


def rest_routes(door: Door, tools: RestTools) -> list[StarletteRoute]:
    """The routes of an open door in the application."""
    serving = _Serving(door, tools)
    base = door.base.rstrip("/")
    return [StarletteRoute(path, serving) for path in (base, f"{base}/{{rest:path}}")]


class _Serving:
    """ASGI application of one door."""

    def __init__(self, door: Door, tools: RestTools) -> None:
        self.door = door
        self.tools = tools

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        tools, door = self.tools, self.door
        client = scope["client"][0] if scope.get("client") else ""
        exchange = Exchange(door.name, scope["method"], client, tools.addresses.of(scope))
        exchange.is_mutation = scope["method"] not in _READING
        raw_path = scope.get("raw_path") or quote(scope["path"]).encode()
        found = door.find(raw_path.partition(b"?")[0])
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        origin = headers.get("origin")
        response: Response | None
        if scope["method"] == "OPTIONS":
            allow = {} if found is None else {"Allow": ", ".join(found.verbs)}
            response = Response(status_code=204, headers={**GUARDS, **allow, **tools.origins.preflight(origin)})
        else:
            memory, disk = tools.pipeline.load.bodies.open(), tools.disk.open()
            spool = Spool(tools.execution.app_services.work_dir)
            try:
                request = _Request(self, scope, receive, headers, found, memory, disk, spool)
                response = await tools.pipeline.answer(exchange, request)
            finally:
                spool.close()
                disk.release()
                memory.release()
            if response is not None:
                response.headers.update({**tools.origins.headers(origin), "X-Request-Id": exchange.request_id})
        if response is not None:
            exchange.status = response.status_code
            exchange.bytes = int(response.headers.get("content-length", 0))
            if scope["method"] == "HEAD":
                response = _without_body(response)
            await response(scope, receive, send)
        tools.pipeline.log(exchange)


class _Request:
    """One request; see `server.edge.pipeline.Door`."""

    needs_slot = True
    max_wait_seconds: float | None = None

    def __init__(
        self,
        serving: _Serving,
        scope: Scope,
        receive: Receive,
        headers: Mapping[str, str],
        found: Found | None,
        memory: BodyReservation,
        disk: BodyReservation,
        spool: Spool,
    ) -> None:
        self._door = serving.door
        self._tools = serving.tools
        self._scope = scope
        self._receive = receive
        self._headers = headers
        self._found = found
        self._memory = memory
        self._disk = disk
        self._spool = spool
        self._key: str | None = None

    @property
    def seconds(self) -> float:
        """The time limit of requests."""
        return self._tools.timeout_seconds

    async def identify(self, exchange: Exchange) -> Caller | None:
        """The person of the key, which stands where the door says."""
        check_headers(self._scope)
        return await self._tools.callers.find_key(self._door.key_of(self._headers), exchange.address)

    async def read(self, exchange: Exchange) -> tuple[Route, Body]:
        """The route, and the body that it takes."""
        if exchange.caller is None:
            raise Unauthenticated("The API key is missing, unknown, expired or revoked.")
        verb = "GET" if exchange.method == "HEAD" else exchange.method
        if self._found is None:
            raise NotFound(f"There is nothing at {exchange.method} {self._scope['path'][:200]}.")
        route = self._found.routes.get(verb)
        if route is None:
            raise MethodNotAllowed(
                f"{verb} is not served here; this path takes {', '.join(self._found.verbs)}.", allow=self._found.verbs
            )
        exchange.root_field = route.pattern.text
        if exchange.is_mutation:
            self._key = key_of([value for name, value in self._headers.items() if name == HEADER.lower()])
        reader = BodyReader(
            scope=self._scope,
            receive=self._receive,
            memory=self._memory,
            disk=self._disk,
            spool=self._spool,
            needs_digest=self._key is not None,
        )
        return route, await reader.read(route.sent)

    def measure(self, exchange: Exchange, request: tuple[Route, Body]) -> tuple[tuple[Route, Body], int]:
        """The cost that the route declares."""
        return request, request[0].cost

    async def perform(self, exchange: Exchange, measured: tuple[Route, Body]) -> Response:
        """Run the handler, and write its answer."""
        route, body = measured
        context = self._tools.execution.bare_context(exchange)
        call = Call(
            context,
            action=route.action,
            name=f"{self._door.name} {route.verb} {route.pattern.text}",
            path=self._found.texts[route.verb] if self._found is not None else {},
            query=Query(self._scope.get("query_string", b"")),
            headers=self._headers,
            body=body,
        )
        reservation = self._tools.execution.reserve(exchange, context)
        try:
            while True:
                try:
                    return await self._answered(call, exchange, route)
                except TooManyRequests:
                    if not reservation.is_refused:  # only of what reads: see `AnswerRoom`
                        raise
                await reservation.wait()
                context.budget = ReadBudget(self._tools.execution.max_answer_bytes, reservation)
        finally:
            reservation.release()

    async def _answered(self, call: Call, exchange: Exchange, route: Route) -> Response:
        """The answer of the handler, written. Behind a commit there is only that, or `UnknownOutcome`."""
        with Performing(
            call.name,
            call.action,
            call.actor,
            is_mutation=exchange.is_mutation,
            address=exchange.address,
            request_id=exchange.request_id,
        ) as writes:
            if self._key is not None:
                return await self._response(await self._answered_once(self._key, call, route), call.context.budget)
            answer = await _handled(call, route)
            if writes.may_have_happened and call.is_unchecked:
                report_unchecked(call.name, exchange.request_id)
            return await self._response(answer, call.context.budget)

    async def _answered_once(self, key: str, call: Call, route: Route) -> Answer:
        """The answer that was given when the request came first; else the answer now, kept with what it does."""
        sent = f"{call.name} {self._scope['path']}", self._scope.get("query_string", b"")
        repetition = Repetition(key, digest_of(sent[0], sent[1], call.body.digest))

        async def run() -> CompletedValue:
            answer = await _handled(call, route)
            if not answer.is_json and answer.status != 204:
                raise LookupError(f"{call.name} answers bytes, which are not kept")
            return CompletedValue({"status": answer.status, "content": answer.content})

        kept = await self._tools.execution.once_of(repetition).answer(
            call.context, call.actor, call.name, run, is_slow=False, is_unchecked=lambda: call.is_unchecked
        )
        value: dict[str, Any] = kept.value
        return Answer(value["content"], value["status"])

    async def _response(self, answer: Answer, budget: ReadBudget) -> Response:
        headers = {**GUARDS, **answer.headers}
        if answer.status == 204:
            return Response(status_code=204, headers=headers)
        content = answer.content
        if answer.is_json:
            content = await serialised(
                content,
                expected_bytes=budget.answer_bytes,
                max_bytes=self._tools.execution.max_answer_bytes,
            )
        headers["Content-Type"] = answer.media_type
        if isinstance(content, bytes):
            return Response(content, answer.status, headers=headers)
        return StreamingResponse(content, answer.status, headers=headers)

    def refuse(self, exchange: Exchange, error: ErrorPayload) -> Response:
        """The refusal in the shape of the door."""
        status = self._door.status_of(error)
        body = self._door.error(error, status)
        is_text = isinstance(body, str)
        headers = {
            **GUARDS,
            **refusal_headers(error, status, exchange.request_id),
            "Content-Type": "text/plain; charset=utf-8" if is_text else "application/json",
        }
        return Response(body.encode() if is_text else orjson.dumps(body), status, headers=headers)


async def _handled(call: Call, route: Route) -> Answer:
    content = await route.handler(call)
    return content if isinstance(content, Answer) else Answer(content)


def _without_body(response: Response) -> Response:
    """The head of an answer."""
    head = Response(status_code=response.status_code)
    head.raw_headers = response.raw_headers
    return head
