"""Outlines that cross themselves: exact where that is cheap, decided where it is not, and never slow."""

from __future__ import annotations

import math
import random
import time
from typing import Any

import pytest
import shapely

from labelyard.domain.agreement.geometry import object_shape
from labelyard.domain.agreement.outline import MAX_REGIONS, BeyondRepair, Point, ring_surface
from labelyard.domain.agreement.shape import Opaque, similarity
from labelyard.domain.interface.vocabulary import Tool

SECONDS = 4.0


def scattered(count: int) -> list[Point]:
    draw = random.Random(count)
    return [(draw.random(), draw.random()) for _ in range(count)]


def star(count: int, step: int) -> list[Point]:
    """Every `step`-th corner of a regular polygon, so that each side crosses many."""
    angles = [2 * math.pi * ((place * step) % count) / count for place in range(count)]
    return [(0.5 + 0.4 * math.cos(angle), 0.5 + 0.4 * math.sin(angle)) for angle in angles]


def diagonal_comb(count: int) -> list[Point]:
    """Long teeth whose frames all overlap and that never cross, but for one knot at the end."""
    teeth = [(0.0 + place / count / 4, 0.0) if place % 2 else (0.7 + place / count / 4, 0.7) for place in range(count)]
    return [*teeth, (0.9, 0.1), (0.95, 0.2), (0.95, 0.1), (0.9, 0.2)]


def flower(count: int) -> list[Point]:
    """Petals that meet in the middle."""
    points: list[Point] = []
    for place in range(count // 3):
        angle = 2 * math.pi * 3 * place / count
        points += [(0.5, 0.5), (0.5 + 0.4 * math.cos(angle), 0.5 + 0.4 * math.sin(angle))]
        points.append((0.5 + 0.4 * math.cos(angle + 3 / count), 0.5 + 0.4 * math.sin(angle + 3 / count)))
    return points


def twice(count: int) -> list[Point]:
    """A circle drawn two times."""
    return star(count // 2, 1) * 2


def straight(count: int) -> list[Point]:
    """All on one line, back and forth."""
    return [(x, x) for x, _ in scattered(count)]


HOSTILE: dict[str, Any] = {
    "scattered": scattered,
    "star": lambda count: star(count | 1, count // 2),
    "comb": diagonal_comb,
    "flower": flower,
    "twice": twice,
    "straight": straight,
}


@pytest.mark.parametrize("count", [100, 200, 1_000, 10_000])
@pytest.mark.parametrize("name", HOSTILE)
def test_no_outline_takes_long(name: str, count: int) -> None:
    points = HOSTILE[name](count)
    started = time.process_time()
    try:
        surface = ring_surface(points)
    except BeyondRepair:
        surface = None
    assert time.process_time() - started < SECONDS
    assert surface is None or surface.is_valid


@pytest.mark.parametrize("count", [5, 10, 20, 25, 30, 36])
def test_what_can_be_repaired_is_what_is_inside_by_the_even_odd_rule(count: int) -> None:
    points = scattered(count)
    surface = ring_surface(points)
    assert shapely.equals_exact(surface, shapely.make_valid(shapely.Polygon(points)))
    assert surface.is_valid


def test_a_large_outline_with_a_knot_keeps_its_surface() -> None:
    circle = star(9_996, 1)
    knotted = [*circle, (0.95, 0.4), (0.97, 0.45), (0.97, 0.4), (0.95, 0.45)]
    assert ring_surface(knotted).area == pytest.approx(math.pi * 0.16, rel=0.05)


def test_an_outline_beyond_repair_is_like_itself_and_nothing_else() -> None:
    def annotation(points: list[Point]) -> dict[str, Any]:
        return {"boundingPoly": [{"normalizedVertices": [{"x": x, "y": y} for x, y in points]}]}

    knot, other = (
        object_shape(annotation(points), Tool.POLYGON, is_pdf=False) for points in (scattered(300), scattered(301))
    )
    box = object_shape(annotation([(0, 0), (0, 1), (1, 1), (1, 0)]), Tool.RECTANGLE, is_pdf=False)
    assert isinstance(knot, Opaque)
    assert [similarity(knot, shape) for shape in (knot, other, box)] == [1.0, 0.0, 0.0]


def test_beyond_so_many_regions_an_outline_has_no_surface() -> None:
    """A row of bow ties: each is a region of its own."""

    def zigzag(count: int) -> list[Point]:
        there = [(place / count, 0.1 if place % 2 else 0.2) for place in range(count)]
        back = [(place / count, 0.2 if place % 2 else 0.1) for place in reversed(range(count))]
        return [*there, *back]

    assert not ring_surface(zigzag(MAX_REGIONS)).is_empty
    with pytest.raises(BeyondRepair):
        ring_surface(zigzag(MAX_REGIONS + 2))
