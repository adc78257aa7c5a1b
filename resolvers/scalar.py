"""The scalars of the contract."""

from datetime import datetime
from typing import Any, NewType

import strawberry
from graphql import GraphQLError
from strawberry.scalars import JSON

from domain.error import BadUserInput
from domain.moment import Moment, parse_moment
from storage.plan.compiler import milliseconds

MAX_PAGE = 1000

DateTime = NewType("DateTime", datetime)
PageSize = NewType("PageSize", int)
VerticesScalar = NewType("VerticesScalar", object)


def read_moment(value: object) -> Moment:
    """Input of `DateTime`; the refusal is told as a coercion error, so that it names the variable."""
    try:
        return parse_moment(value)
    except BadUserInput as refusal:
        raise GraphQLError(refusal.message) from refusal


def read_page_size(value: object) -> int:
    """Input of `PageSize`: 0 to 1,000 objects."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_PAGE:
        raise GraphQLError(f"A page holds 0 to {MAX_PAGE} objects, not {value!r}; read further pages with `skip`.")
    return value


def as_is(value: Any) -> Any:
    """Values that are finished already."""
    return value


SCALARS: dict[object, Any] = {
    DateTime: strawberry.scalar(
        name="DateTime",
        description="ISO 8601 in UTC with milliseconds, for example 2023-01-04T10:11:12.345Z. Input may be a bare date.",
        serialize=milliseconds,
        parse_value=read_moment,
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

__all__ = ["JSON", "MAX_PAGE", "SCALARS", "DateTime", "PageSize", "VerticesScalar"]
