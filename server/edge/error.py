"""From an error to what a client reads: one table for every transport.

An answer has one of two shapes: GraphQL for everything certain, plain for "try again later" and "unknown". Doors that answer no
GraphQL (files) use the plain shape throughout, and a websocket that cannot go on is closed with a code.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import asyncpg
import orjson
import structlog
from graphql import GraphQLError
from starlette.responses import Response

from labelyard.domain.error import ClientError, ErrorCode
from labelyard.storage.database import CONNECTION_LOST

log = structlog.get_logger("labelyard.request")

MAX_ERRORS: Final = 10
RETRY_SECONDS: Final = 2
MAX_CLOSE_REASON_BYTES: Final = 120
BAD_TEXT = (asyncpg.CharacterNotInRepertoireError, asyncpg.UntranslatableCharacterError)
TIMED_OUT = (
    TimeoutError,
    asyncpg.QueryCanceledError,
    asyncpg.LockNotAvailableError,
    asyncpg.DeadlockDetectedError,
)
DISK_FULL = (asyncpg.DiskFullError, asyncpg.OutOfMemoryError)


@dataclass(frozen=True, slots=True)
class Form:
    """How a code is answered.

    `status` is that of a whole GraphQL request, `plain_status` that of a file request, `close_code` that of a websocket which
    is closed for it. `is_plain` marks the codes that GraphQL over HTTP answers in the plain shape.
    """

    status: int
    plain_status: int
    close_code: int
    is_plain: bool = False


FORMS: Final[Mapping[ErrorCode, Form]] = {
    ErrorCode.BAD_REQUEST: Form(400, 400, 4400),
    ErrorCode.GRAPHQL_PARSE_FAILED: Form(400, 400, 4400),
    ErrorCode.GRAPHQL_VALIDATION_FAILED: Form(400, 400, 4400),
    ErrorCode.QUERY_TOO_COMPLEX: Form(400, 400, 4400),
    ErrorCode.BAD_USER_INPUT: Form(200, 400, 4400),
    ErrorCode.UNAUTHENTICATED: Form(401, 401, 4401),
    ErrorCode.FORBIDDEN: Form(200, 403, 4403),
    ErrorCode.NOT_FOUND: Form(200, 404, 4403),
    ErrorCode.CONFLICT: Form(200, 409, 4409),
    ErrorCode.PAYLOAD_TOO_LARGE: Form(413, 413, 1009),
    ErrorCode.UNSUPPORTED_MEDIA_TYPE: Form(415, 415, 4406, is_plain=True),
    ErrorCode.METHOD_NOT_ALLOWED: Form(405, 405, 4400, is_plain=True),
    ErrorCode.TOO_MANY_REQUESTS: Form(429, 429, 4429, is_plain=True),
    ErrorCode.UNAVAILABLE: Form(503, 503, 1013, is_plain=True),
    ErrorCode.TIMEOUT: Form(200, 408, 4408),
    ErrorCode.INSUFFICIENT_STORAGE: Form(200, 507, 1011),
    ErrorCode.NOT_IMPLEMENTED: Form(200, 501, 4400),
    ErrorCode.UNKNOWN_OUTCOME: Form(503, 503, 1011, is_plain=True),
    ErrorCode.INTERNAL_SERVER_ERROR: Form(200, 503, 1011),
}
# Raised before anything was written: the whole request may be sent again.
NOTHING_WAS_RUN: Final = frozenset({ErrorCode.UNAVAILABLE, ErrorCode.TOO_MANY_REQUESTS})


@dataclass(frozen=True, slots=True)
class ErrorPayload:
    """An error as clients read it, without anything internal."""

    code: ErrorCode
    message: str
    context: Mapping[str, Any]

    @property
    def form(self) -> Form:
        """The row of the table."""
        return FORMS[self.code]


def to_error_payload(error: BaseException, request_id: str) -> ErrorPayload:
    """The payload of an error; an unexpected one is masked and logged under the request's id."""
    if isinstance(error, GraphQLError) and error.original_error is not None:
        return to_error_payload(error.original_error, request_id)
    if isinstance(error, ClientError):
        return ErrorPayload(error.code, error.message, error.context)
    if isinstance(error, GraphQLError):
        return ErrorPayload(ErrorCode.BAD_USER_INPUT, error.message, {})
    if isinstance(error, TIMED_OUT):
        return ErrorPayload(
            ErrorCode.TIMEOUT, "This took too long and was rolled back; ask for less at once, or try again.", {}
        )
    if isinstance(error, BAD_TEXT):
        return ErrorPayload(
            ErrorCode.BAD_USER_INPUT, "A text holds a character that cannot be stored, such as NUL.", {}
        )
    if isinstance(error, DISK_FULL):
        return ErrorPayload(ErrorCode.INSUFFICIENT_STORAGE, "The server's storage is full; nothing was written.", {})
    if isinstance(error, CONNECTION_LOST) and not isinstance(error, asyncpg.DataError):
        return ErrorPayload(
            ErrorCode.UNAVAILABLE, "The database cannot be reached just now; try again in a moment.", {}
        )
    log.error("unexpected", request_id=request_id, exc_info=error)
    return ErrorPayload(ErrorCode.INTERNAL_SERVER_ERROR, "Internal error", {})


def error_entry(error: ErrorPayload, request_id: str, located: GraphQLError | None = None) -> dict[str, Any]:
    """One entry of `errors`; `extensions` is always an object, for clients read it without asking."""
    entry: dict[str, Any] = {"message": error.message}
    if located is not None and located.locations:
        entry["locations"] = [location.formatted for location in located.locations]
    if located is not None and located.path:
        entry["path"] = located.path
    entry["extensions"] = {"code": error.code.value, "context": dict(error.context), "requestId": request_id}
    return entry


def format_errors(errors: Sequence[GraphQLError], request_id: str) -> list[dict[str, Any]]:
    """The entries of `errors`, ten at most."""
    return [error_entry(to_error_payload(error, request_id), request_id, error) for error in errors[:MAX_ERRORS]]


def invalid_document_entries(errors: Sequence[GraphQLError], request_id: str) -> list[dict[str, Any]]:
    """The entries of a document that does not fit the schema, ten at most."""
    code = ErrorCode.GRAPHQL_VALIDATION_FAILED
    return [error_entry(ErrorPayload(code, error.message, {}), request_id, error) for error in errors[:MAX_ERRORS]]


def graphql_response(error: ErrorPayload, request_id: str, *, is_mutation: bool = False) -> Response:
    """GraphQL over HTTP, refused as a whole.

    `UNAVAILABLE` is 429 for mutations: nothing was written, and 429 is the status that clients repeat a mutation for.
    """
    if not error.form.is_plain:
        headers = refusal_headers(error, error.form.status, request_id)
        return json_response({"data": None, "errors": [error_entry(error, request_id)]}, error.form.status, headers)
    status = 429 if error.code is ErrorCode.UNAVAILABLE and is_mutation else error.form.status
    return _plain(error, status, request_id)


def plain_response(error: ErrorPayload, request_id: str, headers: Mapping[str, str] | None = None) -> Response:
    """Everything that is not GraphQL, refused: the plain shape, each code with a status of its own."""
    return _plain(error, error.form.plain_status, request_id, headers)


def close_reason(error: ErrorPayload) -> str:
    """The reason in a websocket's close frame, which has room for 123 bytes."""
    return error.message.encode()[:MAX_CLOSE_REASON_BYTES].decode(errors="ignore")


def json_response(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """JSON as clients parse it, without a space before any colon."""
    return Response(orjson.dumps(body), status_code=status, media_type="application/json", headers=headers)


def _plain(error: ErrorPayload, status: int, request_id: str, headers: Mapping[str, str] | None = None) -> Response:
    body = {"error": {"code": error.code.value, "message": error.message, "requestId": request_id}}
    return json_response(body, status, {**refusal_headers(error, status, request_id), **(headers or {})})


def refusal_headers(error: ErrorPayload, status: int, request_id: str) -> dict[str, str]:
    """The headers of a refusal, whatever its shape."""
    headers = {"X-Request-Id": request_id}
    if status in (429, 503):
        headers["Retry-After"] = str(error.context.get("retryAfterSeconds", RETRY_SECONDS))
    if error.code is ErrorCode.UNAUTHENTICATED:
        headers["WWW-Authenticate"] = 'X-API-Key realm="labelyard"'
    if error.code is ErrorCode.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(error.context.get("allow", ("POST", "GET")))
    return headers
