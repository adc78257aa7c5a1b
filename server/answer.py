"""The two shapes of answers: GraphQL for everything certain, plain for "try again later"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg
import orjson
import structlog
from graphql import GraphQLError
from starlette.responses import Response

from domain.error import ErrorCode, Refusal
from storage.database import CONNECTION_LOST

log = structlog.get_logger("labelyard.request")

MAX_ERRORS = 10
STATUS = {
    ErrorCode.BAD_REQUEST: 400,
    ErrorCode.GRAPHQL_PARSE_FAILED: 400,
    ErrorCode.GRAPHQL_VALIDATION_FAILED: 400,
    ErrorCode.QUERY_TOO_COMPLEX: 400,
    ErrorCode.UNAUTHENTICATED: 401,
    ErrorCode.PAYLOAD_TOO_LARGE: 413,
    ErrorCode.UNSUPPORTED_MEDIA_TYPE: 415,
    ErrorCode.METHOD_NOT_ALLOWED: 405,
    ErrorCode.TOO_MANY_REQUESTS: 429,
    ErrorCode.UNAVAILABLE: 503,
    ErrorCode.UNKNOWN_OUTCOME: 503,
}
PLAIN = frozenset(
    {
        ErrorCode.UNSUPPORTED_MEDIA_TYPE,
        ErrorCode.METHOD_NOT_ALLOWED,
        ErrorCode.TOO_MANY_REQUESTS,
        ErrorCode.UNAVAILABLE,
        ErrorCode.UNKNOWN_OUTCOME,
    }
)
RETRY_SECONDS = 2
BAD_TEXT = (asyncpg.CharacterNotInRepertoireError, asyncpg.UntranslatableCharacterError)
DISK_FULL = (asyncpg.DiskFullError, asyncpg.OutOfMemoryError)


@dataclass(frozen=True, slots=True)
class Told:
    """An error as a client is told it."""

    code: ErrorCode
    message: str
    context: Mapping[str, Any]


def told(error: BaseException, request_id: str) -> Told:
    """What a client is told of an error; what nobody expected is masked and logged under the request's id."""
    if isinstance(error, GraphQLError) and error.original_error is not None:
        return told(error.original_error, request_id)
    if isinstance(error, Refusal):
        return Told(error.code, error.message, error.context)
    if isinstance(error, GraphQLError):
        return Told(ErrorCode.BAD_USER_INPUT, error.message, {})
    if isinstance(
        error, (TimeoutError, asyncpg.QueryCanceledError, asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError)
    ):
        return Told(
            ErrorCode.TIMEOUT, "This took too long and was rolled back; ask for less at once, or try again.", {}
        )
    if isinstance(error, BAD_TEXT):
        return Told(ErrorCode.BAD_USER_INPUT, "A text holds a character that cannot be stored, such as NUL.", {})
    if isinstance(error, DISK_FULL):
        return Told(ErrorCode.INSUFFICIENT_STORAGE, "The server's storage is full; nothing was written.", {})
    if isinstance(error, CONNECTION_LOST):
        return Told(ErrorCode.UNAVAILABLE, "The database cannot be reached just now; try again in a moment.", {})
    log.error("unexpected", request_id=request_id, exc_info=error)
    return Told(ErrorCode.INTERNAL_SERVER_ERROR, "Internal error", {})


def error_entry(error: Told, request_id: str, located: GraphQLError | None = None) -> dict[str, Any]:
    """One entry of `errors`; `extensions` is always an object, for clients read it without asking."""
    entry: dict[str, Any] = {"message": error.message}
    if located is not None and located.locations:
        entry["locations"] = [location.formatted for location in located.locations]
    if located is not None and located.path:
        entry["path"] = located.path
    entry["extensions"] = {"code": error.code.value, "context": dict(error.context), "requestId": request_id}
    return entry


def refusal_response(error: Told, request_id: str, *, is_mutation: bool = False) -> Response:
    """The answer to a request that was refused as a whole, in the shape its code asks for."""
    status = STATUS.get(error.code, 200)
    headers = {"X-Request-Id": request_id}
    if error.code is ErrorCode.UNAVAILABLE:
        status = 429 if is_mutation else 503
    if status in (429, 503):
        headers["Retry-After"] = str(error.context.get("retryAfterSeconds", RETRY_SECONDS))
    if error.code is ErrorCode.UNAUTHENTICATED:
        headers["WWW-Authenticate"] = 'X-API-Key realm="labelyard"'
    if error.code is ErrorCode.METHOD_NOT_ALLOWED:
        headers["Allow"] = "POST, GET"
    if error.code in PLAIN:
        body: dict[str, Any] = {"error": {"code": error.code.value, "message": error.message, "requestId": request_id}}
    else:
        body = {"data": None, "errors": [error_entry(error, request_id)]}
    return json_response(body, status=status, headers=headers)


def json_response(body: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """JSON as clients parse it, without a space before any colon."""
    return Response(orjson.dumps(body), status_code=status, media_type="application/json", headers=headers)


def entries(errors: Sequence[GraphQLError], request_id: str) -> list[dict[str, Any]]:
    """The entries of `errors`, ten at most."""
    return [error_entry(told(error, request_id), request_id, error) for error in errors[:MAX_ERRORS]]
