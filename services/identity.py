"""Identifiers that the server chooses."""

from __future__ import annotations

import os
import time
from functools import lru_cache
from typing import Final

TICKS_PER_SECOND: Final = 256
TIME_DIGITS: Final = 8
RANDOM_DIGITS: Final = 16
DIGITS: Final = b"0123456789abcdefghijklmnopqrstuv"
# Five bits of a random byte make a digit.
OF_BYTES: Final = DIGITS * 8


def new_id() -> str:
    """`c` and 24 lower-case letters or digits: 8 of the time, 16 random (80 bits).

    The time comes first, so that keys made together lie together in an index; nothing may be read out of it.
    """
    return new_ids(1)[0]


def new_ids(count: int) -> list[str]:
    """So many ids, as `new_id` makes them."""
    start = _start(time.time_ns() * TICKS_PER_SECOND // 1_000_000_000)
    drawn = os.urandom(count * RANDOM_DIGITS).translate(OF_BYTES).decode()
    return [start + drawn[at : at + RANDOM_DIGITS] for at in range(0, len(drawn), RANDOM_DIGITS)]


@lru_cache(maxsize=4)
def _start(ticks: int) -> str:
    return "c" + "".join(chr(DIGITS[ticks >> shift & 31]) for shift in range(5 * TIME_DIGITS - 5, -1, -5))


def new_mid() -> str:
    """The id of an annotation that came without one: `YYYYMMDDhhmmssmmm-<integer>`, as editors write it."""
    now = time.time_ns() // 1_000_000
    stamp = time.strftime("%Y%m%d%H%M%S", time.gmtime(now // 1000))
    return f"{stamp}{now % 1000:03d}-{int.from_bytes(os.urandom(5))}"
