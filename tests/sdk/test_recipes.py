"""The public recipes say what their readers expect: workflows, inference and quality marks, and imports of all kinds."""

from fractions import Fraction
from typing import Any

import pytest

SUN = {"WEATHER": {"categories": [{"name": "SUN", "confidence": 100}]}}


@pytest.fixture(scope="module", params=["2.160.0", "26.2.4"])
def release(request) -> str:
    return str(request.param)


Edges = list[int]
_SEEN: dict[str, Any] = {}


@pytest.fixture
def seen(run, release) -> Any:
    """What the three recipes saw under a release; they run once for all tests of it."""
    if release not in _SEEN:
        _SEEN[release] = run(release, "recipes")
    return _SEEN[release]


def overlap(one: Edges, other: Edges) -> float:
    """Intersection over union of two boxes of whole edges."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    areas = [(right - left) * (bottom - top) for left, top, right, bottom in (one, other)]
    shared = max(width, 0) * max(height, 0)
    return float(Fraction(shared, sum(areas) - shared))


def drawn(left: int, top: int, right: int, bottom: int) -> Any:
    corners = [(left, bottom), (left, top), (right, top), (right, bottom)]
    return [{"x": x / 100, "y": y / 100} for x, y in corners]


def test_workflows_are_set_up(seen, release):
    found = seen["set_up_workflows"]

    # reviewCoverage, consensusTotCoverage, minConsensusSize, useHoneyPot
    assert found["project"] == [[0, 0, 1, False], [50, 0, 1, False], [50, 1, 3, False], [50, 1, 3, True]]
    assert found["answered"] == [True, 50]
    assert found["changed"] is True
    assert found["assets"] == [
        ["street-0", True, False, 0, ["ada"], "TODO"],
        ["street-1", True, False, 2, ["ada", "bob"], "TODO"],
        ["street-2", False, True, 0, ["bob"], "TODO"],
        ["street-3", False, False, -1, ["eve"], "TODO"],
        ["street-4", False, False, 7, [], "TODO"],
    ]
    assert found["gold"] == [[True, "REVIEW", True, SUN]]
    assert found["states"] == [
        ["LABELED", "Default", "DONE"],
        ["TO_REVIEW", "Review", "TO_DO"],
        ["ONGOING", "Default", "REWORK"],
    ]
    assert found["is sent back"] == [True]
    if release == "2.160.0":
        done: Any = {"keys": ["asset_ids", "id"], "project": True, "assets": ["street-4"]}
        declined: Any = None
    else:
        done = {"declined": [], "failed": [], "succeeded": [["street-4", "street-4"]]}
        declined = {"declined": [["street-0", "street-0"]], "failed": [], "succeeded": []}
    assert [found["to review"], found["sent back"]] == [done, done]
    assert [found["not to review"], found["not sent back"]] == [declined, declined]


@pytest.mark.parametrize("order", ["INFERENCE then DEFAULT", "DEFAULT then INFERENCE"])
def test_inferences_are_compared_in_both_orders_of_arrival(seen, order):
    found = seen["inference_labels"][order]

    assert found["within 40 s"] is True
    assert found["labels"] == [["DEFAULT", 1], ["DEFAULT", 0]]
    assert found["inferred"] == [["guess", 1], ["guess", 0]]
    assert found["of assets"] is True
    assert found["by id"] == [True, 0]
    assert found["parsed"] == ["SUN", "SUN"]
    assert found["assets"] == [["street-0", 1], ["street-1", 0]]
    assert found["apart"] == ["street-1"]


def test_marks_are_the_overlap_of_the_boxes(seen):
    found = seen["export_a_kili_project"]
    boxes = found["boxes"]
    agreed = overlap(*boxes["consensus"])
    first, second = (overlap(edges, boxes["gold"]) for edges in boxes["honeypot"])
    # The marks that readers of the recipe know, to the digits that are published.
    assert [int(mark * 100_000) for mark in (agreed, first, second)] == [65043, 16527, 20754]

    def exactly(mark: float) -> Any:
        return pytest.approx(mark, rel=0, abs=1e-9)

    assert found["assets"] == [
        ["street-0", exactly(agreed), None],
        ["street-1", None, exactly((first + second) / 2)],
        ["street-2", None, None],
    ]
    assert found["labels"] == [
        ["street-0", "ada", exactly(agreed), None],
        ["street-0", "bob", exactly(agreed), None],
        ["street-1", "ada", None, exactly(first)],
        ["street-1", "bob", None, exactly(second)],
    ]


def test_marks_are_filtered(seen):
    found = seen["export_a_kili_project"]

    assert found["consensus at least"] == [["street-0"], ["street-0"], []]
    assert found["honeypot at least"] == [["street-1"], []]
    assert found["honeypot at most"] == []
    assert found["label consensus at least"] == [["street-0"], []]
    assert found["label honeypot at least"] == [["street-1"], []]
    assert found["labels of honeypot at least"] == [["ada", "bob"], ["bob"], []]
    assert found["labels of ada"] == ["street-0", "street-1"]


def test_what_was_marked_is_exported(seen):
    found = seen["export_a_kili_project"]
    newest = {"street-0": found["boxes"]["consensus"][1], "street-1": found["boxes"]["honeypot"][1]}

    assert found["latest"] == ["CAR", drawn(*newest["street-0"])]
    assert [
        [name, label["THING"]["annotations"][0]["boundingPoly"][0]["normalizedVertices"]]
        for name, label in found["raw"]
    ] == [[name, drawn(*edges)] for name, edges in newest.items()]
    assert found["files"] == ["labels/street-0.json", "labels/street-1.json"]


@pytest.fixture
def imported(run) -> Any:
    """What the recipes that import saw; they run once for all tests of it."""
    if "imports" not in _SEEN:
        _SEEN["imports"] = run("26.2.4", "recipe_imports")
    return _SEEN["imports"]


def test_answers_of_every_task_are_stored_as_they_were_sent(imported):
    found = imported["predictions"]
    assert len(found) == 12
    assert found == {title: [True, True, "example-v0.0.1", "PREDICTION"] for title in found}


def test_films_of_pictures_keep_their_rate(imported):
    parameters = {"shouldUseNativeVideo": False, "framesPlayedPerSecond": 10}
    assert [[name, metadata] for name, _, metadata in imported["films"]] == [
        ["files", {"processingParameters": parameters}],
        ["addresses", {"text": "three frames", "processingParameters": parameters}],
    ]


def test_layers_of_files_and_tiles_are_one_asset(imported):
    metadata = {"processingParameters": {"epsg": 3857}}
    assert imported["layers"] == [["a", False], ["b", False], ["osm", True], True, metadata]


def test_features_become_annotations(imported):
    assert imported["geojson"] == [
        {"POINTS": ["marker"], "ROADS": ["polyline"], "ZONES": ["semantic"]},
        {"POINTS": ["marker"], "ROADS": ["polyline"], "HOUSES": ["polygon"]},
        {"HOUSES": ["polygon"]},
    ]
