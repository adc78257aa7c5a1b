"""What documents that arrive over a websocket go through; those over HTTP have been through it before."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import structlog
from graphql import DocumentNode, GraphQLError
from strawberry.extensions import SchemaExtension

from domain.error import Refusal

log = structlog.get_logger("labelyard.websocket")


class BoundedDocuments(SchemaExtension):
    """Parses and measures a document with what the server gives; its refusals name the limit."""

    def __init__(self, checked: Callable[[str], DocumentNode]) -> None:
        super().__init__()
        self._checked = checked

    def on_parse(self) -> Iterator[None]:
        """Put the measured document in place of the parser's."""
        if self.execution_context.query:
            try:
                self.execution_context.graphql_document = self._checked(self.execution_context.query)
            except Refusal as refusal:
                raise GraphQLError(refusal.message, extensions={"code": refusal.code.value}) from refusal
        yield


class ToldErrors(SchemaExtension):
    """Gives refusals their code, and masks what nobody expected."""

    def on_operation(self) -> Iterator[None]:
        """Rewrite the errors of the operation once it is over."""
        yield
        result = self.execution_context.result
        errors = getattr(result, "errors", None)
        if errors:
            result.errors = [_told(error) for error in errors]  # type: ignore[union-attr]


def _told(error: GraphQLError) -> GraphQLError:
    original = error.original_error
    if original is None:
        return error
    if isinstance(original, Refusal):
        extensions = {"code": original.code.value, "context": original.context}
        return GraphQLError(original.message, error.nodes, path=error.path, extensions=extensions)
    log.error("unexpected", exc_info=original)
    return GraphQLError("Internal error", error.nodes, path=error.path, extensions={"code": "INTERNAL_SERVER_ERROR"})
