"""`trainModel`: from labels to a model that tells pictures apart."""

from __future__ import annotations

from tests.common.learning import PREDICT, STATISTICS
from tests.common.shapes import SHAPES


async def test_a_model_tells_code_made_pictures_apart(learned):
    model = learned.model
    assert model["labels"] == list(SHAPES)
    assert (model["type"], model["jobName"], model["backbone"]) == ("SINGLE_LABEL", "SHAPE", "efficientnet-lite0")
    assert 1 <= model["bestEpoch"] <= model["epochs"]
    assert model["epochs"] - model["bestEpoch"] == 150 or model["trainSeconds"] >= 60

    unlabeled = [name for name in learned.assets if name not in learned.labeled]
    answers = await learned.project.admin.data(
        PREDICT, {"id": model["id"], "assets": [learned.assets[name] for name in unlabeled]}
    )
    assert [one["externalId"] for one in answers] == unlabeled
    right = [one["predicted"] == [one["externalId"].partition("-")[0]] for one in answers]
    assert sum(right) / len(right) >= 0.95
    for one in answers:
        assert {score["label"] for score in one["scores"]} == set(SHAPES)
        assert abs(sum(score["score"] for score in one["scores"]) - 100) < 0.01
        assert one["scores"] == sorted(one["scores"], key=lambda score: -score["score"])
        assert one["predicted"] == [one["scores"][0]["label"]]
    statistics = await learned.project.admin.data(STATISTICS, {"id": model["id"]})
    assert statistics["images"] == 16
    assert statistics["accuracy"] >= 0.9
