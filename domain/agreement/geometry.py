"""Shapes out of annotations as they are stored.

Labels of models may hold geometry that a person's label would be refused for: what cannot be read becomes an `Opaque` shape,
and so does an outline that crosses itself too often to have a surface.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import orjson
import shapely

from labelyard.domain.agreement.outline import BeyondRepair, Point
from labelyard.domain.agreement.shape import (
    IMAGE_PAGE,
    Area,
    Interval,
    Line,
    Marker,
    Opaque,
    Pose,
    Shape,
    Span,
    area,
    hull,
    surface,
)
from labelyard.domain.interface.vocabulary import Tool

# Segments have no public shape; these are the pairs of keys that writers of intervals use.
_INTERVAL_KEYS = (
    ("start", "end"),
    ("startTime", "endTime"),
    ("begin", "end"),
    ("beginOffset", "endOffset"),
    ("from", "to"),
)
_PLAIN_TEXT_NODE = "main/[0]"
# Beyond every map; the squares of such coordinates still fit a double with room to spare.
_LARGEST = 1e9
# Coordinates beyond what geometry can be computed with, or an outline beyond repair.
UNREADABLE = (shapely.errors.GEOSException, BeyondRepair)


def object_shape(annotation: dict[str, Any], tool: Tool | None, *, is_pdf: bool) -> Shape:
    """The shape of a drawn object."""
    try:
        shape = _drawn(annotation, tool, is_pdf=is_pdf)
    except UNREADABLE:
        shape = None
    return shape if shape is not None else _opaque(annotation)


def entity_shape(annotation: dict[str, Any], *, is_pdf: bool) -> Shape:
    """The shape of an entity: its words, or its lines on the pages of a document."""
    if not is_pdf:
        return _span(annotation) or _opaque(annotation)
    try:
        return _placed(annotation, Tool.RECTANGLE, keys=("polys", "boundingPoly")) or _opaque(annotation)
    except UNREADABLE:
        return _opaque(annotation)


def points_of(annotation: dict[str, Any]) -> Iterator[Point]:
    """All points of an annotation on one frame, of whatever tool."""
    yield from _points([annotation.get("point")])
    yield from _points(annotation.get("polyline"))
    yield from (point for _, point in _coded(annotation))
    for _, rings in _elements(annotation.get("boundingPoly")):
        for ring in rings:
            yield from ring


def pose_points(annotation: dict[str, Any]) -> list[dict[str, Any]]:
    """The points of a pose that have a code."""
    listed = annotation.get("points")
    items = listed if isinstance(listed, list) else []
    return [item for item in items if isinstance(item, dict) and isinstance(item.get("code"), str)]


def _drawn(annotation: dict[str, Any], tool: Tool | None, *, is_pdf: bool) -> Shape | None:
    match tool:
        case Tool.MARKER:
            (*points,) = _points([annotation.get("point")])
            return Marker(points[0]) if points else None
        case Tool.POLYLINE | Tool.VECTOR:
            line = tuple(_points(annotation.get("polyline")))
            return Line(line, tool is Tool.VECTOR) if line else None
        case Tool.POSE:
            return Pose(dict(_coded(annotation)))
        case Tool.RANGE:
            return _interval(annotation)
        case Tool.RECTANGLE | Tool.POLYGON | Tool.SEMANTIC:
            if is_pdf and annotation.get("annotations"):
                return _placed(annotation, tool, keys=("boundingPoly", "polys"))
            return _outlined(annotation, tool)
        case _:
            return None


def _outlined(annotation: dict[str, Any], tool: Tool) -> Area | None:
    """An outline with its holes, or groups of them, on the only page."""
    boundary = annotation.get("boundingPoly")
    if not isinstance(boundary, list):
        return None
    single = [ring for part in boundary if isinstance(part, dict) for ring in _rings(part)]
    groups = [[ring for item in part for ring in _rings(item)] for part in boundary if isinstance(part, list)]
    surfaces = [_surface(rings, tool) for rings in [single, *groups] if rings]
    return area({IMAGE_PAGE: surfaces}) if surfaces else None


def _placed(annotation: dict[str, Any], tool: Tool, *, keys: Sequence[str]) -> Area | None:
    """Outlines on the pages of a document; the last page number holds for shapes beyond the list."""
    pages: dict[int, list[Any]] = {}
    placements = annotation.get("annotations")
    for placement in placements if isinstance(placements, list) else []:
        if not isinstance(placement, dict):
            continue
        numbers = _page_numbers(placement)
        for key in keys:
            elements = _elements(placement.get(key))
            for index, rings in elements:
                page = numbers[min(index, len(numbers) - 1)]
                pages.setdefault(page, []).append(_surface(rings, tool))
            if elements:
                break
    return area(pages) if pages else None


def _page_numbers(placement: dict[str, Any]) -> list[int]:
    listed = placement.get("pageNumberArray")
    numbers = listed if isinstance(listed, list) and listed else [placement.get("pageNumber")]
    return [number if isinstance(number, int) else 1 for number in numbers]


def _surface(rings: Sequence[Sequence[Point]], tool: Tool) -> Any:
    """The corners of boxes come in any order; other outlines have holes after the first ring."""
    if tool is Tool.RECTANGLE:
        return hull(rings[0]) if len(rings) == 1 else shapely.union_all([hull(ring) for ring in rings])
    return surface(rings[0], rings[1:])


def _elements(boundary: Any) -> list[tuple[int, list[list[Point]]]]:
    """The rings of each element of a boundary that has some, with the index of the element."""
    element_rings = []
    for index, part in enumerate(boundary if isinstance(boundary, list) else []):
        rings = [ring for item in (part if isinstance(part, list) else [part]) for ring in _rings(item)]
        if rings:
            element_rings.append((index, rings))
    return element_rings


def _rings(part: Any) -> list[list[Point]]:
    """The rings that are not empty; documents nest them once more."""
    vertices = part.get("normalizedVertices") if isinstance(part, dict) else None
    if not isinstance(vertices, list) or not vertices:
        return []
    rings = vertices if isinstance(vertices[0], list) else [vertices]
    return [points for ring in rings if (points := list(_points(ring)))]


def _coded(annotation: dict[str, Any]) -> Iterator[tuple[str, Point]]:
    for item in pose_points(annotation):
        for point in _points([item.get("point")]):
            yield item["code"], point


def _points(items: Any) -> Iterator[Point]:
    for item in items if isinstance(items, list) else []:
        if isinstance(item, dict) and _is_number(item.get("x")) and _is_number(item.get("y")):
            yield float(item["x"]), float(item["y"])


def _interval(annotation: dict[str, Any]) -> Interval | None:
    for holder in (annotation, annotation.get("range")):
        if isinstance(holder, list) and len(holder) == 2 and all(map(_is_number, holder)):
            return Interval(float(min(holder)), float(max(holder)))
        if isinstance(holder, dict):
            for start, end in _INTERVAL_KEYS:
                if _is_number(holder.get(start)) and _is_number(holder.get(end)):
                    ends = float(holder[start]), float(holder[end])
                    return Interval(min(ends), max(ends))
    return None


def _span(annotation: dict[str, Any]) -> Span | None:
    begin, end, content = (annotation.get(key) for key in ("beginOffset", "endOffset", "content"))
    if not isinstance(begin, int):
        return None
    length = len(content) if isinstance(content, str) else 0
    begin_node = annotation.get("beginId") or _PLAIN_TEXT_NODE
    end_node = annotation.get("endId") or begin_node
    if begin_node == end_node and isinstance(end, int):
        length = max(0, end - begin)
    return Span(str(begin_node), begin, str(end_node), end if isinstance(end, int) else begin + length, length)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= _LARGEST


def _opaque(annotation: dict[str, Any]) -> Opaque:
    compared = {
        key: value for key, value in annotation.items() if key not in ("mid", "children", "categories", "score")
    }
    return Opaque(orjson.dumps(compared, option=orjson.OPT_SORT_KEYS, default=str).decode())
