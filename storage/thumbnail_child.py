"""The program of the child process that makes thumbnails: images come in, small WebP pictures go out.

Uploaded images are decoded only here, in a process with tight limits that may be ended at any time.
"""

from __future__ import annotations

import io
from typing import Any, Final

from labelyard.storage.child_program import serve

CPU_SECONDS: Final = 30
MEMORY_BYTES: Final = 1 << 30
MAX_PIXELS: Final = 500_000_000
SIDE: Final = 256
QUALITY: Final = 75
FORMATS: Final = ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "AVIF")


ORIENTATION: Final = 0x0112
# What browsers turn as the camera was held; `domain.media.image_size` agrees.
TURNED: Final = ("JPEG", "MPO", "PNG", "AVIF")


def thumbnail(image: bytes) -> bytes:
    """The image as browsers show it, within a square of `SIDE` pixels; ValueError for more pixels than are decoded."""
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = None  # compared here: the library only warns at first
    with Image.open(io.BytesIO(image), formats=FORMATS) as opened:
        if opened.width * opened.height > MAX_PIXELS:
            raise ValueError(f"more than {MAX_PIXELS:,} pixels")
        orientation = opened.getexif().get(ORIENTATION) if opened.format in TURNED else None
        opened.draft("RGB", (2 * SIDE, 2 * SIDE))  # large photographs are decoded at a fraction of their size
        small = _in_screen_colors(opened)
        small.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS, reducing_gap=2.0)
        small = small.copy()
    turns = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_270,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }
    upright = small.transpose(turns[orientation]) if orientation in turns else small
    written = io.BytesIO()
    # Only the pixels: what cameras write beside them, such as the place, stays with the image.
    Image.frombytes(upright.mode, upright.size, upright.tobytes()).save(written, "WEBP", quality=QUALITY, method=2)
    return written.getvalue()


def _in_screen_colors(image: Any) -> Any:
    """The image in the colors of a screen."""
    if image.mode.startswith(("I", "F")):
        # Measurements of 16 or 32 bits: shown from the smallest to the largest.
        values = image.convert("F")
        low, high = values.getextrema()
        scale = 255 / (high - low) if high > low else 0
        return values.point(lambda value: value * scale - low * scale).convert("L").convert("RGB")
    has_alpha = image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info
    mode = "RGBA" if has_alpha else "RGB"
    return image if image.mode == mode else image.convert(mode)


def answer(image: bytes) -> bytes:
    """The thumbnail, or nothing for what is no image that can be decoded."""
    try:
        return thumbnail(image)
    except Exception:
        # The decoders fail in many ways on files made to break them, and all of them mean the same.
        return b""


if __name__ == "__main__":
    serve(answer, cpu_seconds=CPU_SECONDS, memory_bytes=MEMORY_BYTES)
