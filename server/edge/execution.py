"""GraphQL requests, executed and answered alike over HTTP and websockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any, Final

import orjson
from graphql import ExecutionResult, OperationDefinitionNode, OperationType, execute, subscribe

from labelyard.domain.error import ClientError, ErrorCode, Unauthenticated
from labelyard.domain.repetition import Repetition, digest_of
from labelyard.resolvers.call import RequestContext
from labelyard.resolvers.compatibility import adapted
from labelyard.resolvers.executor import CompletedValueExecutor
from labelyard.resolvers.once import Once, OnceSlots
from labelyard.resolvers.operation import OPERATIONS
from labelyard.resolvers.schema import core_schema
from labelyard.resolvers.variables import DocumentVariables
from labelyard.server.edge.answer_room import AnswerReservation, AnswerRoom
from labelyard.server.edge.body import GraphQLRequest
from labelyard.server.edge.document_cache import DocumentCache, KnownDocument
from labelyard.server.edge.document_limits import DocumentLimits
from labelyard.server.edge.document_shape import shapes_of
from labelyard.server.edge.error import NOTHING_WAS_RUN, format_errors, invalid_document_entries
from labelyard.server.edge.exchange import Exchange
from labelyard.server.edge.introspection_answers import IntrospectionAnswers, only_introspects
from labelyard.server.edge.serialisation import serialised
from labelyard.services.app_services import AppServices
from labelyard.services.label.queue import LabelQueue
from labelyard.storage.database import Database
from labelyard.storage.plan.budget import ReadBudget

LISTED: Final = 100
MOST_ADDRESSES: Final = 100
MAX_WARNINGS: Final = 50
MAX_LOGGED_NAME: Final = 100
# Enough for the log-in of any client, and too few to make validation slow.
STRANGER_LIMITS: Final = DocumentLimits(max_tokens=200)
# With status 400 or 429 where nothing else was asked for.
TOLD_OF_THE_REQUEST: Final = NOTHING_WAS_RUN | {ErrorCode.QUERY_TOO_COMPLEX}
KEY_MISSING: Final = (
    "[unauthorized] The API key is missing, unknown, expired or revoked; send `Authorization: X-API-Key: <key>`."
)


@dataclass(frozen=True, slots=True)
class MeasuredRequest:
    """A request with its document and the operation to be executed."""

    sent: GraphQLRequest
    known: KnownDocument
    operation: OperationDefinitionNode

    @property
    def is_subscription(self) -> bool:
        """Whether events follow instead of one answer."""
        return self.operation.operation is OperationType.SUBSCRIPTION


@dataclass(frozen=True, slots=True)
class GraphQLAnswer:
    """The encoded answer to an operation, with the status it has over HTTP."""

    body: bytes
    status: int = 200
    code: str = "OK"


class Execution:
    """The schema, its documents, and what root fields work with."""

    def __init__(
        self,
        database: Database,
        app_services: AppServices,
        label_queue: LabelQueue,
        *,
        max_answer_bytes: int,
        answer_bytes_at_once: int,
    ) -> None:
        self.database = database
        self.app_services = app_services
        self.label_queue = label_queue
        self.max_answer_bytes = max_answer_bytes
        self.answers = AnswerRoom(answer_bytes_at_once)
        self._schema = core_schema()
        self.documents = DocumentCache(
            schema=self._schema, shapes=shapes_of(self._schema, root_list_size=LISTED), adapt=adapted
        )
        self._introspections = IntrospectionAnswers()
        self._services: dict[str, AppServices] = {}
        self._once_slots = OnceSlots(database)

    def measure(self, exchange: Exchange, sent: GraphQLRequest) -> tuple[MeasuredRequest, int]:
        """The document of a request and its cost; a stranger's may ask for nothing but log-in."""
        known, cost = self._known(sent, is_stranger=exchange.caller is None)
        operation = known.operation(sent.operation_name)
        exchange.is_mutation = operation.operation is OperationType.MUTATION
        exchange.operation = sent.operation_name[:MAX_LOGGED_NAME] if sent.operation_name else None
        exchange.root_field = _first_field(operation)
        if exchange.caller is None and not _is_public(operation):
            raise Unauthenticated(KEY_MISSING)
        return MeasuredRequest(sent, known, operation), cost

    def _known(self, sent: GraphQLRequest, *, is_stranger: bool) -> tuple[KnownDocument, int]:
        """The measured document and its cost; strangers are not told what is wrong with theirs."""
        try:
            known = self.documents.get(sent.query, STRANGER_LIMITS if is_stranger else None)
            return known, known.facts.cost(sent.variables, sent.operation_name)
        except ClientError:
            if is_stranger:
                raise Unauthenticated(KEY_MISSING) from None
            raise

    def is_mutation(self, sent: GraphQLRequest) -> bool:
        """Whether a request, of which nothing more is known, is a mutation."""
        known = self.documents.get(sent.query, STRANGER_LIMITS)
        known.facts.cost(sent.variables, sent.operation_name)
        return known.operation(sent.operation_name).operation is OperationType.MUTATION

    def context(self, exchange: Exchange, measured: MeasuredRequest) -> RequestContext:
        """What the root fields of one request get."""
        context = self.bare_context(exchange)
        context.plans = measured.known.plans
        return context

    def bare_context(self, exchange: Exchange) -> RequestContext:
        """What a request without a document works with."""
        return RequestContext(
            actor=exchange.caller.actor if exchange.caller is not None else None,
            database=self.database,
            services=self._services_at(exchange.asked_at),
            label_queue=self.label_queue,
            plans={},
            request_id=exchange.request_id,
            address=exchange.address,
            budget=ReadBudget(self.max_answer_bytes),
        )

    def _services_at(self, address: str | None) -> AppServices:
        """What fields work with, its links beginning with an address of the server."""
        if address is None:
            return self.app_services
        known = self._services.get(address)
        if known is None:
            known = replace(self.app_services, links=self.app_services.links.at(address))
            if len(self._services) < MOST_ADDRESSES:
                self._services[address] = known
        return known

    async def once(self, key: str, sent: GraphQLRequest) -> Once:
        """What a mutation is recognised by when it is sent again."""
        return self.once_of(Repetition(key, await asyncio.to_thread(_digest, sent)))

    def once_of(self, repetition: Repetition) -> Once:
        """What a request is recognised by when it is sent again."""
        return Once(repetition, self._once_slots, self.database)

    def reserve(self, exchange: Exchange, context: RequestContext) -> AnswerReservation:
        """The memory that the answer to a request takes. What has been committed is answered, room or not."""
        key = exchange.caller.key if exchange.caller is not None else exchange.address
        reservation = self.answers.open(key, may_be_refused=not exchange.is_mutation)
        context.budget = ReadBudget(self.max_answer_bytes, reservation)
        return reservation

    async def answer(self, exchange: Exchange, measured: MeasuredRequest, context: RequestContext) -> GraphQLAnswer:
        """Validate and execute a query or a mutation, and encode the answer.

        A query that has found no room for its answer is executed again when there is some.
        """
        sent, operation = measured.sent, measured.operation
        known = self.documents.ready(sent.query, measured.known)
        if known.errors or known.variables is None:
            return self._invalid(exchange, known)
        introspects = only_introspects(operation) and len(known.facts.plans) == 1
        if introspects and (kept := self._introspections.get(sent.query)) is not None:
            return GraphQLAnswer(kept)
        reservation = self.reserve(exchange, context)
        try:
            result = await self._executed(measured, known.variables, context)
            while reservation.is_refused:
                del result
                await reservation.wait()
                context.budget = ReadBudget(self.max_answer_bytes, reservation)
                context.warnings.clear()
                result = await self._executed(measured, known.variables, context)
            answer = await self._encoded(exchange, measured, result, context)
        finally:
            reservation.release()
        if introspects and not result.errors:
            self._introspections.keep(sent.query, answer.body)
        return answer

    async def _executed(
        self, measured: MeasuredRequest, variables: DocumentVariables, context: RequestContext
    ) -> ExecutionResult:
        sent, operation = measured.sent, measured.operation
        name = operation.name.value if operation.name else None
        read = variables.read(name, sent.variables or {})
        root = measured.known.roots.get(name)
        if read is not None and root is not None and (arguments := root.arguments(read)) is not None:
            return await root.result(arguments, read, context, variables.document)
        started = execute(
            self._schema,
            measured.known.document if read is None else variables.document,
            variable_values=sent.variables if read is None else None,
            operation_name=sent.operation_name or None,
            context_value=context,
            executor_class=CompletedValueExecutor,
            variables=read,
        )
        return started if isinstance(started, ExecutionResult) else await started

    async def events(
        self, exchange: Exchange, measured: MeasuredRequest, context: RequestContext
    ) -> AsyncIterator[ExecutionResult] | GraphQLAnswer:
        """Validate a subscription and begin it: its events, or the answer that it cannot begin."""
        known = self.documents.ready(measured.sent.query, measured.known)
        if known.errors or known.variables is None:
            return self._invalid(exchange, known)
        self.reserve(exchange, context)
        started = subscribe(
            self._schema,
            known.document,
            context_value=context,
            variable_values=measured.sent.variables,
            operation_name=measured.sent.operation_name or None,
            executor_class=CompletedValueExecutor,
        )
        begun = started if isinstance(started, (ExecutionResult, AsyncIterator)) else await started
        if isinstance(begun, ExecutionResult):
            return await self._encoded(exchange, measured, begun, context)
        return begun

    async def event(self, exchange: Exchange, result: ExecutionResult, context: RequestContext) -> bytes:
        """One event of a subscription, encoded."""
        event: dict[str, Any] = {"data": result.data}
        if result.errors:
            event["errors"] = format_errors(result.errors, exchange.request_id)
        try:
            return await self._serialised(event, context)
        finally:
            if context.budget.memory is not None:
                context.budget.memory.release()

    def _invalid(self, exchange: Exchange, known: KnownDocument) -> GraphQLAnswer:
        exchange.code = ErrorCode.GRAPHQL_VALIDATION_FAILED
        errors = invalid_document_entries(known.errors, exchange.request_id)
        return GraphQLAnswer(orjson.dumps({"data": None, "errors": errors}), 400, exchange.code)

    async def _encoded(
        self, exchange: Exchange, measured: MeasuredRequest, result: ExecutionResult, context: RequestContext
    ) -> GraphQLAnswer:
        answer: dict[str, Any] = {"data": result.data}
        status = 200
        if result.errors:
            answer["errors"] = listed = format_errors(result.errors, exchange.request_id)
            exchange.code = listed[0]["extensions"]["code"]
            if result.data is None and not any(error.path for error in result.errors):
                status = 400
            _raise_whole(measured, result, [entry["extensions"]["code"] for entry in listed])
        if context.warnings:
            answer["extensions"] = {"warnings": context.warnings[:MAX_WARNINGS]}
        return GraphQLAnswer(await self._serialised(answer, context), status, exchange.code)

    async def _serialised(self, answer: dict[str, Any], context: RequestContext) -> bytes:
        return await serialised(answer, expected_bytes=context.budget.answer_bytes, max_bytes=self.max_answer_bytes)


def _raise_whole(measured: MeasuredRequest, result: ExecutionResult, codes: list[str]) -> None:
    """Raise the error of a field that says something of the whole request.

    An unknown outcome of one field makes that of the request unknown. That nothing was run is true only when it is for every
    root field: where a field that may not be null took the others with it, nobody can tell.
    """
    errors = result.errors or []
    for error, code in zip(errors, codes, strict=False):
        if code == ErrorCode.UNKNOWN_OUTCOME:
            raise error
    failed = {error.path[0] for error in errors if error.path}
    is_everything = failed == result.data.keys() if result.data is not None else measured.known.facts.root_fields == 1
    if is_everything and len(codes) == len(errors) and all(code in TOLD_OF_THE_REQUEST for code in codes):
        raise errors[0]


def _digest(sent: GraphQLRequest) -> str:
    """The SHA-256 of what a request asks for; in which order its variables stand does not count."""
    return digest_of(sent.query, orjson.dumps(sent.variables or {}, option=orjson.OPT_SORT_KEYS), sent.operation_name)


def _first_field(operation: OperationDefinitionNode) -> str:
    first = operation.selection_set.selections[0]
    name = getattr(first, "name", None)
    return name.value[:MAX_LOGGED_NAME] if name is not None else "…"


def _is_public(operation: OperationDefinitionNode) -> bool:
    """Whether every root field may be asked for without a key: log-in only."""
    for node in operation.selection_set.selections:
        name = getattr(node, "name", None)
        declared = OPERATIONS.get((operation.operation.value, name.value)) if name is not None else None
        if declared is None or not declared.is_public:
            return False
    return True
