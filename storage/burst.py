"""Requests that arrive together, so that they can share a statement."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


async def settled(count: Callable[[], int]) -> None:
    """Let the event loop come round until no more have come in: what has arrived by then is of one burst.

    A round in which nothing is ready takes some microseconds, and a statement some hundred.
    """
    before = -1
    while before < (now := count()):
        before = now
        await asyncio.sleep(0)
