"""`trainModel`: from labels to a model that tells pictures apart; what is refused, and how trainings end."""

from __future__ import annotations

import asyncio

import orjson
import pytest

from labelyard.services.trained_model import training
from labelyard.services.trained_model.training import STOPPED
from labelyard.storage.trained_model import remove_models_of_deleted
from tests.common.learning import (
    CANCEL,
    DELETE,
    MODELS,
    PREDICT,
    TRAIN,
    add_labels,
    add_pictures,
    ended,
    train,
    trained,
)
from tests.common.shapes import SHAPES, picture, raw_pixels
from tests.resolvers.trained_model.conftest import shape_of


def by_raw_pixels(known: list[str], asked: list[str]) -> float:
    """How often the nearest picture, by its pixels, has the same shape."""
    pixels = {name: raw_pixels(picture(shape_of(name), int(name.partition("-")[2]))) for name in (*known, *asked)}

    def nearest(name: str) -> str:
        return min(known, key=lambda other: sum((a - b) ** 2 for a, b in zip(pixels[name], pixels[other], strict=True)))

    return sum(shape_of(nearest(name)) == shape_of(name) for name in asked) / len(asked)


async def test_a_model_tells_code_made_pictures_apart(learned):
    model = learned.model
    assert model["labels"] == list(SHAPES)
    assert (model["type"], model["jobName"], model["backbone"]) == ("SINGLE_LABEL", "SHAPE", "efficientnet-lite0")
    assert model["epochs"] - model["bestEpoch"] == 150 or model["trainSeconds"] >= 60

    answers = await learned.project.admin.data(
        PREDICT, {"id": model["id"], "assets": [learned.assets[name] for name in learned.unlabeled]}
    )

    assert [one["externalId"] for one in answers] == learned.unlabeled
    accuracy = sum(one["predicted"] == [shape_of(one["externalId"])] for one in answers) / len(answers)
    # Which pictures are held back hangs on the ids that they are given: `make bench-learning` prints the accuracy of many runs.
    assert accuracy >= 0.8
    assert accuracy >= by_raw_pixels(list(learned.labeled)[:32], learned.unlabeled) + 0.4
    for one in answers:
        assert {score["label"] for score in one["scores"]} == set(SHAPES)
        assert abs(sum(score["score"] for score in one["scores"]) - 100) < 0.01
        assert one["scores"] == sorted(one["scores"], key=lambda score: -score["score"])
        assert one["predicted"] == [one["scores"][0]["label"]]


async def heads(project, model_id: str) -> tuple[bytes, bytes, list[tuple]]:
    async with project.organization.database.reader() as connection:
        (model,) = await connection.fetch(
            "select head_best, head_last from trained_model where id = :id", {"id": model_id}
        )
        images = await connection.fetch(
            "select asset_id, in_validation from trained_model_image where model_id = :id order by place",
            {"id": model_id},
        )
    return model["head_best"], model["head_last"], [tuple(row) for row in images]


async def test_the_same_seed_gives_the_same_model_and_another_one_another_split(few):
    project = few.project
    made = [
        await trained(project.admin, project.id, f"model {number}", seed=seed, patience=10)
        for number, seed in enumerate((5, 5, 6))
    ]
    first, same, other = [await heads(project, model["id"]) for model in made]
    assert first == same
    assert {asset for asset, held in first[2] if held} != {asset for asset, held in other[2] if held}
    assert sum(held for _, held in first[2]) == 2
    assert len(first[0]) == 4 * 2 * (1280 + 1)


async def test_a_model_learns_from_reviews_before_answers_and_never_from_predictions(few):
    project, assets = few.project, few.assets
    await add_labels(project, {assets["DISC-0"]: ["STAR"]}, label_type="REVIEW")
    await add_labels(project, {assets["DISC-0"]: ["DISC"]})
    await project.label(
        assets["STAR-0"],
        label_type="PREDICTION",
        model_name="elsewhere",
        json_response='{"SHAPE": {"categories": [{"name": "DISC"}]}}',
    )
    model = await trained(project.admin, project.id, "of reviews", patience=1)
    async with project.organization.database.reader() as connection:
        rows = await connection.fetch(
            "select a.external_id, i.truth from trained_model_image i join asset a on a.id = i.asset_id where i.model_id = :id",
            {"id": model["id"]},
        )
    truth = {row["external_id"]: model["labels"][row["truth"].index(2)] for row in rows}
    assert truth == {name: "STAR" if name == "DISC-0" else shape_of(name) for name in assets}


async def test_images_that_people_hold_back_validate(few):
    project, assets = few.project, few.assets
    marked = {assets["DISC-1"], assets["STAR-4"]}
    update = """mutation ($data: [AssetData!]!, $where: [AssetWhere!]!) {
      data: updatePropertiesInAssets(data: $data, where: $where) { id } }"""
    data = [{"jsonMetadata": '{"validation": true}'} for _ in marked]
    await project.admin.data(update, {"data": data, "where": [{"id": one} for one in marked]})
    model = await trained(project.admin, project.id, "held back", patience=1, useUserValidation=True)
    assert {asset for asset, held in (await heads(project, model["id"]))[2] if held} == marked


REFUSED = {
    "an unknown job": ({"jobName": "COLOR"}, "[noCompatibleJob] 'COLOR' is no job of this project"),
    "an unknown label": ({"labels": ["DISC", "SQUARE"]}, "Job 'SHAPE' has no category 'SQUARE'"),
    "one label": ({"labels": ["DISC"]}, "[tooFewLabels] A model learns to tell at least two labels apart"),
    "a label of no image": ({"labels": ["DISC", "STAR", "RING"]}, "[tooFewImages]"),
    "several labels where one is given": ({"type": "MULTI_LABEL"}, "takes one answer for each asset"),
    "no time": ({"minutes": 0}, "minutes lies between 0.01 and 120, not 0"),
    "nothing to validate": ({"useUserValidation": True}, "There must be images that a person has marked"),
    "a name of two lines": ({"name": "a\nb"}, "The name of a model is one line"),
    "a rate that is no rate": ({"learningRate": 1e300}, "learningRate lies between"),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_what_cannot_be_learned_is_refused(case, few):
    data, sentence = REFUSED[case]
    refused = await few.project.admin.refused(TRAIN, {"p": few.project.id, "data": {"name": "refused", **data}})
    assert refused.code == "BAD_USER_INPUT"
    assert sentence in refused.message
    assert await few.project.admin.data(MODELS, {"where": {"projectId": few.project.id}}) == []


async def test_labels_of_too_few_images_are_named(few):
    await add_labels(few.project, {few.assets["DISC-0"]: ["RING"]})
    refused = await few.project.admin.refused(TRAIN, {"p": few.project.id, "data": {"name": "rare"}})
    assert refused.message.endswith("too few have RING.")


async def test_only_pictures_are_learned_from(organization):
    project = await organization.project(inputType="TEXT", jsonInterface='{"jobs": {}}')
    refused = await project.admin.refused(TRAIN, {"p": project.id, "data": {"name": "texts"}})
    assert (refused.code, refused.message.partition("]")[0]) == ("BAD_USER_INPUT", "[notCompatibleInputType")


async def test_a_name_is_taken_once_and_free_again_when_its_model_is_deleted(few):
    project = few.project
    model = await trained(project.admin, project.id, "twice", patience=1)
    refused = await project.admin.refused(TRAIN, {"p": project.id, "data": {"name": "twice"}})
    assert (refused.code, refused.message.partition("]")[0]) == ("CONFLICT", "[nameTaken")
    assert await project.admin.data(DELETE, {"id": model["id"]}) == model["id"]
    assert (await project.admin.refused(DELETE, {"id": model["id"]})).code == "NOT_FOUND"
    await trained(project.admin, project.id, "twice", patience=1)


async def test_pictures_that_cannot_be_read_are_left_out(few):
    broken = picture("RING", 1)[:200]
    assets = await add_pictures(few.project, {"broken-0": broken, "broken-1": broken + b" "})
    await add_labels(few.project, {asset_id: ["RING"] for asset_id in assets.values()})
    model = await ended(few.project.admin, (await train(few.project.admin, few.project.id, "three", patience=1))["id"])
    assert (model["status"], model["labels"]) == ("TRAINED", ["DISC", "STAR"])


async def test_a_training_that_runs_is_cancelled_and_one_that_waits_never_begins(few):
    project = few.project
    running = await train(project.admin, project.id, "runs", minutes=60, patience=10_000)
    waiting = await train(project.admin, project.id, "waits", minutes=60, patience=10_000)
    for _ in range(400):
        (model,) = await project.admin.data(MODELS, {"where": {"id": running["id"]}})
        if model["progress"] > 60:
            break
        await asyncio.sleep(0.05)
    (other,) = await project.admin.data(MODELS, {"where": {"id": waiting["id"]}})
    assert other["status"] == "QUEUED"  # one training at a time
    assert (await project.admin.data(CANCEL, {"id": waiting["id"]}))["status"] == "CANCELLED"
    await project.admin.data(CANCEL, {"id": running["id"]})
    ended_model = await ended(project.admin, running["id"], seconds=20)
    assert (ended_model["status"], ended_model["error"]) == ("CANCELLED", None)
    assert ended_model["progress"] < 100
    async with project.organization.database.reader() as connection:
        images = await connection.fetch_value(
            "select count(*) from trained_model_image where model_id = any(:ids)",
            {"ids": [running["id"], waiting["id"]]},
        )
    assert images == 0


async def test_a_training_that_a_worker_has_lost_is_failed_and_not_begun_again(few):
    project = few.project
    database = project.organization.database
    model_id = "c" + "0" * 24
    async with database.transaction() as connection:
        await connection.fetch(
            "insert into trained_model (id, project_id, name, type, job_name, parameters, status, requested_by, job_id) "
            "values (:id, :project, 'lost', 'SINGLE_LABEL', 'SHAPE', '{}', 'TRAINING', :user, :job)",
            {"id": model_id, "project": project.id, "user": project.organization.admin.id, "job": model_id},
        )
        await connection.fetch(
            "insert into job (id, kind, organization_id, project_id, created_by, payload, key) "
            "values (:id, 'training', :organization, :project, :user, :payload, :key)",
            {
                "id": model_id,
                "organization": project.organization.id,
                "project": project.id,
                "user": project.organization.admin.id,
                "payload": orjson.dumps({"modelId": model_id}).decode(),
                "key": "training",
            },
        )
    model = await ended(project.admin, model_id)
    assert (model["status"], model["error"]) == ("FAILED", STOPPED)
    assert (await project.admin.refused(PREDICT, {"id": model_id, "assets": []})).message.startswith("[notTrained]")


async def test_a_process_that_breaks_fails_the_training_with_a_sentence(few, monkeypatch):
    async def broken(self, lesson, backbone):
        raise training.ChildEnded("the process ended")

    monkeypatch.setattr(training._Training, "_learned", broken)
    model = await ended(few.project.admin, (await train(few.project.admin, few.project.id, "breaks"))["id"])
    assert (model["status"], model["error"]) == ("FAILED", "The process that learns ended: the process ended.")


async def test_deleting_a_project_hides_its_models_and_the_house_keeping_removes_them(few):
    project = few.project
    model = await trained(project.admin, project.id, "goes", patience=1)
    await project.admin.data("mutation ($id: ID!) { data: deleteProject(where: {id: $id}) { id } }", {"id": project.id})
    assert await project.admin.data(MODELS, {"where": {"id": model["id"]}}) == []
    await remove_models_of_deleted(project.organization.database)
    async with project.organization.database.reader() as connection:
        for table, column in (("trained_model", "id"), ("trained_model_image", "model_id")):
            count = await connection.fetch_value(
                f"select count(*) from {table} where {column} = :id", {"id": model["id"]}
            )
            assert count == 0
