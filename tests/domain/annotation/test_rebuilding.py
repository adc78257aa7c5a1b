"""Released clients (2.156 to 26.1) rebuild the answers of videos from the annotations, by the rules followed here.

Where annotations are given, rebuilding must return the stored answers.
"""

import copy
import json

from hypothesis import given, settings
from hypothesis import strategies as st

from labelyard.domain.annotation import annotations_of
from labelyard.domain.interface import parse_interface

RING = [{"x": 0.1, "y": 0.1}, {"x": 0.1, "y": 0.4}, {"x": 0.5, "y": 0.4}]
OTHER = [{"x": 0.2, "y": 0.1}, {"x": 0.3, "y": 0.4}, {"x": 0.6, "y": 0.4}]


def content(*keys, children=(), **more):
    return {"input": "checkbox", "categories": {key: {"name": key, "children": list(children)} for key in keys}, **more}


JOBS = {
    "SCENE": {"mlTask": "CLASSIFICATION", "content": content("DAY", "NIGHT", children=["HOW"])},
    "HOW": {"mlTask": "CLASSIFICATION", "isChild": True, "content": content("CLEAR", "FOG", children=["SAID"])},
    "SAID": {"mlTask": "TRANSCRIPTION"},
    "SHAPE": {"mlTask": "OBJECT_DETECTION", "tools": ["polygon"], "content": content("A", children=["HOW", "SAID"])},
    "MASK": {"mlTask": "OBJECT_DETECTION", "tools": ["semantic"], "content": content("A")},
    "DOT": {"mlTask": "OBJECT_DETECTION", "tools": ["marker"], "content": content("A")},
}
INTERFACE = parse_interface(json.dumps({"jobs": JOBS}), input_type="VIDEO").interface


def rebuild(annotations):
    frames = {}
    for item in annotations:
        if not item["path"]:
            for frame, answer in shown(item, annotations).items():
                if "annotations" in answer:
                    frames.setdefault(frame, {}).setdefault(item["job"], {"annotations": []})
                    frames[frame][item["job"]]["annotations"] += answer["annotations"]
                else:
                    frames.setdefault(frame, {})[item["job"]] = answer
    return {str(frame): frames.get(frame, {}) for frame in range(max(frames, default=-1) + 1)}


def shown(item, annotations):
    keys = {key["frame"]: key["annotationValue"] for key in item["keyAnnotations"]}
    children = [other for other in annotations if other["path"][:-1] == item["path"] != other["path"]]
    children = [child for child in children if child["path"][-1][0] == item["id"]]
    below = {child["job"]: (child["path"][-1][1], shown(child, annotations)) for child in children}
    answers = {}
    for interval in item["frames"]:
        for frame in range(interval["start"], interval["end"] + 1):
            value = keys[max(key for key in keys if key <= frame)]
            nested = {job: (opener, by_frame[frame]) for job, (opener, by_frame) in below.items() if frame in by_frame}
            answers[frame] = answer_of(item, value, nested) | {"isKeyFrame": frame in keys}
            if "mid" in item:
                answers[frame] = {"annotations": [answers[frame]]}
    return answers


def answer_of(item, value, nested):
    if "mid" in item:
        (part,) = value["vertices"]
        tool = JOBS[item["job"]]["tools"][0]
        geometry = (
            {"point": part[0][0]} if tool == "marker" else {"boundingPoly": [{"normalizedVertices": r} for r in part]}
        )
        children = {job: answer for job, (_, answer) in nested.items()}
        head = {"mid": item["mid"], "type": tool, "categories": [{"name": item["category"]}], "children": children}
        return head | geometry
    if "text" in value:
        return dict(value)
    categories = []
    for name in value["categories"]:
        children = {job: answer for job, (opener, answer) in nested.items() if opener == name}
        categories.append({"name": name, "children": children} if children else {"name": name})
    return {"categories": categories}


@st.composite
def held(draw, values, count):
    """Frames to (value, is key): a value stays until the next key frame, unless something spoils it."""
    frames = sorted(draw(st.sets(st.integers(0, count - 1), min_size=1)))
    found, value = {}, None
    for frame in frames:
        is_key = value is None or draw(st.booleans())
        if is_key or draw(st.integers(0, 15)) == 0:
            value = draw(values)
        found[frame] = (copy.deepcopy(value), is_key)
    return found


nested = st.sampled_from(
    [
        {},
        {"SAID": {"text": "x"}},
        {"HOW": {"categories": [{"name": "FOG"}]}},
        {"HOW": {"categories": [{"name": "FOG", "children": {"SAID": {"text": "y"}}}]}},
    ]
)
scenes = st.sampled_from([["DAY"], ["NIGHT"], ["DAY", "NIGHT"]])


def flagged(children, is_key):
    for answer in children.values():
        answer["isKeyFrame"] = is_key
        for item in answer.get("categories", ()):
            flagged(item.get("children", {}), is_key)
    return children


@st.composite
def videos(draw):
    count = draw(st.integers(1, 6))
    frames = [{} for _ in range(count)]
    for frame, (text, is_key) in draw(held(st.sampled_from(["a", "b"]), count)).items():
        frames[frame]["SAID"] = {"text": text, "isKeyFrame": is_key}
    for frame, ((names, children), is_key) in draw(held(st.tuples(scenes, nested), count)).items():
        categories = [{"name": name} for name in names]
        if children:
            categories[0]["children"] = flagged(children, is_key)
        frames[frame]["SCENE"] = {"categories": categories, "isKeyFrame": is_key}
    shapes = {
        "SHAPE": [{"boundingPoly": [{"normalizedVertices": ring}]} for ring in (RING, OTHER)],
        "MASK": [
            {"boundingPoly": [{"normalizedVertices": ring} for ring in rings]} for rings in ([RING], [OTHER, RING])
        ],
        "DOT": [{"point": point} for point in RING[:2]],
    }
    for job, geometries in shapes.items():
        for number in range(draw(st.integers(0, 2))):
            values = st.tuples(st.sampled_from(geometries), nested if job == "SHAPE" else st.just({}))
            for frame, ((geometry, children), is_key) in draw(held(values, count)).items():
                item = {"mid": f"{job}{number}", "type": JOBS[job]["tools"][0], "categories": [{"name": "A"}]}
                item |= {"children": flagged(children, is_key), "isKeyFrame": is_key} | geometry
                frames[frame].setdefault(job, {"annotations": []})["annotations"].append(item)
    return {str(frame): answers for frame, answers in enumerate(frames)}


def comparable(frames):
    """Without empty frames at the end, and with objects in the order of their mid."""
    frames = copy.deepcopy(frames)
    while frames and not frames[str(len(frames) - 1)]:
        del frames[str(len(frames) - 1)]
    for answers in frames.values():
        for answer in answers.values():
            answer.get("annotations", []).sort(key=lambda item: item["mid"])
    return frames


@settings(max_examples=500, deadline=None)
@given(videos())
def test_given_annotations_rebuild_to_the_stored_answers(video):
    annotations = annotations_of(json.dumps(video), INTERFACE, input_type="VIDEO", label_id="L", has_resolution=True)
    if annotations:
        assert comparable(rebuild(annotations)) == comparable(video)


def test_an_ordinary_video_is_given_its_annotations():
    shape = {
        "mid": "s",
        "type": "polygon",
        "categories": [{"name": "A"}],
        "boundingPoly": [{"normalizedVertices": RING}],
    }
    video = {
        "0": {
            "SHAPE": {
                "annotations": [{**shape, "isKeyFrame": True, "children": {"SAID": {"text": "x", "isKeyFrame": True}}}]
            },
            "ANNOTATION_JOB_COUNTER": {"SHAPE": {"A": 1}},
            "ANNOTATION_NAMES_JOB": {"s": "A 1"},
        },
        "1": {
            "SHAPE": {
                "annotations": [
                    {**shape, "isKeyFrame": False, "children": {"SAID": {"text": "x", "isKeyFrame": False}}}
                ]
            },
            "SCENE": {"categories": [{"name": "DAY"}], "isKeyFrame": True, "annotations": []},
        },
        "2": {},
    }
    annotations = annotations_of(json.dumps(video), INTERFACE, input_type="VIDEO", label_id="L", has_resolution=True)
    assert [(item["job"], len(item["path"])) for item in annotations] == [("SHAPE", 0), ("SAID", 1), ("SCENE", 0)]
