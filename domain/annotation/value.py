"""The pieces all annotations are made of: identity, vertices, category names."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any, TypeAlias

from labelyard.domain.interface.vocabulary import Tool

Annotation: TypeAlias = dict[str, Any]
AnnotationPath: TypeAlias = list[list[str]]
"""From the main job down: id of an annotation and the category of it that opens the next."""

Vertices: TypeAlias = list[list[list[dict[str, float]]]]
"""Parts, each a list of rings (the first outside, the others holes), each a list of points."""


def identity(label_id: str, *parts: object) -> str:
    """Return an id in the form of all others, the same for the same parts."""
    digest = blake2b("\0".join([label_id, *map(str, parts)]).encode("utf-8", "surrogatepass"), digest_size=12)
    return f"c{digest.hexdigest()}"


def category_names(answer: dict[str, Any]) -> list[str]:
    """Return the categories of an answer as they are written there."""
    return [
        item if isinstance(item, str) else item["name"]
        for item in answer.get("categories") or ()
        if isinstance(item, (str, dict))
    ]


def vertices_of(annotation: dict[str, Any], tool: Tool) -> Vertices:
    """Return the geometry of a drawn object in the form all tools share; empty for what is not geometry."""
    match tool:
        case Tool.MARKER:
            point = annotation.get("point")
            return [[[_point(point)]]] if point else []
        case Tool.POLYLINE | Tool.VECTOR:
            return [[_ring(annotation.get("polyline") or ())]]
        case Tool.POSE:
            points = annotation.get("points") or ()
            return [[_ring([point["point"] for point in points if point.get("point")])]]
        case Tool.RANGE:
            return []
        case _:
            return _parts(annotation)


def _parts(annotation: dict[str, Any]) -> Vertices:
    boundary = annotation.get("boundingPoly")
    if boundary is None:
        # A PDF places the outlines on its pages.
        placements = annotation.get("annotations") or ()
        return [
            part for placement in placements for part in _parts({"boundingPoly": placement.get("boundingPoly") or []})
        ]
    groups = [part for part in boundary if isinstance(part, list)]
    single = [part for part in boundary if isinstance(part, dict)]
    parts = [_rings(single)] if single else []
    return parts + [_rings(group) for group in groups]


def _rings(parts: list[dict[str, Any]]) -> list[list[dict[str, float]]]:
    rings: list[list[dict[str, float]]] = []
    for part in parts:
        vertices = part.get("normalizedVertices") or []
        if vertices and isinstance(vertices[0], list):
            rings.extend(_ring(ring) for ring in vertices)
        else:
            rings.append(_ring(vertices))
    return rings


def _ring(points: Any) -> list[dict[str, float]]:
    return [_point(point) for point in points]


def _point(point: dict[str, Any]) -> dict[str, float]:
    return {"x": point["x"], "y": point["y"]}


def object_value(vertices: Vertices) -> dict[str, Any]:
    """Return the value of a drawn object, under both names clients select."""
    return {"vertices": vertices, "verticesScalar": vertices}
