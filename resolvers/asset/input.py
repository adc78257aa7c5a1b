"""What clients send about this room. Every key may be absent or null, which means the same."""

from typing import TYPE_CHECKING, Annotated

import strawberry

from labelyard.resolvers.enumeration import IssueStatus, IssueType, LabelType, Status, StatusInStep, UploadType
from labelyard.resolvers.scalar import JSON, DateTime

if TYPE_CHECKING:
    from labelyard.resolvers.project.input import ProjectWhere


@strawberry.input
class StepIdAndStatus:
    """A status within a step."""

    stepId: strawberry.ID
    status: StatusInStep


@strawberry.input
class AssetIssueWhere:
    """Assets with such an issue or question."""

    type: IssueType | None = strawberry.UNSET
    status: IssueStatus | None = strawberry.UNSET


@strawberry.input
class AssetLabelWhere:
    """Assets with at least one label for which all of this holds."""

    typeIn: list[LabelType] | None = strawberry.UNSET
    authorIn: list[str] | None = strawberry.UNSET
    labelerIn: list[str] | None = strawberry.UNSET
    labelerNotIn: list[str] | None = strawberry.UNSET
    reviewerIn: list[str] | None = strawberry.UNSET
    reviewerNotIn: list[str] | None = strawberry.UNSET
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
class DatasetWhere:
    """Which datasets."""

    id: strawberry.ID | None = strawberry.UNSET


@strawberry.input
class DatasetAssetWhere:
    """Which assets of datasets; all conditions given must hold."""

    id: strawberry.ID | None = strawberry.UNSET
    idIn: list[strawberry.ID] | None = strawberry.UNSET
    dataset: DatasetWhere | None = strawberry.UNSET


@strawberry.input
class AssetWhere:
    """Which assets; all conditions given must hold."""

    id: strawberry.ID | None = strawberry.UNSET
    idIn: list[strawberry.ID] | None = strawberry.UNSET
    idNotIn: list[strawberry.ID] | None = strawberry.UNSET
    project: Annotated["ProjectWhere", strawberry.lazy("labelyard.resolvers.project.input")] | None = strawberry.UNSET
    externalIdIn: list[str] | None = strawberry.UNSET
    externalIdStrictlyIn: list[str] | None = strawberry.UNSET
    statusIn: list[Status] | None = strawberry.UNSET
    skipped: bool | None = strawberry.UNSET
    consensusMarkGte: float | None = strawberry.UNSET
    consensusMarkLte: float | None = strawberry.UNSET
    honeypotMarkGte: float | None = strawberry.UNSET
    honeypotMarkLte: float | None = strawberry.UNSET
    inferenceMarkGte: float | None = strawberry.UNSET
    inferenceMarkLte: float | None = strawberry.UNSET
    createdAtGte: DateTime | None = strawberry.UNSET
    createdAtLte: DateTime | None = strawberry.UNSET
    updatedAtGte: DateTime | None = strawberry.UNSET
    updatedAtLte: DateTime | None = strawberry.UNSET
    metadata: JSON | None = strawberry.UNSET
    assigneeIn: list[str] | None = strawberry.UNSET
    assigneeNotIn: list[str] | None = strawberry.UNSET
    issue: AssetIssueWhere | None = strawberry.UNSET
    label: AssetLabelWhere | None = strawberry.UNSET
    stepIdIn: list[strawberry.ID] | None = strawberry.UNSET
    stepIdNotIn: list[strawberry.ID] | None = strawberry.UNSET
    stepStatusIn: list[StatusInStep] | None = strawberry.UNSET
    stepStatusNotIn: list[StatusInStep] | None = strawberry.UNSET
    stepIdAndStatusIn: list[StepIdAndStatus] | None = strawberry.UNSET
    stepIdAndStatusNotIn: list[StepIdAndStatus] | None = strawberry.UNSET
    groupNameIn: list[str] | None = strawberry.UNSET
    groupNameNotIn: list[str] | None = strawberry.UNSET
    datasetAsset: DatasetAssetWhere | None = strawberry.UNSET


@strawberry.input
class LegacyAssetsWhere:
    """Asset filter of the first client generation."""

    externalIdContains: str | None = strawberry.UNSET
    externalIdIn: list[str | None] | None = strawberry.UNSET
    statusIn: list[str | None] | None = strawberry.UNSET
    authorIn: list[str | None] | None = strawberry.UNSET
    consensusMarkGt: float | None = strawberry.UNSET
    consensusMarkLt: float | None = strawberry.UNSET
    consensusMarkGte: float | None = strawberry.UNSET
    consensusMarkLte: float | None = strawberry.UNSET
    honeypotMarkGt: float | None = strawberry.UNSET
    honeypotMarkLt: float | None = strawberry.UNSET
    honeypotMarkGte: float | None = strawberry.UNSET
    honeypotMarkLte: float | None = strawberry.UNSET
    skipped: bool | None = strawberry.UNSET


@strawberry.input
class LegacyLabelsWhere:
    """Label filter of the first client generation."""

    externalIdContains: str | None = strawberry.UNSET
    externalIdIn: list[str | None] | None = strawberry.UNSET
    typeIn: list[str | None] | None = strawberry.UNSET
    statusIn: list[str | None] | None = strawberry.UNSET
    authorIn: list[str | None] | None = strawberry.UNSET
    consensusMarkGt: float | None = strawberry.UNSET
    consensusMarkLt: float | None = strawberry.UNSET
    consensusMarkGte: float | None = strawberry.UNSET
    consensusMarkLte: float | None = strawberry.UNSET
    honeypotMarkGt: float | None = strawberry.UNSET
    honeypotMarkLt: float | None = strawberry.UNSET
    honeypotMarkGte: float | None = strawberry.UNSET
    honeypotMarkLte: float | None = strawberry.UNSET
    createdAtGt: str | None = strawberry.UNSET
    createdAtLt: str | None = strawberry.UNSET
    createdAtGte: str | None = strawberry.UNSET
    createdAtLte: str | None = strawberry.UNSET
    skipped: bool | None = strawberry.UNSET


@strawberry.input
class AppendManyToDatasetData:
    """Assets to import, as parallel arrays."""

    contentArray: list[str] | None = strawberry.UNSET
    externalIDArray: list[str] | None = strawberry.UNSET
    idArray: list[strawberry.ID] | None = strawberry.UNSET
    isHoneypotArray: list[bool] | None = strawberry.UNSET
    jsonContentArray: list[str] | None = strawberry.UNSET
    jsonMetadataArray: list[str] | None = strawberry.UNSET
    statusArray: list[Status] | None = strawberry.UNSET


@strawberry.input
class AppendManyAssetsData:
    """Assets to import, as parallel arrays."""

    contentArray: list[str] | None = strawberry.UNSET
    externalIDArray: list[str] | None = strawberry.UNSET
    idArray: list[strawberry.ID] | None = strawberry.UNSET
    isHoneypotArray: list[bool] | None = strawberry.UNSET
    jsonContentArray: list[str] | None = strawberry.UNSET
    jsonMetadataArray: list[str] | None = strawberry.UNSET


@strawberry.input
class AppendManyFramesToDatasetAsynchronouslyData:
    """Videos and large images to import, as parallel arrays."""

    contentArray: list[str] | None = strawberry.UNSET
    multiLayerContentArray: list[list[JSON]] | None = strawberry.UNSET
    jsonContentArray: list[str] | None = strawberry.UNSET
    externalIDArray: list[str] | None = strawberry.UNSET
    idArray: list[strawberry.ID] | None = strawberry.UNSET
    jsonMetadataArray: list[str] | None = strawberry.UNSET
    uploadType: UploadType | None = strawberry.UNSET


@strawberry.input
class AppendManyAssetsAsynchronouslyData:
    """Videos and large images to import, as parallel arrays."""

    contentArray: list[str] | None = strawberry.UNSET
    multiLayerContentArray: list[list[JSON]] | None = strawberry.UNSET
    jsonContentArray: list[str] | None = strawberry.UNSET
    externalIDArray: list[str] | None = strawberry.UNSET
    idArray: list[strawberry.ID] | None = strawberry.UNSET
    jsonMetadataArray: list[str] | None = strawberry.UNSET
    uploadType: UploadType | None = strawberry.UNSET


@strawberry.input
class PageResolutionInput:
    """Size of a page in pixels; pages count from 1."""

    width: float
    height: float
    pageNumber: int
    rotation: float | None = strawberry.UNSET


@strawberry.input
class ResolutionInput:
    """Size in pixels."""

    width: float
    height: float


@strawberry.input
class AssetData:
    """What to change in an asset."""

    consensusMark: float | None = strawberry.UNSET
    content: str | None = strawberry.UNSET
    externalId: str | None = strawberry.UNSET
    honeypotMark: float | None = strawberry.UNSET
    isHoneypot: bool | None = strawberry.UNSET
    isUsedForConsensus: bool | None = strawberry.UNSET
    jsonContent: str | None = strawberry.UNSET
    jsonMetadata: str | None = strawberry.UNSET
    pageResolutions: list[PageResolutionInput] | None = strawberry.UNSET
    priority: int | None = strawberry.UNSET
    resolution: ResolutionInput | None = strawberry.UNSET
    shouldResetToBeLabeledBy: bool | None = strawberry.UNSET
    status: Status | None = strawberry.UNSET
    toBeLabeledBy: list[str | None] | None = strawberry.UNSET


@strawberry.input
class AppendToDatasetData:
    """Assets for a dataset."""

    contentArray: list[str] | None = strawberry.UNSET
    externalIdArray: list[str] | None = strawberry.UNSET
