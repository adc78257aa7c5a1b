"""The executor: graphql-core's, except that finished values pass through."""

from __future__ import annotations

from typing import Any

from graphql.execution.executor_throwing_on_incremental import ExecutorThrowingOnIncremental

from resolvers.operation import Finished


class FinishingExecutor(ExecutorThrowingOnIncremental):
    """Completes everything as usual but a `Finished`, whose value already has the shape of the selection."""

    def complete_value(
        self, return_type: Any, field_details_list: Any, info: Any, path: Any, result: Any, position_context: Any
    ) -> Any:
        """Hand a finished value on as it is."""
        if result.__class__ is Finished:
            return result.value
        return super().complete_value(return_type, field_details_list, info, path, result, position_context)
