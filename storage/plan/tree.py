"""What a request wants of an object: a tree of fields, free of GraphQL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

TYPENAME = "__typename"


@dataclass(frozen=True, slots=True)
class Selected:
    """One field of a selection.

    `key` is the name in the answer, `name` the field; `children` is None for leaves, and `type_name` the type they are
    chosen from. `on` names the object types the field applies to, None meaning all: only fields of abstract types have it.
    """

    key: str
    name: str
    children: Selection | None = None
    on: frozenset[str] | None = None
    type_name: str = ""


Selection = tuple[Selected, ...]


def shape(value: Any, selection: Selection, type_name: str) -> Any:
    """Cut a finished value (dicts, lists, leaves) down to a selection; a dict may say its own `__typename`."""
    if value is None:
        return None
    if isinstance(value, list):
        return [shape(item, selection, type_name) for item in value]
    actual = value.get(TYPENAME, type_name)
    answer: dict[str, Any] = {}
    for field in selection:
        if field.on is not None and actual not in field.on:
            continue
        if field.name == TYPENAME:
            answer[field.key] = actual
        elif field.children is None:
            answer[field.key] = value.get(field.name)
        else:
            part = shape(value.get(field.name), field.children, field.type_name)
            # Fragments on an interface and on a type may each ask for a part of the same field.
            answer[field.key] = _merged(answer[field.key], part) if field.key in answer else part
    return answer


def _merged(first: Any, second: Any) -> Any:
    """Two parts of one value as one."""
    if isinstance(first, dict) and isinstance(second, dict):
        return {
            **first,
            **{key: _merged(first[key], value) if key in first else value for key, value in second.items()},
        }
    if isinstance(first, list) and isinstance(second, list):
        return [_merged(*pair) for pair in zip(first, second, strict=True)]
    return second
