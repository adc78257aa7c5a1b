"""From a GraphQL field to the selection its plan is compiled from.

Aliases, fragments, `@include`, `@skip` and `__typename` are resolved here; plans know nothing of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLIncludeDirective,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    GraphQLSkipDirective,
    InlineFragmentNode,
    SelectionSetNode,
    get_directive_values,
    get_named_type,
    is_abstract_type,
)

from labelyard.storage.plan import Selected, Selection
from labelyard.storage.plan.tree import TYPENAME

ResponseKey = tuple[str, frozenset[str] | None]


class SelectionReader:
    """Reads selections of one operation."""

    def __init__(self, schema: GraphQLSchema, fragments: Mapping[str, FragmentDefinitionNode], variables: Any) -> None:
        self.schema = schema
        self.fragments = fragments
        self.variables = variables

    def read(self, nodes: Iterable[FieldNode], type_name: str) -> Selection:
        """The selection below field nodes of one response key, on an object or abstract type."""
        nodes_by_key: dict[ResponseKey, list[FieldNode]] = {}
        for node in nodes:
            if node.selection_set is not None:
                self._collect(node.selection_set, type_name, None, nodes_by_key)
        return tuple(
            self._selected(key, on, same_key_nodes, type_name) for (key, on), same_key_nodes in nodes_by_key.items()
        )

    def _selected(self, key: str, on: frozenset[str] | None, nodes: list[FieldNode], type_name: str) -> Selected:
        name = nodes[0].name.value
        if name == TYPENAME:
            return Selected(key, TYPENAME, None, on)
        owner: Any = self.schema.type_map[min(on) if on else type_name]
        if nodes[0].selection_set is None:
            return Selected(key, name, None, on)
        child_type = get_named_type(owner.fields[name].type).name
        return Selected(key, name, self.read(nodes, child_type), on, child_type)

    def _collect(
        self,
        selections: SelectionSetNode,
        type_name: str,
        on: frozenset[str] | None,
        nodes_by_key: dict[ResponseKey, list[FieldNode]],
    ) -> None:
        for node in selections.selections:
            if not self._is_included(node):
                continue
            if isinstance(node, FieldNode):
                key = node.alias.value if node.alias else node.name.value
                nodes_by_key.setdefault((key, on), []).append(node)
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition.name.value if node.type_condition else type_name
                self._collect_on(node.selection_set, condition, type_name, on, nodes_by_key)
            elif isinstance(node, FragmentSpreadNode):
                fragment = self.fragments[node.name.value]
                condition = fragment.type_condition.name.value
                self._collect_on(fragment.selection_set, condition, type_name, on, nodes_by_key)

    def _collect_on(
        self,
        selections: SelectionSetNode,
        condition: str,
        type_name: str,
        on: frozenset[str] | None,
        nodes_by_key: dict[ResponseKey, list[FieldNode]],
    ) -> None:
        """Collect a fragment, if its condition can hold for the type."""
        possible = self._possible(condition)
        if is_abstract_type(self.schema.type_map[type_name]):
            narrowed = possible & (on if on is not None else self._possible(type_name))
            if narrowed:
                self._collect(selections, type_name, narrowed, nodes_by_key)
        elif type_name in possible:
            self._collect(selections, type_name, on, nodes_by_key)

    def _possible(self, name: str) -> frozenset[str]:
        type_ = self.schema.type_map[name]
        if isinstance(type_, GraphQLObjectType):
            return frozenset({name})
        return frozenset(possible.name for possible in self.schema.get_possible_types(type_))  # type: ignore[arg-type]

    def _is_included(self, node: Any) -> bool:
        if not node.directives:
            return True
        skip = get_directive_values(GraphQLSkipDirective, node, self.variables)
        if skip and skip["if"]:
            return False
        include = get_directive_values(GraphQLIncludeDirective, node, self.variables)
        return not include or bool(include["if"])


def selection_of(info: GraphQLResolveInfo[Any]) -> Selection:
    """The selection of the field being resolved."""
    reader = SelectionReader(info.schema, info.fragments, info.variable_values)
    return reader.read(info.field_nodes, get_named_type(info.return_type).name)
