"""Answers as clients send them."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


def chosen(*names: str, **children: Json) -> Json:
    return {"categories": [{"name": name, "children": children.get(name, {})} for name in names]}


def points(*pairs: tuple[float, float]) -> list[Json]:
    return [{"x": x, "y": y} for x, y in pairs]


def ring(*pairs: tuple[float, float]) -> Json:
    return {"normalizedVertices": points(*pairs)}


def corners(x: float, y: float, width: float, height: float) -> tuple[tuple[float, float], ...]:
    return (x, y + height), (x, y), (x + width, y), (x + width, y + height)


def box(x: float, y: float, width: float, height: float, *, category: str = "X", mid: str = "m", **more: Any) -> Json:
    poly = [ring(*corners(x, y, width, height))]
    return {"mid": mid, "type": "rectangle", "categories": [{"name": category}], "boundingPoly": poly, **more}


def drawn(kind: str, *, category: str = "X", mid: str = "m", **geometry: Any) -> Json:
    return {"mid": mid, "type": kind, "categories": [{"name": category}], **geometry}


def entity(begin: int, content: str, *, category: str = "X", mid: str = "m", **more: Any) -> Json:
    return {"mid": mid, "categories": [{"name": category}], "beginOffset": begin, "content": content, **more}


def objects(*items: Json) -> Json:
    return {"annotations": list(items)}


def relation(start: str, end: str, kind: str = "Objects") -> Json:
    return {
        "mid": "r",
        "categories": [{"name": "NEAR"}],
        f"start{kind}": [{"mid": start}],
        f"end{kind}": [{"mid": end}],
    }
