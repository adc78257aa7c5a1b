"""Parsed and measured documents, kept by their text: clients send the same few documents again and again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from graphql.language import DocumentNode

from server.document_cost import ListSizeOf
from server.document_limits import DEFAULT_LIMITS, DocumentFacts, DocumentLimits, measure_document, parse_document
from server.document_shape import Shapes

# A token and its node take about half a kilobyte, so the default is some 35 MB when full. All documents of all client
# releases together are about 56,000 tokens.
DEFAULT_MAX_DOCUMENTS = 1_000
DEFAULT_MAX_TOKENS = 64_000
_BYTES_PER_TOKEN = 512


@dataclass(frozen=True, slots=True)
class CheckedDocument:
    """A document within its limits. `facts.cost(variables, operation_name)` remains to be asked on every request."""

    document: DocumentNode
    facts: DocumentFacts


class DocumentCache:
    """The least recently used documents make room; refused documents are never kept.

    `adapt` may rewrite a document before it is measured and kept.

    For one event loop: not to be shared between threads.
    """

    def __init__(
        self,
        limits: DocumentLimits = DEFAULT_LIMITS,
        *,
        list_size_of: ListSizeOf | None = None,
        shapes: Shapes | None = None,
        adapt: Callable[[DocumentNode], DocumentNode] | None = None,
        max_documents: int = DEFAULT_MAX_DOCUMENTS,
        max_tokens: int = DEFAULT_MAX_TOKENS,
    ) -> None:
        self._limits = limits
        self._list_size_of = list_size_of
        self._shapes = shapes
        self._adapt = adapt
        self._max_documents = max_documents
        self._max_tokens = max_tokens
        self._documents: OrderedDict[str, tuple[CheckedDocument, int]] = OrderedDict()
        self._tokens = 0

    def __len__(self) -> int:
        return len(self._documents)

    @property
    def tokens(self) -> int:
        """The weight of what is kept: tokens, plus the texts at 512 bytes a token."""
        return self._tokens

    def get(self, source: str) -> CheckedDocument:
        """The checked document of this text, parsed at its first use; raises what parsing and measuring raise."""
        entry = self._documents.get(source)
        if entry is not None:
            self._documents.move_to_end(source)
            return entry[0]
        document = parse_document(source, self._limits)
        tokens = document.token_count or 0
        if self._adapt is not None:
            document = self._adapt(document)
        facts = measure_document(document, limits=self._limits, list_size_of=self._list_size_of, shapes=self._shapes)
        checked = CheckedDocument(document, facts)
        weight = tokens + len(source) // _BYTES_PER_TOKEN
        self._documents[source] = (checked, weight)
        self._tokens += weight
        while len(self._documents) > self._max_documents or self._tokens > self._max_tokens:
            _, (_, dropped) = self._documents.popitem(last=False)
            self._tokens -= dropped
        return checked
