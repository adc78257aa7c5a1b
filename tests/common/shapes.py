"""Pictures made by code: eight shapes of any color, size, place and direction, on a background that tells nothing."""

from __future__ import annotations

import io
import math
import random
from collections.abc import Sequence

from PIL import Image, ImageDraw

SHAPES = ("ARROW", "CRESCENT", "CROSS", "DISC", "HEART", "RING", "STAR", "TRIANGLE")
SIDE = 128
FINE = 2


def picture(shape: str, seed: int, *, kind: str = "PNG", side: int = SIDE) -> bytes:
    """One picture; the same seed gives the same bytes."""
    chance = random.Random(f"{shape} {seed}")
    dark, light = sorted(([chance.randrange(256) for _ in range(3)] for _ in range(2)), key=lambda color: sum(color))
    if sum(light) - sum(dark) < 200:
        dark, light = [value // 3 for value in dark], [255 - (255 - value) // 3 for value in light]
    back, front = (dark, light) if chance.random() < 0.5 else (light, dark)
    size = side * FINE
    image = Image.new("RGB", (size, size), tuple(back))
    draw = ImageDraw.Draw(image)
    for _ in range(6):
        ends = [chance.randrange(size) for _ in range(4)]
        draw.line(ends, fill=tuple((one + 2 * other) // 3 for one, other in zip(front, back, strict=True)), width=3)
    radius = size * chance.uniform(0.26, 0.4)
    edge = radius + 0.07 * size  # nothing of the shape lies outside the middle that networks look at
    center = [chance.uniform(edge, size - edge) for _ in range(2)]
    turn = chance.uniform(-0.4, 0.4)

    def place(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
        sine, cosine = math.sin(turn), math.cos(turn)
        return [
            (center[0] + radius * (x * cosine - y * sine), center[1] + radius * (x * sine + y * cosine))
            for x, y in points
        ]

    def disc(x: float, y: float, reach: float, color: Sequence[int]) -> None:
        ((left, top),) = place([(x, y)])
        far = reach * radius
        draw.ellipse((left - far, top - far, left + far, top + far), fill=tuple(color))

    fill = tuple(front)
    if shape == "DISC":
        disc(0, 0, 1, front)
    elif shape == "RING":
        disc(0, 0, 1, front)
        disc(0, 0, 0.6, back)
    elif shape == "CRESCENT":
        disc(0, 0, 1, front)
        disc(0.45, 0, 0.85, back)
    elif shape == "TRIANGLE":
        draw.polygon(place([(0, -1), (0.9, 0.75), (-0.9, 0.75)]), fill=fill)
    elif shape == "CROSS":
        draw.polygon(place([(-0.25, -1), (0.25, -1), (0.25, 1), (-0.25, 1)]), fill=fill)
        draw.polygon(place([(-1, -0.25), (1, -0.25), (1, 0.25), (-1, 0.25)]), fill=fill)
    elif shape == "STAR":
        corners = [(index * math.pi / 5, 1.0 if index % 2 == 0 else 0.4) for index in range(10)]
        draw.polygon(place([(far * math.sin(angle), -far * math.cos(angle)) for angle, far in corners]), fill=fill)
    elif shape == "ARROW":
        outline = [(0, -1), (0.8, -0.1), (0.3, -0.1), (0.3, 1), (-0.3, 1), (-0.3, -0.1), (-0.8, -0.1)]
        draw.polygon(place(outline), fill=fill)
    else:
        disc(-0.45, -0.35, 0.52, front)
        disc(0.45, -0.35, 0.52, front)
        draw.polygon(place([(-0.93, -0.12), (0.93, -0.12), (0, 1)]), fill=fill)
    written = io.BytesIO()
    image.resize((side, side), Image.Resampling.BOX).save(written, kind)
    return written.getvalue()


def raw_pixels(data: bytes) -> list[float]:
    """What learning from pixels alone would see: 32 × 32 of them, in three colors."""
    with Image.open(io.BytesIO(data)) as image:
        return [value / 255 for value in image.convert("RGB").resize((32, 32), Image.Resampling.BOX).tobytes()]
