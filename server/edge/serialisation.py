"""Large answers become JSON in a thread and piece by piece, so that other requests are answered meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any, Final

import orjson

from labelyard.domain.error import QueryTooComplex

THREAD_FROM_BYTES: Final = 1 << 20
# Objects that are written at one go: orjson lets nothing else run while it writes.
OBJECTS_AT_ONCE: Final = 200
MAX_LEVELS: Final = 6


async def serialised(answer: Any, *, expected_bytes: int, max_bytes: int) -> bytes:
    """An answer as JSON. One that is longer than allowed is refused; a large one already while it is written."""
    if expected_bytes < THREAD_FROM_BYTES:
        body = orjson.dumps(answer)
        if len(body) > max_bytes:
            raise _too_large(len(body), max_bytes)
        return body
    return await asyncio.to_thread(_joined, answer, max_bytes)


def _joined(answer: Any, max_bytes: int) -> bytes:
    pieces: list[bytes] = []
    size = 0
    for piece in _pieces(answer, MAX_LEVELS):
        size += len(piece)
        if size > max_bytes:
            raise _too_large(size, max_bytes)
        pieces.append(piece)
    return b"".join(pieces)


def _pieces(value: Any, levels: int) -> Iterator[bytes]:
    """The JSON of a value in pieces of some hundred objects, as long as they lie at its first levels."""
    if isinstance(value, dict) and levels:
        opening = b"{"
        for key, item in value.items():
            yield opening + orjson.dumps(key) + b":"
            yield from _pieces(item, levels - 1)
            opening = b","
        yield b"}" if value else b"{}"
    elif isinstance(value, list) and levels and _is_nested(value):
        opening = b"["
        for item in value:
            yield opening
            yield from _pieces(item, levels - 1)
            opening = b","
        yield b"]"
    elif isinstance(value, list) and len(value) > OBJECTS_AT_ONCE:
        for start in range(0, len(value), OBJECTS_AT_ONCE):
            piece = orjson.dumps(value[start : start + OBJECTS_AT_ONCE])
            yield (b"[" if start == 0 else b",") + piece[1:-1]
        yield b"]"
    else:
        yield orjson.dumps(value)


def _is_nested(value: list[Any]) -> bool:
    """Whether the objects of a list hold lists themselves, so that each of them may be long."""
    return any(isinstance(item, dict) and _holds_list(item, 3) for item in value[:1])


def _holds_list(value: dict[str, Any], levels: int) -> bool:
    return any(
        (isinstance(item, list) and len(item) > 1)
        or (levels and isinstance(item, dict) and _holds_list(item, levels - 1))
        for item in value.values()
    )


def _too_large(size: int, limit: int) -> QueryTooComplex:
    return QueryTooComplex(
        f"The answer would have {size:,} bytes or more, the limit is {limit:,}; ask for fewer items at once.",
        limit=limit,
        size=size,
    )
