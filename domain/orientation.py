"""How the camera was held, of pictures that browsers turn upright by it: JPEG, where a library reads it, and PNG, read here."""

from __future__ import annotations

from typing import Final

PNG: Final = b"\x89PNG\r\n\x1a\n"
TAG: Final = 0x0112
# Turned by a quarter, mirrored or not: width and height change places.
QUARTER_TURNS: Final = frozenset({5, 6, 7, 8})
MOST_ENTRIES: Final = 1_000


def is_turned_png(head: bytes) -> bool:
    """Whether a PNG says that it is shown turned by a quarter; its first bytes tell, for it stands before the pixels."""
    if not head.startswith(PNG):
        return False
    place = len(PNG)
    while place + 8 <= len(head):
        size, kind = int.from_bytes(head[place : place + 4], "big"), head[place + 4 : place + 8]
        if kind == b"eXIf":
            return orientation_in(head[place + 8 : place + 8 + size]) in QUARTER_TURNS
        if kind == b"IDAT":
            return False
        place += 12 + size
    return False


def orientation_in(exif: bytes) -> int:
    """The orientation that EXIF data gives, 1 to 8; 1, which is upright, where it gives none."""
    order = {b"II*\0": "little", b"MM\0*": "big"}.get(exif[:4])
    if order not in ("little", "big"):
        return 1

    def number(start: int, length: int) -> int:
        return int.from_bytes(exif[start : start + length], "little" if order == "little" else "big")

    first = number(4, 4)
    for entry in range(min(number(first, 2), MOST_ENTRIES)):
        start = first + 2 + 12 * entry
        if number(start, 2) == TAG:
            value = number(start + 8, 2)
            return value if 1 <= value <= 8 else 1
    return 1
