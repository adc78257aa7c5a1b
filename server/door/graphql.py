"""GraphQL over HTTP: a body comes in, a response goes out."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from labelyard.domain.error import BadRequest, ClientError, ErrorCode, PayloadTooLarge, TooManyRequests, Unauthenticated
from labelyard.domain.repetition import HEADER, key_of
from labelyard.server.edge.asked_address import AskedAddresses
from labelyard.server.edge.authentication import Callers
from labelyard.server.edge.body import DEFAULT_LIMITS, BodyLimits, GraphQLRequest, check_head, read_body
from labelyard.server.edge.body_room import BodyReservation
from labelyard.server.edge.error import ErrorPayload, graphql_response
from labelyard.server.edge.exchange import Caller, Exchange
from labelyard.server.edge.execution import KEY_MISSING, Execution, GraphQLAnswer, MeasuredRequest
from labelyard.server.edge.pipeline import Pipeline
from labelyard.server.graphiql import GraphiqlMode, graphiql_response

# Enough for the log-in of any client: nothing else is read from a stranger.
STRANGER_LIMITS: Final = BodyLimits(max_body_bytes=8 * 1024, max_body_bytes_decompressed=8 * 1024)


IDEMPOTENCY_KEY: Final = HEADER.lower().encode()


class MethodNotAllowed(BadRequest):
    """Neither POST nor GET for GraphiQL."""

    code = ErrorCode.METHOD_NOT_ALLOWED


class Answer(Response):
    """The answer to an operation, with headers that are known: Starlette would look for each of them first."""

    def __init__(self, answer: GraphQLAnswer, *, request_id: str, cost: int) -> None:
        self.status_code = answer.status
        self.body = answer.body
        self.background = None
        self.raw_headers = [
            (b"content-length", b"%d" % len(answer.body)),
            (b"content-type", b"application/json"),
            (b"x-request-id", request_id.encode()),
            (b"x-complexity", b"%d" % cost),
        ]


class GraphQLDoor:
    """ASGI application of the endpoint over HTTP."""

    def __init__(
        self,
        pipeline: Pipeline,
        callers: Callers,
        execution: Execution,
        *,
        addresses: AskedAddresses,
        graphiql: GraphiqlMode,
        timeout_seconds: float,
        body_limits: BodyLimits = DEFAULT_LIMITS,
    ) -> None:
        self.pipeline = pipeline
        self.callers = callers
        self.execution = execution
        self.addresses = addresses
        self.timeout_seconds = timeout_seconds
        self.body_limits = body_limits
        self._graphiql = graphiql

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        client = scope["client"][0] if scope.get("client") else ""
        exchange = Exchange("http", scope["method"], client, self.addresses.of(scope))
        response = self._page(scope)
        if response is None:
            reservation = self.pipeline.load.bodies.open()
            try:
                response = await self.pipeline.answer(exchange, _Post(self, scope, receive, reservation))
            finally:
                reservation.release()
        if response is not None:
            exchange.status, exchange.bytes = response.status_code, len(response.body)
            await response(scope, receive, send)
        self.pipeline.log(exchange)

    def _page(self, scope: Scope) -> Response | None:
        """GraphiQL, where it is what a GET asks for."""
        if scope["method"] != "GET":
            return None
        return graphiql_response(self._graphiql, path=scope["path"], query_string=scope["query_string"])


class _Post:
    """One request; see `server.edge.pipeline.Door`."""

    __slots__ = ("_door", "_receive", "_reservation", "_scope")

    needs_slot = True
    max_wait_seconds: float | None = None

    def __init__(self, door: GraphQLDoor, scope: Scope, receive: Receive, reservation: BodyReservation) -> None:
        self._door = door
        self._scope = scope
        self._receive = receive
        self._reservation = reservation

    @property
    def seconds(self) -> float:
        return self._door.timeout_seconds

    async def identify(self, exchange: Exchange) -> Caller | None:
        if exchange.method != "POST":
            raise MethodNotAllowed("Send GraphQL requests with POST.")
        check_head(self._scope, self._door.body_limits)
        try:
            return await self._door.callers.find(header(self._scope, b"authorization"), exchange.address)
        except TooManyRequests:
            raise
        except Exception:
            # The database is away: what a client does next hangs on the status, which differs for mutations.
            exchange.is_mutation = await self._may_be_mutation()
            raise

    async def read(self, exchange: Exchange) -> GraphQLRequest:
        if exchange.caller is not None:
            return await read_body(self._scope, self._receive, self._door.body_limits, reservation=self._reservation)
        try:
            check_head(self._scope, STRANGER_LIMITS)
            return await read_body(self._scope, self._receive, STRANGER_LIMITS)
        except (BadRequest, PayloadTooLarge):
            raise Unauthenticated(KEY_MISSING) from None

    async def _may_be_mutation(self) -> bool:
        """Whether the request is a mutation, or too large to be looked at."""
        try:
            check_head(self._scope, STRANGER_LIMITS)
            request = await read_body(self._scope, self._receive, STRANGER_LIMITS)
            return self._door.execution.is_mutation(request)
        except ClientError:
            return True

    def measure(self, exchange: Exchange, request: GraphQLRequest) -> tuple[MeasuredRequest, int]:
        measured, cost = self._door.execution.measure(exchange, request)
        if measured.is_subscription:
            raise BadRequest("Subscriptions are answered over a websocket at this address, not over HTTP.")
        return measured, cost

    async def perform(self, exchange: Exchange, measured: MeasuredRequest) -> Response:
        execution = self._door.execution
        context = execution.context(exchange, measured)
        if exchange.is_mutation and (key := key_of(headers_of(self._scope, IDEMPOTENCY_KEY))) is not None:
            context.once = await execution.once(key, measured.sent)
        answer = await execution.answer(exchange, measured, context)
        return Answer(answer, request_id=exchange.request_id, cost=exchange.cost)

    def refuse(self, exchange: Exchange, error: ErrorPayload) -> Response:
        return graphql_response(error, exchange.request_id, is_mutation=exchange.is_mutation)


def header(scope: Scope, name: bytes) -> str | None:
    """The first header of a name."""
    for key, value in scope["headers"]:
        if key == name:
            return str(value.decode("latin-1"))
    return None


def headers_of(scope: Scope, name: bytes) -> list[str]:
    """All headers of a name."""
    return [value.decode("latin-1") for key, value in scope["headers"] if key == name]
