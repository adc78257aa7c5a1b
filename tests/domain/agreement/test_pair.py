"""The agreement of two labels, task by task."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

from labelyard.domain.agreement import LabelAnswers, agreement, matching
from tests.domain.agreement.answers import box, chosen, corners, drawn, entity, objects, points, relation, ring

Json = dict[str, Any]
Read = Callable[..., LabelAnswers]

ONE = box(0.1, 0.1, 0.4, 0.4)
IOU_06 = box(0.2, 0.1, 0.4, 0.4)  # shifted by a quarter: 0.3 / 0.5
IOU_08 = box(0.1, 0.1, 0.4, 0.32)
IOU_064 = box(0.1, 0.1, 0.4, 0.256)
SHADED = {"children": {"SHADE": chosen("LIGHT")}}
DARK = {"children": {"SHADE": chosen("DARK")}}
HOLE = [ring(*corners(0.1, 0.1, 0.4, 0.4)), ring(*corners(0.2, 0.2, 0.2, 0.2))]
SQUARE = [ring(*corners(0.1, 0.1, 0.4, 0.4))]
LEFT_PART = drawn("semantic", boundingPoly=[ring(*corners(0.1, 0.1, 0.2, 0.4))])
RIGHT_PART = drawn("semantic", boundingPoly=[ring(*corners(0.3, 0.1, 0.2, 0.4))])
FAR = box(0.7, 0.7, 0.2, 0.2, mid="far")

WORKED = {
    "other radio": ({"C": chosen("RED")}, {"C": chosen("BLUE")}, 0),
    "half of a checkbox": ({"T": chosen("RED")}, {"T": chosen("RED", "BLUE")}, 0.5),
    "one box": ({"D": objects(ONE)}, {"D": objects(IOU_06)}, 0.6),
    "two boxes and one": ({"D": objects(ONE, FAR)}, {"D": objects(IOU_08)}, 0.4),
    "other class": ({"D": objects(ONE)}, {"D": objects(box(0.1, 0.1, 0.4, 0.4, category="Y"))}, 0),
    "other nested radio": ({"D": objects({**ONE, **SHADED})}, {"D": objects({**IOU_064, **DARK})}, 0),
    "same nested radio": ({"D": objects({**ONE, **SHADED})}, {"D": objects({**IOU_064, **SHADED})}, 0.8),
    "class and boxes": (
        {"C": chosen("RED"), "D": objects(ONE, FAR)},
        {"C": chosen("RED"), "D": objects(IOU_08)},
        0.6,
    ),
}
TASKS = {
    "classification answered once": ({"C": chosen("RED")}, {}, 0),
    "nested under a category": ({"C": chosen("RED", RED={"SHADE": chosen("LIGHT")})}, {"C": chosen("RED")}, 0),
    "nested beside the categories": (
        {"C": {**chosen("RED"), "children": {"SHADE": chosen("LIGHT")}}},
        {"C": chosen("RED", RED={"SHADE": chosen("LIGHT")})},
        1,
    ),
    "objects answered once": ({"D": objects(ONE), "C": chosen("RED")}, {"C": chosen("RED")}, 0.5),
    "corners in another order": (
        {"D": objects(ONE)},
        {"D": objects({**ONE, "boundingPoly": [ring((0.1, 0.1), (0.5, 0.5), (0.5, 0.1), (0.1, 0.5))]})},
        1,
    ),
    "hole": (
        {"S": objects(drawn("semantic", boundingPoly=HOLE))},
        {"S": objects(drawn("semantic", boundingPoly=SQUARE))},
        0.75,
    ),
    "parts of one mask": (
        {"S": objects(LEFT_PART, RIGHT_PART)},
        {"S": objects(drawn("semantic", boundingPoly=SQUARE))},
        1,
    ),
    "groups of rings": (
        {"S": objects(drawn("semantic", boundingPoly=[[part] for part in HOLE[:1]]))},
        {"S": objects(drawn("semantic", boundingPoly=SQUARE))},
        1,
    ),
    "bow tie": (
        {"P": objects(drawn("polygon", boundingPoly=[ring((0, 0), (0.4, 0.4), (0.4, 0), (0, 0.4))]))},
        {"P": objects(drawn("polygon", boundingPoly=[ring((0, 0), (0.4, 0), (0.4, 0.4), (0, 0.4))]))},
        0.5,
    ),
    "marker nearby": (
        {"M": objects(drawn("marker", point={"x": 0.5, "y": 0.5}))},
        {"M": objects(drawn("marker", point={"x": 0.51, "y": 0.5}))},
        0.8,
    ),
    "marker far away": (
        {"M": objects(drawn("marker", point={"x": 0.5, "y": 0.5}))},
        {"M": objects(drawn("marker", point={"x": 0.6, "y": 0.5}))},
        0,
    ),
    "line the other way round": (
        {"L": objects(drawn("polyline", polyline=points((0.1, 0.1), (0.9, 0.1))))},
        {"L": objects(drawn("polyline", polyline=points((0.9, 0.1), (0.1, 0.1))))},
        1,
    ),
    "line beside": (
        {"L": objects(drawn("polyline", polyline=points((0.1, 0.1), (0.9, 0.1))))},
        {"L": objects(drawn("polyline", polyline=points((0.1, 0.12), (0.9, 0.12))))},
        0.6,
    ),
    "vector the other way round": (
        {"V": objects(drawn("vector", polyline=points((0.1, 0.1), (0.9, 0.1))))},
        {"V": objects(drawn("vector", polyline=points((0.9, 0.1), (0.1, 0.1))))},
        0,
    ),
    "pose without one point": (
        {"POSE": objects(drawn("pose", points=[{"code": "NOSE", "point": {"x": 0.5, "y": 0.5}}]))},
        {
            "POSE": objects(
                drawn(
                    "pose",
                    points=[
                        {"code": "NOSE", "point": {"x": 0.5, "y": 0.51}},
                        {"code": "EYE", "point": {"x": 0.4, "y": 0.4}},
                    ],
                )
            )
        },
        0.4,
    ),
    "range": (
        {"R": objects(drawn("range", start=0, end=4))},
        {"R": objects(drawn("range", start=2, end=6))},
        1 / 3,
    ),
    "entity": ({"E": objects(entity(0, "Ada wrote"))}, {"E": objects(entity(4, "wrote", endOffset=9))}, 5 / 9),
    "entity of another node": (
        {"E": objects(entity(0, "Ada", beginId="a", endId="a"))},
        {"E": objects(entity(0, "Ada", beginId="b", endId="b"))},
        0,
    ),
    "relation": (
        {"D": objects(ONE, FAR), "OREL": objects(relation("m", "far"))},
        {"D": objects({**ONE, "mid": "n"}, FAR), "OREL": objects(relation("n", "far"))},
        1,
    ),
    "relation the other way round": (
        {"D": objects(ONE, FAR), "OREL": objects(relation("m", "far"))},
        {"D": objects(ONE, FAR), "OREL": objects(relation("far", "m"))},
        0.5,
    ),
    "text": ({"TEXT": {"text": "kitten"}}, {"TEXT": {"text": "sitting"}}, 1 - 3 / 7),
    "equal numbers": ({"NUMBER": {"text": "1.50"}}, {"NUMBER": {"text": "+15e-1"}}, 1),
    "other numbers": ({"NUMBER": {"text": "1.5"}}, {"NUMBER": {"text": "1.6"}}, 0),
    "other date": ({"DATE": {"text": "2024-01-01"}}, {"DATE": {"text": "2024-01-02"}}, 0),
    "same winner, other code": (
        {"PICK": {"choice": {"code": "BETTER", "firstId": "a", "secondId": "b"}}},
        {"PICK": {"choice": {"code": "Much better", "firstId": "a", "secondId": "b"}}},
        0.5,
    ),
    "other winner": (
        {"PICK": {"choice": {"code": "BETTER", "firstId": "a", "secondId": "b"}}},
        {"PICK": {"choice": {"code": "BETTER", "firstId": "b", "secondId": "a"}}},
        0,
    ),
    "tie in any order": (
        {"PICK": {"choice": {"code": "TIE", "firstId": "a", "secondId": "b"}}},
        {"PICK": {"choice": {"code": "TIE", "firstId": "b", "secondId": "a"}}},
        1,
    ),
    "ranking": (
        {"RANK": {"orders": [{"rank": place, "elements": [name]} for place, name in enumerate("abc")]}},
        {"RANK": {"orders": [{"rank": place, "elements": [name]} for place, name in enumerate("acb")]}},
        2 / 3,
    ),
    "file left out": ({"FILE": {"fileId": "f"}, "C": chosen("RED")}, {"C": chosen("RED")}, 1),
    "unknown job left out": ({"GONE": chosen("RED"), "C": chosen("RED")}, {"C": chosen("RED")}, 1),
    "nothing drawn on either side": ({"D": objects(), "C": chosen("RED")}, {"C": chosen("RED")}, 1),
}


@pytest.mark.parametrize(("left", "right", "expected"), {**WORKED, **TASKS}.values(), ids={**WORKED, **TASKS}.keys())
def test_two_labels_agree_as_far_as_their_tasks_say(read: Read, left: Json, right: Json, expected: float) -> None:
    assert agreement(read(left), read(right)) == pytest.approx(expected, abs=1e-12)
    assert agreement(read(right), read(left)) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("root", [{}, {"FILE": {"fileId": "f"}}, {"C": {"categories": []}}, {"D": objects()}])
def test_nothing_to_compare_has_no_mark(read: Read, root: Json) -> None:
    assert agreement(read(root), read({})) is None


@pytest.mark.parametrize("iou", [0.65043, 0.16527, 0.20754])
def test_a_single_box_of_the_same_class_scores_exactly_its_iou(read: Read, iou: float) -> None:
    left, right = box(0.1, 0.1, 0.5, 0.5), box(0.1, 0.1, 0.5, 0.5 * iou)
    assert agreement(read({"D": objects(left)}), read({"D": objects(right)})) == pytest.approx(iou, abs=1e-12)


def test_frames_of_objects_are_pooled_and_those_of_answers_averaged(read: Read) -> None:
    left = {"0": {"D": objects(ONE, FAR), "C": chosen("RED")}, "1": {"D": objects(ONE), "C": chosen("RED")}, "2": {}}
    right = {"0": {"D": objects(ONE), "C": chosen("RED")}, "1": {"D": objects(IOU_06)}, "2": {}}
    marks = (1 + 0.6) / 3 * 3 + (1 + 0) / 2 * 1
    assert agreement(read(left, "VIDEO"), read(right, "VIDEO")) == pytest.approx(marks / 4, abs=1e-12)


def test_the_pages_of_a_document_are_pooled(read: Read) -> None:
    def spread(*widths: float) -> Json:
        shapes = [{"normalizedVertices": [points(*corners(0, 0, width, 1))]} for width in widths]
        pages = list(range(1, len(widths) + 1))
        return {"D": objects(drawn("rectangle", annotations=[{"pageNumberArray": pages, "boundingPoly": shapes}]))}

    assert agreement(read(spread(0.4, 0.4), "PDF"), read(spread(0.4, 0.2), "PDF")) == pytest.approx(0.6 / 0.8)
    assert agreement(read(spread(0.4), "PDF"), read(spread(0.4, 0.4), "PDF")) == pytest.approx(0.5)


def test_entities_of_a_document_are_compared_line_by_line(read: Read) -> None:
    def lines(*tops: float) -> Json:
        polys = [{"normalizedVertices": [points(*corners(0.1, top, 0.5, 0.02))]} for top in tops]
        around = [{"normalizedVertices": [points(*corners(0.1, 0.1, 0.5, 0.5))]}]
        inner = [{"pageNumberArray": [1], "polys": polys, "boundingPoly": around}]
        return {"E": objects({"mid": "m", "categories": [{"name": "X"}], "content": "w", "annotations": inner})}

    assert agreement(read(lines(0.1, 0.2), "PDF"), read(lines(0.2), "PDF")) == pytest.approx(0.5)


def test_points_of_a_map_are_measured_by_the_box_around_both_labels(read: Read) -> None:
    def trees(*places: tuple[float, float]) -> LabelAnswers:
        markers = [drawn("marker", mid=str(x), point={"x": x, "y": y}) for x, y in places]
        return read({"M": objects(*markers)}, "GEOSPATIAL", False)

    # The box is 100 wide, so 1 is a hundredth of it.
    assert agreement(trees((0, 0), (100, 50)), trees((1, 0), (100, 50))) == pytest.approx((0.8 + 1) / 2)


def test_a_conversation_is_compared_message_by_message(read: Read) -> None:
    left = {"completion": {"C": {"a1": {"categories": ["RED"]}, "a2": {"categories": ["Red"]}}}}
    right = {"completion": {"C": {"a1": {"categories": ["RED"]}, "a2": {"categories": ["BLUE"]}}}}
    assert agreement(read(left, "LLM_STATIC"), read(right, "LLM_STATIC")) == 0.5


def test_the_best_pairs_are_matched_first(read: Read) -> None:
    left = [box(0.1, 0.1, 0.4, 0.4, mid="a"), box(0.2, 0.1, 0.4, 0.4, mid="b")]
    right = [box(0.2, 0.1, 0.4, 0.4, mid="c"), box(0.1, 0.1, 0.4, 0.4, mid="d")]
    assert agreement(read({"D": objects(*left)}), read({"D": objects(*right)})) == 1


def test_many_boxes_match_as_few_do(read: Read) -> None:
    many = [box(0.05 * i, 0.05 * j, 0.04, 0.04, mid=f"{i}-{j}") for i in range(18) for j in range(18)]
    shifted = [box(0.05 * i + 0.01, 0.05 * j, 0.04, 0.04, mid=f"{i}-{j}") for i in range(18) for j in range(18)]
    assert agreement(read({"D": objects(*many)}), read({"D": objects(*shifted)})) == pytest.approx(0.6)


def test_long_texts_are_compared_by_their_words(read: Read) -> None:
    left, right = "a b c d " * 20_000, "d c b e " * 20_000
    assert agreement(read({"TEXT": {"text": left}}), read({"TEXT": {"text": right}})) == 0.75


MANY = {
    "markers": lambda x, y: {"M": drawn("marker", point={"x": x, "y": y})},
    "lines": lambda x, y: {"L": drawn("polyline", polyline=points((x, y), (x + 0.02, y)))},
    "vectors": lambda x, y: {"V": drawn("vector", polyline=points((x, y), (x + 0.02, y)))},
    "poses": lambda x, y: {"POSE": drawn("pose", points=[{"code": "NOSE", "point": {"x": x, "y": y}}])},
    "ranges": lambda x, y: {"R": drawn("range", start=x + 10 * y, end=x + 10 * y + 0.05)},
    "entities": lambda x, y: {"E": entity(int(1000 * x + 20 * y), "words")},
}


@pytest.mark.parametrize("one", MANY.values(), ids=MANY.keys())
@pytest.mark.parametrize("shift", [0, 0.004, 0.04])
def test_an_index_of_places_finds_what_comparing_all_finds(
    read: Read, monkeypatch: pytest.MonkeyPatch, one: Callable[[float, float], Json], shift: float
) -> None:
    def many(by: float) -> LabelAnswers:
        marks = [next(iter(one(0.07 * i + by, 0.07 * j).items())) for i in range(10) for j in range(3)]
        return read({marks[0][0]: objects(*(mark for _, mark in marks))})

    found = agreement(many(0), many(shift))
    monkeypatch.setattr(matching, "_FEW_PAIRS", 10_000)
    assert agreement(many(0), many(shift)) == found
    assert found is not None


BROKEN = {
    "no points": drawn("polygon", boundingPoly=[ring()]),
    "two points": drawn("polygon", boundingPoly=[ring((0.1, 0.1), (0.2, 0.2))]),
    "one place": drawn("polygon", boundingPoly=[ring((0.1, 0.1), (0.1, 0.1), (0.1, 0.1))]),
    "huge": drawn("polygon", boundingPoly=[ring((-1e308, -1e308), (1e308, 1e308), (1e308, -1e308), (-1e308, 1e308))]),
    "not a list": drawn("polygon", boundingPoly=7),
    "no numbers": drawn("polygon", boundingPoly=[{"normalizedVertices": [{"x": "a", "y": None}, 4, None]}]),
    "no type": {"mid": "m", "categories": "X"},
    "hole outside": drawn("polygon", boundingPoly=[*SQUARE, ring(*corners(0.6, 0.6, 0.2, 0.2))]),
}


@pytest.mark.parametrize("item", BROKEN.values(), ids=BROKEN.keys())
def test_odd_geometry_is_like_itself_and_never_raises(read: Read, item: Json) -> None:
    odd = {"P": objects(item)}
    assert agreement(read(odd), read(odd)) == 1
    mark = agreement(read(odd), read({"P": objects(drawn("polygon", boundingPoly=SQUARE))}))
    assert mark is not None
    assert 0 <= mark <= 1
    assert not math.isnan(mark)
