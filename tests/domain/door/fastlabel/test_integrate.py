"""Annotations of divided files, put together."""

import pytest

from labelyard.domain.door.fastlabel.integrate import in_order, joined_film, joined_picture, joined_sound
from labelyard.domain.error import BadUserInput, NotFound


def shape(kind, points, value="a", **more):
    return {"type": kind, "value": value, "points": points, "rotation": 0, "keypoints": [], **more}


def tile(*annotations, width=100, height=80):
    return {"width": width, "height": height, "annotations": list(annotations)}


def points(tiles):
    return [one["points"] for one in joined_picture(tiles)]


def test_points_are_shifted_by_the_tiles_before():
    tiles = [tile(shape("keypoint", [1, 2]), width=50, height=40), tile(shape("keypoint", [1, 2]), height=40)]
    tiles += [tile(shape("circle", [1, 2, 3]), width=50), tile(shape("segmentation", [[[1, 2, 3, 4]]]))]
    assert points(tiles) == [[1, 2], [51, 2], [1, 42, 3], [[[51, 42, 53, 44]]]]


def test_a_box_that_goes_over_a_crossing_of_seams_is_one():
    parts = [[90, 70, 100, 80], [0, 70, 10, 80], [90, 0, 100, 10], [0, 0, 10, 10]]
    assert points([tile(shape("bbox", part)) for part in parts]) == [[90, 70, 110, 90]]


@pytest.mark.parametrize(
    "other",
    [
        shape("bbox", [0, 11, 10, 20]),
        shape("bbox", [0, 10, 10, 20], "b"),
        shape("bbox", [1, 10, 10, 20]),
        shape("bbox", [0, 10, 10, 20]) | {"rotation": 5},
    ],
    ids=["another extent", "another class", "apart from the seam", "turned"],
)
def test_boxes_that_do_not_fit_stay_two(other):
    assert len(points([tile(shape("bbox", [90, 10, 100, 20])), tile(other), tile(), tile()])) == 2


@pytest.mark.parametrize("is_reversed", [False, True])
def test_polygons_that_share_a_piece_of_a_seam_are_one_outline(is_reversed):
    left = [80, 10, 100, 10, 100, 30, 80, 30]
    right = [0, 20, 10, 20, 10, 40, 0, 40]
    if is_reversed:
        right = [0, 40, 10, 40, 10, 20, 0, 20]
    (united,) = points([tile(shape("polygon", left)), tile(shape("polygon", right)), tile(), tile()])
    corners = list(zip(united[::2], united[1::2], strict=True))
    assert set(corners) == {
        (80, 10),
        (100, 10),
        (100, 20),
        (110, 20),
        (110, 40),
        (100, 40),
        (100, 30),
        (80, 30),
    }
    area = sum(one[0] * two[1] - two[0] * one[1] for one, two in zip(corners, [*corners[1:], corners[0]], strict=True))
    assert area / 2 == 20 * 20 + 10 * 20


def test_polygons_that_only_touch_in_a_corner_stay_two():
    left = [80, 10, 100, 10, 100, 30, 80, 30]
    right = [0, 30, 10, 30, 10, 40, 0, 40]
    assert len(points([tile(shape("polygon", left)), tile(shape("polygon", right)), tile(), tile()])) == 2


def test_tiles_are_a_square():
    with pytest.raises(BadUserInput) as refused:
        joined_picture([tile(), tile(), tile()])
    assert "not 3" in refused.value.message


def test_frames_are_shifted_by_those_before():
    track = shape("bbox", {"1": {"value": [1, 2, 3, 4]}, "2": {"value": [2, 3, 4, 5]}})
    parts = [{"frameCount": 10, "annotations": []}, {"frameCount": 5, "annotations": [track]}]
    assert [list(one["points"]) for one in joined_film(parts)] == [["11", "12"]]


def test_a_segment_goes_on_in_the_next_part():
    def segment(start, end, value="talk"):
        return {"type": "segmentation", "value": value, "start": start, "end": end}

    parts = [
        ({"annotations": [segment(5, 10), segment(9, 10, "noise")]}, 10),
        ({"annotations": [segment(0, 3), segment(4, 5)]}, 6),
    ]
    joined = joined_sound(parts)
    assert [(one["value"], one["start"], one["end"]) for one in joined] == [
        ("talk", 5, 13),
        ("noise", 9, 10),
        ("talk", 14, 15),
    ]


def test_parts_are_put_in_order_by_their_numbers():
    tasks = [{"name": f"map/{number}.png"} for number in (10, 2, 1)] + [{"name": "map/notes.txt"}]
    name, parts = in_order("map", tasks)
    assert (name, [one["name"] for one in parts]) == ("map.png", ["map/1.png", "map/2.png", "map/10.png"])
    with pytest.raises(NotFound):
        in_order("map", tasks[3:])
