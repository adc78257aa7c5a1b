"""How many objects a field leads to, as far as the schema and the reading plans say before anything is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from graphql import GraphQLSchema, get_named_type, is_composite_type, is_list_type, is_non_null_type

from labelyard.storage.plan import LIST_SIZE, ToMany
from labelyard.storage.plan.source import registry


@dataclass(frozen=True, slots=True)
class FieldShape:
    """The type a field leads to, and how many objects of it: None for one."""

    target: str
    size: int | None = None


Shapes = dict[tuple[str, str], FieldShape]


def shapes_of(schema: GraphQLSchema, *, root_list_size: int) -> Shapes:
    """The shape of every field with a selection, by its type and name."""
    roots = {type_.name for type_ in (schema.query_type, schema.mutation_type, schema.subscription_type) if type_}
    shapes: Shapes = {}
    for type_name, type_ in schema.type_map.items():
        for name, declared in getattr(type_, "fields", {}).items():
            target = get_named_type(declared.type)
            if is_composite_type(target):
                size = _size_of(type_name, name, declared.type, root_list_size if type_name in roots else LIST_SIZE)
                shapes[(type_name, name)] = FieldShape(target.name, size)
    return shapes


def _size_of(type_name: str, name: str, type_: Any, default: int) -> int | None:
    nullable = type_.of_type if is_non_null_type(type_) else type_
    if not is_list_type(nullable):
        return None
    source = registry.get(type_name)
    origin = source.fields.get(name) if source is not None else None
    return origin.size if isinstance(origin, ToMany) else default
