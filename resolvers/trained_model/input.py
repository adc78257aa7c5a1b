"""What clients send about this room."""

import strawberry

from labelyard.resolvers.enumeration import TrainedModelType


@strawberry.input
class TrainModelData:
    """A model to be trained; what is left out has its usual value."""

    name: str
    type: TrainedModelType | None = strawberry.UNSET
    jobName: str | None = strawberry.UNSET
    labels: list[str] | None = strawberry.UNSET
    minutes: float | None = strawberry.UNSET
    validationPercent: float | None = strawberry.UNSET
    useUserValidation: bool | None = strawberry.UNSET
    learningRate: float | None = strawberry.UNSET
    seed: int | None = strawberry.UNSET
    patience: int | None = strawberry.UNSET
    assistLabeling: bool | None = strawberry.UNSET


@strawberry.input
class TrainedModelWhere:
    """Which trained models."""

    id: strawberry.ID | None = strawberry.UNSET
    projectId: strawberry.ID | None = strawberry.UNSET
    name: str | None = strawberry.UNSET


@strawberry.input
class LabelThreshold:
    """The threshold of one label, in percent."""

    label: str
    threshold: float


@strawberry.input
class ThresholdsData:
    """New thresholds: those that are best on the images a model has learned from, one for all labels, or single ones."""

    optimized: bool | None = strawberry.UNSET
    threshold: float | None = strawberry.UNSET
    labels: list[LabelThreshold] | None = strawberry.UNSET
