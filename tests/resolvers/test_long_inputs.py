"""Lists and JSON values of any length or depth, in every place of the schema that takes one: a clear answer, and soon."""

from __future__ import annotations

import copy
import re
import time
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
)

from labelyard.resolvers.operation import OPERATIONS
from labelyard.resolvers.schema import core_schema
from tests.common.world import new_organization
from tests.resolvers.permission_table import TABLE
from tests.resolvers.test_permissions import World

MANY = 20_000
MOST_SECONDS = 5.0
GIVEN = re.compile(r"(\w+): \$(\w+)")
MOST_DEPTH = 4
Path = tuple[Any, ...]


def nested(depth: int) -> Any:
    value: Any = 1
    for level in range(depth):
        value = {"a": value} if level % 2 else [value]
    return value


JSON_VALUES = {
    "keys": {f"key-{number}": number for number in range(MANY)},
    "keys of texts": {f"key-{number}": "x" for number in range(5_000)},
    "lists": {f"key-{number}": [number, number] for number in range(40)} | {"long": list(range(MANY))},
    "list": list(range(MANY)),
    "deep": {"a": nested(50)},
    "odd": {"\0": "\0", "": None, "a": [None, None], "b": [[], {}]},
}


def named(type_: Any) -> Any:
    while isinstance(type_, GraphQLList | GraphQLNonNull):
        type_ = type_.of_type
    return type_


def bare(type_: Any) -> Any:
    return type_.of_type if isinstance(type_, GraphQLNonNull) else type_


def item_of(type_: Any, number: int) -> Any:
    """A value that an input type takes."""
    type_ = bare(type_)
    if isinstance(type_, GraphQLList):
        return [item_of(type_.of_type, number)]
    if isinstance(type_, GraphQLInputObjectType):
        required = {name: field.type for name, field in type_.fields.items() if isinstance(field.type, GraphQLNonNull)}
        return {name: item_of(inner, number) for name, inner in required.items()}
    if isinstance(type_, GraphQLEnumType):
        return list(type_.values)[number % len(type_.values)]
    plain = {
        "Int": number,
        "Float": number / 7,
        "Boolean": number % 2 == 0,
        "DateTime": "2024-01-01",
        "JSON": {"a": number},
    }
    return plain.get(type_.name, f"text {number}")


def places(type_: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Where an input type takes a list or JSON."""
    type_ = bare(type_)
    if isinstance(type_, GraphQLList) or type_.name == "JSON":
        yield path, type_
    inner = bare(type_.of_type) if isinstance(type_, GraphQLList) else type_
    if isinstance(inner, GraphQLInputObjectType) and len(path) < MOST_DEPTH:
        step: Path = (0,) if isinstance(type_, GraphQLList) else ()
        for name, field in inner.fields.items():
            yield from places(field.type, (*path, *step, name))


def placed(variables: Any, path: Path, value: Any) -> Any:
    """The variables with a value at a place."""
    if not path:
        return value
    first, rest = path[0], path[1:]
    if isinstance(first, int):
        there = variables if isinstance(variables, list) and variables else [{}]
        return [placed(there[0], rest, value), *there[1:]]
    there = variables if isinstance(variables, dict) else {}
    return {**there, first: placed(there.get(first), rest, value)}


def hostile(type_: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(type_, GraphQLList):
        yield "many", [item_of(type_.of_type, number) for number in range(MANY)]
        yield "one text many times", [item_of(type_.of_type, 1)] * MANY
        yield "empty", []
    else:
        yield from JSON_VALUES.items()


ROWS = {row.name: row for row in reversed(TABLE)}
ROOTS = {
    (kind, name): field
    for kind, root in (("query", core_schema().query_type), ("mutation", core_schema().mutation_type))
    for name, field in root.fields.items()  # type: ignore[union-attr]
    if (kind, name) in OPERATIONS
}


def places_of(field: GraphQLField) -> list[tuple[Path, Any]]:
    return [place for argument, about in field.args.items() for place in places(about.type, (argument,))]


def document_of(kind: str, name: str, field: GraphQLField, arguments: Mapping[str, Any]) -> str:
    """A document that takes each argument as a variable of the same name."""
    declared = ", ".join(f"${argument}: {field.args[argument].type}" for argument in arguments)
    given = ", ".join(f"{argument}: ${argument}" for argument in arguments)
    return f"{kind} ({declared}) {{ data: {name}({given}) {ROWS[name].selection} }}"


def arguments_of(name: str, field: GraphQLField) -> dict[str, Any]:
    """The arguments of the permission table, by their own names, and whatever else is required."""
    row = ROWS[name]
    given = {
        argument: row.variables[variable]
        for argument, variable in GIVEN.findall(row.arguments.rpartition(" -> ")[2])
        if argument in field.args  # others are keys of an input
    }
    required = {
        argument: 1 if argument in ("first", "skip") else item_of(about.type, 1)
        for argument, about in field.args.items()
        if isinstance(about.type, GraphQLNonNull)
    }
    return {**required, **given}


@pytest.fixture
async def world(database, client):
    return await World.make(await new_organization(database, client), await new_organization(database, client))


TRIED = {root: field for root, field in ROOTS.items() if places_of(field)}


@pytest.mark.parametrize("root", TRIED, ids=lambda root: root[1])
async def test_long_and_deep_values_are_answered_soon_and_clearly(world, root):
    (kind, name), field = root, TRIED[root]
    world.names |= {"fresh": "fresh", "key": "x" * 64}
    client = world.callers["administrator of the organization"]
    arguments = world._filled(arguments_of(name, field))
    bad, reached = [], 0
    for path, type_ in places_of(field):
        for what, value in hostile(type_):
            # An input that the table leaves out needs its other keys as well.
            whole = {path[0]: item_of(field.args[path[0]].type, 1), **copy.deepcopy(arguments)}
            variables = placed(whole, path, value)
            began = time.monotonic()
            response = await client.post(document_of(kind, name, field, variables), variables)
            seconds = time.monotonic() - began
            codes = [error["extensions"]["code"] for error in response.json().get("errors", [])]
            reached += response.status_code == 200
            if response.status_code not in (200, 400) or "INTERNAL_SERVER_ERROR" in codes or seconds > MOST_SECONDS:
                bad.append((path, what, response.status_code, codes, round(seconds, 1), response.text[:200]))

    assert bad == []
    assert reached


DIGITS = {"9s": "9" * 4_301, "other digits": "\u0663", "no decimal": "\u00b2"}


def texts(type_: Any, path: Path, tried: set[str]) -> Iterator[Path]:
    """Where an input type takes a text, each place of an input once for the whole schema."""
    inner = named(type_)
    if isinstance(inner, GraphQLInputObjectType):
        step: Path = (0,) if isinstance(bare(type_), GraphQLList) else ()
        for name, field in inner.fields.items():
            if f"{inner.name}.{name}" not in tried and len(path) < MOST_DEPTH:
                tried.add(f"{inner.name}.{name}")
                yield from texts(field.type, (*path, *step, name), tried)
    elif inner.name in ("String", "ID", "DateTime", "JSON"):
        yield (*path, 0) if isinstance(bare(type_), GraphQLList) else path


async def test_digits_of_any_number_and_script_are_answered_clearly(world):
    world.names |= {"fresh": "fresh", "key": "x" * 64}
    client = world.callers["administrator of the organization"]
    tried: set[str] = set()
    bad, reached = [], 0
    for (kind, name), field in ROOTS.items():
        arguments = world._filled(arguments_of(name, field))
        for path in [path for argument, about in field.args.items() for path in texts(about.type, (argument,), tried)]:
            for what, value in DIGITS.items():
                whole = {path[0]: item_of(field.args[path[0]].type, 1), **copy.deepcopy(arguments)}
                variables = placed(whole, path, value)
                response = await client.post(document_of(kind, name, field, variables), variables)
                codes = [error["extensions"]["code"] for error in response.json().get("errors", [])]
                reached += response.status_code == 200
                if response.status_code not in (200, 400) or "INTERNAL_SERVER_ERROR" in codes:
                    bad.append((name, path, what, response.status_code, codes, response.text[:200]))

    assert bad == []
    assert reached > 500


def test_every_list_and_every_json_value_of_the_schema_is_tried():
    schema = core_schema()
    tried = {path[-1] for root, field in TRIED.items() for path, _ in places_of(field)}
    used = {named(about.type) for field in ROOTS.values() for about in field.args.values()}
    while (
        more := {named(f.type) for t in used if isinstance(t, GraphQLInputObjectType) for f in t.fields.values()} - used
    ):
        used |= more
    wanted = {
        name
        for type_ in used
        if isinstance(type_, GraphQLInputObjectType)
        for name, field in type_.fields.items()
        if isinstance(bare(field.type), GraphQLList) or bare(field.type) is schema.type_map["JSON"]
    }

    assert sorted(wanted - tried) == []
