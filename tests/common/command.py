"""What a command of `labelyard` did."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import orjson


@dataclass
class Done:
    code: int
    lines: list[str]
    complaints: list[str]


Run = Callable[..., Awaitable[Done]]


def write_lines(path: Path, rows: list[object]) -> str:
    """Write JSON Lines, bytes as they are; answers the path."""
    path.write_bytes(b"\n".join(row if isinstance(row, bytes) else orjson.dumps(row) for row in rows) + b"\n")
    return str(path)
