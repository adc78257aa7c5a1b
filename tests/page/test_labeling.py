"""A labeler makes labels, by pointer and by keys, and takes steps back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.page.project import Project
from tests.page.window import Page

PICTURE = ".stage-picture"
CORNERS = [(0.25, 0.55), (0.25, 0.30), (0.50, 0.30), (0.50, 0.55)]
SUBMIT = "Control+Enter"


def start(page: Page, project: Project) -> Page:
    page.sign_in(project.labeler, project.path).press("Start labeling")
    return ready(page)


def ready(page: Page) -> Page:
    page.find(".stage[aria-busy=false]")
    return page


def name(page: Page) -> str:
    return str(page.run("return document.querySelector('.label-where h1')?.textContent || ''"))


def drafts(page: Page) -> Any:
    return page.driver.execute_async_script(
        """const done = arguments[0]; const open = indexedDB.open('labelyard');
        open.onsuccess = () => { const all = open.result.transaction(['drafts', 'outbox']);
          const drafts = all.objectStore('drafts').getAllKeys(), outbox = all.objectStore('outbox').getAllKeys();
          all.oncomplete = () => { open.result.close(); done([...drafts.result, ...outbox.result]); }; };"""
    )


def the_label(project: Project) -> dict[str, Any]:
    fields = "labelType jsonResponse numberOfAnnotations author { id } labelOf { externalId status }"
    (label,) = project.admin.labels(fields, project={"id": project.id}, typeIn=["DEFAULT", "AUTOSAVE"])
    return label


def holds_the_car(project: Project) -> None:
    label = the_label(project)
    answer = json.loads(label["jsonResponse"])
    (car,) = answer["THINGS"]["annotations"]
    (ring,) = car["boundingPoly"]
    found = [(corner["x"], corner["y"]) for corner in ring["normalizedVertices"]]
    assert found == [pytest.approx(corner, abs=0.002) for corner in CORNERS]
    assert car["children"] == {
        "COLOR": {"categories": [{"name": "OTHER", "children": {"SHADE": {"categories": [{"name": "DARK"}]}}}]},
        "PLATE": {"text": "AB-123"},
    }
    assert (car["type"], car["categories"]) == ("rectangle", [{"name": "CAR"}])
    assert answer["WEATHER"] == {"categories": [{"name": "SUN"}]}
    assert label["numberOfAnnotations"] == 5
    assert (label["labelType"], label["author"]["id"]) == ("DEFAULT", project.labeler.id)
    assert label["labelOf"] == {"externalId": "street-1", "status": "LABELED"}


def test_a_labeler_draws_a_car_and_goes_on_with_the_next_asset(page: Page, project: Project) -> None:
    start(page, project).press("Car").drag(PICTURE, CORNERS[1], CORNERS[3])
    page.press("Other").press("Dark").fill("Plate", "AB-123").keys(SUBMIT)
    page.shows("Weather: needs an answer")
    page.until(lambda: page.run("return document.activeElement.name") == "WEATHER", "to focus the weather")
    assert project.admin.count_labels(project={"id": project.id}, typeIn=["DEFAULT"]) == 0
    page.press("Sun").keys(SUBMIT)
    page.until(lambda: name(page) == "street-2", "to show the next asset")
    holds_the_car(project)
    assert drafts(page) == []
    assert ready(page).violations() == []


def test_the_same_label_is_made_with_keys_alone(page: Page, project: Project) -> None:
    page.open(project.path)
    page.until(lambda: page.run("return document.activeElement.type") == "email", "to focus the e-mail address")
    page.type(project.labeler.email).keys("Tab").type(project.labeler.password).keys("Enter")
    page.control("Start labeling").send_keys("\ue007")
    ready(page)
    page.until(lambda: page.run("return document.activeElement.className") == "stage", "to focus the stage")
    page.keys("1", *["Control+ArrowLeft"] * 4, *["Control+ArrowUp"] * 2, "Enter")
    page.keys(*["Control+ArrowRight"] * 4, *["Control+ArrowDown"] * 2, *["Shift+ArrowDown"] * 5, "Enter")
    page.until(
        lambda: page.run("return document.activeElement.closest('[data-job]')?.dataset.job") == "COLOR",
        "to focus the color",
    )
    has_ring = "const s = getComputedStyle(document.activeElement.closest('label') || document.activeElement); return s.outlineStyle"
    assert page.run(has_ring) == "solid"
    page.keys("2").until(lambda: page.control("Dark"), "to open the shade")
    page.keys("Tab", "1", "Tab").type("AB-123")
    assert page.run(has_ring) == "solid"
    page.keys(SUBMIT).until(lambda: page.run("return document.activeElement.name") == "WEATHER", "to focus the weather")
    page.keys("1", SUBMIT)
    page.until(lambda: name(page) == "street-2", "to show the next asset")
    holds_the_car(project)


def test_steps_are_taken_back_and_again_to_the_same_answer(page: Page, project: Project) -> None:
    start(page, project).press("Person").press("Polygon")
    before = answer(page, project)
    for x, y in [(0.2, 0.2), (0.4, 0.2), (0.4, 0.4), (0.2, 0.4)]:
        page.click_at(PICTURE, x, y)
    page.keys("Enter").shows("Objects")
    page.choose("Class", "Car")
    after = answer(page, project)
    assert [one["categories"] for one in json.loads(after)["THINGS"]["annotations"]] == [[{"name": "CAR"}]]
    page.keys(*["Escape"] * 2, *["Control+z"] * 5)
    assert answer(page, project) == before
    page.keys(*["Control+Shift+z"] * 5)
    assert answer(page, project) == after


def answer(page: Page, project: Project) -> str:
    """The answer as it is kept in the browser, when the last change has been written."""
    page.until(lambda: "Not kept yet" not in page.text, "to keep the answer")
    return str(
        page.driver.execute_async_script(
            """const done = arguments[0]; setTimeout(() => { const open = indexedDB.open('labelyard');
            open.onsuccess = () => { const all = open.result.transaction('drafts').objectStore('drafts').getAll();
              all.onsuccess = () => { open.result.close(); done(all.result[0]?.text ?? '{}'); }; }; }, 400);"""
        )
    )


def test_a_shape_is_moved_resized_and_deleted(page: Page, project: Project) -> None:
    start(page, project).press("Person").drag(PICTURE, (0.2, 0.2), (0.4, 0.4))
    page.keys("Shift+s").drag(PICTURE, (0.3, 0.3), (0.4, 0.5)).drag(PICTURE, (0.5, 0.6), (0.6, 0.7))
    (person,) = json.loads(answer(page, project))["THINGS"]["annotations"]
    corners = [(corner["x"], corner["y"]) for corner in person["boundingPoly"][0]["normalizedVertices"]]
    wanted = [(0.3, 0.7), (0.3, 0.4), (0.6, 0.4), (0.6, 0.7)]
    assert corners == [pytest.approx(corner, abs=0.004) for corner in wanted]
    page.keys("Delete")
    assert answer(page, project) == "{}"
