"""Matching many areas at once: what `similarity` says of each pair, by arrays, and only of pairs that can still matter.

Arrays leave the interpreter to others while they are computed. The numbers are those of `domain.agreement.shape`, to the last bit.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import shapely

from labelyard.domain.agreement.shape import IMAGE_PAGE, Area, Shape

Numbers: TypeAlias = npt.NDArray[np.float64]
Indexes: TypeAlias = npt.NDArray[np.int64]

# Pairs whose exact similarity is computed before matched annotations are left out of what follows.
_BLOCK = 8_192
# What rounding may add to a similarity beyond the bound that the frames give.
_SLACK = 1e-9


@dataclass(frozen=True, slots=True)
class Areas:
    """Areas on the page of an image, as arrays: geometries, sizes, frames, and whether each is a box."""

    shapes: Sequence[Area]
    geometries: npt.NDArray[Any]
    sizes: Numbers
    frames: Numbers
    is_box: npt.NDArray[np.bool_]


def areas_of(shapes: Sequence[Shape]) -> Areas | None:
    """The arrays of shapes; None unless each is an area, not empty, on the page of an image."""
    areas = [shape for shape in shapes if isinstance(shape, Area) and shape.pages.keys() == {IMAGE_PAGE}]
    geometries = np.array([area.pages[IMAGE_PAGE] for area in areas], dtype=object)
    if len(areas) < len(shapes) or not areas or shapely.is_empty(geometries).any():
        return None
    return Areas(
        areas,
        geometries,
        np.array([area.size for area in areas]),
        shapely.bounds(geometries),
        np.array([area.box is not None for area in areas]),
    )


def best_pairs(
    left: Areas, right: Areas, left_kinds: Sequence[int], right_kinds: Sequence[int]
) -> Iterator[tuple[int, int, float]]:
    """The most similar pairs of the same kind first (ties: by index), each area once, as (left, right, similarity)."""
    lefts, rights, bounds = _bounded(left, right, np.array(left_kinds), np.array(right_kinds))
    is_left_free, is_right_free = np.ones(len(left.shapes), dtype=bool), np.ones(len(right.shapes), dtype=bool)
    waiting: list[tuple[float, int, int]] = []
    for start in range(0, len(bounds), _BLOCK):
        block = slice(start, start + _BLOCK)
        free = is_left_free[lefts[block]] & is_right_free[rights[block]]
        ours, theirs = lefts[block][free], rights[block][free]
        exact = _similarities(left, right, ours, theirs)
        alike = exact > 0
        waiting.extend(zip((-exact[alike]).tolist(), ours[alike].tolist(), theirs[alike].tolist(), strict=True))
        heapq.heapify(waiting)
        # Whatever comes later is at most this similar.
        following = bounds[start + _BLOCK] if start + _BLOCK < len(bounds) else -1.0
        while waiting and -waiting[0][0] > following:
            value, i, j = heapq.heappop(waiting)
            if is_left_free[i] and is_right_free[j]:
                is_left_free[i] = is_right_free[j] = False
                yield i, j, -value


def _bounded(left: Areas, right: Areas, left_kinds: Indexes, right_kinds: Indexes) -> tuple[Indexes, Indexes, Numbers]:
    """The pairs of the same kind whose frames touch, with what their similarity cannot exceed, from the highest on."""
    lefts, rights = shapely.STRtree(right.geometries).query(left.geometries)
    same = left_kinds[lefts] == right_kinds[rights]
    lefts, rights = lefts[same], rights[same]
    smaller = np.minimum(left.sizes[lefts], right.sizes[rights])
    shared = np.minimum(_shared(left.frames[lefts], right.frames[rights]), smaller)
    whole = left.sizes[lefts] + right.sizes[rights] - shared
    # Without a surface only equals are alike.
    bounds = np.divide(shared, whole, out=np.ones_like(shared), where=(whole > 0) & (shared > 0)) + _SLACK
    order = np.argsort(-bounds, kind="stable")
    return lefts[order], rights[order], bounds[order]


def _shared(ours: Numbers, theirs: Numbers) -> Numbers:
    """The area that frames share."""
    across = np.minimum(ours[:, 2], theirs[:, 2]) - np.maximum(ours[:, 0], theirs[:, 0])
    down = np.minimum(ours[:, 3], theirs[:, 3]) - np.maximum(ours[:, 1], theirs[:, 1])
    return np.where((across > 0) & (down > 0), across * down, 0.0)


def _similarities(left: Areas, right: Areas, lefts: Indexes, rights: Indexes) -> Numbers:
    """Intersection over union of each pair, 1 for equals."""
    similar = np.zeros(len(lefts))
    boxes = left.is_box[lefts] & right.is_box[rights]
    ours, theirs = left.frames[lefts[boxes]], right.frames[rights[boxes]]
    shared = _shared(ours, theirs)
    sizes = (ours[:, 2] - ours[:, 0]) * (ours[:, 3] - ours[:, 1]) + (theirs[:, 2] - theirs[:, 0]) * (
        theirs[:, 3] - theirs[:, 1]
    )
    similar[boxes] = _fractions(shared, sizes - shared)
    others = ~boxes
    i, j = lefts[others], rights[others]
    shared = shapely.area(shapely.intersection(left.geometries[i], right.geometries[j]))
    similar[others] = _fractions(shared, left.sizes[i] + right.sizes[j] - shared)
    has_same_frame = (left.frames[lefts] == right.frames[rights]).all(axis=1)
    similar[boxes & has_same_frame] = 1.0
    for index in np.flatnonzero(others & has_same_frame):
        if left.shapes[lefts[index]] == right.shapes[rights[index]]:
            similar[index] = 1.0
    return similar


def _fractions(shared: Numbers, whole: Numbers) -> Numbers:
    values = np.divide(shared, whole, out=np.zeros_like(shared), where=whole > 0)
    return np.where(np.isfinite(values), np.clip(values, 0.0, 1.0), 0.0)
