"""Values as clients send them: each is read by one function that names what is wrong."""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from labelyard.domain.error import BadUserInput
from labelyard.domain.text import within

LARGEST_NUMBER: Final = 1e9
MAX_SHOWN: Final = 60


def shown(value: Any) -> str:
    """A value as an error names it, cut when it is long."""
    text = repr(value)
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}…"


def is_number(value: Any) -> bool:
    """Whether a value is a finite number, no boolean."""
    return type(value) in (int, float) and math.isfinite(value)


def number_of(value: Any, what: str) -> float | int:
    """A finite number of at most a thousand million, no boolean."""
    if not is_number(value) or abs(value) > LARGEST_NUMBER:
        raise BadUserInput(f"{what} is a number up to {LARGEST_NUMBER:,.0f}, not {shown(value)}.", field=what)
    return value  # type: ignore[no-any-return] # which of the two was just asked


def whole_of(value: Any, what: str, *, least: int, most: int) -> int:
    """A whole number within bounds, no boolean."""
    if type(value) is not int or not least <= value <= most:
        raise BadUserInput(f"{what} is a whole number from {least:,} to {most:,}, not {shown(value)}.", field=what)
    return value


def text_of(value: Any, what: str, *, limit: int, least: int = 0) -> str:
    """A text without NUL and half characters."""
    if not isinstance(value, str):
        raise BadUserInput(f"{what} is a text, not {shown(value)}.", field=what)
    if "\0" in value or any("\ud800" <= character <= "\udfff" for character in value):
        raise BadUserInput(f"{what} holds a character that cannot be stored: {shown(value)}.", field=what)
    return within(value, name=what, limit=limit, least=least)


def json_text_of(value: Any, what: str, *, limit: int) -> str:
    """The JSON text of any value, of at most so many characters."""
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except (ValueError, RecursionError) as error:
        raise BadUserInput(f"{what} cannot be kept: {error}.", field=what) from error
    return text_of(text, what, limit=limit)


def optional_text_of(value: Any, what: str, *, limit: int) -> str | None:
    """A text, or None for null."""
    return None if value is None else text_of(value, what, limit=limit)


def flag_of(value: Any, what: str) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise BadUserInput(f"{what} is true or false, not {shown(value)}.", field=what)
    return value


def word_of(value: Any, what: str, words: Collection[str]) -> str:
    """One of a few words."""
    if not isinstance(value, str) or value not in words:
        raise BadUserInput(f"{what} is one of {', '.join(words)}, not {shown(value)}.", field=what)
    return value


def list_of(value: Any, what: str, *, limit: int) -> Sequence[Any]:
    """A list of at most so many entries; null is an empty one."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise BadUserInput(f"{what} is a list, not {shown(value)}.", field=what)
    if len(value) > limit:
        raise BadUserInput(f"{what} has at most {limit:,} entries, not {len(value):,}.", field=what, limit=limit)
    return value


def object_of(value: Any, what: str) -> Mapping[str, Any]:
    """An object."""
    if not isinstance(value, dict):
        raise BadUserInput(f"{what} is an object, not {shown(value)}.", field=what)
    return value


def texts_of(value: Any, what: str, *, limit: int, length: int) -> list[str]:
    """A list of texts that are not empty, each kept once, in order."""
    texts = [
        text_of(item, f"{what}[{index}]", limit=length, least=1)
        for index, item in enumerate(list_of(value, what, limit=limit))
    ]
    return list(dict.fromkeys(texts))
