"""What a command of `labelyard` did."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass


@dataclass
class Done:
    code: int
    lines: list[str]
    complaints: list[str]


Run = Callable[..., Awaitable[Done]]
