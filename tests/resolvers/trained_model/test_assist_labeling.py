"""`assistLabeling` and `setLearningLoop`: predictions as labels, the order of the queue, training again as labels come."""

from __future__ import annotations

import asyncio
import json

import pytest

from labelyard.services.trained_model.repetition import repeat_trainings
from tests.common.learning import (
    ASSIST,
    LOOP,
    MODELS,
    PREDICT,
    SET_LOOP,
    add_labels,
    add_pictures,
    ended,
    shape_files,
    trained,
)
from tests.resolvers.trained_model.conftest import shape_of

SEEN = """query ($id: ID!, $first: PageSize!) {
  data: assets(where: {project: {id: $id}}, first: $first, skip: 0) {
    externalId priority status inferenceMark labels { labelType modelName jsonResponse author { email } } } }"""
NEXT = "query ($id: ID!) { data: getNextAssetFromProject(projectID: $id, inReview: false) { externalId } }"


async def seen_of(project) -> dict:
    return {one["externalId"]: one for one in await project.admin.data(SEEN, {"id": project.id, "first": 100})}


@pytest.fixture
async def assisted(few):
    """A project of two shapes with a model, and four pictures that nobody has labeled."""
    model = await trained(few.project.admin, few.project.id, "assistant", patience=20)
    fresh = await add_pictures(few.project, shape_files(2, shapes=("DISC", "STAR"), start=6))
    return few.project, model, fresh


async def test_predictions_are_labels_that_every_client_sees_and_the_doubtful_assets_come_first(assisted):
    project, model, fresh = assisted
    answers = {
        one["externalId"]: one
        for one in await project.admin.data(PREDICT, {"id": model["id"], "assets": list(fresh.values())})
    }

    outcome = await project.admin.data(ASSIST, {"id": model["id"]})

    assert outcome == {"written": 4, "isComplete": True}
    seen = await seen_of(project)
    for name in fresh:
        best, second = answers[name]["scores"]
        (label,) = seen[name]["labels"]
        assert (label["labelType"], label["modelName"]) == ("PREDICTION", "assistant")
        (category,) = json.loads(label["jsonResponse"])["SHAPE"]["categories"]
        assert (category["name"], category["confidence"]) == (best["label"], round(best["score"]))
        assert seen[name]["priority"] == round(100 - (best["score"] - second["score"]))
        assert seen[name]["status"] == "TODO"
    others = [one for name, one in seen.items() if name not in fresh]
    assert all(
        [label["labelType"] for label in one["labels"]] == ["DEFAULT"] and one["priority"] == 0 for one in others
    )
    first = await project.admin.data(NEXT, {"id": project.id})
    assert seen[first["externalId"]]["priority"] == max(seen[name]["priority"] for name in fresh)

    # A label of a person is compared with what the model had said, as with any other model.
    name = next(iter(fresh))
    await add_labels(project, {fresh[name]: [shape_of(name)]})
    await project.marked()
    agrees = json.loads(seen[name]["labels"][0]["jsonResponse"])["SHAPE"]["categories"][0]["name"] == shape_of(name)
    assert (await seen_of(project))[name]["inferenceMark"] in (None, float(agrees))
    assert await project.admin.data(ASSIST, {"id": model["id"]}) == {"written": 0, "isComplete": True}


async def test_assets_with_labels_are_predicted_when_asked_for_and_priorities_left_when_not(assisted):
    project, model, fresh = assisted
    outcome = await project.admin.data(ASSIST, {"id": model["id"], "only": False, "prioritize": False})
    assert outcome == {"written": 16, "isComplete": True}
    seen = await seen_of(project)
    assert {one["priority"] for one in seen.values()} == {0}
    assert all("PREDICTION" in {label["labelType"] for label in one["labels"]} for one in seen.values())
    assert len(seen) == 12 + len(fresh)


async def test_predictions_of_several_labels_are_those_at_or_above_their_thresholds(learned_several):
    project, model = learned_several.project, learned_several.model
    outcome = await project.admin.data(ASSIST, {"id": model["id"], "only": False})
    answers = {
        one["externalId"]: one
        for one in await project.admin.data(
            PREDICT, {"id": model["id"], "assets": list(learned_several.assets.values())}
        )
    }
    seen = await seen_of(project)
    written = 0
    for name, one in seen.items():
        predictions = [label for label in one["labels"] if label["labelType"] == "PREDICTION"]
        expected = answers[name]["predicted"]
        written += len(predictions)
        assert len(predictions) == bool(expected)
        for label in predictions:
            assert [
                category["name"] for category in json.loads(label["jsonResponse"])["SHAPE"]["categories"]
            ] == expected
    assert outcome["written"] == written > 30


async def test_a_training_may_be_followed_by_its_predictions(few):
    fresh = await add_pictures(few.project, shape_files(1, shapes=("DISC", "STAR"), start=6))
    await trained(few.project.admin, few.project.id, "both", patience=5, assistLabeling=True)
    for _ in range(100):
        seen = await seen_of(few.project)
        if all(seen[name]["labels"] for name in fresh):
            break
        await asyncio.sleep(0.05)
    assert {seen[name]["labels"][0]["modelName"] for name in fresh} == {"both"}


async def test_a_project_learns_again_after_so_many_labels_of_people(few, database):
    project = few.project
    model = await trained(project.admin, project.id, "looped", patience=3, seed=11)
    fresh = await add_pictures(project, shape_files(2, shapes=("DISC", "STAR"), start=6))
    assert await project.admin.data(SET_LOOP, {"id": project.id, "every": 3, "model": model["id"]}) == 3
    names = list(fresh)
    await add_labels(project, {fresh[name]: [shape_of(name)] for name in names[:2]})
    await project.label(
        fresh[names[3]],
        label_type="PREDICTION",
        model_name="x",
        json_response='{"SHAPE": {"categories": [{"name": "DISC"}]}}',
    )
    await repeat_trainings(database)
    assert len(await project.admin.data(MODELS, {"where": {"projectId": project.id}})) == 1

    await add_labels(project, {fresh[names[2]]: [shape_of(names[2])]})
    await repeat_trainings(database)
    models = await project.admin.data(MODELS, {"where": {"projectId": project.id}})
    assert [one["name"] for one in models] == ["looped", "looped 2"]
    second = await ended(project.admin, models[1]["id"])
    assert second["status"] == "TRAINED"
    async with database.reader() as connection:
        kept = await connection.fetch(
            "select parameters from trained_model where project_id = :id order by position", {"id": project.id}
        )
    assert json.loads(kept[0]["parameters"]) == json.loads(kept[1]["parameters"])
    assert await project.admin.data(LOOP, {"id": project.id}) == {
        "everyLabels": 3,
        "modelId": second["id"],
        "reason": None,
    }
    await repeat_trainings(database)
    assert await project.admin.data(SET_LOOP, {"id": project.id, "every": 0}) == 0
    assert (await project.admin.data(LOOP, {"id": project.id}))["everyLabels"] == 0
    assert len(await project.admin.data(MODELS, {"where": {"projectId": project.id}})) == 2


async def test_a_loop_needs_a_model_of_its_project(few, learned):
    refused = await few.project.admin.refused(SET_LOOP, {"id": few.project.id, "every": 5})
    assert (refused.code, "by `modelId`" in refused.message) == ("BAD_USER_INPUT", True)
    refused = await few.project.admin.refused(
        SET_LOOP, {"id": few.project.id, "every": 5, "model": learned.model["id"]}
    )
    assert "one of another project" in refused.message
    assert (await few.project.admin.data(LOOP, {"id": few.project.id}))["everyLabels"] == 0
