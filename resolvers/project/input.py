"""What clients send about this room. Every key may be absent or null, which means the same."""

import strawberry

from labelyard.resolvers.enumeration import (
    ComplianceTag,
    DemoProjectType,
    InputType,
    InterfaceCategory,
    ProjectType,
    WorkflowVersion,
)
from labelyard.resolvers.scalar import JSON, DateTime
from labelyard.resolvers.workflow.input import StepGroupInput


@strawberry.input
class ProjectWhere:
    """Which projects. `searchQuery` is an ILIKE pattern on title and description; without `%` it finds what contains it."""

    id: strawberry.ID | None = strawberry.UNSET
    archived: bool | None = strawberry.UNSET
    createdAtGte: DateTime | None = strawberry.UNSET
    createdAtLte: DateTime | None = strawberry.UNSET
    deleted: bool | None = strawberry.UNSET
    organizationId: strawberry.ID | None = strawberry.UNSET
    searchQuery: str | None = strawberry.UNSET
    shouldRelaunchKpiComputation: bool | None = strawberry.UNSET
    starred: bool | None = strawberry.UNSET
    tagIds: list[strawberry.ID] | None = strawberry.UNSET
    updatedAtGte: DateTime | None = strawberry.UNSET
    updatedAtLte: DateTime | None = strawberry.UNSET


@strawberry.input
class CreateProjectData:
    """A new project. `workflowVersion` and `stepGroups` are this server's own: the workflow, where it is not to be that of the
    server's setting, and for V3 the groups of steps in order.
    """

    description: str | None = strawberry.UNSET
    fromDemoProject: DemoProjectType | None = strawberry.UNSET
    inputType: InputType | None = strawberry.UNSET
    jsonInterface: str | None = strawberry.UNSET
    projectType: ProjectType | None = strawberry.UNSET
    title: str
    complianceTags: list[ComplianceTag] | None = strawberry.UNSET
    pixelLabeling: bool | None = strawberry.UNSET
    workflowVersion: WorkflowVersion | None = strawberry.UNSET
    stepGroups: list[StepGroupInput] | None = strawberry.UNSET


@strawberry.input
class UpdateProjectAnonymizationInput:
    """Whether the names of people are hidden in a project."""

    id: strawberry.ID
    shouldAnonymize: bool


@strawberry.input
class ProjectData:
    """What to change in a project; counters are accepted from older clients and computed by the server."""

    archived: bool | None = strawberry.UNSET
    author: str | None = strawberry.UNSET
    canNavigateBetweenAssets: bool | None = strawberry.UNSET
    canSkipAsset: bool | None = strawberry.UNSET
    completionPercentage: float | None = strawberry.UNSET
    complianceTags: list[ComplianceTag] | None = strawberry.UNSET
    consensusMark: float | None = strawberry.UNSET
    consensusTotCoverage: int | None = strawberry.UNSET
    description: str | None = strawberry.UNSET
    honeypotMark: float | None = strawberry.UNSET
    inputType: InputType | None = strawberry.UNSET
    instructions: str | None = strawberry.UNSET
    interfaceCategory: InterfaceCategory | None = strawberry.UNSET
    jsonInterface: str | None = strawberry.UNSET
    jsonSettings: str | None = strawberry.UNSET
    metadataProperties: JSON | None = strawberry.UNSET
    metadataTypes: JSON | None = strawberry.UNSET
    minConsensusSize: int | None = strawberry.UNSET
    numberOfAssets: int | None = strawberry.UNSET
    numberOfAssetsWithEmptyLabels: int | None = strawberry.UNSET
    numberOfAssetsWithSkippedLabels: int | None = strawberry.UNSET
    numberOfLatestLabels: int | None = strawberry.UNSET
    numberOfRemainingAssets: int | None = strawberry.UNSET
    numberOfReviewedAssets: int | None = strawberry.UNSET
    numberOfSkippedAssets: int | None = strawberry.UNSET
    reviewCoverage: int | None = strawberry.UNSET
    rules: str | None = strawberry.UNSET
    secondsToLabelBeforeAutoAssign: int | None = strawberry.UNSET
    shouldAutoAssign: bool | None = strawberry.UNSET
    shouldRelaunchKpiComputation: bool | None = strawberry.UNSET
    title: str | None = strawberry.UNSET
    useHoneyPot: bool | None = strawberry.UNSET
