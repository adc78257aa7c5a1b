"""The executor: graphql-core's, except that finished values pass through and variables may have been read before."""

from __future__ import annotations

from typing import Any

from graphql.execution.executor_throwing_on_incremental import ExecutorThrowingOnIncremental
from graphql.execution.values import VariableValues

from labelyard.resolvers.call import CompletedValue


class CompletedValueExecutor(ExecutorThrowingOnIncremental):
    """Completes everything as usual but a `CompletedValue`, whose value already has the shape of the selection.

    `variables` are those of the operation when `resolvers.variables` has read them; the document then declares none.
    """

    def __init__(
        self,
        *args: Any,
        variables: VariableValues | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        if variables is not None:
            self.variable_values = variables

    def complete_value(
        self, return_type: Any, field_details_list: Any, info: Any, path: Any, result: Any, position_context: Any
    ) -> Any:
        """Return a completed value as it is."""
        if result.__class__ is CompletedValue:
            return result.value
        return super().complete_value(return_type, field_details_list, info, path, result, position_context)
