"""The shape of a JSON text, measured on its bytes before anything is built from it.

Written here because no parser at hand does it: orjson has no limit on values, keeps the last of two equal keys without
a word and reads an integer that does not fit 64 bits as a float. Parsing first and looking afterwards would let thirty
megabytes of `[[],[],…` become gigabytes of lists.

The texts measured are not known to be JSON yet. What is measured of broken JSON means nothing, and need not: the parser
refuses it afterwards.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import accumulate, compress, islice
from operator import countOf

# Small enough that a window of nothing but brackets costs a few megabytes, and that threads can switch in between.
WINDOW_BYTES = 256 * 1024
# 18 digits always fit a signed 64-bit integer.
LONGEST_SAFE_DIGITS = 18

_DIGITS_TO_ZERO = bytes.maketrans(b"123456789", b"000000000")
_LONG_DIGITS = b"0" * (LONGEST_SAFE_DIGITS + 1)
_WHITESPACE = b" \t\r\n"
# A window ends behind a byte that is neither part of a number nor a backslash: no number and no escape is ever split.
_WINDOW_END = re.compile(rb"[^0-9+\-.eE\\]")
_LONG_INTEGER = re.compile(rb"(?<![0-9.eE+\-])-?[0-9]{19,}(?![0-9.eE])")
_ALL_BUT_NESTING = bytes(byte for byte in range(256) if byte not in b"[]{}:")
# Opening brackets are +1, closing ones -1 (as a signed byte), colons 0.
_NESTING = bytes.maketrans(b"[{]}:", b"\x01\x01\xff\xff\x00")
_IS_COLON = bytes.maketrans(b"\x00\x01\xff", b"\x01\x00\x00")
_MIN_INTEGER, _MAX_INTEGER = -(2**63), 2**63 - 1
_LONGEST_INTEGER_DIGITS = 20


@dataclass(frozen=True, slots=True)
class JsonShape:
    """What was counted; when a limit is passed, counting stops soon behind it.

    `values` counts every scalar and container, the outermost included, and no keys. `members` counts the members of the
    outermost object, equal keys as often as they are written. `wide_integer` is an integer outside 64 bits.
    """

    values: int
    depth: int
    members: int
    wide_integer: str | None


def may_pass(data: bytes | bytearray, *, max_values: int, max_depth: int) -> bool:
    """Tell, in a few byte counts, whether a limit could be passed; `False` is certain, `True` asks for `measure`."""
    opening = data.count(b"[") + data.count(b"{")
    return (
        opening > max_depth
        or opening + data.count(b",") >= max_values
        or _LONG_DIGITS in data.translate(_DIGITS_TO_ZERO)
    )


def measure(data: bytes | bytearray, *, max_values: int, max_depth: int) -> JsonShape:
    """Count exactly, window by window, in memory that does not grow with the text."""
    values, depth, deepest, members = 1, 0, 0, 0
    wide_integer: str | None = None
    is_in_string = False
    last = b""
    position = 0
    while position < len(data) and values <= max_values and deepest <= max_depth and wide_integer is None:
        boundary = _WINDOW_END.search(data, position + WINDOW_BYTES)
        end = boundary.end() if boundary else len(data)
        window = bytes(data[position:end])
        position = end
        # Without escapes every quote opens or closes a string, so every other piece is outside.
        pieces = window.replace(b"\\\\", b"").replace(b'\\"', b"").split(b'"')
        outside = b'"'.join(pieces[is_in_string::2])
        is_in_string ^= (len(pieces) - 1) % 2 == 1
        if is_in_string:
            outside += b'"'  # so that a string cut by the window still keeps its container from looking empty
        wide_integer = _wide_integer(outside)
        outside = outside.translate(None, _WHITESPACE)
        values += outside.count(b",") + outside.count(b"[") + outside.count(b"{")
        joined = last + outside
        values -= joined.count(b"[]") + joined.count(b"{}")
        last = joined[-1:]
        nesting = outside.translate(_NESTING, _ALL_BUT_NESTING)
        depths = list(accumulate(memoryview(nesting).cast("b"), initial=depth))
        deepest_here = max(depths)
        deepest = max(deepest, deepest_here)
        depth = depths[-1]
        members += countOf(compress(islice(depths, 1, None), nesting.translate(_IS_COLON)), 1)
    return JsonShape(values, deepest, members, wide_integer)


def _wide_integer(outside: bytes) -> str | None:
    """The first integer outside 64 bits, shortened to be shown."""
    for match in _LONG_INTEGER.finditer(outside):
        digits = match.group()
        if len(digits) > _LONGEST_INTEGER_DIGITS:
            return f"{digits[:24].decode()}…" if len(digits) > 24 else digits.decode()
        if not _MIN_INTEGER <= int(digits) <= _MAX_INTEGER:
            return digits.decode()
    return None
