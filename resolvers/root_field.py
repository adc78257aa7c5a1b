"""The only root field of an operation, resolved as graphql-core would and without its executor.

Nearly every document of a client has one root field, whose answer a plan has completed (`CompletedValue`). To build an executor
for it costs more than to write a label. What is not plain is left to the library: `of` answers None for the operation, or
`resolved` for the values of its variables.
"""

from __future__ import annotations

from collections.abc import Mapping
from inspect import iscoroutinefunction
from typing import Any, NamedTuple

from graphql import (
    DocumentNode,
    ExecutionResult,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLField,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    OperationDefinitionNode,
    Undefined,
    VariableNode,
    located_error,
)
from graphql.execution.collect_fields import FieldDetails
from graphql.execution.values import VariableValues
from graphql.pyutils import Path, is_awaitable
from graphql.type import GraphQLResolveInfoHelpers, is_required_argument

from labelyard.resolvers.call import CompletedValue
from labelyard.resolvers.executor import CompletedValueExecutor


class _Argument(NamedTuple):
    """An argument that is a variable."""

    name: str
    variable: str
    may_be_null: bool
    may_be_absent: bool


async def _gather(_awaitables: Any) -> Any:
    raise LookupError("root fields have no part in the executor's work")


def _track(_values: Any) -> None:
    raise LookupError("root fields have no part in the executor's work")


HELPERS = GraphQLResolveInfoHelpers(gather=_gather, track=_track)


class RootField:
    """The only root field of an operation, with everything about it that is the same on every request."""

    def __init__(
        self,
        schema: GraphQLSchema,
        parent: GraphQLObjectType,
        field: GraphQLField,
        node: FieldNode,
        arguments: list[_Argument],
        operation: OperationDefinitionNode,
        fragments: Mapping[str, FragmentDefinitionNode],
    ) -> None:
        self.response_name = node.alias.value if node.alias else node.name.value
        self._resolve: Any = field.resolve
        self._arguments = arguments
        self._is_nullable = not isinstance(field.type, GraphQLNonNull)
        self._same: tuple[Any, ...] = (
            node.name.value,
            [node],
            field.type,
            parent,
            Path(None, self.response_name, parent.name),
            schema,
            dict(fragments),
            None,
            operation,
        )

    @classmethod
    def of(
        cls,
        schema: GraphQLSchema,
        operation: OperationDefinitionNode,
        fragments: Mapping[str, FragmentDefinitionNode],
    ) -> RootField | None:
        """The only root field of a query or mutation; None where the library is to look."""
        parent = schema.get_root_type(operation.operation)
        node = operation.selection_set.selections[0]
        if (
            len(operation.selection_set.selections) != 1
            or operation.directives
            or parent is None
            or not isinstance(node, FieldNode)
            or node.directives
            or (field := parent.fields.get(node.name.value)) is None
            or not iscoroutinefunction(field.resolve)
        ):
            return None
        arguments: list[_Argument] = []
        given = {argument.name.value: argument.value for argument in node.arguments or ()}
        for name, argument in field.args.items():
            value = given.get(name)
            if argument.default is not None or argument.default_value is not Undefined:
                return None
            if isinstance(value, VariableNode):
                may_be_null = not isinstance(argument.type, GraphQLNonNull)
                may_be_absent = not is_required_argument(argument)
                arguments.append(_Argument(argument.out_name or name, value.name.value, may_be_null, may_be_absent))
            elif value is not None or is_required_argument(argument):
                return None
        return cls(schema, parent, field, node, arguments, operation, fragments)

    def arguments(self, variables: VariableValues) -> dict[str, Any] | None:
        """The arguments by name; None where the library has an error to tell."""
        coerced = variables.coerced
        arguments: dict[str, Any] = {}
        for name, variable, may_be_null, may_be_absent in self._arguments:
            value = coerced.get(variable, Undefined)
            if value is Undefined:
                if not may_be_absent:
                    return None
            elif value is None and not may_be_null:
                return None
            else:
                arguments[name] = value
        return arguments

    async def result(
        self, arguments: Mapping[str, Any], variables: VariableValues, context: Any, document: DocumentNode
    ) -> ExecutionResult:
        """The result of the operation, of the document without variables."""
        info: GraphQLResolveInfo[Any] = GraphQLResolveInfo._make(
            (*self._same, variables, context, is_awaitable, None, HELPERS)
        )
        errors: list[GraphQLError] = []
        try:
            value = await self._resolve(None, info, **arguments)
            if value.__class__ is CompletedValue:
                value = value.value
            elif value is not None or not self._is_nullable:
                value = await self._completed(value, info, document, errors)
        except Exception as error:
            errors.append(located_error(error, info.field_nodes, info.path.as_list()))
            return ExecutionResult({self.response_name: None} if self._is_nullable else None, errors)
        return ExecutionResult({self.response_name: value}, errors or None)

    async def _completed(
        self, value: Any, info: GraphQLResolveInfo[Any], document: DocumentNode, errors: list[GraphQLError]
    ) -> Any:
        """A value that no plan has completed, completed by the library; what went wrong below it is added to the errors."""
        name = info.operation.name.value if info.operation.name else None
        executor = CompletedValueExecutor.build(
            info.schema, document, None, info.context, None, name, variables=info.variable_values
        )
        if isinstance(executor, list):
            raise executor[0]
        details = [FieldDetails(info.field_nodes[0], None)]
        try:
            completed = executor.complete_value(info.return_type, details, info, info.path, value, None)
            return await completed if is_awaitable(completed) else completed
        finally:
            errors.extend(executor.collected_errors.errors)


def root_fields(schema: GraphQLSchema, document: DocumentNode) -> dict[str | None, RootField | None]:
    """The only root field of each operation of a valid document, by the operation's name."""
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    return {
        node.name.value if node.name is not None else None: RootField.of(schema, node, fragments)
        for node in document.definitions
        if isinstance(node, OperationDefinitionNode)
    }
