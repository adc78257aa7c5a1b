"""Long computations of one request, in a thread, so that the other requests are answered meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, ParamSpec, TypeVar

APART_FROM_ITEMS: Final = 1_000
APART_FROM_CHARACTERS: Final = 1 << 20
"""What is checked in a few milliseconds at most."""

P = ParamSpec("P")
T = TypeVar("T")


async def apart(is_long: bool, function: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    """Call a function that does not use the event loop: in a thread when it is long, else directly."""
    if is_long:
        return await asyncio.to_thread(function, *arguments, **named)
    return function(*arguments, **named)
