"""The tutorial of image classification under releases from 2021 to 2026."""

import pytest

SUN = {"WEATHER": {"categories": [{"name": "SUN", "confidence": 100}]}}
RAIN = {"WEATHER": {"categories": [{"name": "RAIN", "confidence": 100}]}}

RELEASES = ["2.60.0", "2.86.1", "2.99.0", "2.120.0", "2.160.0", "26.2.4"]
SEARCHES_IN_ANSWERS = {"2.60.0", "2.86.1", "2.99.0"}


@pytest.mark.parametrize("release", RELEASES)
def test_the_tutorial_says_what_it_should(run, release):
    seen = run(release, "tutorial")

    assert seen["release"] == [int(part) for part in release.split(".")]
    assert seen["text"] == [["ada", "Ada wrote the first program.\nIt was never run.", "TODO"]]

    images = seen["images"]
    project = images["project"]
    assert images["projects"] == [{"title": "Streets", "inputType": "IMAGE", "jobs": ["WEATHER"]}]
    assert images["imports"] == [project, project]
    assert images["assets"] == [["street-1", "TODO", {"city": "Delft"}, []], ["street-2", "TODO", {}, []]]
    assert images["address kept"] is True
    assert images["bytes kept"] is True
    assert images["assets by default fields"] == ["street-1", "street-2"]

    assert images["predicted"] == project
    assert images["labels"] == [
        ["street-1", "DEFAULT", SUN, 0, None],
        ["street-2", "DEFAULT", RAIN, 12, None],
        ["street-1", "PREDICTION", RAIN, 0, "guess"],
    ]
    assert images["ids kept"] is True
    assert images["just created"] is True
    assert images["labels by default fields"] == [SUN, RAIN, RAIN]
    assert images["found"] == {
        "since that day": [["street-1", "street-2", "street-1"], 3],
        "since 2099": [[], 0],
        "until 2000": [[], 0],
        "predictions": [["street-1"], 1],
        "by people": [["street-1", "street-2"], 2],
        "of street-2": [["street-2"], 1],
        "first": [["street-1"], 3],
    } | ({"saying RAIN": [["street-2", "street-1"], 2]} if release in SEARCHES_IN_ANSWERS else {})
    assert images["counts"] == {"assets": 2, "labeled": 2, "to do": 0, "with predictions": 1}

    assert images["updated"] is True
    assert images["after update"] == [["street-1", 3, {"city": "Gouda"}], ["street-two", 1, {"city": "Breda"}]]
    assert images["after deletion"] == {"assets": ["street-1"], "labels": 2}
    assert images["deleted"] == project
    assert images["projects left"] == []
