"""Random requests: documents made from the schema with values of every kind, and bodies that are no requests at all."""

from __future__ import annotations

import random
from typing import Any

import orjson
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    get_named_type,
    is_list_type,
    is_non_null_type,
)

WORDS = [
    "",
    "a",
    "null",
    '""',
    "%",
    "%\\",
    "_",
    "\\",
    "'",
    '"',
    "../x",
    "<script>",
    "\x00",
    "\u202e",
    "ß" * 300,
    "x" * 3000,
    "NaN",
]
TEXTS_OF_JSON = [
    "{}",
    "[]",
    "null",
    "{",
    '{"a":',
    '{"jobs":{}}',
    '{"jobs":[]}',
    "[" * 500,
    '{"a":1e999}',
    '{"a":1,"a":2}',
    "1",
    '"x"',
]
INTEGERS = [0, 1, -1, 2, 10, 100, 1000, 1001, 2**31 - 1, 2**31, -(2**31), 2**53, 10**18]
FLOATS = [0.0, 0.5, 1.0, -1.0, 3e9, 1e18, 1e308, 1e-308]
DATES = [
    "2024-01-01",
    "2999-01-01",
    "0001-01-01T00:00:00Z",
    "1969-12-31T23:59:60Z",
    "10000-01-01",
    "banana",
    "2024-02-30",
]
VALUES: list[Any] = [None, True, False, 0, 1.5, "text", [], {}, [[]], {"a": {"b": []}}, [None], {"": None}]
# These would take the key away that the run goes on with.
SPARED = {
    "deleteOrganization",
    "deleteFromApiKeys",
    "updatePropertiesInUser",
    "resetPassword",
    "updatePassword",
    "deleteFromRoles",
}


class RequestMaker:
    """Makes requests for a schema; `ids` are those of things that exist."""

    def __init__(self, schema: GraphQLSchema, ids: list[str], seed: int) -> None:
        self.schema = schema
        self.ids = ids
        self.random = random.Random(seed)

    def body(self) -> bytes:
        """The body of one request."""
        made = orjson.dumps(self.request())
        if self.random.random() < 0.12:
            return self._damaged(made)
        return made

    def request(self) -> dict[str, Any]:
        """A document with its variables."""
        kind = "Mutation" if self.random.random() < 0.3 else "Query"
        root: Any = self.schema.type_map[kind]
        name = self.random.choice([name for name in root.fields if name not in SPARED])
        field = root.fields[name]
        declared, used, variables = [], [], {}
        for argument, about in field.args.items():
            if is_non_null_type(about.type) or self.random.random() < 0.6:
                declared.append(f"${argument}: {about.type}")
                used.append(f"{argument}: ${argument}")
                variables[argument] = self.value(about.type, depth=0)
        selection = self.selection(get_named_type(field.type), depth=0)
        head = f"({', '.join(declared)})" if declared else ""
        given = f"({', '.join(used)})" if used else ""
        return {"query": f"{kind.lower()}{head} {{ {name}{given} {selection} }}", "variables": variables}

    def selection(self, type_: Any, *, depth: int) -> str:
        """A few fields of an object, lists in lists among them."""
        if not isinstance(type_, GraphQLObjectType):
            return "{ __typename }" if hasattr(type_, "fields") else ""
        names = self.random.sample(sorted(type_.fields), k=min(len(type_.fields), self.random.randint(1, 5)))
        parts = ["__typename"] if self.random.random() < 0.1 else []
        for name in names:
            field = type_.fields[name]
            inner = get_named_type(field.type)
            if isinstance(inner, GraphQLScalarType | GraphQLEnumType):
                parts.append(name)
            elif depth < 5:
                parts.append(f"{name} {self.selection(inner, depth=depth + 1)}")
        return "{ " + (" ".join(parts) or "__typename") + " }"

    def value(self, type_: Any, *, depth: int) -> Any:
        """A value of an input type, mostly of its form."""
        chance = self.random.random()
        if chance < 0.03:
            return self.random.choice(VALUES)
        if is_non_null_type(type_):
            return self.value(type_.of_type, depth=depth)
        if chance < 0.08:
            return None
        if is_list_type(type_):
            length = self.random.choice([0, 1, 1, 2, 3, 200 if chance > 0.98 else 2])
            return [self.value(type_.of_type, depth=depth + 1) for _ in range(length)]
        if isinstance(type_, GraphQLEnumType):
            return self.random.choice(sorted(type_.values)) if chance < 0.97 else "BANANA"
        if isinstance(type_, GraphQLInputObjectType):
            keep = 0.3 if depth else 0.5
            return {
                name: self.value(field.type, depth=depth + 1)
                for name, field in type_.fields.items()
                if is_non_null_type(field.type) or self.random.random() < (keep if depth < 4 else 0)
            }
        return self._scalar(type_.name)

    def _scalar(self, name: str) -> Any:
        pick = self.random.choice
        match name:
            case "ID":
                return pick(self.ids) if self.random.random() < 0.6 else pick(WORDS)
            case "Int":
                return pick(INTEGERS[:7]) if self.random.random() < 0.8 else pick(INTEGERS)
            case "Float":
                return pick(FLOATS)
            case "Boolean":
                return pick([True, False])
            case "String":
                return pick([*WORDS, *TEXTS_OF_JSON, *DATES, *self.ids])
            case "DateTime" | "Date":
                return pick(DATES)
            case _:
                return pick([*VALUES, *TEXTS_OF_JSON])

    def _damaged(self, body: bytes) -> bytes:
        pick = self.random.random()
        if pick < 0.3:
            at = self.random.randrange(len(body))
            return body[:at] + bytes([self.random.randrange(256)]) + body[at + 1 :]
        if pick < 0.5:
            return body[: self.random.randrange(len(body))]
        return self.random.choice(
            [
                b"",
                b"[]",
                b"null",
                b"1",
                b'{"query":1}',
                b'{"query":"{}"}',
                b'{"query":"{ __schema { types { name } } }"}',
                b"[" * 50_000,
                b'{"query":"{ viewer { id } }","variables":' + b"[" * 200 + b"]" * 200 + b"}",
                b'{"query":"{ viewer { id } }","variables":{"a":' + b"9" * 5_000 + b"}}",
                b'{"query":"\\ud800"}',
                b'{"query":"subscription { labelCreatedOrUpdated(projectID: \\"x\\") { id } }"}',
                b'{"query":"query A { viewer { id } } query B { viewer { id } }"}',
                b'{"query":"{ viewer { id } }","query":"{ viewer { email } }"}',
            ]
        )
