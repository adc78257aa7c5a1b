"""What an operation costs: one for each object, and a list as many times as its page is long.

A field that takes `first` answers a list as long as that says; other fields answer as many objects as their shape says
(`server.edge.document_shape`), which is one where nothing is known of the schema. A list that leads back to objects which the
operation already lists above counts as long as such lists are at their worst. Fields without a selection cost nothing, at the root
one; filters cost by what they make the database read (`server.edge.filter_cost`). The sum depends on variables, so it is kept as a
plan.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from graphql.language import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
)

from labelyard.server.edge.document_shape import FieldShape, Shapes
from labelyard.server.edge.filter_cost import FILTERS, filter_cost

DEFAULT_PAGE_SIZE = 100
# A page this long is refused by any limit; longer literals are not even converted.
_LONGEST_PAGE_DIGITS = 9
_LONGEST_PAGE = 10**_LONGEST_PAGE_DIGITS

# A list that leads back to its parents: each of them stands in it again, with all that is asked of them.
RETURNING_SIZE = 50

ListSizeOf = Callable[[str], int]


@dataclass(frozen=True, slots=True)
class PageVariable:
    """A page size that arrives as a variable, with what holds when it does not arrive."""

    name: str
    default: int


@dataclass(frozen=True, slots=True)
class CostPlan:
    """`constant` plus the filters, plus, for each list, the page size times one more than the plan of its items.

    `defaults` has what holds for variables of the filters when they do not arrive.
    """

    constant: int
    lists: tuple[tuple[int | PageVariable, CostPlan], ...] = ()
    filters: tuple[ValueNode, ...] = ()
    defaults: Mapping[str, ValueNode] = dataclasses.field(default_factory=dict)


def cost_of(plan: CostPlan, variables: Mapping[str, Any]) -> int:
    """The cost with these variables."""
    cost = plan.constant
    if plan.filters:
        values = {**plan.defaults, **variables}
        cost += sum(filter_cost(value, values) for value in plan.filters)
    for page, item in plan.lists:
        size = page if isinstance(page, int) else _size_of(variables.get(page.name), page.default)
        cost += size * (1 + cost_of(item, variables))
    return cost


def plan_cost(
    operation: OperationDefinitionNode,
    fragments: Mapping[str, FragmentDefinitionNode],
    list_size_of: ListSizeOf | None = None,
    shapes: Shapes | None = None,
) -> CostPlan:
    """The plan of an operation, made by expanding it: the caller has bounded how much that is.

    `list_size_of` gives the number of objects of a root field without `first` that no shape is known of; without it, that is one.
    """
    defaults = {
        definition.variable.name.value: definition.default_value for definition in operation.variable_definitions or ()
    }
    sizes = {name: _literal_size(value) for name, value in defaults.items()}
    planning = _Planning(fragments, sizes, list_size_of or (lambda _name: 1), shapes or {})
    plan = planning.plan(operation.selection_set, operation.operation.value.capitalize(), frozenset(), is_root=True)
    if not plan.filters:
        return plan
    return dataclasses.replace(plan, defaults={name: value for name, value in defaults.items() if value is not None})


ONE_UNKNOWN = FieldShape("")


class _Planning:
    def __init__(
        self,
        fragments: Mapping[str, FragmentDefinitionNode],
        defaults: Mapping[str, int],
        list_size_of: ListSizeOf,
        shapes: Shapes,
    ) -> None:
        self._fragments = fragments
        self._defaults = defaults
        self._list_size_of = list_size_of
        self._shapes = shapes

    def plan(
        self, selection_set: SelectionSetNode, type_name: str, above: frozenset[str], *, is_root: bool = False
    ) -> CostPlan:
        """The plan of a selection on a type; `above` are the types that lists on the way here consist of."""
        constant = 0
        filters: list[ValueNode] = []
        lists: list[tuple[int | PageVariable, CostPlan]] = []
        for field in self._fields(selection_set):
            name = field.name.value
            if name.startswith("__"):
                continue  # introspection is held by its own limits
            if is_root:
                filters += [argument.value for argument in field.arguments or () if argument.name.value in FILTERS]
            if field.selection_set is None:
                constant += is_root
                continue
            shape = self._shapes.get((type_name, name), ONE_UNKNOWN)
            page = self._page_size(field)
            if page is None and shape.size is not None:
                page = RETURNING_SIZE if shape.target in above else shape.size
            is_list = page is not None
            if page is None:
                page = self._list_size_of(name) if is_root else 1
            item = self.plan(field.selection_set, shape.target, above | {shape.target} if is_list else above)
            if isinstance(page, int) and not item.lists:
                constant += page * (1 + item.constant)
            else:
                lists.append((page, item))
        return CostPlan(constant, tuple(lists), tuple(filters))

    def _fields(self, selection_set: SelectionSetNode) -> list[FieldNode]:
        """The fields of a set in order, those of its fragments included."""
        fields: list[FieldNode] = []
        for selection in selection_set.selections:
            if isinstance(selection, FieldNode):
                fields.append(selection)
            elif isinstance(selection, InlineFragmentNode):
                fields += self._fields(selection.selection_set)
            elif isinstance(selection, FragmentSpreadNode):
                fragment = self._fragments.get(selection.name.value)
                if fragment is not None:
                    fields += self._fields(fragment.selection_set)
        return fields

    def _page_size(self, field: FieldNode) -> int | PageVariable | None:
        for argument in field.arguments or ():
            if argument.name.value == "first":
                if isinstance(argument.value, VariableNode):
                    name = argument.value.name.value
                    return PageVariable(name, self._defaults.get(name, DEFAULT_PAGE_SIZE))
                return _literal_size(argument.value)
        return None


def _literal_size(value: ValueNode | None) -> int:
    if not isinstance(value, IntValueNode):
        return DEFAULT_PAGE_SIZE
    return _LONGEST_PAGE if len(value.value) > _LONGEST_PAGE_DIGITS else max(int(value.value), 1)


def _size_of(value: object, default: int) -> int:
    """A variable's page size; what is no size is refused when it is coerced, and costs as much as the default."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return default
    return max(1, int(min(value, _LONGEST_PAGE)))
