"""What clients send about steps and locks. Every key may be absent or null; a null `sendBackStepId` clears it."""

import strawberry

from labelyard.resolvers.enumeration import WorkflowStepType


@strawberry.input
class WorkflowStepInput:
    """A step to create, or to change when it has an id."""

    id: strawberry.ID | None = strawberry.UNSET
    name: str | None = strawberry.UNSET
    type: WorkflowStepType | None = strawberry.UNSET
    assignees: list[strawberry.ID] | None = strawberry.UNSET
    consensusCoverage: int | None = strawberry.UNSET
    numberOfExpectedLabelsForConsensus: int | None = strawberry.UNSET
    stepCoverage: int | None = strawberry.UNSET
    sendBackStepId: strawberry.ID | None = strawberry.UNSET
    stepGroupId: strawberry.ID | None = strawberry.UNSET
    order: int | None = strawberry.UNSET


@strawberry.input
class WorkflowStepsInput:
    """Steps to create, to change and to delete."""

    creates: list[WorkflowStepInput] | None = strawberry.UNSET
    updates: list[WorkflowStepInput] | None = strawberry.UNSET
    deletes: list[strawberry.ID] | None = strawberry.UNSET


@strawberry.input
class EditProjectWorkflowSettingsInput:
    """A change of a project's workflow."""

    projectId: strawberry.ID
    enforceStepSeparation: bool | None = strawberry.UNSET
    steps: WorkflowStepsInput | None = strawberry.UNSET


@strawberry.input
class StepGroupInput:
    """A group of steps to create, with the name of its labeling step."""

    name: str
    stepName: str | None = strawberry.UNSET


@strawberry.input
class StepGroupName:
    """A new name for a group of steps."""

    id: strawberry.ID
    name: str


@strawberry.input
class EditStepGroupsInput:
    """Groups of steps to create behind the others, to rename and to delete, in this order."""

    projectId: strawberry.ID
    creates: list[StepGroupInput] | None = strawberry.UNSET
    updates: list[StepGroupName] | None = strawberry.UNSET
    deletes: list[strawberry.ID] | None = strawberry.UNSET


@strawberry.input
class AddReviewStepInput:
    """A review step to add at the end."""

    projectId: strawberry.ID
    name: str
    assignees: list[strawberry.ID]
    stepCoverage: int | None = strawberry.UNSET
    useHoneypot: bool | None = strawberry.UNSET
    sendBackStepId: strawberry.ID | None = strawberry.UNSET
    stepGroupId: strawberry.ID | None = strawberry.UNSET


@strawberry.input
class UpdateLabelingStepPropertiesInput:
    """What to change in a labeling step."""

    projectId: strawberry.ID
    stepId: strawberry.ID
    consensusCoverage: int | None = strawberry.UNSET
    numberOfExpectedLabelsForConsensus: int | None = strawberry.UNSET
    useHoneypot: bool | None = strawberry.UNSET


@strawberry.input
class UpdateReviewStepPropertiesInput:
    """What to change in a review step."""

    projectId: strawberry.ID
    stepId: strawberry.ID
    assignees: list[strawberry.ID] | None = strawberry.UNSET
    stepCoverage: int | None = strawberry.UNSET
    sendBackStepId: strawberry.ID | None = strawberry.UNSET
    useHoneypot: bool | None = strawberry.UNSET


@strawberry.input
class DeleteStepInput:
    """A step to delete."""

    projectId: strawberry.ID
    stepId: strawberry.ID


@strawberry.input
class RenameStepInput:
    """A step to rename."""

    projectId: strawberry.ID
    stepId: strawberry.ID
    newName: str


@strawberry.input
class LockWhere:
    """Which locks."""

    id: strawberry.ID | None = strawberry.UNSET


@strawberry.input
class CopyProjectData:
    """The project to copy, and what of it beside interface and settings."""

    projectId: strawberry.ID
    shouldCopyAssets: bool | None = strawberry.UNSET
    shouldCopyUsers: bool | None = strawberry.UNSET


@strawberry.input
class CopyLabelsInput:
    """The asset whose labels are copied, the one they are copied to, and the project of the latter.

    States follow at once, so `skipRebuilds` changes nothing.
    """

    srcAssetId: strawberry.ID
    dstAssetId: strawberry.ID
    projectId: strawberry.ID
    skipRebuilds: bool | None = strawberry.UNSET
