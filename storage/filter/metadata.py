"""The `metadata` filter: the type of a value says how it is compared.

`{"key": "v"}` equals; `{"key": ["a", "b"]}` is one of; two numbers or two dates are the bounds of a range, both included, and null
is an open end. The project's `metadataProperties` say which keys hold dates, and which hold texts only, whose two numbers are no
range. A bare date as upper bound includes the whole day. Keys that are hidden from the person match nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import orjson

from labelyard.domain.error import BadUserInput
from labelyard.storage.filter.condition import Filter, bounded
from labelyard.storage.metadata import SEES_KEY

MAX_KEYS = 50


def metadata_condition(filters: Filter, value: Any, alias: str) -> None:
    """All keys must match."""
    if not isinstance(value, Mapping):
        raise BadUserInput('[badFilter] The metadata filter is an object such as {"key": "value"}.')
    if len(value) > MAX_KEYS:
        raise BadUserInput(
            f"[badFilter] The metadata filter has at most {MAX_KEYS} keys, not {len(value):,}; ask for fewer at once.",
            limit=MAX_KEYS,
            given=len(value),
        )
    # The lists of all keys together are as long as one list of any other filter may be.
    bounded([item for wanted in value.values() if isinstance(wanted, list) for item in wanted])
    filters.is_heavy = True
    for key, wanted in value.items():
        if wanted is None:
            continue
        name = filters.value(str(key))
        filters.require(SEES_KEY.format(asset=alias, key=name))
        if isinstance(wanted, list):
            _one_of_or_between(filters, name, wanted, alias)
        else:
            filters.require(f"{alias}.metadata_search -> {name} = {filters.value(_json(wanted))}::jsonb")


def _one_of_or_between(filters: Filter, name: str, wanted: list[Any], alias: str) -> None:
    value = f"{alias}.metadata_search -> {name}"
    bounds = [bound for bound in wanted if bound is not None]
    texts = [_json(item) for item in wanted]
    is_one = f"{value} = any({filters.value(texts)}::jsonb[])"
    if (
        len(wanted) == 2
        and bounds
        and all(isinstance(bound, int | float) and not isinstance(bound, bool) for bound in bounds)
    ):
        # The case keeps the cast away from values that are no numbers; a stored number may pass what a float holds.
        number = f"(case when jsonb_typeof({value}) = 'number' then ({value})::numeric end)"
        low, high = (None if bound is None else filters.value(_number(bound)) for bound in wanted)
        within = [f"{number} >= {low}"] if low else []
        within += [f"{number} <= {high}"] if high else []
        is_between = " and ".join(within)
        if len(bounds) < 2:
            filters.require(is_between)
        else:
            filters.require(f"case when {_is_of_type(alias, name, 'string')} then {is_one} else {is_between} end")
        return
    if len(wanted) == 2 and bounds and all(isinstance(bound, str) for bound in bounds):
        text = f"{alias}.metadata_search ->> {name}"
        low, high = (None if bound is None else filters.value(bound) for bound in wanted)
        # Dates compare as texts; cut to the precision of the bound, a time of the last day is not after it.
        within = [f"{text} >= {low}"] if low else []
        within += [f"left({text}, length({high}::text)) <= {high}"] if high else []
        filters.require(f"case when {_is_of_type(alias, name, 'date')} then {' and '.join(within)} else {is_one} end")
        return
    filters.require(is_one)


def _is_of_type(alias: str, name: str, kind: str) -> str:
    """Whether the project declares that a key holds values of a type."""
    return f"""exists (
      select 1
      from project mp
      where mp.id = {alias}.project_id and mp.metadata_properties::json -> {name} ->> 'type' = '{kind}'
    )"""


def _json(value: Any) -> str:
    """A value as JSON text; what has none is refused."""
    try:
        return orjson.dumps(value).decode()
    except TypeError as error:  # nested too deeply, or a number beyond 64 bits
        raise BadUserInput("[badFilter] The metadata filter holds a value that no metadata can have.") from error


def _number(value: float) -> Decimal:
    """A bound as a finite number."""
    try:
        number = Decimal(repr(value))
    except ValueError:  # more digits than Python writes
        number = Decimal("inf")
    if not number.is_finite():
        raise BadUserInput("[badFilter] A number in the metadata filter lies out of range.")
    return number
