"""Pictures of flat shapes, drawn and written as PNG: an encoder of twenty lines spares a package for pictures.

numpy is loaded with the first picture that is drawn: most servers draw none.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

WIDTH, HEIGHT = 480, 360
Color = tuple[int, int, int]


class Form(StrEnum):
    """Forms that fill their box."""

    ELLIPSE = "ellipse"
    RECTANGLE = "rectangle"
    TRIANGLE = "triangle"  # points to the top
    ARROW = "arrow"  # a triangle that points to the right


@dataclass(frozen=True, slots=True)
class Shape:
    """A form of one color in a box; all numbers are pixels."""

    form: Form
    color: Color
    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Picture:
    """Shapes on a background that changes from the color of its top to that of its bottom; later shapes cover earlier ones."""

    top: Color
    bottom: Color
    shapes: Sequence[Shape]

    def png(self) -> bytes:
        """The picture as a PNG file."""
        import numpy as np

        share = np.linspace(0, 1, HEIGHT)[:, None]
        column = np.asarray(self.top) * (1 - share) + np.asarray(self.bottom) * share
        pixels = np.repeat(column[:, None, :], WIDTH, axis=1).astype(np.uint8)
        rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
        for shape in self.shapes:
            pixels[_inside(shape, rows, columns)] = shape.color
        return _encoded(pixels)


def _inside(shape: Shape, rows: Any, columns: Any) -> Any:
    # From -1 to 1 inside of the box.
    across = (columns - shape.left) / shape.width * 2 - 1
    down = (rows - shape.top) / shape.height * 2 - 1
    in_box = (abs(across) <= 1) & (abs(down) <= 1)
    match shape.form:
        case Form.ELLIPSE:
            return across**2 + down**2 <= 1
        case Form.TRIANGLE:
            return in_box & (abs(across) <= (down + 1) / 2)
        case Form.ARROW:
            return in_box & (abs(down) <= (1 - across) / 2)
        case Form.RECTANGLE:
            return in_box


def _encoded(pixels: Any) -> bytes:
    import numpy as np

    height, width, _ = pixels.shape
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = np.concatenate([np.zeros((height, 1), np.uint8), pixels.reshape(height, width * 3)], axis=1)
    return b"".join(
        [
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", header),
            _chunk(b"IDAT", zlib.compress(rows.tobytes(), 9)),
            _chunk(b"IEND", b""),
        ]
    )


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
