"""Names of people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labelyard.domain.text import MAX_NAME, within


def names_of(data: Mapping[str, Any]) -> dict[str, str]:
    """The columns `firstname` and `lastname` of what a client gave; a `name` is divided at its first space."""
    first, _, last = data.get("name", "").strip().partition(" ")
    names = {"firstname": first, "lastname": last.strip()} if "name" in data else {}
    names |= {key: data[key] for key in ("firstname", "lastname") if key in data}
    return {key: within(text, name=key, limit=MAX_NAME) for key, text in names.items()}
