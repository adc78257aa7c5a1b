"""The naive reading of the same declarations: graphql-core as it comes, one statement for every field of every object.

It shares with the reading plans what a field means (its SQL expression or relation) and nothing of how they read: no joins, no
lists of ids, no generated code, no finished values.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import orjson
from graphql import GraphQLResolveInfo, build_schema, execute, is_list_type, is_non_null_type, parse

from labelyard.resolvers.schema import schema_text
from labelyard.storage.database import Connection
from labelyard.storage.plan import Bound, Column, Computed, Expression, Json, ToMany, ToOne, source_of
from labelyard.storage.plan.budget import ReadBudget
from labelyard.storage.plan.compiler import milliseconds, snake_case


@dataclass(frozen=True)
class Object:
    """An object of the schema by its type and id; `bind` and `parent` are those of the relation that led to it."""

    type_name: str
    id: str
    parent: Object | None = None
    bind: Mapping[str, str] | None = None


@dataclass
class Naive:
    """A reader of one person's view."""

    connection: Connection
    values: Mapping[str, Any]
    call: Any
    schema: Any = None

    def __post_init__(self) -> None:
        if self.call is None:  # what functions of fields ask of a call: what its answer may still hold
            self.call = SimpleNamespace(budget=ReadBudget())
        self.schema = build_schema(schema_text())
        self.turn = asyncio.Lock()  # fields are resolved at once, on one connection

    async def read(self, document: str, variables: Mapping[str, Any], roots: Mapping[str, list[Object]]) -> Any:
        """Execute a document whose root fields answer the given objects."""
        result = await execute(  # type: ignore[misc]
            self.schema,
            parse(document),
            root_value=roots,
            variable_values=dict(variables),
            field_resolver=self.field,
            type_resolver=lambda value, _info, _type: value["__typename"],
        )
        assert result.errors is None, result.errors
        return orjson.loads(orjson.dumps(result.data))

    async def field(self, source: Any, info: GraphQLResolveInfo[Any], **_arguments: Any) -> Any:
        """The value of one field of one object."""
        if not isinstance(source, Object):
            return source.get(info.field_name)
        origin = source_of(source.type_name).fields[info.field_name]
        match origin:
            case Column():
                return await self.value(source, "{t}." + (origin.name or snake_case(info.field_name)))
            case Expression():
                return await self.value(source, origin.sql)
            case Json():
                text = await self.value(source, origin.sql)
                return None if text is None else orjson.loads(text)
            case Bound():
                assert source.parent is not None
                assert source.bind is not None
                return await self.value(source.parent, source.bind[origin.name])
            case Computed():
                needs = [await self.value(source, need, raw=True) for need in origin.needs]
                return orjson.loads(orjson.dumps(origin.function(self.call, *needs)))
            case ToOne():
                return await self.one(source, origin)
            case ToMany():
                assert origin.first or is_list_type(_nullable(info.return_type))
                found = await self.many(source, origin)
                return (found[0] if found else None) if origin.first else found

    async def value(self, source: Object, sql: str, *, raw: bool = False) -> Any:
        table = source_of(source.type_name).table_name
        found = await self.rows(f"select {sql.format(t='t', p='t')} from {table} t where t.id = :id", source.id)
        value = found[0][0]
        return value if raw or not hasattr(value, "isoformat") else milliseconds(value)

    async def one(self, source: Object, relation: ToOne) -> Object | None:
        here, there = source_of(source.type_name).table_name, source_of(relation.target).table_name
        on = relation.on.format(t="t", r="r")
        found = await self.rows(f"select r.id from {here} t join {there} r on {on} where t.id = :id", source.id)
        return Object(relation.target, found[0][0], source, relation.bind) if found else None

    async def many(self, source: Object, relation: ToMany) -> list[Object]:
        key = await self.value(source, relation.key)
        there = source_of(relation.target).table_name
        matches, where, order, join = (
            part.format(r="r") for part in (relation.matches, relation.where, relation.order, relation.join)
        )
        text = f"select r.id from {there} r {join} where {matches} = any(:keys) and ({where}) order by {order}"
        found = await self.rows(text, "", keys=[key])
        return [Object(relation.target, row[0], source) for row in found]

    async def rows(self, text: str, identifier: str, **more: Any) -> list[Any]:
        async with self.turn:
            return await self.connection.fetch(text, {**self.values, "id": identifier, **more})


def _nullable(type_: Any) -> Any:
    return type_.of_type if is_non_null_type(type_) else type_
