"""The agreement of several people."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labelyard.domain.agreement import LabelAnswers, LabelReader, agreement, consensus
from labelyard.domain.interface import parse_interface
from tests.domain.agreement.answers import box, chosen, drawn, entity, objects, points, ring

Json = dict[str, Any]
Read = Callable[..., LabelAnswers]
RED, BLUE, BOTH = chosen("RED"), chosen("BLUE"), chosen("RED", "BLUE")
ONE, HALF = box(0.1, 0.1, 0.4, 0.4), box(0.1, 0.1, 0.4, 0.2)

VOTES = {
    "all the same": ([{"C": RED}] * 3, 1, {"C": {"RED": 1}}),
    "two of three": ([{"C": RED}, {"C": RED}, {"C": BLUE}], 0.5, {"C": {"RED": 2 / 3, "BLUE": 1 / 3}}),
    "one against one": ([{"C": RED}, {"C": BLUE}], 0.5, {"C": {"RED": 0.5, "BLUE": 0.5}}),
    "the same two categories": ([{"T": BOTH}, {"T": BOTH}], 1, {"T": {"RED": 1, "BLUE": 1}}),
    "one category more": ([{"T": BOTH}, {"T": RED}], 0.75, {"T": {"RED": 1, "BLUE": 0.5}}),
    "one says nothing": ([{"C": RED}, {}], 0.5, {"C": {"RED": 0.5}}),
    "nested differently": (
        [{"C": chosen("RED", RED={"SHADE": chosen(shade)})} for shade in ("LIGHT", "DARK")],
        math.sqrt(0.5),
        {"C": {"RED": 1}},
    ),
    "one box": ([{"D": objects(ONE)}, {"D": objects(HALF)}], 0.5, {"D": {"X": 0.5}}),
    "three boxes": ([{"D": objects(ONE)}, {"D": objects(ONE)}, {"D": objects(HALF)}], 2 / 3, {"D": {"X": 2 / 3}}),
    "boxes of two classes": (
        [{"D": objects(ONE, box(0.6, 0.6, 0.2, 0.2, category="Y", mid="n"))}, {"D": objects(HALF)}],
        0.25,
        {"D": {"X": 0.5, "Y": 0}},
    ),
    "weights": (
        [
            {"C": RED, "D": objects(ONE, box(0.6, 0.6, 0.2, 0.2, mid="n"))},
            {"C": RED, "D": objects(HALF, box(0.6, 0.6, 0.2, 0.2, mid="n"))},
        ],
        (1 + 2 * 0.75) / 3,
        {"C": {"RED": 1}, "D": {"X": 0.75}},
    ),
    "texts": ([{"TEXT": {"text": "ab"}}, {"TEXT": {"text": "ab"}}, {"TEXT": {"text": "cd"}}], 1 / 3, {}),
}


@pytest.mark.parametrize(("labels", "mark", "per_category"), VOTES.values(), ids=VOTES.keys())
def test_people_agree_as_far_as_they_vote_alike(
    read: Read, labels: list[Json], mark: float, per_category: Json
) -> None:
    for order in permutations(labels):
        found = consensus([read(label) for label in order])
        assert found is not None
        assert found.mark == pytest.approx(mark, abs=1e-12)
        assert found.per_category == {name: pytest.approx(marks, abs=1e-12) for name, marks in per_category.items()}


def test_the_votes_of_frames_are_averaged(read: Read) -> None:
    labels = [{"0": {"C": RED}, "1": {"C": RED}, "2": {}}, {"0": {"C": RED}, "1": {"C": BLUE}, "2": {}}]
    found = consensus([read(label, "VIDEO") for label in labels])
    assert found is not None
    assert found.mark == 0.75


@pytest.mark.parametrize("labels", [[], [{"C": RED}]], ids=["nobody", "one person"])
def test_fewer_than_two_people_have_no_consensus(read: Read, labels: list[Json]) -> None:
    assert consensus([read(label) for label in labels]) is None


def test_people_who_answer_nothing_have_no_mark(read: Read) -> None:
    found = consensus([read({}), read({})])
    assert found is not None
    assert found.mark is None
    assert found.per_category == {}


unhurried = settings(deadline=None, max_examples=50)
# What people draw is distinct in place, so that no two pairs are equally alike.
unit = st.floats(0, 1, allow_subnormal=False)
pairs = st.tuples(unit, unit)
categories = st.sampled_from(["X", "Y"])
boxes = st.builds(
    lambda x, y, width, height, category: box(x, y, width, height, category=category),
    unit, unit, st.floats(0.01, 1), st.floats(0.01, 1), categories,
)  # fmt: skip
polygons = st.builds(
    lambda outline, category: drawn("polygon", category=category, boundingPoly=[ring(*outline)]),
    st.lists(pairs, min_size=1, max_size=7), categories,
)  # fmt: skip
markers = st.builds(lambda place: drawn("marker", point=points(place)[0]), pairs)
lines = st.builds(lambda places: drawn("polyline", polyline=points(*places)), st.lists(pairs, min_size=2, max_size=5))
vectors = st.builds(lambda places: drawn("vector", polyline=points(*places)), st.lists(pairs, min_size=2, max_size=5))
entities = st.builds(lambda begin, length: entity(begin, "x" * length), st.integers(0, 30), st.integers(1, 9))
texts = st.text(min_size=1, max_size=8)
drawings = {"D": boxes, "P": polygons, "M": markers, "L": lines, "V": vectors, "E": entities}
labels = st.fixed_dictionaries(
    {},
    optional={
        "C": st.sampled_from([RED, BLUE, chosen("RED", RED={"SHADE": chosen("LIGHT")})]),
        "T": st.lists(st.sampled_from(["RED", "BLUE", "GREEN"]), min_size=1, unique=True).map(
            lambda names: chosen(*names)
        ),
        "TEXT": texts.map(lambda text: {"text": text}),
        **{
            name: st.lists(items, max_size=4).map(
                lambda marks: objects(*({**mark, "mid": f"m{place}"} for place, mark in enumerate(marks)))
            )
            for name, items in drawings.items()
        },
    },
)


@unhurried
@given(labels, labels)
def test_agreement_is_symmetric_and_a_fraction(read: Read, left: Json, right: Json) -> None:
    mark, mirrored = agreement(read(left), read(right)), agreement(read(right), read(left))
    assert (mark is None) == (mirrored is None)
    if mark is not None and mirrored is not None:
        assert 0 <= mark <= 1
        assert mark == pytest.approx(mirrored, abs=1e-9)


@unhurried
@given(labels)
def test_a_label_agrees_with_itself(read: Read, label: Json) -> None:
    mark = agreement(read(label), read(label))
    assert mark is None or mark == pytest.approx(1, abs=1e-12)
    together = consensus([read(label)] * 3)
    assert together is not None
    assert together.mark is None or together.mark == pytest.approx(1, abs=1e-12)


@unhurried
@given(st.lists(labels, min_size=2, max_size=4), st.randoms(use_true_random=False))
def test_neither_people_nor_jobs_have_an_order(read: Read, given_labels: list[Json], random: Any) -> None:
    def mixed(label: Json) -> Json:
        return {name: label[name] for name in random.sample(sorted(label), len(label))}

    before = consensus([read(label) for label in given_labels])
    after = consensus([read(mixed(label)) for label in random.sample(given_labels, len(given_labels))])
    assert before is not None
    assert after is not None
    assert after.mark == (None if before.mark is None else pytest.approx(before.mark, abs=1e-9))
    assert {name: pytest.approx(marks, abs=1e-9) for name, marks in before.per_category.items()} == after.per_category


@unhurried
@given(labels, labels)
def test_annotations_that_are_no_equals_have_no_order(read: Read, left: Json, right: Json) -> None:
    def reversed_marks(label: Json) -> Json:
        return {
            name: {**answer, "annotations": answer["annotations"][::-1]} if "annotations" in answer else answer
            for name, answer in label.items()
        }

    once = {name: answer for name, answer in left.items() if len(answer.get("annotations", ())) < 2}
    mark, turned = agreement(read(once), read(right)), agreement(read(once), read(reversed_marks(right)))
    assert turned == (None if mark is None else pytest.approx(mark, abs=1e-9))


json_values = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.integers(-9, 9) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
        ["categories", "annotations", "boundingPoly", "normalizedVertices", "point", "points", "polyline", "x", "y", "mid",
         "children", "name", "text", "choice", "orders", "code", "type", "beginOffset", "endOffset", "content"]
    ), inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


@unhurried
@given(
    st.dictionaries(st.sampled_from(["C", "D", "P", "S", "M", "L", "POSE", "E", "OREL", "RANK", "PICK"]), json_values)
)
@pytest.mark.parametrize("input_type", ["IMAGE", "PDF", "VIDEO", "LLM_STATIC"])
def test_whatever_was_stored_is_read(read: Read, input_type: str, root: Json) -> None:
    mark = agreement(read(root, input_type), read(root, input_type))
    assert mark is None or 0 <= mark <= 1


def test_a_reader_of_an_empty_interface_finds_nothing() -> None:
    interface = parse_interface("{}", input_type="IMAGE").interface
    assert interface is not None
    assert LabelReader(interface, input_type="IMAGE").read({"C": RED}).jobs == {}
