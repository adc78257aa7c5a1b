"""Annotations there and back: what is sent becomes a label that the product's own validator takes, and is answered as it was sent."""

import contextlib
import itertools
from collections.abc import Callable
from datetime import UTC, datetime

import orjson
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from labelyard.domain.door.fastlabel.annotation_class import ClassRecord, Ontology, ontology_of
from labelyard.domain.door.fastlabel.annotation_read import annotations_in, attributes_in
from labelyard.domain.door.fastlabel.annotation_write import attributes_label_of, label_of
from labelyard.domain.door.fastlabel.class_edit import sent_class, with_class, with_whole_file_class
from labelyard.domain.door.fastlabel.file import File, Picture
from labelyard.domain.door.fastlabel.geometry import Size
from labelyard.domain.door.fastlabel.project_type import Kind
from labelyard.domain.door.fastlabel.unseen import joined, without_shown
from labelyard.domain.error import BadUserInput
from labelyard.domain.interface import parse_interface
from labelyard.domain.response import AssetFacts, compile_validator

ATTRIBUTES = [
    {"key": "note", "name": "Note", "type": "text"},
    {
        "key": "kind",
        "name": "Kind",
        "type": "select",
        "options": [{"title": "A", "value": "a"}, {"title": "B", "value": "b"}],
    },
    {
        "key": "side",
        "name": "Side",
        "type": "radio",
        "options": [{"title": "L", "value": "l"}, {"title": "R", "value": "r"}],
    },
    {
        "key": "parts",
        "name": "Parts",
        "type": "checkbox",
        "options": [{"title": str(n), "value": str(n)} for n in range(4)],
    },
    {"key": "seen", "name": "Seen", "type": "switch"},
    {"key": "speed", "name": "Speed", "type": "number"},
]
POINTS = [
    {"key": "nose", "name": "Nose", "color": "#FF0000", "edges": ["left", "right"]},
    {"key": "left", "name": "Left eye", "color": "#00FF00", "edges": ["nose"]},
    {"key": "right", "name": "Right eye", "color": "#0000FF", "edges": ["nose"]},
]
DRAWN = ("bbox", "polygon", "keypoint", "line", "segmentation", "pose_estimation", "circle")
NOW = datetime(2026, 1, 1, tzinfo=UTC)
SIZES = st.builds(Size, st.integers(1, 20_000), st.integers(1, 20_000))


def ontology(*kinds: str, is_text: bool = False, is_audio: bool = False) -> tuple[dict, Ontology]:
    """An interface with a class of each kind, of the value `<kind>-class`, and its classes."""
    interface: dict = {"jobs": {}}
    records: list[ClassRecord] = []
    for kind in kinds:
        body = {
            "value": f"{kind}-class",
            "title": f"A {kind}",
            "color": "#123456",
            "attributes": ATTRIBUTES,
            "maxAreaCount": None,
            **({"keypoints": POINTS} if kind == "pose_estimation" else {}),
        }
        known = ontology_of(interface, records)
        if kind == "classification":
            edited = with_whole_file_class(interface, known, sent_class({"attributes": ATTRIBUTES}))
        else:
            edited = with_class(interface, known, Kind(kind), sent_class(body), is_text=is_text, is_audio=is_audio)
        interface = edited.interface
        records.append(ClassRecord(f"c{len(records)}", edited.job, edited.category, edited.details, NOW, NOW))
    return interface, ontology_of(interface, records)


def mint() -> Callable[[], str]:
    numbers = itertools.count()
    return lambda: f"mid-{next(numbers)}"


def check(interface: dict, root: dict, input_type: str, *, text: str | None = None, frames: int | None = None) -> dict:
    """The label as it is stored, after the check that every label of people passes."""
    report = parse_interface(orjson.dumps(interface).decode(), input_type=input_type)
    assert report.errors == ()
    checked = compile_validator(report.interface, input_type=input_type).check(
        orjson.dumps(root).decode(),
        label_type="DEFAULT",
        strict=False,
        asset=AssetFacts(text=text, pages=None, frames=frames, chat_items=None, rounds=None),
        mint=mint(),
    )
    assert checked.errors == ()
    return orjson.loads(checked.text)


WORDS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), min_size=1, max_size=12)


@st.composite
def attributes(draw):
    """Some attributes with values, in any order, as they are answered."""
    values = {
        "note": WORDS,
        "kind": st.sampled_from("ab"),
        "side": st.sampled_from("lr"),
        "parts": st.lists(st.sampled_from("0123"), min_size=1, unique=True),
        "seen": st.booleans(),
        "speed": st.integers(-1000, 1000) | st.floats(-1000, 1000) | WORDS | st.lists(st.integers(0, 9), min_size=1),
    }
    chosen = draw(st.lists(st.sampled_from(ATTRIBUTES), unique_by=lambda one: one["key"]))
    return [
        {"key": one["key"], "name": one["name"], "type": one["type"], "value": draw(values[one["key"]])}
        for one in chosen
    ]


@st.composite
def drawn(draw, kind: str, size: Size, *, whole: bool = True):
    """The geometry of an annotation of a kind within a picture."""

    def number(most: int):
        return draw(
            st.integers(0, most) if whole else st.integers(0, most * 100).map(lambda hundredths: hundredths / 100)
        )

    def place():
        return [number(size.width), number(size.height)]

    match kind:
        case "bbox":
            left, top = place()
            return {"points": [left, top, round(left + number(size.width), 2), round(top + number(size.height), 2)]}
        case "circle":
            return {"points": [*place(), number(99) + 1]}
        case "polygon":
            points = [number for _ in range(draw(st.integers(3, 8))) for number in place()]
            # A last point that repeats the first says nothing.
            assume(points[:2] != points[-2:])
            return {"points": points}
        case "line":
            return {"points": [number for _ in range(draw(st.integers(2, 8))) for number in place()]}
        case "keypoint":
            return {"points": place()}
        case "segmentation":
            return {"points": [draw(region(size)) for _ in range(draw(st.integers(1, 3)))]}
        case _:
            keys = draw(st.lists(st.sampled_from(POINTS), unique_by=lambda one: one["key"]))
            named = [
                {
                    "key": one["key"],
                    "name": one["name"],
                    "edges": one["edges"],
                    "value": [*place(), draw(st.integers(0, 1))],
                }
                for one in keys
            ]
            return {"points": [], "keypoints": named}


@st.composite
def region(draw, size: Size):
    """A box clockwise on screen, with holes the other way round; each begins at any of its corners."""
    rings = []
    for index in range(draw(st.integers(1, 3))):
        left, top = draw(st.integers(0, size.width - 1)), draw(st.integers(0, size.height - 1))
        right, bottom = draw(st.integers(left + 1, size.width)), draw(st.integers(top + 1, size.height))
        corners = [[left, top], [right, top], [right, bottom], [left, bottom]]
        if index:
            corners.reverse()
        start = draw(st.integers(0, 3))
        corners = [*corners[start:], *corners[:start]]
        rings.append([number for corner in [*corners, corners[0]] for number in corner])
    return rings


def answered(one: dict, order: int) -> dict:
    """An annotation as it is answered after it was sent."""
    kind = one["type"]
    return {
        "id": f"mid-{order}",
        "title": f"A {kind}",
        "color": "#123456",
        "points": [],
        "rotation": 0,
        "keypoints": [],
        "confidenceScore": -1,
        **one,
    }


IMAGE, IMAGES = ontology(*DRAWN)


@st.composite
def image_annotations(draw, *, whole: bool = True):
    """A picture and annotations of it."""
    size = draw(SIZES)
    kinds = draw(st.lists(st.sampled_from(DRAWN), max_size=5))
    listed = [
        {
            "type": kind,
            "value": f"{kind}-class",
            "attributes": draw(attributes()),
            **draw(drawn(kind, size, whole=whole)),
        }
        for kind in kinds
    ]
    return size, listed


@given(image_annotations())
def test_whole_pixels_come_back_exactly(example):
    size, sent = example
    written = label_of(sent, IMAGES, File(size), mint())
    stored = check(IMAGE, written.root, "IMAGE")
    assert annotations_in(stored, IMAGES, File(size), is_by_model=False) == [
        answered(one, order) for order, one in enumerate(sent)
    ]
    assert list(written.mids) == [f"mid-{order}" for order in range(len(sent))]


@given(image_annotations(whole=False))
def test_hundredths_of_pixels_come_back_exactly(example):
    size, sent = example
    stored = check(IMAGE, label_of(sent, IMAGES, File(size), mint()).root, "IMAGE")
    assert annotations_in(stored, IMAGES, File(size), is_by_model=False) == [
        answered(one, order) for order, one in enumerate(sent)
    ]


@given(image_annotations())
def test_what_was_answered_can_be_written_again(example):
    size, sent = example
    file = File(size)
    once = annotations_in(label_of(sent, IMAGES, file, mint()).root, IMAGES, file, is_by_model=False)
    twice = annotations_in(label_of(once, IMAGES, file, mint()).root, IMAGES, file, is_by_model=False)
    assert twice == once


@given(SIZES, st.integers(1, 300), st.integers(1, 300), st.integers(-359, 359))
def test_a_turned_box_comes_back_with_its_rotation(size, width, height, rotation):
    sent = [{"type": "bbox", "value": "bbox-class", "points": [10, 20, 10 + width, 20 + height], "rotation": rotation}]
    stored = check(IMAGE, label_of(sent, IMAGES, File(size), mint()).root, "IMAGE")
    (one,) = annotations_in(stored, IMAGES, File(size), is_by_model=False)
    assert (one["points"], one["rotation"]) == (sent[0]["points"], rotation)


@given(st.floats(0, 1), SIZES)
def test_a_confidence_comes_back(score, size):
    sent = [{"type": "keypoint", "value": "keypoint-class", "points": [1, 1], "confidenceScore": score}]
    written = label_of(sent, IMAGES, File(size), mint())
    (one,) = annotations_in(written.root, IMAGES, File(size), is_by_model=True)
    assert written.is_scored
    assert one["confidenceScore"] == score


VIDEO, VIDEOS = ontology("bbox", "keypoint", "line", "polygon", "segmentation")


@given(st.data(), SIZES)
def test_frames_count_from_one_and_come_back(data, size):
    kinds = data.draw(st.lists(st.sampled_from(("bbox", "keypoint", "line", "segmentation")), max_size=3))
    sent = []
    for kind in kinds:
        frames = data.draw(st.lists(st.integers(1, 50), min_size=1, max_size=5, unique=True))
        points = {
            str(frame): {"value": data.draw(drawn(kind, size))["points"], "autogenerated": data.draw(st.booleans())}
            for frame in sorted(frames)
        }
        sent.append({"type": kind, "value": f"{kind}-class", "attributes": data.draw(attributes()), "points": points})
    file = File(size, frames=50, is_video=True)
    stored = check(VIDEO, label_of(sent, VIDEOS, file, mint()).root, "VIDEO", frames=50)
    assert set(stored) == ({str(frame) for frame in range(50)} if sent else set())
    assert annotations_in(stored, VIDEOS, file, is_by_model=False) == [
        answered(one, order) for order, one in enumerate(sent)
    ]


@given(st.data(), SIZES)
def test_pictures_of_a_sequence_are_named(data, size):
    kinds = data.draw(st.lists(st.sampled_from(("bbox", "polygon", "segmentation")), max_size=4))
    names = ("1.png", "2.png", "3.png")
    sent = [
        {
            "type": kind,
            "value": f"{kind}-class",
            "attributes": [],
            "content": data.draw(st.sampled_from(names)),
            **data.draw(drawn(kind, size)),
        }
        for kind in kinds
    ]
    file = File(frames=3, contents=[Picture(name, size) for name in names], is_video=True)
    stored = check(VIDEO, label_of(sent, VIDEOS, file, mint()).root, "VIDEO", frames=3)
    assert annotations_in(stored, VIDEOS, file, is_by_model=False) == [
        answered(one, order) for order, one in enumerate(sent)
    ]


TEXT, TEXTS = ontology("ner", is_text=True)


@given(st.data(), WORDS.map(lambda text: text * 5))
def test_entities_come_back(data, text):
    sent = []
    for _ in range(data.draw(st.integers(0, 4))):
        start = data.draw(st.integers(0, len(text) - 1))
        end = data.draw(st.integers(start + 1, len(text)))
        sent.append(
            {"type": "ner", "value": "ner-class", "attributes": [], "start": start, "end": end, "text": text[start:end]}
        )
    file = File(text=text)
    stored = check(TEXT, label_of(sent, TEXTS, file, mint()).root, "TEXT", text=text)
    assert annotations_in(stored, TEXTS, file, is_by_model=False) == [
        answered(one, order) for order, one in enumerate(sent)
    ]


AUDIO, SOUNDS = ontology("segmentation", is_audio=True)


@given(st.lists(st.tuples(st.floats(0, 1000), st.floats(0, 1000)).map(sorted), max_size=5))
def test_segments_of_a_sound_come_back(intervals):
    sent = [
        {"type": "segmentation", "value": "segmentation-class", "attributes": [], "start": start, "end": end}
        for start, end in intervals
    ]
    file = File(is_audio=True)
    stored = check(AUDIO, label_of(sent, SOUNDS, file, mint()).root, "AUDIO")
    assert annotations_in(stored, SOUNDS, file, is_by_model=False) == [
        answered(one, order) for order, one in enumerate(sent)
    ]


QUESTIONS, QUESTION = ontology("classification")


@pytest.mark.parametrize("is_video", [False, True])
@given(attributes())
def test_attributes_of_a_file_come_back(is_video, sent):
    file = File(is_video=is_video, frames=3 if is_video else None)
    input_type = "VIDEO" if is_video else "TEXT"
    stored = check(QUESTIONS, attributes_label_of(sent, QUESTION, file), input_type, frames=file.frames)
    assert attributes_in(stored, QUESTION, file) == sent


def test_a_polygon_of_the_store_that_was_a_circle_is_read_by_its_corners_once_it_is_edited():
    size = Size(100, 100)
    written = label_of(
        [{"type": "circle", "value": "circle-class", "points": [50, 50, 20]}], IMAGES, File(size), mint()
    )
    ring = written.root["CIRCLE"]["annotations"][0]["boundingPoly"][0]
    ring["normalizedVertices"] = [{"x": point["x"] + 0.1, "y": point["y"]} for point in ring["normalizedVertices"]]
    (one,) = annotations_in(written.root, IMAGES, File(size), is_by_model=False)
    assert one["points"] == [60, 50, 20]


def test_a_box_that_was_moved_upright_has_no_rotation_any_more():
    size = Size(100, 100)
    sent = [{"type": "bbox", "value": "bbox-class", "points": [10, 10, 30, 20], "rotation": 45}]
    written = label_of(sent, IMAGES, File(size), mint())
    corners = [(0.1, 0.4), (0.1, 0.2), (0.5, 0.2), (0.5, 0.4)]
    box = written.root["BBOX"]["annotations"][0]
    box["boundingPoly"] = [{"normalizedVertices": [{"x": x, "y": y} for x, y in corners]}]
    (one,) = annotations_in(written.root, IMAGES, File(size), is_by_model=False)
    assert (one["points"], one["rotation"]) == ([10, 20, 50, 40], 0)


def test_a_box_that_another_door_turned_is_answered_with_its_angle():
    size = Size(100, 100)
    corners = [(0.5, 0.6), (0.4, 0.5), (0.5, 0.4), (0.6, 0.5)]
    root = {
        "BBOX": {
            "annotations": [
                {
                    "mid": "m",
                    "type": "rectangle",
                    "categories": [{"name": "bbox-class"}],
                    "boundingPoly": [{"normalizedVertices": [{"x": x, "y": y} for x, y in corners]}],
                }
            ]
        }
    }
    (one,) = annotations_in(root, IMAGES, File(size), is_by_model=False)
    assert (one["points"], one["rotation"]) == ([42.93, 42.93, 57.07, 57.07], -45)


REFUSED = {
    "an unknown value": ({"type": "bbox", "value": "dog"}, "'dog' is no class"),
    "another type than the class has": ({"type": "polygon", "value": "bbox-class"}, "whose type is bbox"),
    "no object": ("box", "is an object"),
    "three numbers": ({"type": "bbox", "value": "bbox-class", "points": [1, 2, 3]}, "2 pairs of x and y"),
    "a box the wrong way round": ({"type": "bbox", "value": "bbox-class", "points": [9, 9, 1, 1]}, "top left then"),
    "text for a number": ({"type": "line", "value": "line-class", "points": [1, "2", 3, 4]}, "points[1] is a number"),
    "true for a number": ({"type": "keypoint", "value": "keypoint-class", "points": [True, 2]}, "is a number"),
    "a circle without a radius": ({"type": "circle", "value": "circle-class", "points": [1, 2, 0]}, "above 0"),
    "an unknown attribute": (
        {"type": "keypoint", "value": "keypoint-class", "points": [1, 2], "attributes": [{"key": "age", "value": "1"}]},
        "'age' is no attribute here",
    ),
    "an unknown option": (
        {
            "type": "keypoint",
            "value": "keypoint-class",
            "points": [1, 2],
            "attributes": [{"key": "kind", "value": "z"}],
        },
        "one of a, b, not 'z'",
    ),
    "an unknown key point": (
        {
            "type": "pose_estimation",
            "value": "pose_estimation-class",
            "keypoints": [{"key": "toe", "value": [1, 2, 1]}],
        },
        "'toe' is no key point",
    ),
    "a mask without a region": ({"type": "segmentation", "value": "segmentation-class", "points": []}, "one region"),
}


@pytest.mark.parametrize(("sent", "said"), REFUSED.values(), ids=REFUSED)
def test_what_does_not_fit_is_refused_by_name(sent, said):
    with pytest.raises(BadUserInput) as refused:
        label_of([sent], IMAGES, File(Size(100, 100)), mint())
    assert said in refused.value.message


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["key", "value", "1", "points", "x"]), inner)
    ),
    max_leaves=12,
)


@given(
    st.sampled_from([*DRAWN, "ner"]),
    st.fixed_dictionaries(
        {}, optional=dict.fromkeys(("points", "rotation", "keypoints", "attributes", "start", "end"), JSON)
    ),
    st.sampled_from([File(Size(10, 10)), File(Size(10, 10), is_video=True), File(), File(is_audio=True)]),
)
def test_any_value_is_taken_or_refused(kind, sent, file):
    with contextlib.suppress(BadUserInput):
        label_of([{"type": kind, "value": f"{kind}-class", **sent}], IMAGES, file, mint())


@given(JSON)
def test_any_label_is_read(root):
    for file in (File(Size(10, 10)), File(Size(10, 10), is_video=True)):
        annotations_in(root, IMAGES, file, is_by_model=True)


def test_answers_of_jobs_without_a_class_are_left_out_and_kept():
    interface, classes = ontology("bbox")
    interface["jobs"]["LINKS"] = {"mlTask": "OBJECT_RELATION", "content": {"categories": {"NEAR": {"name": "Near"}}}}
    link = {"LINKS": {"annotations": [{"mid": "l", "categories": [{"name": "NEAR"}]}]}}
    file = File(Size(100, 100))
    sent = [{"type": "bbox", "value": "bbox-class", "points": [1, 2, 3, 4]}]
    before = {**label_of(sent, classes, file, mint()).root, **link}
    hidden = without_shown(before, classes, file, only_whole_file=False)
    assert hidden == link
    moved = label_of([{**sent[0], "points": [5, 6, 7, 8]}], classes, file, mint()).root
    assert joined(hidden, moved) == {**link, **moved}
    assert [one["points"] for one in annotations_in(joined(hidden, moved), classes, file, is_by_model=False)] == [
        [5, 6, 7, 8]
    ]
