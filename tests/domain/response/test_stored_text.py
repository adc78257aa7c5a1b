import json

import pytest

from labelyard.domain.response import AssetFacts

RING = [{"x": 0.1, "y": 0.1}, {"x": 0.1, "y": 0.4}, {"x": 0.5, "y": 0.4}, {"x": 0.5, "y": 0.1}]
BOX = {"categories": [{"name": "CAR"}], "boundingPoly": [{"normalizedVertices": RING}]}


@pytest.mark.parametrize("label_type", ["DEFAULT", "PREDICTION"])
def test_a_complete_label_is_stored_as_sent_byte_for_byte(label_type, projects):
    text = ' {"WEATHER" : {"categories":[{"name":"SUN","confidence":1.50}]},\n "NOTE":{"text":"\\u00e9t\\u00e9 \\/"} } '
    checked = projects["img"].check(text, label_type=label_type)
    assert checked.errors == ()
    assert checked.text == text


@pytest.mark.parametrize("extra", [{}, {"polyline": [], "unknown": {"a": 1}}], ids=["plain", "with other keys"])
@pytest.mark.parametrize("mid", [{}, {"mid": None}], ids=["absent", "null"])
def test_a_missing_mid_is_minted_in_order(mid, extra, projects):
    boxes = [BOX | mid | extra, {**BOX, "mid": "own"}, BOX | mid]
    checked = projects["img"].check({"OBJ": {"comment": "z", "annotations": boxes}}, label_type="PREDICTION")
    stored = json.loads(checked.text)
    assert [box["mid"] for box in stored["OBJ"]["annotations"]] == ["minted-1", "own", "minted-2"]
    assert list(stored["OBJ"]) == ["comment", "annotations"]
    assert [{**box, "mid": 0} for box in stored["OBJ"]["annotations"]] == [{**box, "mid": 0} for box in boxes]


def test_relations_and_entities_get_a_mid_too(projects):
    words = {"beginOffset": 0, "content": "Ada", "categories": [{"name": "NAME"}]}
    stored = json.loads(projects["txt"].check({"ENT": {"annotations": [words]}}).text)
    assert stored["ENT"]["annotations"] == [words | {"mid": "minted-1"}]


def test_a_null_confidence_is_dropped(projects):
    response = {"WEATHER": {"categories": [{"name": "SUN", "confidence": None, "x": None}]}, "A b": None}
    checked = projects["img"].check(response)
    assert checked.text == '{"WEATHER":{"categories":[{"name":"SUN","x":null}]},"A b":null}'


def test_nothing_is_completed_in_a_refused_label(projects):
    text = json.dumps({"OBJ": {"annotations": [BOX]}, "NO": {}})
    checked = projects["img"].check(text)
    assert [problem.code for problem in checked.errors] == ["UNKNOWN_JOB"]
    assert checked.text == text


DAY = {"SCENE": {"categories": [{"name": "DAY"}]}}


@pytest.mark.parametrize(
    ("response", "frames", "stored"),
    [
        ({"2": DAY, "0": {}}, None, {"0": {}, "1": {}, "2": DAY}),
        ({"1": DAY}, 4, {"0": {}, "1": DAY, "2": {}, "3": {}}),
        (
            {"assetLevel": {"SAID": {"text": "x"}}, "1": {}},
            None,
            {"0": {}, "1": {}, "assetLevel": {"SAID": {"text": "x"}}},
        ),
        ({"0": {}, "1": None}, None, {"0": {}, "1": {}}),
        ({"0": {}, "200000": DAY}, 2, {"0": {}, "1": {}, "200000": DAY}),
    ],
    ids=["gap and order", "up to the last of the asset", "whole video last", "null frame", "beyond what is filled"],
)
def test_a_video_is_stored_with_every_frame_in_order(response, frames, stored, projects):
    checked = projects["vid"].check(response, asset=AssetFacts(frames=frames))
    assert checked.errors == ()
    assert list(json.loads(checked.text).items()) == list(stored.items())


@pytest.mark.parametrize(
    "response",
    [{}, {"0": {}, "1": DAY, "2": {}}, {"assetLevel": {"SAID": {"text": "x"}}}, DAY, {"assetLevel": {}, "0": {}}],
    ids=["nothing", "every frame", "no frame", "plain form", "other keys first"],
)
def test_a_complete_video_is_stored_as_sent(response, projects):
    text = json.dumps(response)
    assert projects["vid"].check(text, asset=AssetFacts()).text == text


def test_a_frame_number_cannot_blow_a_label_up(projects):
    checked = projects["vid"].check({"999999999": DAY}, asset=AssetFacts())
    assert json.loads(checked.text) == {"999999999": DAY}
    assert [(problem.code, problem.path) for problem in checked.warnings] == [("FRAME_OUT_OF_RANGE", "999999999")]
