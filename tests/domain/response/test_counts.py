import pytest

RING = [{"x": 0.1, "y": 0.1}, {"x": 0.1, "y": 0.4}, {"x": 0.5, "y": 0.4}, {"x": 0.5, "y": 0.1}]


def box(mid, category="CAR", **keys):
    return {"mid": mid, "categories": [{"name": category}], "boundingPoly": [{"normalizedVertices": RING}], **keys}


SUN = {"WEATHER": {"categories": [{"name": "SUN"}]}}
CASES = {
    "nothing": ("img", {}, 0, {}),
    "empty answers": ("img", {"TAGS": {"categories": []}, "NOTE": {"text": ""}, "OBJ": {"annotations": []}}, 0, {}),
    "a choice of two": (
        "img",
        {"TAGS": {"categories": [{"name": "NIGHT"}, {"name": "BLUR"}]}},
        1,
        {"TAGS.NIGHT": 1, "TAGS.BLUR": 1},
    ),
    "nested": (
        "img",
        {"WEATHER": {"categories": [{"name": "RAIN", "children": {"INTENSITY": {"categories": [{"name": "LOW"}]}}}]}},
        2,
        {"WEATHER.RAIN": 1, "INTENSITY.LOW": 1},
    ),
    "technical entries": ("img", SUN | {"ANNOTATION_JOB_COUNTER": {"OBJ": {"CAR": 4}}}, 1, {"WEATHER.SUN": 1}),
    "boxes with nested answers": (
        "img",
        {
            "OBJ": {
                "annotations": [
                    box("a", children={"COLOR": {"categories": [{"name": "RED"}]}, "PLATE": {"text": "x"}}),
                    box("b", children={"PLATE": {"text": ""}}),
                    box("c", "PERSON"),
                ]
            }
        },
        5,
        {"OBJ.CAR": 2, "OBJ.PERSON": 1, "COLOR.RED": 1},
    ),
    "a file": ("img", {"REPORT": {"fileId": "f"}}, 1, {}),
    "a relation": (
        "img",
        {
            "OBJ": {"annotations": [box("a")]},
            "REL": {
                "annotations": [
                    {
                        "mid": "r",
                        "categories": [{"name": "NEAR"}],
                        "startObjects": [{"mid": "a"}],
                        "endObjects": [{"mid": "a"}],
                    }
                ]
            },
        },
        2,
        {"OBJ.CAR": 1, "REL.NEAR": 1},
    ),
    "key frames of a video": (
        "vid",
        {
            "0": {
                "SCENE": {"categories": [{"name": "DAY"}], "isKeyFrame": True},
                "TRACK": {
                    "annotations": [box("t", isKeyFrame=True, children={"WHOLE": {"categories": [{"name": "YES"}]}})]
                },
            },
            "1": {
                "SCENE": {"categories": [{"name": "DAY"}], "isKeyFrame": False},
                "TRACK": {
                    "annotations": [box("t", isKeyFrame=False, children={"WHOLE": {"categories": [{"name": "YES"}]}})]
                },
            },
            "2": {
                "SCENE": {"categories": [{"name": "DAY"}]},
                "TRACK": {"annotations": [box("t"), box("u", isKeyFrame=False)]},
            },
        },
        5,
        {"SCENE.DAY": 2, "TRACK.CAR": 2, "WHOLE.YES": 1},
    ),
    "about a whole video": (
        "vid",
        {"0": {}, "assetLevel": {"SCENE": {"categories": [{"name": "DAY"}]}, "SAID": {"text": "x"}}},
        2,
        {"SCENE.DAY": 1},
    ),
    "objects without mid in a video": (
        "vid",
        {"0": {"TRACK": {"annotations": [box(None), box(None)]}}, "1": {"TRACK": {"annotations": [box(None)]}}},
        3,
        {"TRACK.CAR": 3},
    ),
    "merged conversation": (
        "llm",
        {
            "PICK": {"choice": {"code": "TIE", "firstId": "a1", "secondId": "a2"}},
            "QUALITY": {"categories": [{"name": "GOOD"}, {"name": "Good"}, {"name": "BAD"}]},
        },
        2,
        {"QUALITY.GOOD": 2, "QUALITY.BAD": 1},
    ),
    "conversation by level": (
        "llm",
        {"completion": {"QUALITY": {"a1": {"categories": ["GOOD"]}, "a2": {"categories": ["GOOD"]}}}},
        2,
        {"QUALITY.GOOD": 2},
    ),
}


@pytest.mark.parametrize(("name", "response", "number", "search"), CASES.values(), ids=list(CASES))
def test_annotations_and_categories_are_counted(name, response, number, search, projects):
    checked = projects[name].check(response, label_type="PREDICTION")
    assert checked.errors == ()
    assert (checked.number_of_annotations, checked.search) == (number, search)
