import json

import pytest

from labelyard.domain.annotation import annotations_of, every_annotation_of
from labelyard.domain.interface import parse_interface


def content(*keys, children=(), **more):
    return {
        "input": "radio",
        "categories": {key: {"name": key.title(), "children": list(children)} for key in keys},
        **more,
    }


JOBS = {
    "SCENE": {"mlTask": "CLASSIFICATION", "content": content("DAY", "NIGHT", children=["HOW"])},
    "HOW": {"mlTask": "CLASSIFICATION", "content": content("CLEAR", "FOG"), "isChild": True},
    "SAID": {"mlTask": "TRANSCRIPTION"},
    "PICK": {"mlTask": "COMPARISON", "content": {"options": {"WIN": {"name": "Wins"}, "TIE": {"name": "Tie"}}}},
    "ORDER": {"mlTask": "RANKING"},
    "DOC": {"mlTask": "FILE"},
    "BOX": {"mlTask": "OBJECT_DETECTION", "tools": ["rectangle"], "content": content("CAR", "BUS", children=["SAID"])},
    "MASK": {"mlTask": "OBJECT_DETECTION", "tools": ["semantic"], "content": content("LAKE")},
    "DOT": {"mlTask": "OBJECT_DETECTION", "tools": ["marker"], "content": content("TREE")},
}
INTERFACE = parse_interface(json.dumps({"jobs": JOBS}), input_type="NA").interface
P = [{"x": 0.1, "y": 0.1}, {"x": 0.1, "y": 0.4}, {"x": 0.5, "y": 0.4}, {"x": 0.5, "y": 0.1}]
Q = [{"x": 0.2, "y": 0.2}, {"x": 0.3, "y": 0.2}, {"x": 0.3, "y": 0.3}]


def derived(response, input_type, **more):
    more = {"has_resolution": True} | more
    return annotations_of(json.dumps(response), INTERFACE, input_type=input_type, label_id="L", **more)


def box(mid="m", category="CAR", ring=P, **keys):
    return {
        "type": "rectangle",
        "mid": mid,
        "categories": [{"name": category}],
        "boundingPoly": [{"normalizedVertices": ring}],
        "children": {},
        **keys,
    }


def test_answers_of_a_conversation_by_level():
    response = {
        "completion": {"SCENE": {"ext1": {"categories": ["DAY"]}, "a2": {"categories": ["NIGHT", "DAY"]}}},
        "round": {"PICK": {"1": {"code": "WIN", "firstId": "a1", "secondId": "a2"}}},
        "conversation": {"SAID": {"text": "ok"}, "ORDER": {"orders": [{"rank": 1, "elements": ["a1"]}]}},
    }
    found = derived(response, "LLM_STATIC", round_ids=["u1", "u2"], chat_item_ids={"ext1": "a1"})
    assert [(item["__typename"], item["job"], item["annotationValue"], item["chatItemId"]) for item in found] == [
        ("ClassificationAnnotation", "SCENE", {"categories": ["DAY"]}, "a1"),
        ("ClassificationAnnotation", "SCENE", {"categories": ["NIGHT", "DAY"]}, "a2"),
        ("ComparisonAnnotation", "PICK", {"choice": {"code": "WIN", "firstId": "a1", "secondId": "a2"}}, "u2"),
        ("TranscriptionAnnotation", "SAID", {"text": "ok"}, None),
        ("RankingAnnotation", "ORDER", {"orders": [{"rank": 1, "elements": ["a1"]}]}, None),
    ]
    assert all(item["labelId"] == "L" and item["path"] == [] for item in found)
    assert len({item["id"] for item in found}) == 5


def test_ids_are_the_same_each_time_and_differ_between_labels():
    response = {"SCENE": {"categories": [{"name": "DAY"}]}}
    (first,), (second,) = derived(response, "LLM_STATIC"), derived(response, "LLM_STATIC")
    (other,) = annotations_of(json.dumps(response), INTERFACE, input_type="LLM_STATIC", label_id="K")
    assert first == second
    assert first["id"] != other["id"]


@pytest.mark.parametrize(
    "answer",
    [
        {"categories": [{"name": "NIGHT", "children": {"HOW": {"categories": [{"name": "FOG"}]}}}]},
        {"categories": [{"name": "NIGHT"}], "children": {"HOW": {"categories": [{"name": "FOG"}]}}},
    ],
    ids=["in the category", "beside the categories"],
)
def test_a_nested_answer_names_its_way(answer):
    parent, child = derived({"SCENE": answer}, "LLM_RLHF")
    assert (parent["job"], parent["path"]) == ("SCENE", [])
    assert (child["job"], child["path"]) == ("HOW", [[parent["id"], "NIGHT"]])
    assert child["annotationValue"] == {"categories": ["FOG"]}


@pytest.mark.parametrize(
    ("response", "input_type"),
    [
        ({"SAID": {"text": "x"}, "DOC": {"fileId": "f"}}, "LLM_STATIC"),
        ({"PICK": {"choice": {"code": "TIE", "firstId": "a", "secondId": "b"}}}, "LLM_RLHF"),
        ({"SCENE": {"categories": [{"name": "DAY"}]}}, "VIDEO"),
        ({"0": {}, "assetLevel": {"SAID": {"text": "x"}}}, "VIDEO"),
        ({"0": {"SCENE": {"categories": [{"name": "DAY", "confidence": 3}], "isKeyFrame": True}}}, "VIDEO"),
        ({"0": {"BOX": {"annotations": [box(isKeyFrame=False)]}}}, "VIDEO"),
        ({"0": {"BOX": {"annotations": [box(), box()]}}}, "VIDEO"),
        ({"0": {"BOX": {"annotations": [box(score=3)]}}}, "VIDEO"),
        ({"0": {"BOX": {"annotations": [box()]}}, "1": {"BOX": {"annotations": [box(category="BUS")]}}}, "VIDEO"),
        (
            {
                "0": {"BOX": {"annotations": [box()]}},
                "1": {"BOX": {"annotations": [box(isKeyFrame=False)]}},
                "2": {"BOX": {"annotations": [box()]}},
            },
            "VIDEO",
        ),
        ({"0": {"DOC": {"fileId": "f"}}}, "VIDEO"),
        ({"SCENE": {"categories": [{"name": "DAY"}]}}, "GEOSPATIAL"),
        ({"0": {"SAID": {"text": "x"}, "ROTATION_JOB": {"rotation": 90}}}, "VIDEO"),
    ],
    ids=[
        "file of a conversation",
        "comparison of a fixed pair",
        "plain video",
        "about the video",
        "confidence",
        "no key frame first",
        "mid twice",
        "extra key",
        "class changes",
        "box between key frames",
        "file on a frame",
        "map",
        "rotation",
    ],
)
def test_what_clients_could_not_rebuild_is_withheld(response, input_type):
    assert derived(response, input_type) == []


def test_a_video_of_unknown_size_is_withheld():
    response = {"0": {"SAID": {"text": "x"}}}
    assert len(derived(response, "VIDEO")) == 1
    assert derived(response, "VIDEO", has_resolution=False) == []


def test_readers_who_rebuild_nothing_get_all():
    text = json.dumps({"0": {"BOX": {"annotations": [box(score=3, isKeyFrame=False)]}}})
    (found,) = every_annotation_of(text, INTERFACE, input_type="VIDEO", label_id="L")
    assert (found["job"], [key["frame"] for key in found["keyAnnotations"]]) == ("BOX", [0])


def test_objects_of_an_image():
    response = {
        "ANNOTATION_NAMES_JOB": {"m": "Car 1"},
        "BOX": {"annotations": [box(children={"SAID": {"text": "x"}})]},
        "MASK": {
            "annotations": [
                {"type": "semantic", "mid": "s", "categories": [{"name": "LAKE"}], "boundingPoly": boundary}
                for boundary in (
                    [{"normalizedVertices": P}, {"normalizedVertices": Q}],
                    [[{"normalizedVertices": Q}], [{"normalizedVertices": P}]],
                )
            ]
        },
        "DOT": {"annotations": [{"type": "marker", "mid": "t", "categories": [{"name": "TREE"}], "point": P[0]}]},
    }
    car, said, lake, tree = derived(response, "IMAGE")
    assert (car["__typename"], car["name"], car["mid"], car["category"]) == (
        "ObjectDetectionAnnotation",
        "Car 1",
        "m",
        "CAR",
    )
    assert car["annotationValue"] == {"vertices": [[P]], "verticesScalar": [[P]]}
    assert (said["job"], said["path"]) == ("SAID", [[car["id"], "CAR"]])
    assert lake["annotationValue"]["vertices"] == [[P, Q], [Q], [P]]
    assert (lake["name"], lake["category"]) == (None, "LAKE")
    assert tree["annotationValue"]["vertices"] == [[[P[0]]]]


def test_a_tracked_object_has_intervals_and_key_frames():
    moved = [{"x": point["x"] + 0.1, "y": point["y"]} for point in P]
    response = {
        "0": {"BOX": {"annotations": [box(isKeyFrame=True)]}, "ANNOTATION_NAMES_JOB": {"m": "Car 1"}},
        "1": {"BOX": {"annotations": [box(ring=moved, isKeyFrame=True)]}},
        "2": {"BOX": {"annotations": [box(ring=moved, isKeyFrame=False)]}},
        "3": {},
        "4": {"BOX": {"annotations": [box(ring=moved, isKeyFrame=False)]}},
    }
    (found,) = derived(response, "VIDEO")
    assert found["__typename"] == "VideoObjectDetectionAnnotation"
    assert found["frames"] == [{"start": 0, "end": 2}, {"start": 4, "end": 4}]
    assert [
        (key["__typename"], key["frame"], key["annotationValue"]["vertices"]) for key in found["keyAnnotations"]
    ] == [
        ("VideoObjectDetectionKeyAnnotation", 0, [[P]]),
        ("VideoObjectDetectionKeyAnnotation", 1, [[moved]]),
    ]
    assert (found["name"], found["mid"], found["category"], found["path"]) == ("Car 1", "m", "CAR", [])
    assert len({key["id"] for key in found["keyAnnotations"]}) == 2


@pytest.mark.parametrize("input_type", ["IMAGE", "VIDEO", "LLM_STATIC", "PDF"])
def test_an_empty_label_has_none(input_type):
    assert derived({}, input_type) == []
