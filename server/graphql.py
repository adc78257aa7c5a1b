"""The GraphQL endpoint: read the body, measure the document, find the person, execute, answer."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field
from typing import Any

import orjson
import structlog
from graphql import ExecutionResult, GraphQLError, OperationDefinitionNode, OperationType, execute, validate
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from domain.error import ErrorCode, QueryTooComplex, Refusal, Unauthenticated
from domain.permission import Actor
from resolvers.adaptation import adapted
from resolvers.executor import FinishingExecutor
from resolvers.operation import OPERATIONS, PlanCache, RequestContext
from resolvers.schema import core_schema
from resolvers.variables import DocumentVariables
from server.answer import MAX_ERRORS, Told, entries, error_entry, refusal_response, told
from server.authentication import Authenticator
from server.body import BodyLimits, GraphQLRequest, read_body
from server.document_cache import CheckedDocument, DocumentCache
from server.graphiql import GraphiqlMode, graphiql_response
from services.environment import Environment
from services.label_queue import LabelQueue
from storage.database import Database
from storage.outcome import deadline

log = structlog.get_logger("labelyard.access")
LISTED = 100
# Told in the plain shape even when a field raised them: what a client does next hangs on the status.
UNCERTAIN = (ErrorCode.UNAVAILABLE, ErrorCode.UNKNOWN_OUTCOME)


@dataclass(slots=True)
class KnownDocument:
    """What is kept beside a parsed document: its validation, how its variables are read, and the plans of its fields."""

    checked: CheckedDocument
    errors: list[GraphQLError]
    variables: DocumentVariables
    plans: PlanCache = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """An answer and what the access log says of it."""

    response: Response
    code: str = "OK"
    field_name: str = ""
    cost: int = 0
    actor: Actor | None = None


class GraphQLEndpoint:
    """ASGI application of `/api/label/v2/graphql` over HTTP."""

    def __init__(
        self,
        database: Database,
        environment: Environment,
        authenticator: Authenticator,
        *,
        graphiql: GraphiqlMode,
        max_answer_bytes: int,
        timeout_seconds: float,
        body_limits: BodyLimits | None = None,
    ) -> None:
        self._database = database
        self._environment = environment
        self._authenticator = authenticator
        self._label_queue = LabelQueue(database, environment)
        self._graphiql = graphiql
        self._max_answer_bytes = max_answer_bytes
        self._timeout_seconds = timeout_seconds
        self._body_limits = body_limits or BodyLimits()
        self._schema = core_schema()
        lists = {
            name
            for type_name in ("Query", "Mutation")
            for name, declared in self._schema.type_map[type_name].fields.items()  # type: ignore[attr-defined]
            if "first" in declared.args
        }
        self._documents = DocumentCache(list_size_of=lambda name: LISTED if name in lists else 1, adapt=adapted)
        self._known: dict[int, KnownDocument] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        started = time.perf_counter()
        request_id = secrets.token_hex(8)
        scope.setdefault("state", {})["request_id"] = request_id
        outcome = await self._outcome(scope, receive, request_id)
        if outcome is None:
            return
        await outcome.response(scope, receive, send)
        log.info(
            "request",
            request_id=request_id,
            method=scope["method"],
            field=outcome.field_name,
            status=outcome.response.status_code,
            code=outcome.code,
            milliseconds=round((time.perf_counter() - started) * 1000, 2),
            cost=outcome.cost,
            bytes=len(outcome.response.body),
            user_id=outcome.actor.user_id if outcome.actor else None,
            organization_id=outcome.actor.organization_id if outcome.actor else None,
        )

    async def _outcome(self, scope: Scope, receive: Receive, request_id: str) -> Outcome | None:
        if scope["method"] == "GET":
            page = graphiql_response(self._graphiql, path=scope["path"], query_string=scope["query_string"])
            if page is not None:
                return Outcome(page)
        if scope["method"] != "POST":
            refused = Told(ErrorCode.METHOD_NOT_ALLOWED, "Send GraphQL requests with POST.", {})
            return Outcome(refusal_response(refused, request_id), refused.code)
        is_mutation = False
        try:
            request = await read_body(scope, receive, self._body_limits)
            known = self._document(request.query)
            cost = known.checked.facts.cost(request.variables, request.operation_name)
            operation = _operation(known, request.operation_name)
            is_mutation = operation.operation is OperationType.MUTATION
            async with deadline(self._timeout_seconds):
                return await self._execute(scope, request, known, operation, cost, request_id)
        except ClientDisconnect:
            return None
        except Exception as error:
            refused = told(error, request_id)
            return Outcome(refusal_response(refused, request_id, is_mutation=is_mutation), refused.code)

    async def _execute(
        self,
        scope: Scope,
        request: GraphQLRequest,
        known: KnownDocument,
        operation: OperationDefinitionNode,
        cost: int,
        request_id: str,
    ) -> Outcome:
        actor = await self._authenticator.authenticate(_header(scope, b"authorization"))
        field_name = _first_field(operation)
        if actor is None and not _is_public(operation):
            raise Unauthenticated(
                "[unauthorized] The API key is missing, unknown, expired or revoked: "
                "send the header `Authorization: X-API-Key: <key>`."
            )
        if known.errors:
            body = orjson.dumps({"data": None, "errors": _invalid(known.errors, request_id)})
            return Outcome(
                _response(body, 400, request_id, cost), ErrorCode.GRAPHQL_VALIDATION_FAILED, field_name, cost, actor
            )
        context = RequestContext(
            actor=actor,
            database=self._database,
            services=self._environment,
            label_queue=self._label_queue,
            plans=known.plans,
            request_id=request_id,
            address=scope["client"][0] if scope.get("client") else "",
        )
        read = known.variables.read(operation.name.value if operation.name else None, request.variables or {})
        started = execute(
            self._schema,
            known.checked.document if read is None else known.variables.document,
            variable_values=request.variables if read is None else None,
            operation_name=request.operation_name,
            context_value=context,
            executor_class=FinishingExecutor,
            variables=read,
        )
        result = started if isinstance(started, ExecutionResult) else await started
        return self._answer(result, context, field_name, cost, actor)

    def _answer(
        self, result: ExecutionResult, context: RequestContext, field_name: str, cost: int, actor: Actor | None
    ) -> Outcome:
        answer: dict[str, Any] = {"data": result.data}
        status, code = 200, "OK"
        if result.errors:
            answer["errors"] = listed = entries(result.errors, context.request_id)
            code = listed[0]["extensions"]["code"]
            if result.data is None and not any(error.path for error in result.errors):
                status = 400
            # "Nothing was run" is only true, and only said, when there was nothing else to run.
            if code in (ErrorCode.UNAVAILABLE, ErrorCode.TOO_MANY_REQUESTS) and len(result.data or ()) <= 1:
                raise result.errors[0]
        if context.warnings:
            answer["extensions"] = {"warnings": context.warnings[:50]}
        body = orjson.dumps(answer)
        if len(body) > self._max_answer_bytes:
            raise QueryTooComplex(
                f"The answer would have {len(body):,} bytes, the limit is {self._max_answer_bytes:,}; ask for fewer items at once.",
                limit=self._max_answer_bytes,
                size=len(body),
            )
        return Outcome(_response(body, status, context.request_id, cost), code, field_name, cost, actor)

    def _document(self, source: str) -> KnownDocument:
        """The parsed, measured and validated document, with the plans of its fields."""
        checked = self._documents.get(source)
        known = self._known.get(id(checked))
        if known is None or known.checked is not checked:
            if len(self._known) > 2 * len(self._documents) + 64:
                self._known.clear()
            known = self._known[id(checked)] = KnownDocument(
                checked, self._validated(checked), DocumentVariables(self._schema, checked.document)
            )
        return known

    def _validated(self, checked: CheckedDocument) -> list[GraphQLError]:
        return validate(self._schema, checked.document, max_errors=MAX_ERRORS)


def _response(body: bytes, status: int, request_id: str, cost: int) -> Response:
    headers = {"X-Request-Id": request_id, "x-complexity": str(cost)}
    return Response(body, status_code=status, media_type="application/json", headers=headers)


def _invalid(errors: list[GraphQLError], request_id: str) -> list[dict[str, Any]]:
    return [
        error_entry(Told(ErrorCode.GRAPHQL_VALIDATION_FAILED, error.message, {}), request_id, error)
        for error in errors[:MAX_ERRORS]
    ]


def _operation(known: KnownDocument, name: str | None) -> OperationDefinitionNode:
    """The operation to execute; that there is exactly one of that name has been checked with the document."""
    operations = [node for node in known.checked.document.definitions if isinstance(node, OperationDefinitionNode)]
    for operation in operations:
        if name is None or (operation.name is not None and operation.name.value == name):
            return operation
    raise Refusal(f"The document has no operation {name!r}.")


def _first_field(operation: OperationDefinitionNode) -> str:
    first = operation.selection_set.selections[0]
    name = getattr(first, "name", None)
    return name.value if name is not None else "…"


def _is_public(operation: OperationDefinitionNode) -> bool:
    """Whether every root field may be asked for without a key: log-in only."""
    for node in operation.selection_set.selections:
        name = getattr(node, "name", None)
        declared = OPERATIONS.get((operation.operation.value, name.value)) if name is not None else None
        if declared is None or not declared.is_public:
            return False
    return True


def _header(scope: Scope, name: bytes) -> str | None:
    for key, value in scope["headers"]:
        if key == name:
            return str(value.decode("latin-1"))
    return None
