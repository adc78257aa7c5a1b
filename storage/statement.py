"""Statements with named parameters, and what runs them.

asyncpg knows numbered parameters only; a statement that is put together from a plan, a filter and a scope needs names. The
translation is done once per text. No value ever becomes part of a text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

NAMED = re.compile(r"(?<!:):([a-z][a-z0-9_]*)")
WRITE = re.compile(
    r"\b(insert\s+into|delete\s+from|merge\s+into|update\s+(only\s+)?\x22?\w+\x22?\s+((as\s+)?\w+\s+)?set|pg_notify|event_record|add_labels?)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Statement:
    """A text for the driver and the names of its parameters in order."""

    text: str
    names: tuple[str, ...]
    is_write: bool
    """Whether it changes rows or tells listeners."""

    def arguments(self, values: Mapping[str, Any]) -> list[Any]:
        """The values in the order of the numbered parameters; a missing one is a defect and raises `KeyError`."""
        return [values[name] for name in self.names]


MOST_KEPT = 1_024
LONGEST_KEPT = 16_384


def statement(text: str) -> Statement:
    """Translate `:name` into `$n`; the same name is the same parameter. Translations of texts that are not long are kept."""
    return _kept(text) if len(text) <= LONGEST_KEPT else _translated(text)


def _translated(text: str) -> Statement:
    order: dict[str, int] = {}

    def number(match: re.Match[str]) -> str:
        return f"${order.setdefault(match.group(1), len(order) + 1)}"

    numbered = NAMED.sub(number, text)
    return Statement(numbered, tuple(order), WRITE.search(text) is not None)


_kept = lru_cache(maxsize=MOST_KEPT)(_translated)


NAME = re.compile(r"[a-z][a-z0-9_]*")


def insertion(table: str, columns: Iterable[str], *, unless_taken: str = "") -> str:
    """The text that adds a row with these columns, whose values are parameters of the same names.

    `unless_taken` is a unique key: when another row has these values already, nothing is added and no row comes back.
    """
    names = _names(columns)
    conflict = f" on conflict ({unless_taken}) do nothing" if unless_taken else ""
    return f"""
    insert into {table} ({", ".join(names)})
    values ({", ".join(f":{name}" for name in names)}){conflict}
    returning 1
    """


def change(table: str, columns: Iterable[str], *, sets_updated_at: bool = False) -> str:
    """The text that changes columns of the row `:row_id`; their values are parameters of the same names."""
    assignments = [f"{name} = :{name}" for name in _names(columns)]
    if sets_updated_at:
        assignments.append("updated_at = now()")
    return f"""
    update {table}
    set {", ".join(assignments)}
    where id = :row_id
    """


def _names(columns: Iterable[str]) -> list[str]:
    names = list(columns)
    for name in names:
        if NAME.fullmatch(name) is None or name == "row_id":
            raise ValueError(f"{name!r} is no name of a column")
    return names
