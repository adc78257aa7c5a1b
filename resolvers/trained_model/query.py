"""Lists of trained models, how well they do, what they say, and images that look alike."""

from typing import Any

import orjson
import strawberry

from labelyard.domain.error import BadUserInput, Forbidden, NotFound
from labelyard.domain.permission import Action, ProjectRole
from labelyard.domain.trained_model import percents, predicted_labels
from labelyard.resolvers.argument import Input, check_skip
from labelyard.resolvers.enumeration import Checkpoint, ImageSet, PredictionFilter
from labelyard.resolvers.operation import Call, query
from labelyard.resolvers.scalar import PageSize
from labelyard.resolvers.trained_model.input import TrainedModelWhere
from labelyard.resolvers.trained_model.type import (
    AssetPrediction,
    LearningLoop,
    SimilarAssets,
    SimilarPair,
    TrainedModel,
    TrainedModelPrediction,
    TrainedModelStatistics,
)
from labelyard.services.trained_model import report, similarity
from labelyard.services.trained_model.request import find_model, require_trained
from labelyard.services.trained_model.scoring import Scorer, require_picture, vectors_of
from labelyard.storage.database import Row
from labelyard.storage.filter.trained_model import trained_model_filter
from labelyard.storage.trained_model import read_loop, visible_contents

MOST_PREDICTED = 100
NEARLY_THE_SAME = 95.0


@query(Action.READ)
async def trainedModels(
    call: Call, where: Input[TrainedModelWhere], first: PageSize, skip: int
) -> list[TrainedModel] | None:
    """The models that learn or have learned from the labels of visible projects, oldest first."""
    return await call.page(trained_model_filter(where), first=first, skip=skip)


@query(Action.READ)
async def countTrainedModels(call: Call, where: Input[TrainedModelWhere]) -> int:
    """How many models `trainedModels` lists in all."""
    return await call.count("trained_model", trained_model_filter(where))


@query(Action.READ_PROJECT)
async def trainedModelStatistics(
    call: Call, id: strawberry.ID, imageSet: ImageSet | None = None, checkpoint: Checkpoint | None = None
) -> TrainedModelStatistics:
    """How well a model does on the images of its training, as they were labeled then."""
    model = await _trained(call, id)
    made = await report.statistics_of(
        call.database,
        call.services.inference,
        model,
        imageSet or ImageSet.VALIDATION,
        checkpoint or Checkpoint.BEST,
    )
    return call.answer({**dict.fromkeys(OPTIONAL), **made})


OPTIONAL = (
    "accuracy",
    "accuracyLabelWise",
    "accuracyImageWise",
    "micro",
    "matthews",
    "rocAuc",
    "confusion",
    "precisionRecall",
)


@query(Action.READ_PROJECT)
async def trainedModelPredictions(
    call: Call,
    id: strawberry.ID,
    first: PageSize,
    skip: int,
    imageSet: ImageSet | None = None,
    checkpoint: Checkpoint | None = None,
    filter: PredictionFilter | None = None,
) -> list[TrainedModelPrediction]:
    """What a model says of the images of its training, beside the truth; not for labelers, who see no labels of others."""
    check_skip(skip)
    model = await _trained(call, id)
    if call.actor.role_in(model["project_id"]) is ProjectRole.LABELER:
        raise Forbidden(
            "[accessDenied] Your role LABELER does not show you the labels of others; ask an administrator of the project.",
            projectId=model["project_id"],
        )
    return call.answer(
        await report.predictions_of(
            call.database,
            model,
            imageSet or ImageSet.VALIDATION,
            checkpoint or Checkpoint.BEST,
            filter or PredictionFilter.ALL,
            first=first,
            skip=skip,
        )
    )


@query(Action.READ_PROJECT)
async def predictAssets(
    call: Call, id: strawberry.ID, assetIds: list[strawberry.ID], checkpoint: Checkpoint | None = None
) -> list[AssetPrediction]:
    """What a model says of up to 100 assets of its project, in the order of their ids; nothing is stored."""
    if len(assetIds) > MOST_PREDICTED:
        raise BadUserInput(
            f"[tooManyItems] One call predicts at most {MOST_PREDICTED} assets, not {len(assetIds):,}.",
            limit=MOST_PREDICTED,
            given=len(assetIds),
        )
    model = await _trained(call, id)
    async with call.reader() as connection:
        rows = {row["id"]: row for row in await visible_contents(connection, assetIds, call.actor)}
    unknown = [one for one in assetIds if one not in rows or rows[one]["project_id"] != model["project_id"]]
    if unknown:
        raise _unknown_asset(unknown[0])
    contents = [rows[one] for one in assetIds]
    vectors = await vectors_of(call.database, call.services, contents, model["backbone"])
    pictures = [require_picture(vectors[row["content_hash"]], row["external_id"]) for row in contents]
    scorer = await Scorer.of(call.database, call.services.inference, model, checkpoint or Checkpoint.BEST)
    scores = await scorer.score(pictures)
    return call.answer([_prediction(model, row, own) for row, own in zip(contents, scores, strict=True)])


def _prediction(model: Row, asset: Row, scores: tuple[float, ...]) -> dict[str, Any]:
    labels = model["labels"]
    chosen = predicted_labels(scores, orjson.loads(model["thresholds"]), is_multi=model["type"] == "MULTI_LABEL")
    return {
        "assetId": asset["id"],
        "externalId": asset["external_id"],
        "scores": percents(labels, scores),
        "predicted": [labels[index] for index in chosen],
    }


@query(Action.READ_PROJECT)
async def similarAssets(
    call: Call, assetId: strawberry.ID, first: PageSize, threshold: float | None = None
) -> SimilarAssets:
    """The assets of the same project whose pictures are most alike to that of one, the most alike first."""
    async with call.reader() as connection:
        found = await visible_contents(connection, [assetId], call.actor)
    if not found:
        raise _unknown_asset(assetId)
    await call.authorize(found[0]["project_id"])
    return call.answer(
        await similarity.similar_assets(
            call.database, call.services, call.actor, found[0], first=first, threshold=(threshold or 0.0) / 100
        )
    )


@query(Action.READ_PROJECT)
async def similarPairs(
    call: Call, projectId: strawberry.ID, first: PageSize, threshold: float | None = None
) -> list[SimilarPair]:
    """Pairs of assets of a project whose pictures are nearly the same, the most alike first."""
    await call.authorize(projectId)
    least = NEARLY_THE_SAME if threshold is None else threshold
    return call.answer(
        await similarity.similar_pairs(
            call.database, call.services, call.actor, projectId, first=first, threshold=least / 100
        )
    )


@query(Action.READ_PROJECT)
async def learningLoop(call: Call, projectId: strawberry.ID) -> LearningLoop:
    """After how many labels of people the model of a project is trained again; 0 for never."""
    await call.authorize(projectId)
    async with call.reader() as connection:
        row = await read_loop(connection, projectId)
    if row is None:
        return call.answer({"everyLabels": 0, "modelId": None, "reason": None})
    return call.answer({"everyLabels": row["every_labels"], "modelId": row["model_id"], "reason": row["reason"]})


async def _trained(call: Call, model_id: str) -> Row:
    """A model that has learned, of a project of the caller."""
    async with call.reader() as connection:
        model = await find_model(connection, call.actor, model_id, Action.READ_PROJECT)
    require_trained(model)
    return model


def _unknown_asset(asset_id: str) -> NotFound:
    return NotFound(f"[notFound] No picture {asset_id!r} is visible to you here.", assetId=asset_id)
