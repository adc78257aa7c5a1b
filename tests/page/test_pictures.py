"""The picture on the stage: while it is on its way, and turned."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.page.project import Project, box
from tests.page.test_labeling import PICTURE, SUBMIT, name, ready, start
from tests.page.window import Page

KNOWN = {
    "THINGS": {"annotations": [box(0.2, 0.2, 0.4, 0.6, category="PERSON", mid="the-box")]},
    "WEATHER": {"categories": [{"name": "SUN"}]},
}


def corners(project: Project) -> list[tuple[float, float]]:
    (label,) = project.admin.labels("jsonResponse", project={"id": project.id}, typeIn=["DEFAULT"])
    (annotation,) = json.loads(label["jsonResponse"])["THINGS"]["annotations"]
    return [(one["x"], one["y"]) for one in annotation["boundingPoly"][0]["normalizedVertices"]]


def answer(project: Project) -> dict[str, Any]:
    (label,) = project.admin.labels("jsonResponse", project={"id": project.id}, typeIn=["DEFAULT"])
    return dict(json.loads(label["jsonResponse"]))


def test_a_picture_is_laid_out_when_it_has_come_and_an_object_on_it_is_selected_by_the_first_click(
    page: Page, project: Project
) -> None:
    """What is laid out before would be somewhere else a moment later: clicks that hit nothing, on slow lines and busy machines."""
    project.admin.label(project.assets[0], json.dumps(KNOWN), label_type="PREDICTION", modelName="one")
    page.sign_in(project.labeler, project.path).shows("Street")
    slow = {"offline": False, "latency": 5, "downloadThroughput": 1_500_000, "uploadThroughput": 1_500_000}
    page.driver.execute_cdp_cmd("Network.enable", {})
    page.driver.execute_cdp_cmd("Network.setCacheDisabled", {"cacheDisabled": True})
    page.driver.execute_cdp_cmd("Network.emulateNetworkConditions", slow)
    page.open(f"{project.path}/label").find(".stage[aria-busy=true]")
    assert page.run("return document.querySelector('.stage-picture').style.transform") == ""
    page.offline(is_offline=False)
    ready(page).click_at(PICTURE, 0.3, 0.4).control("Deselect")


def test_a_picture_is_turned_with_what_is_on_it(page: Page, project: Project) -> None:
    project.admin.label(project.assets[0], json.dumps(KNOWN), label_type="PREDICTION", modelName="one")
    start(page, project).press("Turn by a quarter")
    page.until(lambda: shape(page) < 1, "to stand upright")
    page.click_at(PICTURE, 0.6, 0.3).control("Deselect")  # where the box is now
    page.keys("Escape", "Escape").press("Person").drag(PICTURE, (0.1, 0.6), (0.3, 0.8))
    page.keys("Delete", SUBMIT).until(lambda: name(page) == "street-2", "to go on")
    assert answer(project)["ROTATION_JOB"] == {"rotation": 90}
    assert corners(project) == [pytest.approx(corner) for corner in [(0.4, 0.4), (0.4, 0.2), (0.8, 0.2), (0.8, 0.4)]]
    page.open(f"{project.path}/assets/{project.assets[0]}")
    assert shape(ready(page)) < 1
    page.keys("Shift+r").until(lambda: shape(page) > 1, "to lie")
    page.keys("Shift+r", "Shift+r").keys("Control+z", "Control+z", "Control+z")
    page.until(lambda: shape(page) < 1, "to stand as before")
    page.keys("Shift+r", "Shift+r", "Shift+r").until(lambda: shape(page) > 1, "to lie as it was made")
    page.keys(SUBMIT)
    latest = "jsonResponse"
    page.until(lambda: project.admin.count_labels(project={"id": project.id}, typeIn=["DEFAULT"]) == 2, "to submit")
    label = project.admin.labels(latest, project={"id": project.id}, typeIn=["DEFAULT"])[-1]
    back = json.loads(label["jsonResponse"])
    assert "ROTATION_JOB" not in back
    (ring,) = back["THINGS"]["annotations"][0]["boundingPoly"]
    expected = KNOWN["THINGS"]["annotations"][0]["boundingPoly"][0]["normalizedVertices"]  # type: ignore[index]
    assert [(one["x"], one["y"]) for one in ring["normalizedVertices"]] == [
        pytest.approx((one["x"], one["y"])) for one in expected
    ]


def shape(page: Page) -> float:
    """The width of the picture by its height, as it is shown."""
    box_ = page.run(
        "const b = document.querySelector('.stage-picture').getBoundingClientRect(); return [b.width, b.height]"
    )
    return float(box_[0] / box_[1])
