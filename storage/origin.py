"""Who changes something, and from where: known to the database for the time of a transaction, for what triggers record.

It is carried by a context variable, as the outcome of commits is, because everything that writes has it and almost nothing needs it.
"""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final

import orjson

from labelyard.storage.bound import Bound


@dataclass(frozen=True, slots=True)
class Origin:
    """The user, the id of their key, the address they write from, what they call, and how many calls of plugins it follows from."""

    user: str | None = None
    key: str | None = None
    address: str | None = None
    operation: str | None = None
    depth: int = 0


NOBODY: Final = Origin()
_CURRENT: ContextVar[Origin] = ContextVar("origin", default=NOBODY)


def originating(origin: Origin) -> Bound[Origin]:
    """Whatever is written while the block runs has this origin."""
    return Bound(_CURRENT, origin)


def begin_text() -> str:
    """The text that begins a transaction. The origin is hexadecimal in it: whatever it says, it is nothing but digits and letters."""
    origin = _CURRENT.get()
    if origin is NOBODY:
        return "begin"
    values = {name: value for name in Origin.__slots__ if (value := getattr(origin, name))}
    return f"begin; set local labelyard.origin = '{orjson.dumps(values).hex()}'"
