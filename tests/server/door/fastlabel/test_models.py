"""Automatic annotations: the newest model of a project predicts its tasks, and nobody else's model does."""

from __future__ import annotations

import asyncio
import time

import pytest

from tests.common.learning import add_labels, add_pictures, pictures_project, shape_files, trained

OWN = "labelyard_image_classification"
LABELS = """query ($id: ID!) { data: labels(where: {asset: {id: $id}}, first: 9, skip: 0) {
  labelType modelName author { email } } }"""


async def completed(fastlabel, slug: str, job_id: str):
    """The job once it has ended."""
    deadline = time.monotonic() + 60
    while True:
        (job,) = [one for one in await fastlabel.get("auto-annotations", project=slug) if one["id"] == job_id]
        if job["status"] != "in_progress":
            return job
        assert time.monotonic() < deadline, job
        await asyncio.sleep(0.05)


async def test_the_model_of_a_project_predicts_its_tasks(fastlabel, stranger, organization):
    project = await pictures_project(organization)
    assets = await add_pictures(project, shape_files(4, shapes=("DISC", "STAR")))
    labeled = {asset: [name.partition("-")[0]] for name, asset in assets.items() if not name.endswith("-3")}
    await add_labels(project, labeled)
    (found,) = await fastlabel.get("projects")
    slug = found["slug"]
    asked = {"project": slug, "modelName": OWN, "algorithmType": "image_classification"}
    untrained = await fastlabel.refused("POST", "auto-annotations", asked)
    assert (untrained.status, "[notTrained]" in untrained.message) == (422, True)
    # Learned slowly and not for long, so that it is not certain of anything.
    model = await trained(project.admin, project.id, "shapes", learningRate=0.001, minutes=0.01)

    assert (await stranger.refused("POST", "auto-annotations", asked)).status == 404
    assert (await stranger.refused("GET", "auto-annotations", project=slug)).status == 404
    for role in ("LABELER", "REVIEWER"):
        member = fastlabel.as_(await project.member(role))
        assert (await member.refused("POST", "auto-annotations", asked)).status == 403
    assert await fastlabel.get("auto-annotations", project=slug) == []

    doubtful = await fastlabel.post("auto-annotations", **asked, confidenceThreshold=1)
    assert (doubtful["status"], doubtful["modelName"], doubtful["version"]) == ("in_progress", OWN, model["name"])
    assert doubtful["completedAt"] is None
    none = await completed(fastlabel, slug, doubtful["id"])
    assert (none["status"], none["contentCount"], none["taskAnnotationCount"]) == ("completed", 2, 0)

    made = await fastlabel.post("auto-annotations", **asked, confidenceThreshold=0.4)
    job = await completed(fastlabel, slug, made["id"])
    assert (job["status"], job["contentCount"], job["taskAnnotationCount"]) == ("completed", 2, 2)
    assert [one["id"] for one in await fastlabel.get("auto-annotations", project=slug)] == [doubtful["id"], made["id"]]
    for shape in ("DISC", "STAR"):
        asset = assets[f"{shape}-3"]
        task = await fastlabel.get(f"tasks/image/classification/{asset}")
        assert [(one["key"], one["value"]) for one in task["attributes"]] == [("SHAPE", shape)]
        assert await project.admin.data(LABELS, {"id": asset}) == [
            {"labelType": "PREDICTION", "modelName": "shapes", "author": {"email": fastlabel.person.email}}
        ]


@pytest.mark.parametrize(
    "asked", [{"modelName": "of the vendor"}, {"modelName": OWN, "algorithmType": "ocr"}], ids=["model", "algorithm"]
)
async def test_models_of_the_vendor_are_refused_with_a_sentence(fastlabel, asked):
    slug = await fastlabel.project("image_classification")
    refused = await fastlabel.refused("POST", "auto-annotations", {"project": slug, **asked})
    assert refused.status == 501
    assert f"its model is {OWN}" in refused.message


@pytest.mark.parametrize(
    ("value", "name"), [({"confidenceThreshold": 2}, "confidenceThreshold"), ({"updateExisting": 1}, "updateExisting")]
)
async def test_a_wrong_value_is_named(fastlabel, value, name):
    slug = await fastlabel.project("image_classification")
    refused = await fastlabel.refused("POST", "auto-annotations", {"project": slug, "modelName": OWN, **value})
    assert (refused.status, refused.message.startswith(name)) == (422, True)
