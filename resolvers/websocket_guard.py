"""What documents that arrive over a websocket go through; those over HTTP have been through it before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import structlog
from graphql import DocumentNode, GraphQLError, parse
from strawberry.extensions import SchemaExtension

from domain.error import ErrorCode, Refusal

log = structlog.get_logger("labelyard.websocket")
# Stands for a document that is refused; nothing of it is executed.
REFUSED = parse("subscription { __typename }")


class BoundedDocuments(SchemaExtension):
    """Parses and measures a document with what the server gives; its refusals name the limit."""

    def __init__(self, checked: Callable[[str], DocumentNode]) -> None:
        super().__init__()
        self._checked = checked

    def on_parse(self) -> Iterator[None]:
        """Put the measured document in place of the parser's.

        A refusal is left as an error found before execution: raised from here, it would end the operation without a word.
        """
        context = self.execution_context
        if context.query:
            try:
                context.graphql_document = self._checked(context.query)
            except Refusal as refusal:
                context.graphql_document = REFUSED
                context.pre_execution_errors = [_refused(refusal)]
        yield

    def on_validate(self) -> Iterator[None]:
        """Give what validation finds its code."""
        yield
        errors = self.execution_context.pre_execution_errors
        if errors:
            self.execution_context.pre_execution_errors = [
                _coded(error, ErrorCode.GRAPHQL_VALIDATION_FAILED) for error in errors
            ]


class ToldErrors(SchemaExtension):
    """Gives refusals their code, and masks what nobody expected."""

    def on_stream_result(self, result: Any) -> Iterator[None]:
        """Rewrite the errors of a result before it is sent."""
        if result.errors:
            result.errors = [_told(error) for error in result.errors]
        yield


def _told(error: GraphQLError) -> GraphQLError:
    original = error.original_error
    if original is None or isinstance(original, GraphQLError):
        return _coded(error, ErrorCode.BAD_USER_INPUT)
    if isinstance(original, Refusal):
        return _refused(original, error)
    log.error("unexpected", exc_info=original)
    extensions = {"code": ErrorCode.INTERNAL_SERVER_ERROR.value, "context": {}}
    return GraphQLError("Internal error", error.nodes, path=error.path, extensions=extensions)


def _refused(refusal: Refusal, located: GraphQLError | None = None) -> GraphQLError:
    nodes, path = (located.nodes, located.path) if located is not None else (None, None)
    extensions = {"code": refusal.code.value, "context": refusal.context}
    return GraphQLError(refusal.message, nodes, path=path, extensions=extensions)


def _coded(error: GraphQLError, code: ErrorCode) -> GraphQLError:
    """The error with a code, if it has none yet."""
    if not error.extensions or "code" not in error.extensions:
        error.extensions = {"code": code.value, "context": {}}
    return error
