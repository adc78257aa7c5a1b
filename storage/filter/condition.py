"""Conditions under construction."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from labelyard.domain.error import BadUserInput
from labelyard.domain.timestamp import Timestamp
from labelyard.storage.plan.page_bookmark import ListKey

MAX_LIST = 2_000
MAX_PATTERN = 200
MAX_PATTERNS = 50


@dataclass(slots=True)
class Filter:
    """Conditions, all of which must hold, and the values they name.

    `list_key` names the list for `storage.plan.page_bookmark`, when its places may be remembered. `is_heavy` says that the statement
    looks into many rows to find a few. `is_for_labeler` says that the person labels somewhere, so that conditions on other rows have
    to leave out what is hidden from labelers. `total` is a statement that tells how many rows there are without looking at them, if
    there is one; a further condition ends that. `probe` is one that answers the ids of all rows that a page can hold, null
    if they are many.
    """

    conditions: list[str] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)
    list_key: ListKey | None = None
    is_heavy: bool = False
    is_for_labeler: bool = True
    total: str = ""
    probe: str = ""

    def value(self, value: Any) -> str:
        """Keep a value and answer its parameter."""
        name = f"w{len(self.values)}"
        self.values[name] = value
        return f":{name}"

    def require(self, condition: str) -> None:
        """Add a condition."""
        self.total = ""
        self.conditions.append(condition)

    @property
    def where(self) -> str:
        """All conditions as one."""
        return " and ".join(f"({condition})" for condition in self.conditions) if self.conditions else "true"


Condition = Callable[[Filter, Any, str], None]
FilterTable = Mapping[str, Condition]


def apply(table: FilterTable, where: Mapping[str, Any], filters: Filter, alias: str = "t") -> Filter:
    """Add what a `where` asks for to a filter."""
    for key, value in where.items():
        table[key](filters, value, alias)
    return filters


def nested(table: FilterTable, where: Mapping[str, Any], filters: Filter, alias: str) -> str:
    """The conditions of an inner `where` as one, with its values kept in the same filter."""
    inner = Filter(values=filters.values, is_for_labeler=filters.is_for_labeler)
    apply(table, where, inner, alias)
    filters.is_heavy |= inner.is_heavy
    return inner.where


def equals(column: str) -> Condition:
    """Equality with a column."""

    def condition(filters: Filter, value: Any, alias: str) -> None:
        filters.require(f"{alias}.{column} = {filters.value(value)}")

    return condition


def one_of(column: str) -> Condition:
    """Membership in a list."""

    def condition(filters: Filter, values: Sequence[str], alias: str) -> None:
        if len(values) == 1:  # plain equality lets an index that begins with the column serve the order of the page
            filters.require(f"{alias}.{column} = {filters.value(str(values[0]))}")
        else:
            filters.require(f"{alias}.{column} = any({filters.value(bounded(values))})")

    return condition


def none_of(column: str) -> Condition:
    """Absence from a list; rows without a value stay."""

    def condition(filters: Filter, values: Sequence[str], alias: str) -> None:
        filters.require(f"{alias}.{column} is null or {alias}.{column} <> all({filters.value(bounded(values))})")

    return condition


def from_timestamp(column: str) -> Condition:
    """At or after a time; a bare date means its first instant."""

    def condition(filters: Filter, timestamp: Timestamp, alias: str) -> None:
        filters.require(f"{alias}.{column} >= {filters.value(timestamp.start)}")

    return condition


def to_timestamp(column: str) -> Condition:
    """At or before a time; a bare date means its last instant."""

    def condition(filters: Filter, timestamp: Timestamp, alias: str) -> None:
        filters.require(f"{alias}.{column} <= {filters.value(timestamp.end)}")

    return condition


def on_day(column: str) -> Condition:
    """On the UTC day of a time."""

    def condition(filters: Filter, timestamp: Timestamp, alias: str) -> None:
        first, last = timestamp.day
        filters.require(f"{alias}.{column} between {filters.value(first)} and {filters.value(last)}")

    return condition


def mark_from(column: str) -> Condition:
    """A quality mark of at least a number; matches nothing in projects whose marks the person does not see."""
    return _mark(column, ">=")


def mark_to(column: str) -> Condition:
    """A quality mark of at most a number; matches nothing in projects whose marks the person does not see."""
    return _mark(column, "<=")


def mark_above(column: str) -> Condition:
    """A quality mark above a number; matches nothing in projects whose marks the person does not see."""
    return _mark(column, ">")


def mark_below(column: str) -> Condition:
    """A quality mark below a number; matches nothing in projects whose marks the person does not see."""
    return _mark(column, "<")


def _mark(column: str, operator: str) -> Condition:
    def condition(filters: Filter, value: float, alias: str) -> None:
        filters.require(
            f"{alias}.{column} {operator} {filters.value(float(value))} and {alias}.project_id <> all(:markless_projects)"
        )

    return condition


def ignored(filters: Filter, value: Any, alias: str) -> None:
    """The key narrows nothing."""
    del filters, value, alias


def bounded(values: Sequence[str], most: int = MAX_LIST) -> list[str]:
    """A list of a filter, at most 2,000 long."""
    if len(values) > most:
        raise BadUserInput(
            f"[badFilter] A list in this filter holds at most {most:,} values, not {len(values):,}; ask in parts.",
            limit=most,
            given=len(values),
        )
    return list(values)


def contains_pattern(text: str, most: int = MAX_PATTERN) -> str:
    """The LIKE pattern for texts that contain a text."""
    if len(text) > most:
        raise BadUserInput(
            f"[badFilter] A text to search for has at most {most} characters, not {len(text)}.",
            limit=most,
        )
    return f"%{escaped(text)}%"


def wildcard_pattern(text: str, wildcard: str) -> str:
    """The LIKE pattern for a text in which a character stands for any run of characters, and all others for themselves."""
    return "%".join(escaped(part) for part in text.split(wildcard))


def escaped(text: str) -> str:
    """A text as a part of a LIKE pattern, in which every character stands for itself."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
