"""Colors of classes that were given none."""

from __future__ import annotations

import re
from typing import Any, Final

from labelyard.domain.door.fastlabel.value import shown
from labelyard.domain.error import BadUserInput

_COLORS: Final = (
    "#E41A1C",
    "#377EB8",
    "#4DAF4A",
    "#984EA3",
    "#FF7F00",
    "#A65628",
    "#F781BF",
    "#66C2A5",
    "#FC8D62",
    "#8DA0CB",
    "#E78AC3",
    "#A6D854",
)
_HEX: Final = re.compile(r"#[0-9A-Fa-f]{6}")


def color_at(place: int) -> str:
    """The color of the class in a place, from 0."""
    return _COLORS[place % len(_COLORS)]


def is_color(value: Any) -> bool:
    """Whether it is `#rrggbb`, which exporters need."""
    return isinstance(value, str) and _HEX.fullmatch(value) is not None


def color_of(value: Any, what: str) -> str | None:
    """A color as it was sent, None for null."""
    if value is None:
        return None
    if not is_color(value):
        raise BadUserInput(f"{what} is written like {_COLORS[0]}, not {shown(value)}.", field=what)
    return str(value)
