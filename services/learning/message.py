"""What the processes of learning say to each other: a word with its values as JSON, and the numbers behind it as raw bytes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import orjson

HEAD_BYTES: Final = 4


def pack(head: Mapping[str, Any], *parts: bytes) -> bytes:
    """A message: the length of its head, its head, and the parts one after the other."""
    text = orjson.dumps(dict(head))
    return b"".join((len(text).to_bytes(HEAD_BYTES, "big"), text, *parts))


def unpack(message: bytes) -> tuple[dict[str, Any], memoryview]:
    """The head of a message and what lies behind it."""
    length = int.from_bytes(message[:HEAD_BYTES], "big")
    head: dict[str, Any] = orjson.loads(message[HEAD_BYTES : HEAD_BYTES + length])
    return head, memoryview(message)[HEAD_BYTES + length :]
