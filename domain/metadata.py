"""`jsonMetadata`: the free object that comes with an asset."""

from __future__ import annotations

from typing import Any

import orjson

from domain.error import BadUserInput

MAX_BYTES = 64 * 1024
MAX_DEPTH = 8
MAX_KEYS = 500
PROCESSING = "processingParameters"


def read_metadata(text: str) -> dict[str, Any]:
    """Parse and check a metadata text: an object of at most 64 KiB, 8 levels and 500 keys."""
    if text == "{}":
        return {}
    if len(text.encode()) > MAX_BYTES:
        raise BadUserInput(
            f"jsonMetadata has at most {MAX_BYTES // 1024} KiB, not {len(text.encode()):,} bytes.", limit=MAX_BYTES
        )
    try:
        value = orjson.loads(text) if text else {}
    except orjson.JSONDecodeError as error:
        raise BadUserInput(f"jsonMetadata is not JSON: {error}.") from error
    if not isinstance(value, dict):
        raise BadUserInput(f"jsonMetadata is an object, not {text[:40]}.")
    if _depth(value) > MAX_DEPTH:
        raise BadUserInput(f"jsonMetadata is at most {MAX_DEPTH} levels deep.", limit=MAX_DEPTH)
    if len(value) > MAX_KEYS:
        raise BadUserInput(f"jsonMetadata has at most {MAX_KEYS} keys, not {len(value)}.", limit=MAX_KEYS)
    if "\\u0000" in text and "\0" in orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode(
        "unicode_escape", "ignore"
    ):
        raise BadUserInput("jsonMetadata holds a NUL character, which cannot be stored.")
    return value


def replaced(before: str, given: dict[str, Any]) -> str | None:
    """The text to store when metadata is replaced without its processing parameters, which stay; None: as given."""
    if PROCESSING in given or f'"{PROCESSING}"' not in before:
        return None
    kept = orjson.loads(before).get(PROCESSING)
    return orjson.dumps({**given, PROCESSING: kept}).decode() if kept is not None else None


def _depth(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max((_depth(item) for item in value.values()), default=0)
    if isinstance(value, list):
        return 1 + max((_depth(item) for item in value), default=0)
    return 0
