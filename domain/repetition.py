"""Requests that are sent again: the key by which they are recognised, and what they were about."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from labelyard.domain.error import BadRequest

HEADER: Final = "Idempotency-Key"
MOST_CHARACTERS: Final = 255


@dataclass(frozen=True, slots=True)
class Repetition:
    """The key of a request, and the SHA-256 of what it asks for."""

    key: str
    digest: str


def key_of(values: Sequence[str]) -> str | None:
    """The key that the headers of a request name; None without one."""
    if not values:
        return None
    (first, *others) = values
    is_key = 1 <= len(first) <= MOST_CHARACTERS and all("!" <= character <= "~" for character in first)
    if others or not is_key:
        raise BadRequest(
            f"The header {HEADER} is given once, and is 1 to {MOST_CHARACTERS} visible ASCII characters without spaces, such as a "
            "random UUID.",
            header=HEADER,
            given=len(values) if others else len(first),
        )
    return first


def digest_of(query: str, variables: bytes, operation_name: str | None) -> str:
    """The SHA-256 of a request, its variables given as JSON with sorted keys."""
    content = hashlib.sha256()
    for part in (query.encode(), variables, (operation_name or "").encode()):
        content.update(len(part).to_bytes(8))
        content.update(part)
    return content.hexdigest()
