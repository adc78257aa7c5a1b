"""Putting the annotations of a divided file together: tiles of a picture, parts of a film, parts of a sound."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from labelyard.domain.door.fastlabel.geometry import pixel
from labelyard.domain.error import BadUserInput, NotFound
from labelyard.domain.number import whole_number

Shape = dict[str, Any]
MOST_PARTS: Final = 1_000
MOST_MEETING: Final = 1_000
"""Annotations of one class that reach a seam: each is compared with each."""
CLOSE: Final = 0.005
_NUMBERED: Final = re.compile(r"([0-9]{1,9})\.([A-Za-z0-9]{1,10})")


def in_order(prefix: str, tasks: Sequence[Shape]) -> tuple[str, list[Shape]]:
    """The name of the whole, and its parts by their numbers: tasks named `prefix/1.ext`, `prefix/2.ext` …"""
    numbered: dict[int, Shape] = {}
    ending = ""
    for task in tasks:
        match = _NUMBERED.fullmatch(task["name"].removeprefix(f"{prefix}/"))
        number = whole_number(match[1]) if match is not None else None
        if match is not None and number is not None:
            numbered[number] = task
            ending = ending or match[2]
    if not numbered:
        raise NotFound(
            f"There are no tasks named {prefix[:100]}/1.…, {prefix[:100]}/2.… that you may see.", prefix=prefix[:100]
        )
    ordered = [numbered[number] for number in sorted(numbered)]
    return f"{prefix}.{ending}", ordered


# Pictures


def joined_picture(tiles: Sequence[Shape]) -> list[Shape]:
    """The annotations of k × k tiles, row by row from the top left."""
    side = math.isqrt(len(tiles))
    if side * side != len(tiles):
        raise BadUserInput(
            f"A picture is divided into k × k tiles, so there are 1, 4, 9, 16 … of them, not {len(tiles)}.",
            field="prefix",
        )
    columns = _edges([tiles[column]["width"] for column in range(side)])
    rows = _edges([tiles[row * side]["height"] for row in range(side)])
    shapes = [
        _shifted(shape, columns[place % side], rows[place // side])
        for place, tile in enumerate(tiles)
        for shape in tile["annotations"]
    ]
    seams = _Seams(columns[1:-1], rows[1:-1])
    return _united(_united(shapes, "bbox", seams, seams.joined_boxes), "polygon", seams, seams.joined_polygons)


def _edges(lengths: Sequence[int]) -> list[int]:
    edges = [0]
    for length in lengths:
        edges.append(edges[-1] + length)
    return edges


def _shifted(shape: Shape, right: float, down: float) -> Shape:
    keypoints = [
        {**point, "value": [*_moved(point["value"][:2], right, down), *point["value"][2:]]} if point["value"] else point
        for point in shape["keypoints"]
    ]
    points = shape["points"]
    if shape["type"] == "circle":
        points = [*_moved(points[:2], right, down), points[2]]
    elif shape["type"] == "segmentation":
        points = [[_moved(ring, right, down) for ring in region] for region in points]
    else:
        points = _moved(points, right, down)
    return {**shape, "points": points, "keypoints": keypoints}


def _moved(flat: Sequence[float], right: float, down: float) -> list[float | int]:
    return [pixel(number + (down if place % 2 else right)) for place, number in enumerate(flat)]


def _united(
    shapes: Sequence[Shape], kind: str, seams: _Seams, join: Callable[[Shape, Shape], Shape | None]
) -> list[Shape]:
    """The shapes with those that belong together in one, which stands where the first of them stood.

    Only those of a kind that reach a seam are compared, each with those of its class.
    """
    places = dict(enumerate(shapes))
    meeting: dict[str, list[int]] = {}
    for place, shape in places.items():
        if shape["type"] == kind and seams.reach(shape["points"]):
            meeting.setdefault(shape["value"], []).append(place)
    for value, waiting in meeting.items():
        if len(waiting) > MOST_MEETING:
            raise BadUserInput(
                f"{len(waiting):,} annotations of the class {value!r} reach a seam; at most {MOST_MEETING:,} can be joined.",
                field="prefix",
            )
        alone: list[int] = []
        while waiting:
            place = waiting.pop(0)
            for index, other in enumerate(alone):
                both = join(places[other], places[place])
                if both is not None:
                    # What has become one may fit to what did not fit before.
                    first, gone = min(place, other), max(place, other)
                    places[first] = both
                    del places[gone], alone[index]
                    waiting.insert(0, first)
                    break
            else:
                alone.append(place)
    return [places[place] for place in sorted(places)]


@dataclass(frozen=True, slots=True)
class _Seams:
    """Where tiles meet: x of the upright seams, y of the level ones."""

    upright: Sequence[float]
    level: Sequence[float]

    def reach(self, flat: Sequence[float]) -> bool:
        """Whether some corner lies on a seam."""
        return any(_is_close(x, seam) for x in flat[::2] for seam in self.upright) or any(
            _is_close(y, seam) for y in flat[1::2] for seam in self.level
        )

    def joined_boxes(self, one: Shape, other: Shape) -> Shape | None:
        """Two boxes of a class as one, where one ends at a seam and the other begins there with the same extent."""
        if not _is_alike(one, other, "bbox") or one["rotation"] or other["rotation"]:
            return None
        for axis, seams in ((0, self.upright), (1, self.level)):
            first, second = sorted((one["points"], other["points"]), key=lambda box: box[axis])
            across = 1 - axis
            meets = _is_close(first[axis + 2], second[axis]) and any(_is_close(first[axis + 2], seam) for seam in seams)
            if meets and _is_close(first[across], second[across]) and _is_close(first[across + 2], second[across + 2]):
                return {**one, "points": [*first[:2], *second[2:]]}
        return None

    def joined_polygons(self, one: Shape, other: Shape) -> Shape | None:
        """Two polygons of a class as one, where they share a piece of a seam."""
        if not _is_alike(one, other, "polygon"):
            return None
        left, right = _clockwise(one["points"]), _clockwise(other["points"])
        for axis, seams in ((0, self.upright), (1, self.level)):
            for seam in seams:
                for at in _sides_on(left, axis, seam):
                    for there in _sides_on(right, axis, seam):
                        if _share(left, at, right, there, 1 - axis):
                            return {**one, "points": _outline(left, at, right, there)}
        return None


def _is_alike(one: Shape, other: Shape, kind: str) -> bool:
    return bool(one["type"] == other["type"] == kind and one["value"] == other["value"])


def _is_close(one: float, other: float) -> bool:
    return abs(one - other) < CLOSE


Corner = tuple[float, float]


def _clockwise(flat: Sequence[float]) -> list[Corner]:
    corners = list(zip(flat[::2], flat[1::2], strict=True))
    if len(corners) > 1 and corners[0] == corners[-1]:
        corners.pop()
    area = sum(one[0] * two[1] - two[0] * one[1] for one, two in _sides(corners))
    return corners if area >= 0 else corners[::-1]


def _sides(corners: Sequence[Corner]) -> Iterator[tuple[Corner, Corner]]:
    return zip(corners, [*corners[1:], corners[0]], strict=True)


def _sides_on(corners: Sequence[Corner], axis: int, seam: float) -> list[int]:
    """The numbers of the sides that lie on a seam."""
    return [
        number
        for number, (start, end) in enumerate(_sides(corners))
        if _is_close(start[axis], seam) and _is_close(end[axis], seam) and start != end
    ]


def _share(left: Sequence[Corner], at: int, right: Sequence[Corner], there: int, along: int) -> bool:
    """Whether two sides on one seam have a piece in common. Both outlines go clockwise, so they run against each other."""
    first = sorted((left[at][along], left[(at + 1) % len(left)][along]))
    second = sorted((right[there][along], right[(there + 1) % len(right)][along]))
    return min(first[1], second[1]) - max(first[0], second[0]) > CLOSE


def _outline(left: Sequence[Corner], at: int, right: Sequence[Corner], there: int) -> list[float | int]:
    """The outline around both: all of one from the end of its side to its start, then all of the other."""
    corners = [*_around(left, at), *_around(right, there)]
    distinct = [
        corner
        for place, corner in enumerate(corners)
        if not (_is_close(corner[0], corners[place - 1][0]) and _is_close(corner[1], corners[place - 1][1]))
    ]
    straight = [
        corner
        for place, corner in enumerate(distinct)
        if not _is_on_the_way(distinct[place - 1], corner, distinct[(place + 1) % len(distinct)])
    ]
    return [pixel(number) for corner in straight for number in corner]


def _around(corners: Sequence[Corner], side: int) -> list[Corner]:
    start = (side + 1) % len(corners)
    return [*corners[start:], *corners[:start]]


def _is_on_the_way(before: Corner, corner: Corner, after: Corner) -> bool:
    """Whether a corner lies on the straight way between its neighbours."""
    turn = (corner[0] - before[0]) * (after[1] - corner[1]) - (corner[1] - before[1]) * (after[0] - corner[0])
    return abs(turn) < CLOSE


# Films and sounds


def joined_film(parts: Sequence[Shape]) -> list[Shape]:
    """The annotations of the parts of a film, with their frames shifted by those before."""
    shapes, before = [], 0
    for part in parts:
        for shape in part["annotations"]:
            points: Mapping[str, Any] = shape["points"]
            moved = {str((whole_number(frame) or 0) + before): value for frame, value in points.items()}
            shapes.append({**shape, "points": moved})
        before += part.get("frameCount") or 0
    return shapes


def joined_sound(parts: Sequence[tuple[Shape, float]]) -> list[Shape]:
    """The annotations of the parts of a sound, given with how many seconds each lasts.

    A segment that ends with its part joins one of the same class that begins the next.
    """
    shapes: list[Shape] = []
    before = 0.0
    for part, seconds in parts:
        for shape in sorted(part["annotations"], key=lambda one: float(one["start"])):
            moved = {**shape, "start": _time(shape["start"] + before), "end": _time(shape["end"] + before)}
            former = next(
                (
                    one
                    for one in shapes
                    if shape["start"] == 0 and one["value"] == shape["value"] and _is_close(one["end"], before)
                ),
                None,
            )
            if former is not None and before:
                former["end"] = moved["end"]
            else:
                shapes.append(moved)
        before += seconds
    return shapes


def _time(seconds: float) -> float | int:
    rounded = round(seconds, 3)
    return int(rounded) if rounded == int(rounded) else rounded
