"""The scalars of the contract."""

from datetime import datetime
from typing import Any, NewType

import strawberry
from graphql import GraphQLError, GraphQLID, ValueNode
from strawberry.scalars import JSON

from labelyard.domain.error import BadUserInput
from labelyard.domain.timestamp import Timestamp, parse_timestamp
from labelyard.storage.plan.compiler import milliseconds

MAX_PAGE = 1000

DateTime = NewType("DateTime", datetime)
PageSize = NewType("PageSize", int)
VerticesScalar = NewType("VerticesScalar", object)


def read_timestamp(value: object) -> Timestamp:
    """Input of `DateTime`; the refusal is raised as a coercion error, so that it names the variable."""
    try:
        return parse_timestamp(value)
    except BadUserInput as refusal:
        raise GraphQLError(refusal.message) from refusal


def read_page_size(value: object) -> int:
    """Input of `PageSize`: 0 to 1,000 objects."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_PAGE:
        raise GraphQLError(f"A page holds 0 to {MAX_PAGE} objects, not {value!r}; read further pages with `skip`.")
    return value


def read_id(value: object) -> str:
    """Input of `ID`. A text that cannot be stored is no id; it is replaced by one that matches nothing."""
    return _storable(_read(value))


def read_id_literal(node: ValueNode, _variables: Any = None) -> str:
    """An `ID` written in a document."""
    return _storable(_read_literal(node))  # type: ignore[misc, arg-type]


def _storable(text: str) -> str:
    return text.encode("utf-8", "replace").decode().replace("\0", "\ufffd")


def as_is(value: Any) -> Any:
    """Values that are finished already."""
    return value


# The library does not let its type `ID` be replaced; how it reads input is set here, once, for the schema of this server.
ID = GraphQLID
_read, _read_literal = ID.coerce_input_value, ID.coerce_input_literal
ID.coerce_input_value = ID.parse_value = read_id  # type: ignore[method-assign]
ID.coerce_input_literal = ID.parse_literal = read_id_literal  # type: ignore[method-assign, assignment]

SCALARS: dict[object, Any] = {
    DateTime: strawberry.scalar(
        name="DateTime",
        description="ISO 8601 in UTC with milliseconds, for example 2023-01-04T10:11:12.345Z. Input may be a bare date.",
        serialize=milliseconds,
        parse_value=read_timestamp,
    ),
    PageSize: strawberry.scalar(
        name="PageSize",
        description="How many objects a page holds, 0 to 1,000.",
        serialize=int,
        parse_value=read_page_size,
    ),
    VerticesScalar: strawberry.scalar(
        name="VerticesScalar", description="Vertices as nested lists of {x, y}.", serialize=as_is, parse_value=as_is
    ),
}

__all__ = ["ID", "JSON", "MAX_PAGE", "SCALARS", "DateTime", "PageSize", "VerticesScalar"]
