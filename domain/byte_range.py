"""The `Range` header of a download: one range of bytes, or nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass

_UNIT = re.compile(r"\s*([!#$%&'*+\-.^_`|~0-9A-Za-z]+)\s*=(.*)", re.DOTALL)
_SPAN = re.compile(r"[ \t]*([0-9]{0,19})-([0-9]{0,19})[ \t]*")


class UnsatisfiableRange(ValueError):
    """Nothing of the file lies in the range, or the header is not one range."""


@dataclass(frozen=True, slots=True)
class ByteRange:
    """Offsets into a file: `start` included, `end` excluded, never empty."""

    start: int
    end: int


def parse_range(header: str | None, size: int) -> ByteRange | None:
    """The range asked for of a file of `size` bytes; None when the whole file is meant.

    A unit other than bytes is ignored, as HTTP demands; more than one range is refused like a nonsensical one.
    """
    if header is None:
        return None
    unit = _UNIT.fullmatch(header)
    if unit is None:
        raise UnsatisfiableRange(header)
    if unit[1].lower() != "bytes":
        return None
    span = _SPAN.fullmatch(unit[2])
    if span is None or not (span[1] or span[2]):
        raise UnsatisfiableRange(header)
    if not span[1]:
        # The last bytes; more than the file has means all of it.
        start, end = max(0, size - int(span[2])), size
    else:
        start = int(span[1])
        end = min(size, int(span[2]) + 1) if span[2] else size
    if start >= end:
        raise UnsatisfiableRange(header)
    return ByteRange(start, end)
