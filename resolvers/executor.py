"""The executor: graphql-core's, except that finished values pass through and long lists are coerced at once."""

from __future__ import annotations

from typing import Any

from graphql import DocumentNode, GraphQLSchema
from graphql.execution.executor_throwing_on_incremental import ExecutorThrowingOnIncremental

from resolvers.operation import Finished

LONG = 32
# Types whose values GraphQL either takes as they are or refuses, whichever they are.
PLAIN = (str, bool)


class FinishingExecutor(ExecutorThrowingOnIncremental):
    """Completes everything as usual but a `Finished`, whose value already has the shape of the selection."""

    def __init__(self, *args: Any, operation_extensions: dict[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.operation_extensions = operation_extensions  # Strawberry hands them over for subscriptions

    @classmethod
    def build(
        cls,
        schema: GraphQLSchema,
        document: DocumentNode,
        root_value: Any = None,
        context_value: Any = None,
        raw_variable_values: dict[str, Any] | None = None,
        *args: Any,
        **kwargs: Any,
    ) -> Any:
        """Build the executor. Of a long list of texts or booleans, only the first is coerced by the library.

        The coercion of such a value depends on its Python type alone, so the first answers for all of the same type: when it
        comes back as it was, so would the others. Imports of thousands of assets spend a third of their time less.
        """
        shortened, taken = take_long_lists(raw_variable_values or {})
        executor = super().build(schema, document, root_value, context_value, shortened, *args, **kwargs)
        if not taken or not isinstance(executor, cls):
            return executor
        coerced = executor.variable_values.coerced
        for variable, name, _ in taken:
            kept, first = coerced[variable][name], shortened[variable][name]
            if kept != first or type(kept[0]) is not type(first[0]):
                return super().build(schema, document, root_value, context_value, raw_variable_values, *args, **kwargs)
        for variable, name, values in taken:
            coerced[variable][name] = values
        return executor

    def complete_value(
        self, return_type: Any, field_details_list: Any, info: Any, path: Any, result: Any, position_context: Any
    ) -> Any:
        """Hand a finished value on as it is."""
        if result.__class__ is Finished:
            return result.value
        return super().complete_value(return_type, field_details_list, info, path, result, position_context)


def take_long_lists(variables: dict[str, Any]) -> tuple[dict[str, Any], list[tuple[str, str, list[Any]]]]:
    """The variables with long uniform lists in input objects cut down to their first value, and those lists."""
    taken: list[tuple[str, str, list[Any]]] = []
    shortened = dict(variables)
    for variable, value in variables.items():
        if not isinstance(value, dict):
            continue
        for name, items in value.items():
            if isinstance(items, list) and len(items) >= LONG and _is_uniform(items):
                if shortened[variable] is value:
                    shortened[variable] = dict(value)
                shortened[variable][name] = items[:1]
                taken.append((variable, name, items))
    return shortened, taken


def _is_uniform(items: list[Any]) -> bool:
    """Whether all items are of one plain type, exactly."""
    kinds = set(map(type, items))
    return len(kinds) == 1 and kinds.pop() in PLAIN
