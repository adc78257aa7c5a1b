"""Points, rings and lines: their number and their coordinates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from labelyard.domain.document import Path
from labelyard.domain.interface.vocabulary import Tool
from labelyard.domain.response.validation_state import Answer, ValidationState, kind_of

BOUNDS_TOLERANCE = 0.001
MAX_POINTS = 10_000
"""Of one ring or line. A label as a whole is bounded by its number of values: a point has three."""


@dataclass(frozen=True, slots=True)
class Ring:
    """How many points a closed outline needs."""

    minimum: int
    is_rectangle: bool = False
    may_be_grouped: bool = False
    """A mask may hold its parts as lists of rings."""


RINGS: Mapping[Tool, Ring] = {
    Tool.RECTANGLE: Ring(4, is_rectangle=True),
    Tool.POLYGON: Ring(3),
    Tool.SEMANTIC: Ring(3, may_be_grouped=True),
}


def check_outline(state: ValidationState, annotation: Answer, path: Path, tool: Tool) -> None:
    """Check the `boundingPoly` of a rectangle, polygon or mask that lies on one frame."""
    location = (path, "boundingPoly")
    boundary = annotation.get("boundingPoly")
    check_boundary(state, boundary, location, RINGS[tool])
    if type(boundary) is not list or len(boundary) < 2:
        return
    if tool is Tool.RECTANGLE:
        state.report("VERTEX_COUNT", location, f"a rectangle has one ring, not {len(boundary)}")
    elif tool is Tool.POLYGON:
        state.report("SEVERAL_RINGS", location, f"a polygon has one ring, not {len(boundary)}")


def check_boundary(state: ValidationState, boundary: Any, path: Path, ring: Ring) -> None:
    """Check a list of `{"normalizedVertices": ring}`."""
    if boundary is None or boundary == []:
        state.report("GEOMETRY_MISSING", path, "the outline is missing")
        return
    if type(boundary) is not list:
        state.report("WRONG_SHAPE", path, f"must be a list, not {kind_of(boundary)}")
        return
    for index, part in enumerate(boundary):
        location = (path, index)
        if type(part) is list and part and ring.may_be_grouped:
            for position, item in enumerate(part):
                _check_part(state, item, (location, position), ring)
        else:
            _check_part(state, part, location, ring)


def _check_part(state: ValidationState, part: Any, path: Path, ring: Ring) -> None:
    if type(part) is not dict:
        state.report("WRONG_SHAPE", path, f'must be {{"normalizedVertices": [...]}}, not {kind_of(part)}')
        return
    location = (path, "normalizedVertices")
    vertices = part.get("normalizedVertices")
    if vertices is None:
        state.report("GEOMETRY_MISSING", location, "the points of the ring are missing")
    elif type(vertices) is not list:
        state.report("WRONG_SHAPE", location, f"must be a list of points, not {kind_of(vertices)}")
    elif vertices and type(vertices[0]) is list:
        # PDF documents nest the rings once more.
        for index, nested in enumerate(vertices):
            if type(nested) is list:
                _check_ring(state, nested, (location, index), ring)
            else:
                state.report("WRONG_SHAPE", (location, index), f"must be a list of points, not {kind_of(nested)}")
    else:
        _check_ring(state, vertices, location, ring)


def _check_ring(state: ValidationState, points: list[Any], path: Path, ring: Ring) -> None:
    count = len(points)
    is_closed = count > 1 and points[0] == points[-1]
    # A box without width begins and ends at the same point and is a box all the same.
    if is_closed and not (ring.is_rectangle and count == 4 and points[1] == points[2]):
        count -= 1
    if ring.is_rectangle and count != 4:
        state.report("VERTEX_COUNT", path, f"a rectangle has 4 points, not {count}")
    elif count < ring.minimum:
        state.report("VERTEX_COUNT", path, f"an outline has at least {ring.minimum} different points, not {count}")
    check_points(state, points, path)


def check_line(state: ValidationState, annotation: Answer, path: Path) -> None:
    """Check the `polyline` of a line or vector."""
    location = (path, "polyline")
    points = annotation.get("polyline")
    if points is None or points == []:
        state.report("GEOMETRY_MISSING", location, "the points of the line are missing")
    elif type(points) is not list:
        state.report("WRONG_SHAPE", location, f"must be a list of points, not {kind_of(points)}")
    else:
        if len(points) < 2:
            state.report("VERTEX_COUNT", location, f"a line has at least 2 points, not {len(points)}")
        check_points(state, points, location)


def check_marker(state: ValidationState, annotation: Answer, path: Path) -> None:
    """Check the `point` of a marker."""
    point = annotation.get("point")
    if point is None or point == {}:
        state.report("GEOMETRY_MISSING", (path, "point"), "the point is missing")
    else:
        check_point(state, point, (path, "point"))


def check_points(state: ValidationState, points: list[Any], path: Path) -> None:
    """Check the points of a ring or line."""
    if len(points) > MAX_POINTS:
        message = f"a ring or line has at most {MAX_POINTS:,} points, not {len(points):,}"
        state.report("TOO_MANY_POINTS", path, message)
        return
    for index, point in enumerate(points):
        check_point(state, point, (path, index))


def check_point(state: ValidationState, point: Any, path: Path) -> None:
    """Check that both coordinates are numbers, and inside the asset where they are fractions of it."""
    if type(point) is not dict:
        state.report("WRONG_SHAPE", path, f'a point is written {{"x": 0.5, "y": 0.5}}, not as {kind_of(point)}')
        return
    for axis in ("x", "y"):
        value = point.get(axis)
        if type(value) is not float and type(value) is not int:
            state.report("BAD_NUMBER", (path, axis), f"must be a number, not {kind_of(value)}")
        elif state.setting.has_fractions and not -BOUNDS_TOLERANCE <= value <= 1 + BOUNDS_TOLERANCE:
            state.report("OUT_OF_BOUNDS", (path, axis), f"must be a fraction from 0 to 1, not {value}")
