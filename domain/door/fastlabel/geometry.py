"""Points: flat lists of pixels there, objects of fractions of the picture in the store.

Pixels are rounded to hundredths on the way out and whole ones are integers, so that what was written comes back.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeAlias

from labelyard.domain.door.fastlabel.value import is_number, list_of, number_of, shown
from labelyard.domain.error import BadUserInput
from labelyard.domain.response.geometry import MAX_POINTS

Part: TypeAlias = Mapping[str, Any]
"""An annotation of a `jsonResponse`, or what its geometry adds to one."""

CIRCLE_POINTS: Final = 36
MAX_REGIONS: Final = 1_000
MAX_RINGS: Final = 1_000
SAME_PIXELS: Final = 0.02
"""Geometry that differs by less was not touched."""


class Size(NamedTuple):
    """Width and height of a picture in pixels."""

    width: int
    height: int


class Point(NamedTuple):
    """A place in pixels."""

    x: float
    y: float


def pixel(value: float) -> float | int:
    """A coordinate as it is answered."""
    rounded = round(value, 2)
    return int(rounded) if rounded == int(rounded) else rounded


def fraction(point: Point, size: Size) -> dict[str, float]:
    """A point of a `jsonResponse`."""
    return {"x": point.x / size.width, "y": point.y / size.height}


def pixels(point: Any, size: Size) -> Point:
    """A point of a `jsonResponse` in pixels."""
    return Point(point["x"] * size.width, point["y"] * size.height)


def points_in(value: Any, what: str, *, least: int, most: int = MAX_POINTS) -> list[Point]:
    """The points of a flat list `[x, y, x, y, …]`."""
    numbers = list_of(value, what, limit=2 * most)
    if len(numbers) % 2 or len(numbers) < 2 * least:
        count = f"{least}" if least == most else f"at least {least}"
        raise BadUserInput(f"{what} has {count} pairs of x and y, not {len(numbers)} numbers.", field=what)
    checked = [number_of(item, f"{what}[{index}]") for index, item in enumerate(numbers)]
    return [Point(x, y) for x, y in zip(checked[::2], checked[1::2], strict=True)]


def flat(points: Sequence[Point]) -> list[float | int]:
    """The flat list of points."""
    return [pixel(number) for point in points for number in point]


def turned(point: Point, centre: Point, degrees: float) -> Point:
    """A point turned about a centre, clockwise on screen."""
    angle = math.radians(degrees)
    x, y = point.x - centre.x, point.y - centre.y
    return Point(
        centre.x + x * math.cos(angle) - y * math.sin(angle), centre.y + x * math.sin(angle) + y * math.cos(angle)
    )


# Boxes


def box_part(points: Any, rotation: Any, size: Size, what: str) -> dict[str, Any]:
    """A box `[x1, y1, x2, y2]`, turned about its centre."""
    first, last = points_in(points, f"{what}.points", least=2, most=2)
    degrees = 0 if rotation is None else number_of(rotation, f"{what}.rotation")
    if last.x < first.x or last.y < first.y:
        raise BadUserInput(
            f"{what}.points of a bbox are top left then bottom right, not {shown(points)}.", field=f"{what}.points"
        )
    corners = [Point(first.x, last.y), first, Point(last.x, first.y), last]
    if degrees:
        centre = centre_of(corners)
        corners = [turned(corner, centre, degrees) for corner in corners]
    part: dict[str, Any] = {"type": "rectangle", "boundingPoly": [ring_part(corners, size)]}
    if degrees:
        part["rotation"] = degrees
    return part


def box_points(part: Part, size: Size) -> tuple[list[float | int], float | int]:
    """The box of a rectangle and how it is turned.

    A rotation that was written holds as long as turning the corners back makes the box upright; otherwise the corners say it.
    """
    corners = ring_points(part["boundingPoly"][0], size)
    rotation: Any = part.get("rotation")
    centre = centre_of(corners)
    if is_number(rotation):
        upright = [turned(corner, centre, -rotation) for corner in corners]
        if is_upright(upright):
            return extent(upright), rotation
    if is_upright(corners) or len(corners) != 4:  # a rectangle
        return extent(corners), 0
    edge_from, edge_to = corners[1], corners[2]
    angle = math.degrees(math.atan2(edge_to.y - edge_from.y, edge_to.x - edge_from.x))
    return extent([turned(corner, centre, -angle) for corner in corners]), pixel(angle)


def is_upright(corners: Sequence[Point]) -> bool:
    """Whether every corner is one of the box around them all."""
    left, top, right, bottom = _bounds(corners)
    return all(
        min(abs(x - left), abs(x - right)) < SAME_PIXELS and min(abs(y - top), abs(y - bottom)) < SAME_PIXELS
        for x, y in corners
    )


def extent(points: Sequence[Point]) -> list[float | int]:
    """The box around points."""
    return [pixel(number) for number in _bounds(points)]


def centre_of(points: Sequence[Point]) -> Point:
    """The mean of points."""
    return Point(sum(point.x for point in points) / len(points), sum(point.y for point in points) / len(points))


def _bounds(points: Sequence[Point]) -> tuple[float, float, float, float]:
    xs, ys = [point.x for point in points], [point.y for point in points]
    return min(xs), min(ys), max(xs), max(ys)


# Circles


def circle_part(points: Any, size: Size, what: str) -> dict[str, Any]:
    """A circle `[x, y, radius]`: a polygon of 36 points that remembers it."""
    numbers = list_of(points, f"{what}.points", limit=3)
    if len(numbers) != 3:  # the numbers of a circle
        raise BadUserInput(f"{what}.points of a circle are x, y and radius, not {shown(points)}.", field=what)
    x, y, radius = (number_of(number, f"{what}.points[{index}]") for index, number in enumerate(numbers))
    if radius <= 0:
        raise BadUserInput(f"{what}.points[2], the radius of a circle, is above 0, not {shown(radius)}.", field=what)
    ring = ring_part(_circle(x, y, radius), size)
    return {"type": "polygon", "boundingPoly": [ring], "fastlabel": {"type": "circle", "points": [x, y, radius]}}


def circle_points(part: Part, size: Size) -> list[float | int]:
    """The circle as it was written, or of a polygon that was edited since: its centre and mean distance from it."""
    corners = ring_points(part["boundingPoly"][0], size)
    written = part.get("fastlabel")
    if isinstance(written, dict) and written.get("type") == "circle":
        numbers = written.get("points")
        if isinstance(numbers, list) and len(numbers) == 3 and all(map(is_number, numbers)):
            expected = _circle(*numbers)
            if len(corners) == len(expected) and all(map(_is_same, corners, expected)):
                return numbers
    centre = centre_of(corners)
    radius = sum(math.dist(corner, centre) for corner in corners) / len(corners)
    return [pixel(centre.x), pixel(centre.y), pixel(radius)]


def _circle(x: float, y: float, radius: float) -> list[Point]:
    steps = (2 * math.pi * index / CIRCLE_POINTS for index in range(CIRCLE_POINTS))
    return [Point(x + radius * math.cos(angle), y + radius * math.sin(angle)) for angle in steps]


def _is_same(one: Point, other: Point) -> bool:
    return abs(one.x - other.x) < SAME_PIXELS and abs(one.y - other.y) < SAME_PIXELS


# Rings


def ring_part(points: Sequence[Point], size: Size) -> dict[str, Any]:
    """A ring of a `boundingPoly`."""
    return {"normalizedVertices": [fraction(point, size) for point in points]}


def ring_points(ring: Part, size: Size) -> list[Point]:
    """The points of a ring of a `boundingPoly`."""
    return [pixels(point, size) for point in ring["normalizedVertices"]]


def polygon_part(points: Any, size: Size, what: str) -> dict[str, Any]:
    """A polygon `[x, y, x, y, …]`."""
    return {"type": "polygon", "boundingPoly": [ring_part(points_in(points, f"{what}.points", least=3), size)]}


def polygon_points(part: Part, size: Size) -> list[float | int]:
    """The first ring of a polygon."""
    return flat(ring_points(part["boundingPoly"][0], size))


def mask_parts(points: Any, size: Size, what: str) -> list[dict[str, Any]]:
    """A mask: a list of regions, each a list of rings; one part for each region."""
    regions = list_of(points, f"{what}.points", limit=MAX_REGIONS)
    if not regions:
        raise BadUserInput(f"{what}.points of a segmentation has at least one region, not {shown(points)}.", field=what)
    parts = []
    for index, region in enumerate(regions):
        here = f"{what}.points[{index}]"
        rings = list_of(region, here, limit=MAX_RINGS)
        if not rings:
            raise BadUserInput(f"{here} has at least one ring, not {shown(region)}.", field=here)
        opened = [_opened(points_in(ring, f"{here}[{at}]", least=3)) for at, ring in enumerate(rings)]
        parts.append({"type": "semantic", "boundingPoly": [ring_part(ring, size) for ring in opened]})
    return parts


def mask_points(parts: Sequence[Part], size: Size) -> list[list[list[float | int]]]:
    """The regions of a mask: the outside clockwise on screen, holes the other way round, the first point repeated at the end."""
    regions = []
    for part in parts:
        for group in _groups(part["boundingPoly"]):
            rings = [ring_points(ring, size) for ring in group]
            regions.append([_closed(ring, is_hole=index > 0) for index, ring in enumerate(rings) if len(ring) > 0])
    return regions


def _groups(boundary: Sequence[Any]) -> list[list[Any]]:
    """The rings of each region; a mask may hold its regions as lists of rings."""
    loose = [ring for ring in boundary if isinstance(ring, dict)]
    return [*([loose] if loose else []), *(group for group in boundary if isinstance(group, list) and group)]


def _opened(points: list[Point]) -> list[Point]:
    opened = points[:-1] if len(points) > 1 and points[0] == points[-1] else points
    if len(opened) < 3:  # the corners of a ring
        raise BadUserInput(f"A ring of a segmentation has at least 3 different points, not {len(opened)}.")
    return opened


def _closed(points: list[Point], *, is_hole: bool) -> list[float | int]:
    first, rest = points[0], points[1:]
    if (_area(points) < 0) != is_hole:
        rest.reverse()
    return flat([first, *rest, first])


def _area(points: Sequence[Point]) -> float:
    """Twice the signed area: above 0 for what goes clockwise on screen, where y points down."""
    following = [*points[1:], points[0]]
    return sum(one.x * two.y - two.x * one.y for one, two in zip(points, following, strict=True))


# Points and lines


def marker_part(points: Any, size: Size, what: str) -> dict[str, Any]:
    """A key point `[x, y]`."""
    (point,) = points_in(points, f"{what}.points", least=1, most=1)
    return {"type": "marker", "point": fraction(point, size)}


def marker_points(part: Part, size: Size) -> list[float | int]:
    """The place of a marker."""
    return flat([pixels(part["point"], size)])


def line_part(points: Any, size: Size, what: str) -> dict[str, Any]:
    """A line `[x, y, x, y, …]`."""
    return {
        "type": "polyline",
        "polyline": [fraction(point, size) for point in points_in(points, f"{what}.points", least=2)],
    }


def line_points(part: Part, size: Size) -> list[float | int]:
    """The points of a line."""
    return flat([pixels(point, size) for point in part["polyline"]])
