"""`trainedModelStatistics`, `trainedModelPredictions` and `setTrainedModelThresholds`, beside an independent computation."""

from __future__ import annotations

import math
import struct

import pytest

from tests.common.learning import PREDICTIONS, STATISTICS, THRESHOLDS
from tests.resolvers.trained_model.conftest import labels_of, shape_of

CLOSE = 1e-6


async def rows_of(learned, image_set: str, checkpoint: str) -> list[tuple[list[int], list[float]]]:
    """The truth (places of labels, the default one first) and the scores of images, read from the database."""
    async with learned.project.organization.database.reader() as connection:
        rows = await connection.fetch(
            f"select truth, scores_{checkpoint.lower()} as scores from trained_model_image "
            "where model_id = :id and in_validation = :held order by place",
            {"id": learned.model["id"], "held": image_set == "VALIDATION"},
        )
    count = len(learned.model["labels"])
    return [
        (
            sorted((place for place in range(count) if row["truth"][place]), key=lambda place: -row["truth"][place]),
            list(struct.unpack(f"<{count}f", row["scores"])),
        )
        for row in rows
    ]


def rates(pairs: list[tuple[bool, bool]]) -> tuple[float, float, float]:
    """Precision, recall and F1 of pairs of truth and prediction."""
    right = sum(true and made for true, made in pairs)
    made, true = sum(made for _, made in pairs), sum(true for true, _ in pairs)
    precision, recall = right / made if made else 0.0, right / true if true else 0.0
    return precision, recall, 2 * precision * recall / (precision + recall) if right else 0.0


def check_rates(found, truth: list[set[int]], predicted: list[set[int]], labels: list[str]) -> None:
    means = [0.0, 0.0, 0.0]
    occurring = 0
    for place, label in enumerate(labels):
        pairs = [(place in true, place in made) for true, made in zip(truth, predicted, strict=True)]
        expected = rates(pairs)
        assert [found["perLabel"][label][name] for name in ("precision", "recall", "f1")] == pytest.approx(
            expected, abs=CLOSE
        )
        assert found["labels"][label] == sum(true for true, _ in pairs)
        if any(true or made for true, made in pairs):
            occurring += 1
            means = [mean + one for mean, one in zip(means, expected, strict=True)]
    assert [found[name] for name in ("precision", "recall", "f1")] == pytest.approx(
        [mean / occurring for mean in means], abs=CLOSE
    )


@pytest.mark.parametrize("checkpoint", ["BEST", "LAST"])
@pytest.mark.parametrize("image_set", ["TRAIN", "VALIDATION"])
async def test_statistics_of_one_label_are_those_of_the_books(learned, image_set, checkpoint):
    found = await learned.project.admin.data(
        STATISTICS, {"id": learned.model["id"], "set": image_set, "checkpoint": checkpoint}
    )
    rows = await rows_of(learned, image_set, checkpoint)
    labels, count = learned.model["labels"], len(rows)
    truth = [true[0] for true, _ in rows]
    predicted = [max(range(len(scores)), key=scores.__getitem__) for _, scores in rows]

    assert found["images"] == count == (8 if image_set == "VALIDATION" else 56)
    assert found["accuracy"] == pytest.approx(
        sum(a == b for a, b in zip(truth, predicted, strict=True)) / count, abs=CLOSE
    )
    losses = [-math.log(scores[true[0]]) for true, scores in rows]
    assert found["crossEntropy"] == pytest.approx(sum(losses) / count, abs=CLOSE)
    matrix = [
        [sum(a == i and b == j for a, b in zip(truth, predicted, strict=True)) for j in range(8)] for i in range(8)
    ]
    assert found["confusion"] == {"labels": labels, "matrix": matrix}
    right = sum(matrix[i][i] for i in range(8))
    rows_sum = [sum(row) for row in matrix]
    columns = [sum(row[j] for row in matrix) for j in range(8)]
    above = right * count - sum(a * b for a, b in zip(rows_sum, columns, strict=True))
    below = (count**2 - sum(a * a for a in columns)) * (count**2 - sum(a * a for a in rows_sum))
    assert found["matthews"] == pytest.approx(above / math.sqrt(below) if below else 0, abs=CLOSE)
    check_rates(found, [{one} for one in truth], [{one} for one in predicted], labels)
    assert (found["accuracyLabelWise"], found["rocAuc"], found["thresholds"]) == (None, None, None)
    epochs = learned.model["epochs"]
    assert {name: len(curve) for name, curve in found["curves"].items()} == dict.fromkeys(
        ("accuracy", "crossEntropy", "trainAccuracy", "trainCrossEntropy"), epochs
    )
    assert min(range(epochs), key=found["curves"]["crossEntropy"].__getitem__) == learned.model["bestEpoch"] - 1
    if image_set == "VALIDATION":
        place = learned.model["bestEpoch"] - 1 if checkpoint == "BEST" else -1
        assert found["crossEntropy"] == pytest.approx(found["curves"]["crossEntropy"][place], abs=1e-5)


@pytest.mark.parametrize("image_set", ["TRAIN", "VALIDATION"])
async def test_statistics_of_several_labels_are_those_of_the_books(learned_several, image_set):
    found = await learned_several.project.admin.data(STATISTICS, {"id": learned_several.model["id"], "set": image_set})
    rows = await rows_of(learned_several, image_set, "BEST")
    labels = learned_several.model["labels"]
    thresholds = [found["thresholds"][label] for label in labels]
    truth = [set(true) for true, _ in rows]
    predicted = [{place for place, score in enumerate(scores) if score >= thresholds[place]} for _, scores in rows]

    assert labels[-1] == "ROUND"
    assert {label: round(100 * value, 4) for label, value in zip(labels, thresholds, strict=True)} == pytest.approx(
        learned_several.model["thresholds"], abs=1e-3
    )
    check_rates(found, truth, predicted, labels)
    agree = [
        [(place in true) == (place in made) for place in range(len(labels))]
        for true, made in zip(truth, predicted, strict=True)
    ]
    assert found["accuracyLabelWise"] == pytest.approx(sum(map(sum, agree)) / (len(rows) * len(labels)), abs=CLOSE)
    assert found["accuracyImageWise"] == pytest.approx(sum(map(all, agree)) / len(rows), abs=CLOSE)
    cells = [
        (place in true, scores[place])
        for (_, scores), true in zip(rows, truth, strict=True)
        for place in range(len(labels))
    ]
    losses = [-math.log(score if there else 1 - score) for there, score in cells]
    assert found["crossEntropy"] == pytest.approx(sum(losses) / len(losses), abs=1e-5)
    true, false = ([score for there, score in cells if there is wanted] for wanted in (True, False))
    wins = sum((a > b) + (a == b) / 2 for a in true for b in false)
    assert found["rocAuc"] == pytest.approx(wins / (len(true) * len(false)), abs=CLOSE)
    pairs = [(place in a, place in b) for a, b in zip(truth, predicted, strict=True) for place in range(len(labels))]
    assert [found["micro"][name] for name in ("precision", "recall", "f1")] == pytest.approx(rates(pairs), abs=CLOSE)
    point = found["precisionRecall"]["all"][10]
    expected = rates([(there, score >= 0.5) for there, score in cells])
    assert (point["threshold"], point["precision"], point["recall"]) == pytest.approx((0.5, *expected[:2]), abs=CLOSE)
    assert (found["accuracy"], found["matthews"], found["confusion"]) == (None, None, None)


async def test_thresholds_lie_in_the_middle_of_what_is_equally_good(learned_several):
    rows = await rows_of(learned_several, "TRAIN", "BEST")
    for place, label in enumerate(learned_several.model["labels"]):
        scores = sorted({own[place] for _, own in rows})
        best = max(rates([(place in true, own[place] >= score) for true, own in rows])[2] for score in scores)
        threshold = learned_several.model["thresholds"][label] / 100
        assert rates([(place in true, own[place] >= threshold) for true, own in rows])[2] == pytest.approx(best)
        below, above = (max([0.0, *(s for s in scores if s < threshold)]), min(s for s in scores if s >= threshold))
        assert threshold == pytest.approx((below + above) / 2, abs=1e-5)


async def test_a_threshold_moves_precision_and_recall_on_both_sets_and_the_best_ones_come_back(learned_several):
    admin, model = learned_several.project.admin, learned_several.model
    before = model["thresholds"]
    seen = {}
    for percent in (0.0, 100.0):
        made = await admin.data(
            THRESHOLDS, {"id": model["id"], "data": {"labels": [{"label": "ROUND", "threshold": percent}]}}
        )
        assert made["thresholds"] == {**before, "ROUND": percent}
        for image_set in ("TRAIN", "VALIDATION"):
            found = await admin.data(STATISTICS, {"id": model["id"], "set": image_set})
            seen[percent, image_set] = found["perLabel"]["ROUND"]
    for image_set in ("TRAIN", "VALIDATION"):
        low, high = seen[0.0, image_set], seen[100.0, image_set]
        assert low["recall"] == 1.0 >= high["recall"]
        assert low["precision"] < 0.6
        assert high["precision"] > 0.6 or high["recall"] == 0
    made = await admin.data(THRESHOLDS, {"id": model["id"], "data": {"threshold": 40}})
    assert set(made["thresholds"].values()) == {40}
    made = await admin.data(THRESHOLDS, {"id": model["id"], "data": {"optimized": True}})
    assert made["thresholds"] == pytest.approx(before, abs=1e-3)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({}, "Give `optimized: true`"),
        ({"labels": [{"label": "SQUARE", "threshold": 50}]}, "The model has no label 'SQUARE'."),
        ({"threshold": 101}, "threshold lies between 0 and 100, not 101."),
    ],
)
async def test_thresholds_that_are_none_are_refused(learned_several, data, sentence):
    refused = await learned_several.project.admin.refused(THRESHOLDS, {"id": learned_several.model["id"], "data": data})
    assert (refused.code, sentence in refused.message) == ("BAD_USER_INPUT", True)


async def test_a_model_of_one_label_has_no_thresholds(learned):
    refused = await learned.project.admin.refused(THRESHOLDS, {"id": learned.model["id"], "data": {"threshold": 50}})
    assert refused.message.startswith("[noThresholds]")


async def test_predictions_on_the_images_of_a_training_can_be_listed_by_whether_they_are_right(learned):
    async def listed(**more):
        values = {"id": learned.model["id"], "set": "TRAIN", "first": 100, "skip": 0, **more}
        return await learned.project.admin.data(PREDICTIONS, values)

    every = await listed()
    assert len(every) == 56
    for one in every:
        assert one["truth"] == [one["default"]] == [shape_of(one["externalId"])]
        assert one["correct"] == (one["scores"][0]["label"] == one["default"])
    assert await listed(filter="CORRECT") == [one for one in every if one["correct"]]
    assert await listed(filter="INCORRECT") == [one for one in every if not one["correct"]]
    assert await listed(first=5, skip=50) == every[50:55]


async def test_a_prediction_of_several_labels_is_right_when_all_are(learned_several):
    values = {"id": learned_several.model["id"], "set": "TRAIN", "first": 100, "skip": 0}
    admin, thresholds = learned_several.project.admin, learned_several.model["thresholds"]
    every = await admin.data(PREDICTIONS, values)
    for one in every:
        assert sorted(one["truth"]) == sorted(labels_of(one["externalId"]))
        assert one["default"] == shape_of(one["externalId"])
        above = {score["label"] for score in one["scores"] if score["score"] >= thresholds[score["label"]]}
        assert one["correct"] == (above == set(one["truth"]))
    with_some = await admin.data(PREDICTIONS, {**values, "filter": "ABOVE"})
    without = await admin.data(PREDICTIONS, {**values, "filter": "BELOW"})
    assert len(with_some) + len(without) == len(every) > 30
