"""Answers to introspection, kept by the text of the document: the schema of a running server does not change."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from graphql.language import FieldNode, OperationDefinitionNode

# Each client release sends one document; an answer has some 300 kB.
MOST_ANSWERS: Final = 8


class IntrospectionAnswers:
    """The answers used last."""

    def __init__(self) -> None:
        self._answers: OrderedDict[str, bytes] = OrderedDict()

    def get(self, source: str) -> bytes | None:
        """The answer to a document, if it is known."""
        answer = self._answers.get(source)
        if answer is not None:
            self._answers.move_to_end(source)
        return answer

    def keep(self, source: str, answer: bytes) -> None:
        """Keep the answer to a document that only introspects."""
        self._answers[source] = answer
        if len(self._answers) > MOST_ANSWERS:
            self._answers.popitem(last=False)


def only_introspects(operation: OperationDefinitionNode) -> bool:
    """Whether an operation asks for nothing but the schema, and always for the same of it."""
    return not operation.variable_definitions and all(
        isinstance(node, FieldNode) and node.name.value in ("__schema", "__type")
        for node in operation.selection_set.selections
    )
