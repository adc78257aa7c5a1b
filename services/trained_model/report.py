"""How well a model does: statistics of the images of its training, and its predictions on them."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any, Final

import orjson

from labelyard.domain.trained_model import (
    DEFAULT,
    Checkpoint,
    ImageSet,
    PredictionFilter,
    is_correct,
    percents,
)
from labelyard.services.learning.process import Inference
from labelyard.storage.database import Database, Row
from labelyard.storage.trained_model import read_images, read_sets

PIECE: Final = 2_000


async def statistics_of(
    database: Database, inference: Inference, model: Row, image_set: ImageSet, checkpoint: Checkpoint
) -> dict[str, Any]:
    """The statistics of a model, as fractions; thresholds are those in use."""
    async with database.reader() as connection:
        sets = await read_sets(connection, model["id"], checkpoint.value, [image_set is ImageSet.VALIDATION])
    truth, scores = (sets[0]["truth"], sets[0]["scores"]) if sets else (b"", b"")
    is_multi = model["type"] == "MULTI_LABEL"
    if not is_multi:
        truth = truth.translate(bytes([0, 0, 1]) + bytes(253))  # an image counts for its default label alone
    thresholds = orjson.loads(model["thresholds"])
    request = {"op": "statistics", "labels": model["labels"], "thresholds": thresholds, "isMulti": is_multi}
    head, _ = await inference.ask(request, truth, scores)
    made: dict[str, Any] = head["statistics"]
    if "confusion" in made:
        made["confusion"] = {"labels": model["labels"], "matrix": made["confusion"]}
    return {
        **made,
        "thresholds": dict(zip(model["labels"], thresholds, strict=True)) if is_multi else None,
        "trainSeconds": model["train_seconds"],
        "bestAtSeconds": model["best_at_seconds"],
        "curves": orjson.loads(model["curves"]),
    }


async def predictions_of(
    database: Database,
    model: Row,
    image_set: ImageSet,
    checkpoint: Checkpoint,
    wanted: PredictionFilter,
    *,
    first: int,
    skip: int,
) -> list[dict[str, Any]]:
    """What a model says of the images of its training whose assets are still there, in the order of the training."""
    found: list[dict[str, Any]] = []
    after, passed = -1, 0
    while len(found) < first:
        async with database.reader() as connection:
            rows = await read_images(
                connection,
                model,
                checkpoint.value,
                in_validation=image_set is ImageSet.VALIDATION,
                after=after,
                limit=PIECE,
            )
        for row in _wanted(rows, model, wanted):
            passed += 1
            if passed > skip and len(found) < first:
                found.append(row)
        if len(rows) < PIECE:
            break
        after = rows[-1]["place"]
    return found


def _wanted(rows: list[Row], model: Row, wanted: PredictionFilter) -> Iterator[dict[str, Any]]:
    labels, is_multi = model["labels"], model["type"] == "MULTI_LABEL"
    thresholds = orjson.loads(model["thresholds"])
    for row in rows:
        scores = struct.unpack(f"<{len(labels)}f", row["scores"])
        correct = is_correct(row["truth"], scores, thresholds, is_multi=is_multi)
        above = any(score >= threshold for score, threshold in zip(scores, thresholds, strict=True))
        if {
            PredictionFilter.ALL: True,
            PredictionFilter.CORRECT: correct,
            PredictionFilter.INCORRECT: not correct,
            PredictionFilter.ABOVE: above,
            PredictionFilter.BELOW: not above,
        }[wanted]:
            truth = [label for label, there in zip(labels, row["truth"], strict=True) if there]
            default = [label for label, there in zip(labels, row["truth"], strict=True) if there == DEFAULT]
            yield {
                "assetId": row["asset_id"],
                "externalId": row["external_id"],
                "truth": truth,
                "default": default[0] if default else None,
                "scores": percents(labels, scores),
                "correct": correct,
            }
