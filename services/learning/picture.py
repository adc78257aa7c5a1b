"""Pictures as numbers: what the network takes, and a simple description for what it was not trained on.

The offline server of a model has a copy of this file, so it imports nothing of labelyard.
"""

from __future__ import annotations

import io
from typing import Any, Final

import numpy as np
from PIL import Image

SIDE: Final = 224
SHORT_SIDE: Final = 256
MEAN: Final = np.array((0.485, 0.456, 0.406), np.float32)
DEVIATION: Final = np.array((0.229, 0.224, 0.225), np.float32)
GREY_SIDE: Final = 16
COLOR_STEPS: Final = 4
MAX_PIXELS: Final = 150_000_000
FORMATS: Final = ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "AVIF")
ORIENTATION: Final = 0x0112
TURNED: Final = ("JPEG", "MPO", "PNG", "AVIF")
TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def read_picture(data: bytes) -> Any:
    """The picture as people see it, in the colors of a screen, its short side 256 pixels; ValueError for too many pixels."""
    Image.MAX_IMAGE_PIXELS = None  # compared here: the library only warns at first
    with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
        if opened.width * opened.height > MAX_PIXELS:
            raise ValueError(f"more than {MAX_PIXELS:,} pixels")
        if max(opened.size) > 100 * min(opened.size):
            raise ValueError("more than a hundred times as long as it is wide")
        orientation = opened.getexif().get(ORIENTATION) if opened.format in TURNED else None
        opened.draft("RGB", (SHORT_SIDE, SHORT_SIDE))  # large photographs are decoded at a fraction of their size
        scale = SHORT_SIDE / min(opened.size)
        size = (max(1, round(opened.width * scale)), max(1, round(opened.height * scale)))
        small = _on_white(opened).resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0)
    return small.transpose(TURNS[orientation]) if orientation in TURNS else small


def _on_white(image: Any) -> Any:
    """The picture in red, green and blue; what is transparent is white, and measurements go from the smallest to the largest."""
    if image.mode.startswith(("I", "F")):
        values = image.convert("F")
        low, high = values.getextrema()
        scale = 255 / (high - low) if high > low else 0
        return values.point(lambda value: value * scale - low * scale).convert("L").convert("RGB")
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        seen = image.convert("RGBA")
        white = Image.new("RGBA", seen.size, (255, 255, 255, 255))
        return Image.alpha_composite(white, seen).convert("RGB")
    return image.convert("RGB")


def network_input(picture: Any) -> np.ndarray:
    """The middle of a picture as the network takes it: 1 × 3 × 224 × 224."""
    left, top = (picture.width - SIDE) // 2, (picture.height - SIDE) // 2
    middle = np.asarray(picture.crop((left, top, left + SIDE, top + SIDE)), np.float32) / 255
    return np.ascontiguousarray(((middle - MEAN) / DEVIATION).transpose(2, 0, 1)[None])


def simple_features(picture: Any) -> np.ndarray:
    """A description without the network, of unit length: 16 × 16 grey pixels, and how often each of 64 colors occurs."""
    pixels = np.asarray(picture.convert("L").resize((GREY_SIDE, GREY_SIDE), Image.Resampling.BOX), np.float32)
    grey = pixels.ravel() / 255 - 0.5
    small = np.asarray(picture.resize((64, 64), Image.Resampling.BOX), np.uint32) * COLOR_STEPS // 256
    colors = (small[..., 0] * COLOR_STEPS + small[..., 1]) * COLOR_STEPS + small[..., 2]
    counts = np.sqrt(np.bincount(colors.ravel(), minlength=COLOR_STEPS**3) / colors.size).astype(np.float32)
    return unit(np.concatenate([unit(grey.astype(np.float32)), unit(counts)]))


def unit(vector: np.ndarray) -> np.ndarray:
    """A vector in its direction of length 1; one without a direction stays as it is."""
    length = float(np.linalg.norm(vector))
    return (vector / length).astype(np.float32) if length > 0 else vector
