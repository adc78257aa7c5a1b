"""Statements with named parameters, and what runs them.

asyncpg knows numbered parameters only; a statement that is put together from a plan, a filter and a scope needs names. The
translation is done once per text. No value ever becomes part of a text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
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
