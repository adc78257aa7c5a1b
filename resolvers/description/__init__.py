"""What the schema says of its parts: the sentences that GraphiQL and introspection show.

Each `*.toml` of this folder has a table for each type (`[Asset]`), with a sentence for each field, input field or enum value that
has none in the code, and a table for the arguments of a field (`["Query.assets"]`). `[common]` holds sentences for names that mean
the same everywhere (`id`, `first`, `skip`); a type's own sentence comes before them. `[types]` describes types that have no class
with a docstring.
"""

from __future__ import annotations

import inspect
import tomllib
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
)
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.enum import StrawberryEnumDefinition

COMMON = "common"
TYPES = "types"
Sentences = Mapping[str, Mapping[str, str]]


def describe(schema: GraphQLSchema) -> None:
    """Give every part of the schema its description, with the indentation of docstrings taken off.

    Python 3.13 takes it off when it compiles, earlier versions do not: the schema's text must be the same on all of them.
    """
    sentences = read_sentences()
    for owner, name, part in parts_of(schema):
        known = sentences.get(owner, {}).get(name) or part.description or sentences.get(COMMON, {}).get(name)
        part.description = inspect.cleandoc(known) if known else None
    for name, declared in schema.type_map.items():
        known = sentences.get(TYPES, {}).get(name) or declared.description or docstring_of(declared)
        declared.description = inspect.cleandoc(known) if known else None


def docstring_of(declared: GraphQLNamedType) -> str | None:
    """The docstring of the class that a type was declared as; none for types declared in the schema language."""
    match declared.extensions.get("strawberry-definition"):
        case StrawberryObjectDefinition(origin=origin):
            return origin.__doc__
        case StrawberryEnumDefinition(wrapped_cls=wrapped):
            return wrapped.__doc__
    return None


def read_sentences() -> Sentences:
    """The sentences of all files of this folder, by owner and name."""
    descriptions: dict[str, dict[str, str]] = {}
    for file in sorted(files(__name__).iterdir(), key=lambda file: file.name):
        if file.name.endswith(".toml"):
            for owner, own in tomllib.loads(file.read_text(encoding="utf-8")).items():
                descriptions.setdefault(owner, {}).update(own)
    return descriptions


def parts_of(schema: GraphQLSchema) -> Iterator[tuple[str, str, Any]]:
    """Every field, argument, input field and enum value, as (owner, name, part); introspection's own are left out."""
    for type_name, declared in schema.type_map.items():
        if type_name.startswith("__"):
            continue
        if isinstance(declared, GraphQLEnumType):
            for name, value in declared.values.items():
                yield type_name, name, value
        elif isinstance(declared, GraphQLInputObjectType):
            for name, field in declared.fields.items():
                yield type_name, name, field
        elif isinstance(declared, GraphQLObjectType | GraphQLInterfaceType):
            for name, field in declared.fields.items():
                yield type_name, name, field
                for argument_name, argument in field.args.items():
                    yield f"{type_name}.{name}", argument_name, argument
