"""The front doors that there are, by the names that `LABELYARD_DOORS` takes. A door that is closed is not even loaded."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from labelyard.domain.text import parts_of

if TYPE_CHECKING:
    from labelyard.server.door.rest import Door

DOORS: Final[dict[str, str]] = {
    "fastlabel": "labelyard.server.door.fastlabel",
    "dataapi": "labelyard.server.door.dataapi",
    "sentisight": "labelyard.server.door.sentisight",
}
"""The module of each door, whose `DOOR` is declared there."""


def names_in(value: str) -> tuple[str, ...]:
    """The doors that a setting names, in the order of the list above; ValueError for one that does not exist."""
    named = parts_of(value)
    for name in named:
        if name not in DOORS:
            close = difflib.get_close_matches(name, DOORS, n=1, cutoff=0.6)
            hint = f"; did you mean {close[0]}?" if close else ""
            raise ValueError(f"{name!r} is no door; there are {', '.join(DOORS) or 'none'}{hint}")
    return tuple(name for name in DOORS if name in named)


def opened(names: Sequence[str]) -> list[Door]:
    """The doors of these names; a refusal where one needs what is not installed."""
    doors: list[Door] = [import_module(DOORS[name]).DOOR for name in names]
    for door in doors:
        if door.check is not None:
            door.check()
    return doors


def origins_in(value: str) -> tuple[str, ...]:
    """The origins of pages in a text with commas between; ValueError for what is none."""
    origins = parts_of(value)
    for origin in origins:
        try:
            parts = urlsplit(origin)
            is_origin = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            is_origin = False
        if not is_origin or origin != f"{parts.scheme}://{parts.netloc}".lower() or "@" in origin:
            raise ValueError(f"{origin!r} is no origin; write it like https://app.example.org, without a path")
    return tuple(origins)


def hosts_in(value: str) -> frozenset[str]:
    """The names of hosts in a text with commas between, in lower case; ValueError for what is none."""
    hosts = parts_of(value)
    for host in hosts:
        if not host.isascii() or not host.replace("-", "").replace(".", "").isalnum():
            raise ValueError(f"{host!r} is no name of a host; write it like images.example.org")
    return frozenset(host.lower().rstrip(".") for host in hosts)
