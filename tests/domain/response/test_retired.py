"""What is left of an answer when the interface has lost jobs or categories."""

import json

import pytest

from labelyard.domain.interface import RemovedName
from labelyard.domain.response import retired_names, retired_of, retired_text, without_retired

GONE = [
    RemovedName("WEATHER", "SUN"),
    RemovedName("OBJ", "CAR"),
    RemovedName("NOTE"),
    RemovedName("MOOD"),
    RemovedName("MOOD", "HAPPY"),
    RemovedName("WORDS", "Ä"),
]
RETIRED = retired_of(retired_text(GONE) or "")


def chosen(*names, **more):
    return {"categories": [{"name": name, "confidence": 100} for name in names], **more}


def thing(name, mid, **more):
    return {"categories": [{"name": name}], "mid": mid, "type": "rectangle", **more}


RAIN = {"WEATHER": chosen("RAIN")}
CASES = {
    "a category": ({"WEATHER": chosen("SUN")}, {}),
    "one of two categories": ({"WEATHER": chosen("SUN", "RAIN")}, RAIN),
    "the category of another job": ({"OTHER": chosen("SUN", "CAR")}, {"OTHER": chosen("SUN", "CAR")}),
    "a category as a text": ({"WEATHER": {"categories": ["SUN", "RAIN"]}}, {"WEATHER": {"categories": ["RAIN"]}}),
    "a job of texts": ({"NOTE": {"text": "x"}, **RAIN}, RAIN),
    "a job of categories": ({"MOOD": chosen("HAPPY"), **RAIN}, RAIN),
    "objects": (
        {"OBJ": {"annotations": [thing("CAR", "a"), thing("BUS", "b")]}},
        {"OBJ": {"annotations": [thing("BUS", "b")]}},
    ),
    "all objects": ({"OBJ": {"annotations": [thing("CAR", "a")]}}, {"OBJ": {"annotations": []}}),
    "a nested job": (
        {"OBJ": {"annotations": [thing("BUS", "b", children={"NOTE": {"text": "x"}, **RAIN})]}},
        {"OBJ": {"annotations": [thing("BUS", "b", children=RAIN)]}},
    ),
    "a nested category": (
        {"OTHER": {"categories": [{"name": "X", "children": {"WEATHER": chosen("SUN")}}]}},
        {"OTHER": {"categories": [{"name": "X", "children": {}}]}},
    ),
    "a nested job of a point": (
        {
            "POSE": {
                "annotations": [{"mid": "p", "categories": ["H"], "points": [{"code": "E", "children": {"NOTE": {}}}]}]
            }
        },
        {"POSE": {"annotations": [{"mid": "p", "categories": ["H"], "points": [{"code": "E", "children": {}}]}]}},
    ),
    "relations of objects that go": (
        {
            "OBJ": {"annotations": [thing("CAR", "a"), thing("BUS", "b"), thing("BUS", "c")]},
            "REL": {
                "annotations": [
                    {"mid": "r", "categories": ["R"], "startObjects": [{"mid": "a"}], "endObjects": [{"mid": "b"}]},
                    {"mid": "s", "categories": ["R"], "startObjects": [{"mid": "b"}], "endObjects": [{"mid": "c"}]},
                ]
            },
        },
        {
            "OBJ": {"annotations": [thing("BUS", "b"), thing("BUS", "c")]},
            "REL": {
                "annotations": [
                    {"mid": "s", "categories": ["R"], "startObjects": [{"mid": "b"}], "endObjects": [{"mid": "c"}]}
                ]
            },
        },
    ),
    "frames": (
        {"0": {"OBJ": {"annotations": [thing("CAR", "a")]}}, "1": {"WEATHER": chosen("SUN")}, "2": {}},
        {"0": {"OBJ": {"annotations": []}}, "1": {}, "2": {}},
    ),
    "a whole video": ({"assetLevel": {"NOTE": {"text": "x"}, **RAIN}}, {"assetLevel": RAIN}),
    "pages": (
        {"WEATHER": {"1": chosen("SUN"), "2": chosen("RAIN")}},
        {"WEATHER": {"2": chosen("RAIN")}},
    ),
    "items of a conversation": ({"WEATHER": {"item-1": chosen("SUN")}}, {}),
    "an escaped name": (
        '{"WORDS": {"annotations": [{"categories": [{"name": "\\u00c4"}]}]}}',
        {"WORDS": {"annotations": []}},
    ),
    "technical entries": (
        {"ANNOTATION_JOB_COUNTER": {"OBJ": {"CAR": 1}}, "ROTATION_JOB": {"rotation": 90}, "WEATHER": chosen("SUN")},
        {"ANNOTATION_JOB_COUNTER": {"OBJ": {"CAR": 1}}, "ROTATION_JOB": {"rotation": 90}},
    ),
}


@pytest.mark.parametrize(("response", "expected"), CASES.values(), ids=CASES)
def test_what_the_interface_lost_is_left_out(response, expected):
    text = response if isinstance(response, str) else json.dumps(response)
    read = json.loads(without_retired(text, RETIRED))
    assert read == expected
    assert without_retired(json.dumps(read), RETIRED) == json.dumps(read)


def test_a_text_without_such_names_is_the_same_text():
    text = '{ "WEATHER":{"categories":[{"name":"RAIN","confidence":1.50}]}, "n": 12345678901234567890123 }'
    assert without_retired(text, RETIRED) is text
    text = '{"WEATHER": {"categories": [{"name": "RAIN"}]}, "OTHER": {"text": "SUN CAR NOTE \\u00c4"}}'
    assert without_retired(text, RETIRED) == text


def test_names_are_stored_as_they_are():
    assert retired_names(retired_text(GONE)) == GONE
    assert retired_text([]) is None
    assert retired_names(None) == []
