"""Identifiers that the server chooses."""

from __future__ import annotations

import base64
import os
import time

TICKS_PER_SECOND = 256


def new_id() -> str:
    """`c` and 24 lower-case letters or digits: 8 of the time, 16 random (80 bits).

    The time comes first, so that keys made together lie together in an index; nothing may be read out of it.
    """
    ticks = time.time_ns() * TICKS_PER_SECOND // 1_000_000_000
    return "c" + base64.b32hexencode(ticks.to_bytes(5) + os.urandom(10)).decode().lower()


def new_mid() -> str:
    """The id of an annotation that came without one: `YYYYMMDDhhmmssmmm-<integer>`, as editors write it."""
    now = time.time_ns() // 1_000_000
    stamp = time.strftime("%Y%m%d%H%M%S", time.gmtime(now // 1000))
    return f"{stamp}{now % 1000:03d}-{int.from_bytes(os.urandom(5))}"
