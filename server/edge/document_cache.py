"""Documents ready to be executed, kept by their text: clients send the same few documents again and again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from graphql import GraphQLError, GraphQLSchema, OperationDefinitionNode, validate
from graphql.language import DocumentNode

from labelyard.resolvers.call import PlanCache
from labelyard.resolvers.root_field import RootField, root_fields
from labelyard.resolvers.variables import DocumentVariables
from labelyard.server.edge.document_cost import ListSizeOf
from labelyard.server.edge.document_limits import (
    DEFAULT_LIMITS,
    DocumentFacts,
    DocumentLimits,
    measure_document,
    parse_document,
)
from labelyard.server.edge.document_shape import Shapes
from labelyard.server.edge.error import MAX_ERRORS

# A token with its node, its share of the copy without variables, and its share of compiled plans and their statements, as measured.
BYTES_PER_TOKEN: Final = 640
DEFAULT_MAX_BYTES: Final = 24 * 1024 * 1024
# Each set of `@include` and `@skip` has plans of its own, of which so many are kept for a document.
MAX_PLANS: Final = 64


class Plans(PlanCache):
    """The plans of one document; all are forgotten when there are too many."""

    def __setitem__(self, key: object, value: object) -> None:
        if len(self) >= MAX_PLANS:
            self.clear()
        super().__setitem__(key, value)  # type: ignore[index, assignment]


@dataclass(slots=True)
class KnownDocument:
    """A document within its limits, with everything that is worked out once: how its variables are read, the plans of its fields.

    `facts.cost(variables, operation_name)` remains to be asked on every request, `errors` to be looked at before execution.
    """

    document: DocumentNode
    facts: DocumentFacts
    operations: Mapping[str | None, OperationDefinitionNode]
    errors: list[GraphQLError] = field(default_factory=list)
    variables: DocumentVariables | None = None
    roots: Mapping[str | None, RootField | None] = field(default_factory=dict)
    plans: Plans = field(default_factory=Plans)

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """The operation to execute; `facts.cost` has refused a name that there is not."""
        if not name:
            return next(iter(self.operations.values()))
        return self.operations[name]


class DocumentCache:
    """The least recently used documents make room by size; refused documents are never kept.

    `adapt` may rewrite a document before it is measured and kept. `schema` is what `ready` validates against. For one event
    loop: not to be shared between threads.
    """

    def __init__(
        self,
        limits: DocumentLimits = DEFAULT_LIMITS,
        *,
        schema: GraphQLSchema | None = None,
        list_size_of: ListSizeOf | None = None,
        shapes: Shapes | None = None,
        adapt: Callable[[DocumentNode], DocumentNode] | None = None,
        max_bytes: int = DEFAULT_MAX_BYTES,
    ) -> None:
        self._limits = limits
        self._schema = schema
        self._list_size_of = list_size_of
        self._shapes = shapes
        self._adapt = adapt
        self._max_bytes = max_bytes
        self._documents: OrderedDict[str, tuple[KnownDocument, int]] = OrderedDict()
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._documents)

    def get(self, source: str, limits: DocumentLimits | None = None) -> KnownDocument:
        """The document of this text, parsed and measured at its first use; raises what that raises.

        With stricter `limits` than usual a document that is not known is parsed within them, and not kept.
        """
        entry = self._documents.get(source)
        if entry is not None:
            self._documents.move_to_end(source)
            return entry[0]
        document = parse_document(source, limits or self._limits)
        tokens = document.token_count or 0
        if self._adapt is not None:
            document = self._adapt(document)
        facts = measure_document(
            document, limits=limits or self._limits, list_size_of=self._list_size_of, shapes=self._shapes
        )
        operations = {
            node.name.value if node.name is not None else None: node
            for node in document.definitions
            if isinstance(node, OperationDefinitionNode)
        }
        known = KnownDocument(document, facts, operations)
        if limits is None:
            self._keep(source, known, tokens * BYTES_PER_TOKEN + 2 * len(source))
        return known

    def ready(self, source: str, known: KnownDocument) -> KnownDocument:
        """The document with its validation, done at its first use; one that is not valid is not kept."""
        if known.variables is None and self._schema is not None and not known.errors:
            known.errors = validate(self._schema, known.document, max_errors=MAX_ERRORS)
            if known.errors:
                self._forget(source)
            else:
                known.variables = DocumentVariables(self._schema, known.document)
                known.roots = root_fields(self._schema, known.variables.document)
        return known

    def _keep(self, source: str, known: KnownDocument, size: int) -> None:
        self._documents[source] = (known, size)
        self.bytes += size
        while self.bytes > self._max_bytes:
            self._forget(next(iter(self._documents)))

    def _forget(self, source: str) -> None:
        entry = self._documents.pop(source, None)
        if entry is not None:
            self.bytes -= entry[1]
