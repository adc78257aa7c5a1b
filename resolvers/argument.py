"""Arguments of root fields: nulls, numbers, pages, and the two forms that clients send the same values in."""

from collections.abc import Mapping
from typing import Any, Generic, TypeVar

from labelyard.domain.error import BadUserInput
from labelyard.domain.number import check_number

T = TypeVar("T")

MAX_SKIP = 1_000_000
MAX_FIRST = 1_000
NUMBERS = (int, float)


class Input(Mapping[str, Any], Generic[T]):
    """An input object as a root field gets it: the keys that the client sent with a value, in the spelling of the schema."""


def without_nulls(value: Any, name: str = "") -> Any:
    """Drop nulls at every depth, and check the range of every number: in this API, null is the same as absent."""
    if isinstance(value, dict):
        return {key: without_nulls(item, key) for key, item in value.items() if item is not None}
    if isinstance(value, list) and value and (isinstance(value[0], dict) or value[0].__class__ in NUMBERS):
        return [without_nulls(item, name) for item in value]
    if value.__class__ in NUMBERS:
        check_number(value, name)
    return value


def present(flat: Mapping[str, Any]) -> dict[str, Any]:
    """The flat arguments of older clients that were sent."""
    return {name: value for name, value in flat.items() if value is not None}


def one_form(data: Mapping[str, Any] | None, flat: Mapping[str, Any], *, may_be_absent: bool = False) -> dict[str, Any]:
    """The values of today's `data` or of the flat arguments of older clients; both at once are refused, and neither too."""
    sent = present(flat)
    if (data is not None and sent) or (data is None and not sent and not may_be_absent):
        raise BadUserInput("Give either `data` or the single arguments of older clients, and not both.", field="data")
    return dict(data) if data is not None else sent


def check_skip(skip: int) -> None:
    """Refuse pages that no list has."""
    if not 0 <= skip <= MAX_SKIP:
        raise BadUserInput(f"`skip` is 0 to {MAX_SKIP:,}, not {skip}; narrow the filter to reach further.", skip=skip)


def page_size(first: int | None) -> int:
    """The page size of the first clients, who send an `Int`; 100 when they send none."""
    if first is None:
        return 100
    if not 0 <= first <= MAX_FIRST:
        raise BadUserInput(f"`first` is 0 to {MAX_FIRST:,}, not {first}; read further pages with `skip`.", first=first)
    return first
