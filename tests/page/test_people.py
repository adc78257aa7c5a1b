"""Predictions, people who meet on an asset, and reviews."""

from __future__ import annotations

import json
from collections.abc import Callable

from tests.page.project import Project, box
from tests.page.test_labeling import PICTURE, SUBMIT, name, ready, start
from tests.page.window import Page

WEATHER = {"WEATHER": {"categories": [{"name": "SUN"}]}}


def test_a_prediction_is_corrected_and_keeps_its_objects(page: Page, project: Project) -> None:
    predicted = {
        "THINGS": {
            "annotations": [
                box(0.1, 0.1, 0.2, 0.2, category="PERSON", mid="first", confidence=81),
                box(0.5, 0.5, 0.7, 0.7, category="PERSON", mid="second", confidence=64),
            ]
        },
        "WEATHER": {"categories": [{"name": "SUN", "confidence": 90}]},
    }
    project.admin.label(project.assets[0], json.dumps(predicted), label_type="PREDICTION", modelName="first-model")
    start(page, project).shows("first-model", "81 %", "64 %")
    page.drag(PICTURE, (0.6, 0.6), (0.65, 0.6)).keys(SUBMIT)
    page.until(lambda: name(page) == "street-2", "to go on")
    (label,) = project.admin.labels("jsonResponse", project={"id": project.id}, typeIn=["DEFAULT"])
    first, second = json.loads(label["jsonResponse"])["THINGS"]["annotations"]
    assert first == predicted["THINGS"]["annotations"][0]  # type: ignore[index]
    assert (second["mid"], second["categories"]) == ("second", [{"name": "PERSON"}])
    left = min(corner["x"] for corner in second["boundingPoly"][0]["normalizedVertices"])
    assert abs(left - 0.55) < 0.002
    assert json.loads(label["jsonResponse"])["WEATHER"] == predicted["WEATHER"]


def test_a_second_labeler_may_look_but_not_change(new_page: Callable[..., Page], project: Project) -> None:
    one, other = new_page(), new_page()
    start(one, project)
    other.sign_in(project.member(), f"{project.path}/assets/{project.assets[0]}")
    other.shows("Somebody else has this asset open")
    assert other.run("return document.querySelectorAll('.label-panel input:not(:disabled)').length") == 0
    other.press("Next asset").until(lambda: name(other) == "street-2", "to go on")
    one.press("Sun").keys(SUBMIT)
    one.until(lambda: name(one) == "street-3", "to go on")
    (label,) = project.admin.labels(
        "author { id } labelOf { externalId }", project={"id": project.id}, typeIn=["DEFAULT"]
    )
    assert label == {"author": {"id": project.labeler.id}, "labelOf": {"externalId": "street-1"}}


def test_a_reviewer_sends_back_with_an_issue_and_the_labeler_solves_it(
    new_page: Callable[..., Page], project: Project
) -> None:
    answer = {"THINGS": {"annotations": [box(0.2, 0.2, 0.4, 0.4, category="PERSON", mid="the-box")]}, **WEATHER}
    project.labeler.api(project.admin.url).label(project.assets[1], json.dumps(answer))
    reviewer, labeler = new_page(), new_page()
    ready(reviewer.sign_in(project.reviewer, f"{project.path}/assets/{project.assets[1]}"))
    reviewer.until(lambda: reviewer.click_at(PICTURE, 0.3, 0.3).has("Deselect"), "to select the box")
    reviewer.keys("q")
    reviewer.fill("What is to be changed", "This is no person").press("Send", exact=True)
    reviewer.shows("The issue is open", "This is no person").press("Send back")
    reviewer.shows("Sent back to its labeler")
    (label,) = project.admin.labels("isSentBackToQueue", project={"id": project.id}, typeIn=["DEFAULT"])
    assert label == {"isSentBackToQueue": True}
    start(labeler, project).shows("A reviewer has sent this asset back", "This is no person")
    assert name(labeler) == "street-2"
    labeler.press("Show object").choose("Class", "Car").press("Red")
    labeler.press("Solved").hides("This is no person").keys(SUBMIT)
    labeler.until(lambda: name(labeler) != "street-2", "to go on")
    (issue,) = project.admin.issues("status type objectMid", project={"id": project.id})
    assert issue == {"status": "SOLVED", "type": "ISSUE", "objectMid": "the-box"}
    latest = project.admin.labels("jsonResponse isSentBackToQueue", project={"id": project.id}, typeIn=["DEFAULT"])[-1]
    (person,) = json.loads(latest["jsonResponse"])["THINGS"]["annotations"]
    assert (person["mid"], person["categories"], latest["isSentBackToQueue"]) == ("the-box", [{"name": "CAR"}], False)


def test_a_reviewer_approves_and_the_label_stays_as_it_is(page: Page, project: Project) -> None:
    text = json.dumps(WEATHER)
    project.labeler.api(project.admin.url).label(project.assets[0], text)
    ready(page.sign_in(project.reviewer, f"{project.path}/assets/{project.assets[0]}")).press("Approve")
    page.until(lambda: project.admin.count_labels(project={"id": project.id}, typeIn=["REVIEW"]) == 1, "to submit")
    (review,) = project.admin.labels(
        "jsonResponse author { id } labelOf { status }", project={"id": project.id}, typeIn=["REVIEW"]
    )
    assert json.loads(review["jsonResponse"]) == WEATHER
    assert (review["author"]["id"], review["labelOf"]["status"]) == (project.reviewer.id, "REVIEWED")


ASSIGN = """
mutation ($where: AssetWhere!, $ids: [String!]!) { data: assignAssets(where: $where, userIds: $ids) { succeeded { assetId } } }"""
SKIP = 'mutation ($where: AssetWhere!) { data: skipAsset(reason: "dark", where: $where) { id } }'


def test_who_distributes_assets_adds_themselves_to_one_of_others(page: Page, project: Project) -> None:
    manager = project.member("TEAM_MANAGER")
    project.admin.data(ASSIGN, where={"id": project.assets[0]}, ids=[project.labeler.id])
    ready(page.sign_in(manager, f"{project.path}/assets/{project.assets[0]}")).shows("You may add yourself")
    assert page.run("return document.querySelectorAll('.label-panel input:not(:disabled)').length") == 0
    page.press("Add myself").hides("You may add yourself").press("Sun").keys(SUBMIT)
    page.until(lambda: project.admin.count_labels(project={"id": project.id}, typeIn=["DEFAULT"]) == 1, "to submit")
    (asset,) = project.admin.assets(
        "toBeLabeledBy { user { id } }", project={"id": project.id}, idIn=project.assets[:1]
    )
    assert {member["user"]["id"] for member in asset["toBeLabeledBy"]} == {project.labeler.id, manager.id}


def test_a_reviewer_takes_for_review_what_waits_for_labels_of_others(page: Page, project: Project) -> None:
    project.admin.data(
        "mutation ($id: ID!) { data: updatePropertiesInProject(data: {minConsensusSize: 2}, where: {id: $id}) { id } }",
        id=project.id,
    )
    project.admin.data(
        "mutation ($p: ID!, $a: ID!) { data: setAssetConsensus(projectId: $p, assetId: $a, isConsensus: true) }",
        p=project.id,
        a=project.assets[0],
    )
    project.reviewer.api(page.url).label(project.assets[0], json.dumps(WEATHER))
    ready(page.sign_in(project.reviewer, f"{project.path}/assets/{project.assets[0]}"))
    page.shows("You have already submitted a label").press("Take for review").press("Approve")
    page.until(lambda: project.admin.count_labels(project={"id": project.id}, typeIn=["REVIEW"]) == 1, "to review")
    (review,) = project.admin.labels("jsonResponse labelOf { status }", project={"id": project.id}, typeIn=["REVIEW"])
    assert (json.loads(review["jsonResponse"]), review["labelOf"]["status"]) == (WEATHER, "REVIEWED")


def test_a_manager_reads_why_the_queue_is_empty_and_a_labeler_only_that_it_is(
    new_page: Callable[..., Page], project: Project
) -> None:
    project.add_pictures("street-4", "street-5")
    manager, other = project.member("TEAM_MANAGER"), project.member()
    project.admin.data(ASSIGN, where={"idIn": project.assets[:2], "project": {"id": project.id}}, ids=[other.id])
    project.admin.data(SKIP, where={"id": project.assets[2], "project": {"id": project.id}})
    project.admin.label(project.assets[3], json.dumps(WEATHER))
    busy = start(new_page(), project)
    page = new_page().sign_in(manager, f"{project.path}/label").shows("Nothing left for you")
    page.shows(
        "2 assets are assigned to others", "1 asset is open at somebody else", "1 asset is done", "1 asset is skipped"
    )
    assert page.violations() == []
    page.press("1 asset is skipped").until(lambda: page.path.endswith("/assets?status=SKIPPED"), "to list it")
    busy.press("Sun").keys(SUBMIT).shows("Nothing left for you")
    assert "assigned to others" not in busy.text.replace("or that are assigned to others", "")
