"""What clients send about this room. Every key may be absent or null, which means the same."""

from typing import TYPE_CHECKING, Annotated

import strawberry

from labelyard.resolvers.enumeration import LabelType
from labelyard.resolvers.scalar import DateTime

if TYPE_CHECKING:
    from labelyard.resolvers.asset.input import AssetWhere
    from labelyard.resolvers.project.input import ProjectWhere
    from labelyard.resolvers.user.input import UserWhere


@strawberry.input
class LabelWhere:
    """Which labels; all conditions given must hold."""

    id: strawberry.ID | None = strawberry.UNSET
    idIn: list[strawberry.ID] | None = strawberry.UNSET
    asset: Annotated["AssetWhere", strawberry.lazy("labelyard.resolvers.asset.input")] | None = strawberry.UNSET
    project: Annotated["ProjectWhere", strawberry.lazy("labelyard.resolvers.project.input")] | None = strawberry.UNSET
    user: Annotated["UserWhere", strawberry.lazy("labelyard.resolvers.user.input")] | None = strawberry.UNSET
    typeIn: list[LabelType] | None = strawberry.UNSET
    authorIn: list[str] | None = strawberry.UNSET
    labelerIn: list[str] | None = strawberry.UNSET
    reviewerIn: list[str] | None = strawberry.UNSET
    consensusMarkGte: float | None = strawberry.UNSET
    consensusMarkLte: float | None = strawberry.UNSET
    honeypotMarkGte: float | None = strawberry.UNSET
    honeypotMarkLte: float | None = strawberry.UNSET
    createdAt: DateTime | None = strawberry.UNSET
    createdAtGte: DateTime | None = strawberry.UNSET
    createdAtLte: DateTime | None = strawberry.UNSET
    jsonResponseContains: list[str] | None = strawberry.UNSET
    search: str | None = strawberry.UNSET
    skipped: bool | None = strawberry.UNSET


@strawberry.input
class AppendToLabelsData:
    """A label for one asset."""

    authorID: strawberry.ID | None = strawberry.UNSET
    clientVersion: int | None = strawberry.UNSET
    jsonResponse: str
    labelType: LabelType
    secondsToLabel: float | None = strawberry.UNSET
    skipped: bool | None = strawberry.UNSET


@strawberry.input
class AppendLabelData:
    """One label of a batch."""

    assetID: strawberry.ID
    authorID: strawberry.ID | None = strawberry.UNSET
    clientVersion: int | None = strawberry.UNSET
    jsonResponse: str
    modelName: str | None = strawberry.UNSET
    referencedLabelId: strawberry.ID | None = strawberry.UNSET
    secondsToLabel: float | None = strawberry.UNSET


@strawberry.input
class AppendManyLabelsData:
    """Labels for many assets, all of one type."""

    labelType: LabelType
    labelsData: list[AppendLabelData]
    overwrite: bool | None = strawberry.UNSET
    stepName: str | None = strawberry.UNSET
    stepId: strawberry.ID | None = strawberry.UNSET


@strawberry.input
class CreatePredictionsData:
    """Predictions, as parallel arrays."""

    jsonResponseArray: list[str]
    modelNameArray: list[str] | None = strawberry.UNSET


@strawberry.input
class CreateHoneypotData:
    """The right answer of a honeypot."""

    jsonResponse: str


@strawberry.input
class LabelData:
    """What to change in a label."""

    isSentBackToQueue: bool | None = strawberry.UNSET
    jsonResponse: str | None = strawberry.UNSET
    modelName: str | None = strawberry.UNSET
    secondsToLabel: float | None = strawberry.UNSET


@strawberry.input
class AnnotationWhere:
    """The label whose annotations are wanted."""

    labelId: strawberry.ID | None = strawberry.UNSET
