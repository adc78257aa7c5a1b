"""What filters cost: how much of the rows they look at, by the keys that make a statement read long texts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from graphql.language import ListValueNode, ObjectValueNode, ValueNode, VariableNode

# Arguments of root fields that narrow a list.
FILTERS: Final = frozenset({"where", "assetsWhere", "labelsWhere"})
# For each value of a list, each key of an object, or the one text.
WEIGHTS: Final = {
    "jsonResponseContains": 200,
    "search": 500,
    "metadata": 100,
    "searchQuery": 20,
    "externalIdIn": 5,
    "externalIdContains": 5,
}
# Values of other lists are compared with a column, many at the price of one object.
VALUES_PER_OBJECT: Final = 50
MAX_LEVELS: Final = 8


def filter_cost(value: object, variables: Mapping[str, Any], levels: int = MAX_LEVELS) -> int:
    """The cost of one filter, given as a literal or as the value of a variable; what is no filter costs nothing."""
    if isinstance(value, VariableNode):
        return filter_cost(variables.get(value.name.value), {}, levels)
    if isinstance(value, ObjectValueNode):
        return sum(_key_cost(field.name.value, field.value, variables, levels) for field in value.fields)
    if isinstance(value, Mapping):
        return sum(_key_cost(str(key), item, variables, levels) for key, item in value.items())
    return 0


def _key_cost(key: str, value: object, variables: Mapping[str, Any], levels: int) -> int:
    if isinstance(value, VariableNode):
        return _key_cost(key, variables.get(value.name.value), {}, levels)
    weight = WEIGHTS.get(key)
    if weight is not None:
        return weight * _count(value)
    if isinstance(value, list | ListValueNode):
        return _count(value) // VALUES_PER_OBJECT
    return filter_cost(value, variables, levels - 1) if levels else 0


def _count(value: object) -> int:
    if value is None or (isinstance(value, ValueNode) and value.kind == "null_value"):
        return 0
    if isinstance(value, ListValueNode):
        return len(value.values)
    if isinstance(value, ObjectValueNode):
        return len(value.fields)
    return len(value) if isinstance(value, list | Mapping) else 1
