"""The errors of labelyard for clients: each has a code, a sentence for the person who reads it, and a context for programs.

Anything that is not a `ClientError` is a defect: it is masked at the edge and logged under the request's id.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

MAX_PROBLEMS_IN_CONTEXT = 50


class ErrorCode(StrEnum):
    """Values of `extensions.code`; `docs/errors.md` explains each, and a test holds the two equal."""

    BAD_REQUEST = "BAD_REQUEST"
    GRAPHQL_PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
    GRAPHQL_VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
    QUERY_TOO_COMPLEX = "QUERY_TOO_COMPLEX"
    BAD_USER_INPUT = "BAD_USER_INPUT"
    UNAUTHENTICATED = "UNAUTHENTICATED"
    FORBIDDEN = "FORBIDDEN"
    NOT_FOUND = "NOT_FOUND"
    CONFLICT = "CONFLICT"
    PAYLOAD_TOO_LARGE = "PAYLOAD_TOO_LARGE"
    UNSUPPORTED_MEDIA_TYPE = "UNSUPPORTED_MEDIA_TYPE"
    METHOD_NOT_ALLOWED = "METHOD_NOT_ALLOWED"
    TOO_MANY_REQUESTS = "TOO_MANY_REQUESTS"
    UNAVAILABLE = "UNAVAILABLE"
    TIMEOUT = "TIMEOUT"
    INSUFFICIENT_STORAGE = "INSUFFICIENT_STORAGE"
    NOT_IMPLEMENTED = "NOT_IMPLEMENTED"
    UNKNOWN_OUTCOME = "UNKNOWN_OUTCOME"
    INTERNAL_SERVER_ERROR = "INTERNAL_SERVER_ERROR"


class ClientError(Exception):
    """A request that is understood and refused; nothing it asked for has been written."""

    code: ErrorCode

    def __init__(self, message: str, **context: Any) -> None:
        super().__init__(message)
        self.message = message
        self.context = context


class BadRequest(ClientError):
    """The body cannot be read as a GraphQL request."""

    code = ErrorCode.BAD_REQUEST


class ParseFailed(ClientError):
    """The document is not GraphQL."""

    code = ErrorCode.GRAPHQL_PARSE_FAILED


class QueryTooComplex(ClientError):
    """A limit on documents or on the size of an answer is passed."""

    code = ErrorCode.QUERY_TOO_COMPLEX


class BadUserInput(ClientError):
    """A value is wrong: type, length, range, form."""

    code = ErrorCode.BAD_USER_INPUT


class Unauthenticated(ClientError):
    """No key, or one that is unknown, expired or revoked."""

    code = ErrorCode.UNAUTHENTICATED


class Forbidden(ClientError):
    """The caller sees the object but may not do this to it."""

    code = ErrorCode.FORBIDDEN


class NotFound(ClientError):
    """The object does not exist, or belongs to somebody else: the two read the same."""

    code = ErrorCode.NOT_FOUND


class Conflict(ClientError):
    """Something that exists is in the way: a duplicate, a newer version, a lock."""

    code = ErrorCode.CONFLICT


class PayloadTooLarge(ClientError):
    """The body is larger than the server takes, before or after decompression."""

    code = ErrorCode.PAYLOAD_TOO_LARGE


class UnsupportedMediaType(ClientError):
    """The media type, charset or content encoding is not served."""

    code = ErrorCode.UNSUPPORTED_MEDIA_TYPE


class InsufficientStorage(ClientError):
    """A disk or a quota is full."""

    code = ErrorCode.INSUFFICIENT_STORAGE


class TooManyRequests(ClientError):
    """A limit on how often is passed; nothing was run. `retryAfterSeconds` in the context says when to come again."""

    code = ErrorCode.TOO_MANY_REQUESTS


class Unavailable(ClientError):
    """The database or the storage is away; nothing was run, trying again is safe."""

    code = ErrorCode.UNAVAILABLE


class TimedOut(ClientError):
    """A time limit is passed, and whatever had begun is rolled back for certain."""

    code = ErrorCode.TIMEOUT

    def __init__(self) -> None:
        super().__init__("This took too long and was rolled back; ask for less at once, or try again.")


class Misconfigured(Unavailable):
    """Something that only the operator can change keeps a command from its work: a setting, a path, the mode of a file."""


class UnknownOutcome(ClientError):
    """What was asked for may have happened or not, or has happened and cannot be answered. The server never repeats it."""

    code = ErrorCode.UNKNOWN_OUTCOME

    def __init__(
        self,
        message: str = "The database has not confirmed this while it was being committed; "
        "look whether it happened before trying again.",
    ) -> None:
        super().__init__(message)

    @classmethod
    def after_commit(cls) -> UnknownOutcome:
        """For what fails after a commit was sent: the reading of the answer, or a time limit."""
        return cls("This has been written, or may have been, and its answer cannot be given; look before trying again.")


class NotImplementedOperation(ClientError):
    """The operation asks for something that this server does not have."""

    code = ErrorCode.NOT_IMPLEMENTED


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong in a document: its code, the path to it, and a sentence."""

    code: str
    path: str
    message: str

    def as_context(self) -> dict[str, str]:
        """The form of `extensions.context.errors` and `extensions.warnings`."""
        return {"code": self.code, "path": self.path, "message": self.message}


def refusal_of(
    key: str,
    sentence: str,
    problems: Sequence[Problem],
    *,
    extra: Sequence[Mapping[str, Any]] = (),
    subject: str = "",
) -> BadUserInput:
    """The refusal for a list of problems: the first is named in the message, at most 50 are in the context.

    `key` is the bracketed word the message begins with; `extra` adds keys to each problem by position; `subject` names what
    the first path lies in.
    """
    listed = [
        {**problem.as_context(), **(extra[index] if extra else {})}
        for index, problem in enumerate(problems[:MAX_PROBLEMS_IN_CONTEXT])
    ]
    first = problems[0]
    rest = len(problems) - len(listed)
    context: dict[str, Any] = {"errors": listed}
    if rest:
        context["moreErrors"] = rest
    detail = f"{subject}{first.path}: {first.message}"
    if len(problems) > 1:
        detail += f" (and {len(problems) - 1} more)"
    return BadUserInput(f"[{key}] {sentence} -- This can be due to: {detail} | trace : false", **context)
