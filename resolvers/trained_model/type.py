"""Trained models as clients see them, and what is said of and by them."""

from typing import TYPE_CHECKING, Annotated

import strawberry

from labelyard.resolvers.enumeration import TrainedModelType, TrainingStatus
from labelyard.resolvers.object_type import expression, json, object_type, to_one
from labelyard.resolvers.scalar import JSON, DateTime
from labelyard.services.trained_model.training import STOPPED

if TYPE_CHECKING:
    from labelyard.resolvers.user.type import User

# A worker that was killed says nothing: then the next one does, or nobody when an operator has ended the job.
IS_ABANDONED = (
    "({t}.status in ('QUEUED', 'TRAINING') and not exists "
    "(select from job j where j.id = {t}.job_id and j.status in ('QUEUED', 'RUNNING')))"
)
THRESHOLDS = """(case when {t}.type = 'MULTI_LABEL' and {t}.status = 'TRAINED' then (
  select json_object_agg(n.label, round(100 * n.value::numeric, 4))::text
  from unnest({t}.labels, array(
    select v.value from json_array_elements_text({t}.thresholds::json) with ordinality v(value, place) order by v.place
  )) n(label, value)
) end)"""


@object_type("trained_model")
class TrainedModel:
    """A model that learns, or has learned, from the labels of a project."""

    id: strawberry.ID
    projectId: strawberry.ID
    author: Annotated["User", strawberry.lazy("labelyard.resolvers.user.type")] | None = to_one(
        "User", on="{r}.id = {t}.requested_by"
    )
    name: str
    type: TrainedModelType
    jobName: str
    labels: list[str]
    status: TrainingStatus = expression(f"(case when {IS_ABANDONED} then 'FAILED' else {{t}}.status end)")
    progress: int
    error: str | None = expression(f"(case when {IS_ABANDONED} then '{STOPPED}' else {{t}}.error end)")
    backbone: str | None
    thresholds: JSON | None = json(THRESHOLDS)
    epochs: int | None
    bestEpoch: int | None
    trainSeconds: float | None
    bestAtSeconds: float | None
    createdAt: DateTime
    startedAt: DateTime | None
    finishedAt: DateTime | None


@object_type(None)
class TrainedModelStatistics:
    """How well a model does on the images of its training, as fractions."""

    images: int
    labels: JSON
    accuracy: float | None
    accuracyLabelWise: float | None
    accuracyImageWise: float | None
    precision: float
    recall: float
    f1: float
    perLabel: JSON
    micro: JSON | None
    crossEntropy: float
    matthews: float | None
    rocAuc: float | None
    confusion: JSON | None
    precisionRecall: JSON | None
    thresholds: JSON | None
    curves: JSON
    trainSeconds: float
    bestAtSeconds: float


@object_type(None)
class LabelScore:
    """How sure a model is of a label, in percent."""

    label: str
    score: float


@object_type(None)
class TrainedModelPrediction:
    """What a model says of an image of its training."""

    assetId: strawberry.ID
    externalId: str
    truth: list[str]
    default: str | None
    scores: list[LabelScore]
    correct: bool


@object_type(None)
class AssetPrediction:
    """What a model says of an asset."""

    assetId: strawberry.ID
    externalId: str
    scores: list[LabelScore]
    predicted: list[str]


@object_type(None)
class SimilarAsset:
    """An asset, and how alike its picture is to another, in percent."""

    assetId: strawberry.ID
    externalId: str
    score: float


@object_type(None)
class SimilarAssets:
    """The assets most alike to one."""

    assets: list[SimilarAsset]
    searched: int
    undescribed: int


@object_type(None)
class SimilarPair:
    """Two assets whose pictures are nearly the same."""

    first: SimilarAsset
    second: SimilarAsset
    score: float


@object_type(None)
class LabelAssistance:
    """What became of a request for predictions."""

    written: int
    isComplete: bool


@object_type(None)
class LearningLoop:
    """How often the model of a project is trained again."""

    everyLabels: int
    modelId: strawberry.ID | None
    reason: str | None
