"""The life of an asset: what a label, a deletion or a send-back makes of its state.

One engine serves both workflows. V1 projects have no steps and live in `status` alone; in V2 projects the step and the status
in it are the truth, and `status` follows from them.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from enum import StrEnum


class LabelType(StrEnum):
    """Who made a label, and for what."""

    DEFAULT = "DEFAULT"
    REVIEW = "REVIEW"
    PREDICTION = "PREDICTION"
    INFERENCE = "INFERENCE"
    AUTOSAVE = "AUTOSAVE"


class Status(StrEnum):
    """State of an asset in the one-step workflow."""

    TODO = "TODO"
    ONGOING = "ONGOING"
    LABELED = "LABELED"
    TO_REVIEW = "TO_REVIEW"
    REVIEWED = "REVIEWED"


class StepStatus(StrEnum):
    """State of an asset within a step."""

    TO_DO = "TO_DO"
    IN_PROGRESS = "IN_PROGRESS"
    PARTIALLY_DONE = "PARTIALLY_DONE"
    REWORK = "REWORK"
    DONE = "DONE"
    SKIPPED = "SKIPPED"


# Types by which people answer; models and drafts never move an asset on.
SUBMITTED = frozenset({LabelType.DEFAULT, LabelType.REVIEW})
V1_REVIEW = "review"
CONSENSUS = "consensus"
"""Names the draw of assets that are labeled several times."""


@dataclass(frozen=True, slots=True)
class Step:
    """A stage of the workflow; `coverage` is the percent of assets that a review step takes.

    `send_back_step_id` is where a review step sends assets back to, None for the step before it.
    """

    id: str
    is_review: bool
    coverage: int
    send_back_step_id: str | None = None


@dataclass(frozen=True, slots=True)
class Workflow:
    """What of a project's settings moves assets; `steps` is empty for V1."""

    steps: tuple[Step, ...]
    min_consensus_size: int
    review_coverage: int

    @property
    def labeling_step(self) -> Step | None:
        """The first step."""
        return next((step for step in self.steps if not step.is_review), None)

    def step(self, step_id: str | None) -> Step | None:
        """A step by its id."""
        return next((step for step in self.steps if step.id == step_id), None)

    def review_steps_after(self, step: Step) -> tuple[Step, ...]:
        """The review steps that follow, in order."""
        return tuple(later for later in self.steps[self.steps.index(step) + 1 :] if later.is_review)


@dataclass(frozen=True, slots=True)
class AssetState:
    """What of an asset moves. `is_to_review` is the flag of V1 that somebody or the draw sent it to review."""

    asset_id: str
    status: Status
    skipped: bool
    step_id: str | None
    step_status: StepStatus | None
    is_to_review: bool
    is_used_for_consensus: bool


@dataclass(frozen=True, slots=True)
class LabelHistory:
    """What is left on an asset when its state is computed anew, all since the last send-back where it says so."""

    has_review_since_send_back: bool
    labelers_since_send_back: int
    has_submitted_or_draft: bool
    has_default: bool
    was_sent_back: bool


def is_drawn(asset_id: str, step_id: str, coverage: int) -> bool:
    """Whether a review step takes an asset: a draw that always comes out the same for the pair."""
    if coverage <= 0:
        return False
    digest = hashlib.sha256(f"{asset_id}:{step_id}".encode()).digest()
    return int.from_bytes(digest[:4]) % 100 < coverage


def first_state(asset_id: str, workflow: Workflow, status: Status = Status.TODO) -> AssetState:
    """The state of an asset that has just been imported; older clients may say a status."""
    state = AssetState(asset_id, status, False, None, None, status is Status.TO_REVIEW, False)
    if workflow.labeling_step is None:
        return state
    return _in_steps(state, workflow, status)


def after_label(state: AssetState, label_type: LabelType, workflow: Workflow, *, labelers: int) -> AssetState:
    """The state after a label; `labelers` counts the distinct people with a DEFAULT label since the last send-back,
    the new one included.
    """
    if label_type in (LabelType.PREDICTION, LabelType.INFERENCE):
        return state
    if label_type is LabelType.DEFAULT or (label_type is LabelType.REVIEW and workflow.steps):
        state = _unskipped(state)
    elif label_type is LabelType.AUTOSAVE and state.skipped:
        return state
    is_complete = not state.is_used_for_consensus or labelers >= workflow.min_consensus_size
    if workflow.labeling_step is None:
        return _after_label_v1(state, label_type, workflow, is_complete=is_complete)
    return _follow(_after_label_v2(state, label_type, workflow, is_complete=is_complete), workflow)


def recomputed(state: AssetState, history: LabelHistory, workflow: Workflow) -> AssetState:
    """The state that the remaining labels justify, after labels were deleted or settings changed.

    What waits for review goes on waiting as long as there is a label to review.
    """
    needed = workflow.min_consensus_size if state.is_used_for_consensus else 1
    waits = history.has_default and (state.is_to_review or state.status is Status.TO_REVIEW)
    state = replace(state, is_to_review=state.is_to_review and history.has_default)
    if history.has_review_since_send_back:
        status = Status.REVIEWED
    elif waits:
        status = Status.TO_REVIEW
    elif history.labelers_since_send_back >= needed:
        status = Status.LABELED
    elif history.has_submitted_or_draft:
        status = Status.ONGOING
    else:
        status = Status.TODO
    if workflow.labeling_step is None:
        return replace(state, status=status)
    moved = _in_steps(state, workflow, status)
    if state.skipped:
        return replace(moved, step_status=StepStatus.SKIPPED)
    if status is Status.ONGOING:
        begun = StepStatus.REWORK if history.was_sent_back else StepStatus.IN_PROGRESS
        moved = replace(moved, step_status=StepStatus.PARTIALLY_DONE if history.labelers_since_send_back else begun)
    return moved


def status_in_steps(step: Step, step_status: StepStatus, before: Status) -> Status:
    """What `status` says of an asset in a step; a skipped asset keeps what it said before."""
    if step_status is StepStatus.SKIPPED:
        return before
    if step.is_review:
        return Status.REVIEWED if step_status is StepStatus.DONE else Status.TO_REVIEW
    if step_status is StepStatus.DONE:
        return Status.LABELED
    return Status.TODO if step_status is StepStatus.TO_DO else Status.ONGOING


def _after_label_v1(state: AssetState, label_type: LabelType, workflow: Workflow, *, is_complete: bool) -> AssetState:
    if label_type is LabelType.REVIEW:
        return replace(state, status=Status.REVIEWED, is_to_review=False)
    if state.status not in (Status.TODO, Status.ONGOING):
        return state
    if label_type is LabelType.AUTOSAVE or not is_complete:
        return replace(state, status=Status.ONGOING)
    if is_drawn(state.asset_id, V1_REVIEW, workflow.review_coverage):
        return replace(state, status=Status.TO_REVIEW, is_to_review=True)
    return replace(state, status=Status.LABELED)


def _after_label_v2(state: AssetState, label_type: LabelType, workflow: Workflow, *, is_complete: bool) -> AssetState:
    step = workflow.step(state.step_id) or workflow.steps[0]
    state = replace(state, step_id=step.id)
    if label_type is LabelType.REVIEW:
        if not step.is_review:
            following = workflow.review_steps_after(step)
            if not following:
                return replace(state, step_status=StepStatus.DONE)
            step = following[0]
        return _leave(replace(state, step_id=step.id, step_status=StepStatus.DONE), step, workflow)
    if step.is_review or state.step_status is StepStatus.DONE:
        return state
    if label_type is LabelType.AUTOSAVE:
        return replace(state, step_status=StepStatus.IN_PROGRESS)
    if not is_complete:
        return replace(state, step_status=StepStatus.PARTIALLY_DONE)
    return _leave(replace(state, step_status=StepStatus.DONE), step, workflow)


def _leave(state: AssetState, step: Step, workflow: Workflow) -> AssetState:
    """Go on to the next review step that takes the asset, or stay done."""
    for following in workflow.review_steps_after(step):
        if is_drawn(state.asset_id, following.id, following.coverage):
            return replace(state, step_id=following.id, step_status=StepStatus.TO_DO)
    return state


def _follow(state: AssetState, workflow: Workflow) -> AssetState:
    """Let `status` follow the step."""
    step = workflow.step(state.step_id)
    if step is None or state.step_status is None:
        return state
    return replace(state, status=status_in_steps(step, state.step_status, state.status))


def _unskipped(state: AssetState) -> AssetState:
    if not state.skipped:
        return state
    step_status = StepStatus.TO_DO if state.step_status is StepStatus.SKIPPED else state.step_status
    return replace(state, skipped=False, step_status=step_status)


def _in_steps(state: AssetState, workflow: Workflow, status: Status) -> AssetState:
    """The step and status in it that a `status` stands for."""
    labeling = workflow.steps[0]
    review = next((step for step in workflow.steps if step.is_review), None)
    current = workflow.step(state.step_id)
    if status in (Status.TO_REVIEW, Status.REVIEWED) and review is not None:
        step = current if current is not None and current.is_review else review
        step_status = StepStatus.DONE if status is Status.REVIEWED else StepStatus.TO_DO
    else:
        step = labeling
        step_status = {Status.TODO: StepStatus.TO_DO, Status.ONGOING: StepStatus.IN_PROGRESS}.get(
            status, StepStatus.DONE
        )
    return _follow(replace(state, step_id=step.id, step_status=step_status), workflow)
