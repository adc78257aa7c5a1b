"""Shapes that annotations are compared by, and how alike two of them are.

Every similarity lies in [0, 1], is symmetric, and is 1 for equal shapes. No shape a client has stored makes it raise.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import shapely

from labelyard.domain.agreement.outline import Point, ring_surface

Box: TypeAlias = tuple[float, float, float, float]

# Fractions of the asset: points this far apart, or further, have nothing in common.
REACH = 0.05
SAMPLES = 50
IMAGE_PAGE = 0
_SAMPLE_FRACTIONS = [index / (SAMPLES - 1) for index in range(SAMPLES)]


@dataclass(frozen=True, slots=True)
class Area:
    """What lies inside an outline: valid, normalized geometries by page; images have page 0 only.

    `size` is that of all pages. `box` says that the whole is one axis-aligned box on page 0, from its least corner to the other:
    most objects are, and comparing them by arithmetic is fifty times cheaper.
    """

    pages: Mapping[int, Any]
    size: float
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class Marker:
    """A single point."""

    point: Point


@dataclass(frozen=True, slots=True)
class Line:
    """Two or more points; a vector is a line with a direction."""

    points: tuple[Point, ...]
    is_directed: bool


@dataclass(frozen=True, slots=True)
class Pose:
    """Points by their code; those that were not placed are left out."""

    points: Mapping[str, Point]


@dataclass(frozen=True, slots=True)
class Interval:
    """A segment of time."""

    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Span:
    """Words of a text: `length` characters from offset `begin` of one node to offset `end` of another, or the same."""

    begin_node: str
    begin: int
    end_node: str
    end: int
    length: int


@dataclass(frozen=True, slots=True)
class Opaque:
    """What cannot be read: similar to an equal one only."""

    text: str


Shape: TypeAlias = Area | Marker | Line | Pose | Interval | Span | Opaque


def similarity(left: Shape, right: Shape, *, scale: float = 1.0) -> float:
    """How alike two shapes are; shapes of different kinds are not. Distances are divided by `scale` first."""
    match left, right:
        case Area(), Area():
            return _of_areas(left, right)
        case Marker(), Marker():
            return _of_points(left.point, right.point, scale)
        case Line(), Line() if left.is_directed == right.is_directed:
            return _of_lines(left, right, scale)
        case Pose(), Pose():
            return _of_poses(left, right, scale)
        case Interval(), Interval():
            return overlap((left.start, left.end), (right.start, right.end))
        case Span(), Span():
            return _of_spans(left, right)
        case Opaque(), Opaque():
            return float(left == right)
        case _:
            return 0.0


def overlap(left: tuple[float, float], right: tuple[float, float]) -> float:
    """Intersection over union of two intervals; empty ones are only like themselves."""
    shared = min(left[1], right[1]) - max(left[0], right[0])
    whole = left[1] - left[0] + right[1] - right[0] - max(shared, 0.0)
    if left == right or not whole > 0:
        return float(left == right)
    return _fraction(max(shared, 0.0) / whole)


def surface(outer: Sequence[Point], holes: Sequence[Sequence[Point]] = ()) -> Any:
    """The valid geometry of an outline without its holes; `BeyondRepair` where one crosses itself too often."""
    body = ring_surface(outer)
    for hole in holes:
        body = shapely.difference(body, ring_surface(hole))
    return body


def hull(points: Sequence[Point]) -> Any:
    """The geometry of a box whose corners may come in any order."""
    across, down = {x for x, _ in points}, {y for _, y in points}
    if len(across) == len(down) == 2 and len(set(points)) == 4:
        return shapely.box(min(across), min(down), max(across), max(down))
    return shapely.convex_hull(shapely.MultiPoint(list(points)))


def area(surfaces: Mapping[int, Sequence[Any]]) -> Area:
    """The area of surfaces by page, those of a page united."""
    pages = {
        page: shapely.normalize(parts[0] if len(parts) == 1 else shapely.union_all(list(parts)))
        for page, parts in surfaces.items()
        if parts
    }
    box = _box_of(pages[IMAGE_PAGE]) if len(pages) == 1 and IMAGE_PAGE in pages else None
    return Area(pages, math.fsum(geometry.area for geometry in pages.values()), box)


def united(areas: Sequence[Area]) -> Area:
    """Several areas as one."""
    pages: dict[int, list[Any]] = {}
    for one in areas:
        for page, geometry in one.pages.items():
            pages.setdefault(page, []).append(geometry)
    return area(pages)


def frame(shape: Shape, *, margin: float) -> Any:
    """A box that touches those of all shapes this one is like at all; None where there is none. Points reach as far as `margin`."""
    match shape:
        case Area():
            return shapely.box(*(shape.box or shapely.total_bounds(list(shape.pages.values()))))
        case Marker(point):
            return _around([point], margin)
        case Line(points):
            return _around(points, margin)
        case Pose(coded) if coded:
            return _around(list(coded.values()), margin)
        case Interval(start, end):
            return shapely.box(start, 0, end, 1)
        case Span() if shape.begin_node == shape.end_node:
            return shapely.box(shape.begin, 0, shape.end, 1)
        case _:
            return None


def _around(points: Sequence[Point], margin: float) -> Any:
    across, down = [x for x, _ in points], [y for _, y in points]
    return shapely.box(min(across) - margin, min(down) - margin, max(across) + margin, max(down) + margin)


def _box_of(geometry: Any) -> Box | None:
    if shapely.get_num_coordinates(geometry) != 5 or geometry.is_empty:
        return None
    bounds: Box = geometry.bounds
    return bounds if shapely.normalize(shapely.box(*bounds)) == geometry else None


def _of_areas(left: Area, right: Area) -> float:
    """Intersection over union, the pages pooled."""
    if left.box is not None and right.box is not None:
        return _of_boxes(left.box, right.box)
    if left == right:
        return 1.0
    shared = math.fsum(
        shapely.intersection(geometry, right.pages[page]).area
        for page, geometry in left.pages.items()
        if page in right.pages
    )
    whole = left.size + right.size - shared
    return _fraction(shared / whole) if whole > 0 else 0.0


def _of_boxes(left: Box, right: Box) -> float:
    if left == right:
        return 1.0
    across = min(left[2], right[2]) - max(left[0], right[0])
    down = min(left[3], right[3]) - max(left[1], right[1])
    if across <= 0 or down <= 0:
        return 0.0
    sizes = (left[2] - left[0]) * (left[3] - left[1]) + (right[2] - right[0]) * (right[3] - right[1])
    return _fraction(across * down / (sizes - across * down))


def _of_points(left: Point, right: Point, scale: float) -> float:
    return _nearness(math.dist(left, right) / scale)


def _of_lines(left: Line, right: Line, scale: float) -> float:
    if left == right:
        return 1.0
    ours, theirs = _sampled(left.points), _sampled(right.points)
    if left.is_directed:
        distance = shapely.distance(ours, theirs).mean()
    else:
        forth = shapely.distance(ours, shapely.MultiPoint(list(theirs))).mean()
        back = shapely.distance(theirs, shapely.MultiPoint(list(ours))).mean()
        distance = (forth + back) / 2
    return _nearness(float(distance) / scale)


def _sampled(points: tuple[Point, ...]) -> Any:
    """Points at equal distances along a line, both ends among them."""
    line = shapely.LineString(points if len(points) > 1 else points * 2)
    if not line.length > 0:
        return shapely.points([points[0]] * SAMPLES)
    return shapely.line_interpolate_point(line, _SAMPLE_FRACTIONS, normalized=True)


def _of_poses(left: Pose, right: Pose, scale: float) -> float:
    codes = left.points.keys() | right.points.keys()
    if not codes:
        return 1.0
    both = left.points.keys() & right.points.keys()
    return math.fsum(_of_points(left.points[code], right.points[code], scale) for code in both) / len(codes)


def _of_spans(left: Span, right: Span) -> float:
    """Shared characters over all characters: spans can be laid side by side where they begin, or end, in the same node."""
    if left.begin_node == right.begin_node:
        return overlap((left.begin, left.begin + left.length), (right.begin, right.begin + right.length))
    if left.end_node == right.end_node:
        return overlap((left.end - left.length, left.end), (right.end - right.length, right.end))
    return 0.0


def _nearness(distance: float) -> float:
    return max(0.0, 1 - distance / REACH) if math.isfinite(distance) else 0.0


def _fraction(value: float) -> float:
    return min(1.0, max(0.0, value)) if math.isfinite(value) else 0.0
