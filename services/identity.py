"""Identifiers that the server chooses."""

from __future__ import annotations

import os
import time

ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz"
TIME_DIGITS = 8
RANDOM_DIGITS = 16


def new_id() -> str:
    """`c` and 24 lower-case letters or digits: 8 of the time in milliseconds, 16 random (82 bits).

    The time comes first, so that keys made together lie together in an index; nothing may be read out of it.
    """
    return (
        "c" + _digits(time.time_ns() // 1_000_000, TIME_DIGITS) + _digits(int.from_bytes(os.urandom(11)), RANDOM_DIGITS)
    )


def new_mid() -> str:
    """The id of an annotation that came without one: `YYYYMMDDhhmmssmmm-<integer>`, as editors write it."""
    now = time.time_ns() // 1_000_000
    stamp = time.strftime("%Y%m%d%H%M%S", time.gmtime(now // 1000))
    return f"{stamp}{now % 1000:03d}-{int.from_bytes(os.urandom(5))}"


def _digits(number: int, count: int) -> str:
    digits = []
    for _ in range(count):
        number, rest = divmod(number, 36)
        digits.append(ALPHABET[rest])
    return "".join(reversed(digits))
