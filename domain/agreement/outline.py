"""The surface inside one outline, also where the outline crosses itself.

A valid geometry of an outline that crosses itself many times costs far more than its points: two hundred random points take
half a minute. Crossings are counted first, with a limit, and an outline with too many has no surface.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import shapely

Point: TypeAlias = tuple[float, float]
Corners: TypeAlias = npt.NDArray[np.float64]
Indexes: TypeAlias = npt.NDArray[np.int64]

# Regions that an outline may cut the plane into. Making as many valid takes a twentieth of a second.
MAX_REGIONS = 300
# Pairs of sides that may meet, and pairs whose frames may; beyond, the regions are not even counted.
_MAX_MEETINGS = 20_000
_MAX_PAIRS = 5_000_000
_BLOCK = 256


class BeyondRepair(Exception):
    """An outline that crosses itself too often to have a surface."""


def ring_surface(points: Sequence[Point]) -> Any:
    """The valid geometry of a ring: what is inside by the even-odd rule; fewer than three points have no surface."""
    if len(points) < 3:
        return shapely.MultiPoint(list(points))
    drawn = shapely.Polygon(points)
    if drawn.is_valid:
        return drawn
    if not _may_be_repaired(drawn):
        raise BeyondRepair
    return shapely.make_valid(drawn)


def _may_be_repaired(drawn: Any) -> bool:
    corners = shapely.get_coordinates(drawn)
    if len(corners) <= _few_corners():
        return True
    if _meets_too_often(corners):
        return False
    sides = shapely.get_parts(shapely.node(shapely.LineString(corners)))
    return int(shapely.get_num_geometries(shapely.polygonize(sides))) <= MAX_REGIONS


def _few_corners() -> int:
    """So many corners cannot make more regions than are allowed: n sides cross at most n(n - 3) / 2 times."""
    return int((2 * MAX_REGIONS) ** 0.5)


def _meets_too_often(corners: Corners) -> bool:
    """Whether too many pairs of sides have a point in common; looks no further than the limit."""
    starts, ends = corners[:-1], corners[1:]
    sides: npt.NDArray[np.object_] = np.asarray(shapely.linestrings(np.stack((starts, ends), axis=1)))
    tree = shapely.STRtree(sides)
    meetings = pairs = 0
    for first in range(0, len(sides), _BLOCK):
        ours, theirs = tree.query(sides[first : first + _BLOCK])
        ours = ours + first
        later = theirs > ours
        ours, theirs = ours[later], theirs[later]
        pairs += len(later)
        meetings += int(_meet(starts[ours], ends[ours], starts[theirs], ends[theirs]).sum())
        if meetings > _MAX_MEETINGS or pairs > _MAX_PAIRS:
            return True
    return False


def _meet(start: Corners, end: Corners, other_start: Corners, other_end: Corners) -> npt.NDArray[np.bool_]:
    """Whether sides whose frames touch have a point in common."""
    straddles = _turn(start, end, other_start) * _turn(start, end, other_end) <= 0
    is_straddled = _turn(other_start, other_end, start) * _turn(other_start, other_end, end) <= 0
    both: npt.NDArray[np.bool_] = straddles & is_straddled
    return both


def _turn(start: Corners, end: Corners, point: Corners) -> npt.NDArray[np.float64]:
    """The sign says on which side of a line a point lies."""
    along, to = end - start, point - start
    sign: npt.NDArray[np.float64] = np.sign(along[:, 0] * to[:, 1] - along[:, 1] * to[:, 0])
    return sign
