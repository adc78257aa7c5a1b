"""The life of an asset: what a label, a deletion or a send-back makes of its state.

One engine serves all workflows. V1 projects have no steps and live in `status` alone; in V2 and V3 projects the step and the
status in it are the truth, and `status` follows from them. The steps of a V3 project form groups, which an asset passes in their
order: the labeling step of a group, those of its review steps that take the asset, then always the labeling step of the next
group. The steps of V2 are one group. A group may have further labeling steps; labels get there by name only.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum


class LabelType(StrEnum):
    """Who made a label, and for what."""

    AUTOSAVE = "AUTOSAVE"
    DEFAULT = "DEFAULT"
    INFERENCE = "INFERENCE"
    PREDICTION = "PREDICTION"
    REVIEW = "REVIEW"


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

    `send_back_step_id` is where a review step sends assets back to, None for the step before it. `group` is the order of its group
    among the groups of the workflow, from 0; steps stand in the order of their groups.
    """

    id: str
    is_review: bool
    coverage: int
    send_back_step_id: str | None = None
    group: int = 0


@dataclass(frozen=True, slots=True)
class Workflow:
    """The settings of a project that decide how assets move; `steps` is empty for V1."""

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

    @property
    def groups(self) -> tuple[int, ...]:
        """The orders of the groups, ascending."""
        return tuple(dict.fromkeys(step.group for step in self.steps))

    def in_group(self, group: int) -> tuple[Step, ...]:
        """The steps of a group, in order."""
        return tuple(step for step in self.steps if step.group == group)

    def review_steps_after(self, step: Step) -> tuple[Step, ...]:
        """The review steps of the same group that follow, in order."""
        later = self.steps[self.steps.index(step) + 1 :]
        return tuple(other for other in later if other.is_review and other.group == step.group)

    def next_group_after(self, step: Step) -> Step | None:
        """The labeling step of the next group, which takes every asset."""
        return next((other for other in self.steps if other.group > step.group and not other.is_review), None)

    def is_before(self, step: Step, other: Step) -> bool:
        """Whether a step comes before another."""
        return self.steps.index(step) < self.steps.index(other)

    def labels_needed(self, state: AssetState, group: int) -> int:
        """How many people label an asset in a group: several in the first group, if the asset is in consensus."""
        return self.min_consensus_size if state.is_used_for_consensus and group == 0 else 1


@dataclass(frozen=True, slots=True)
class AssetState:
    """The part of an asset's state that labels and actions change.

    `is_to_review` says that somebody or the draw sent it to review: to that of V1, or to the review step where it is.
    It stays when the review is done, so that the asset waits again when the review is deleted.
    """

    asset_id: str
    status: Status
    skipped: bool
    step_id: str | None
    step_status: StepStatus | None
    is_to_review: bool
    is_used_for_consensus: bool


@dataclass(frozen=True, slots=True)
class LabelHistory:
    """What is left on an asset of a group of steps when its state is computed anew, all since the last send-back where it says so.

    A send-back to a later group leaves what was done in the group before it as it is. A draft counts for every group.
    `reviewed_since_send_back` are the steps with a REVIEW label, an empty text for those made in none. `sent_back_step_id` is the
    step that the asset was sent back to, if it is in the group.
    """

    reviewed_since_send_back: frozenset[str]
    labelers_since_send_back: int
    has_submitted_or_draft: bool
    has_default: bool
    was_sent_back: bool
    sent_back_step_id: str | None = None

    @property
    def has_label_to_review(self) -> bool:
        """Whether there is something to review: a label, or what another review made of it."""
        return self.has_default or bool(self.reviewed_since_send_back)


NOTHING_LEFT = LabelHistory(
    reviewed_since_send_back=frozenset(),
    labelers_since_send_back=0,
    has_submitted_or_draft=False,
    has_default=False,
    was_sent_back=False,
)


def is_drawn(asset_id: str, step_id: str, coverage: int) -> bool:
    """Whether a review step takes an asset: a draw that always comes out the same for the pair."""
    if coverage <= 0:
        return False
    digest = hashlib.sha256(f"{asset_id}:{step_id}".encode()).digest()
    return int.from_bytes(digest[:4]) % 100 < coverage


def first_state(asset_id: str, workflow: Workflow, status: Status = Status.TODO) -> AssetState:
    """The state of an asset that has just been imported; older clients may say a status.

    What comes labeled or reviewed has passed all groups; what comes to be reviewed waits in the first group that reviews.
    """
    state = AssetState(asset_id, status, False, None, None, status is Status.TO_REVIEW, False)
    if workflow.labeling_step is None:
        return state
    group = 0
    if status in (Status.LABELED, Status.REVIEWED):
        group = workflow.groups[-1]
    elif status is Status.TO_REVIEW:
        group = next((step.group for step in workflow.steps if step.is_review), 0)
    return _in_group(state, workflow, group, status)


def after_label(
    state: AssetState, label_type: LabelType, workflow: Workflow, *, labelers: int, in_step: str | None = None
) -> AssetState:
    """The state after a label that was made in a step, None for the one where the asset is.

    `labelers` counts the distinct people with a DEFAULT label in the first group since the last send-back, the new one included.
    """
    if label_type in (LabelType.PREDICTION, LabelType.INFERENCE):
        return state
    if label_type in SUBMITTED:
        state = _unskipped(state)
    elif state.skipped:
        return state
    if workflow.labeling_step is None:
        is_complete = labelers >= workflow.labels_needed(state, 0)
        return _after_label_v1(state, label_type, workflow, is_complete=is_complete)
    moved = _after_label_in_steps(state, label_type, workflow, labelers=labelers, in_step=workflow.step(in_step))
    return _follow(moved, workflow)


def recomputed(state: AssetState, histories: Mapping[int, LabelHistory], workflow: Workflow) -> AssetState:
    """The state that the remaining labels justify, after labels were deleted or settings changed; `histories` are by group.

    What waits for review goes on waiting as long as there is a label to review.
    """
    waits = _waits_for_review(state, histories, workflow)
    group = _group_reached(state, histories, workflow, waits=waits)
    history = histories.get(group, NOTHING_LEFT)
    if waits:
        status = Status.TO_REVIEW
    elif history.reviewed_since_send_back:
        status = Status.REVIEWED
    elif history.labelers_since_send_back >= workflow.labels_needed(state, group):
        status = Status.LABELED
    elif history.has_submitted_or_draft:
        status = Status.ONGOING
    else:
        status = Status.TODO
    # The flag outlives the review that was asked for, but not the labels that it was asked about.
    is_to_review = waits or (state.is_to_review and status is Status.REVIEWED)
    if workflow.labeling_step is None:
        return replace(state, status=status, is_to_review=is_to_review)
    moved = replace(_in_group(state, workflow, group, status, history), is_to_review=is_to_review)
    if state.skipped:
        return replace(moved, step_status=StepStatus.SKIPPED)
    if status is Status.ONGOING:
        begun = StepStatus.REWORK if history.was_sent_back else StepStatus.IN_PROGRESS
        moved = replace(moved, step_status=StepStatus.PARTIALLY_DONE if history.labelers_since_send_back else begun)
    return moved


def leave_step(state: AssetState, step: Step, workflow: Workflow) -> AssetState:
    """Go on to the next review step that takes the asset, else to the next group; at the end it stays done."""
    for following in workflow.review_steps_after(step):
        if is_drawn(state.asset_id, following.id, following.coverage):
            return replace(state, step_id=following.id, step_status=StepStatus.TO_DO, is_to_review=True)
    begun = workflow.next_group_after(step)
    if begun is not None:
        return replace(state, step_id=begun.id, step_status=StepStatus.TO_DO, is_to_review=False)
    return replace(state, step_id=step.id, step_status=StepStatus.DONE)


def ends_send_back(state: AssetState, sent_back_step_id: str | None) -> bool:
    """Whether an asset is done again with what it was sent back for: it has left the step, or is done in it.

    Labels stop to be flagged as sent back sooner: with the first new DEFAULT label on the asset.
    """
    if state.step_id is None:
        return state.status not in (Status.TODO, Status.ONGOING)
    return state.step_status is StepStatus.DONE or sent_back_step_id not in (None, state.step_id)


def status_in_steps(step: Step, step_status: StepStatus, before: Status) -> Status:
    """What `status` says of an asset in a step; a skipped asset keeps what it said before.

    An asset that begins a later group is ONGOING: it has been worked on, and is not at its end. LABELED and REVIEWED are the end,
    for a done step with another group behind it is left at once – unless the group came later, when the asset was at its end.
    """
    if step_status is StepStatus.SKIPPED:
        return before
    if step.is_review:
        return Status.REVIEWED if step_status is StepStatus.DONE else Status.TO_REVIEW
    if step_status is StepStatus.DONE:
        return Status.LABELED
    return Status.TODO if step_status is StepStatus.TO_DO and step.group == 0 else Status.ONGOING


def _after_label_v1(state: AssetState, label_type: LabelType, workflow: Workflow, *, is_complete: bool) -> AssetState:
    if label_type is LabelType.REVIEW:
        return replace(state, status=Status.REVIEWED)
    if state.status not in (Status.TODO, Status.ONGOING):
        return state
    if label_type is LabelType.AUTOSAVE or not is_complete:
        return replace(state, status=Status.ONGOING)
    if is_drawn(state.asset_id, V1_REVIEW, workflow.review_coverage):
        return replace(state, status=Status.TO_REVIEW, is_to_review=True)
    return replace(state, status=Status.LABELED)


def _after_label_in_steps(
    state: AssetState, label_type: LabelType, workflow: Workflow, *, labelers: int, in_step: Step | None
) -> AssetState:
    """A label in the step of the asset does that step; one in a later step takes the asset along; an earlier one corrects."""
    current = workflow.step(state.step_id) or workflow.steps[0]
    state = replace(state, step_id=current.id)
    is_open = not current.is_review and state.step_status is not StepStatus.DONE
    if label_type is LabelType.AUTOSAVE:
        return replace(state, step_status=StepStatus.IN_PROGRESS) if is_open else state
    step = in_step
    if step is None:
        is_review = label_type is LabelType.REVIEW
        fitting = workflow.review_steps_after(current)[:1] if is_review and not current.is_review else ()
        step = next(iter(fitting), current)
        if current.is_review and not is_review:
            return state
    if workflow.is_before(step, current):
        return state
    if label_type is LabelType.DEFAULT:
        if step == current and not is_open:
            return state
        # This label is enough where one is; the labelers are those of the first group, whose labels alone are counted.
        if max(labelers, 1) < workflow.labels_needed(state, step.group):
            return replace(state, step_id=step.id, step_status=StepStatus.PARTIALLY_DONE, is_to_review=False)
    # Nobody had sent it to the step that the label has taken it to.
    return leave_step(replace(state, is_to_review=state.is_to_review and step == current), step, workflow)


def _waits_for_review(state: AssetState, histories: Mapping[int, LabelHistory], workflow: Workflow) -> bool:
    """Whether an asset waits for the review that it was sent to: it has something to review, and not that review."""
    step = workflow.step(state.step_id)
    history = histories.get(step.group if step is not None else 0, NOTHING_LEFT)
    reviewed = history.reviewed_since_send_back
    is_reviewed = step.id in reviewed if step is not None and step.is_review else bool(reviewed)
    is_flagged = (state.is_to_review and (step is None or step.is_review)) or state.status is Status.TO_REVIEW
    return history.has_label_to_review and not is_reviewed and is_flagged


def _group_reached(state: AssetState, histories: Mapping[int, LabelHistory], workflow: Workflow, *, waits: bool) -> int:
    """The group where the labels of an asset have brought it: the one behind the last that they pass.

    It is the asset's own where the asset waits for its review there, or had come to its end before there were others.
    """
    groups = workflow.groups
    current = workflow.step(state.step_id)
    passed = [
        group
        for group in groups
        if (history := histories.get(group, NOTHING_LEFT)).reviewed_since_send_back
        or history.labelers_since_send_back >= workflow.labels_needed(state, group)
    ]
    if waits and current is not None:
        return current.group
    if len(groups) < 2 or not passed:
        return 0
    last = passed[-1]
    if current is not None and current.group == last and state.step_status is StepStatus.DONE:
        return last
    return next((group for group in groups if group > last), last)


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


def _in_group(
    state: AssetState, workflow: Workflow, group: int, status: Status, history: LabelHistory = NOTHING_LEFT
) -> AssetState:
    """The step of a group, and the status in it, that a `status` stands for: with reviews, the last step that has one."""
    steps = workflow.in_group(group)
    reviews = [step for step in steps if step.is_review]
    own = [step for step in reviews if step.id == state.step_id]
    if status is Status.REVIEWED and reviews:
        done = [step for step in reviews if step.id in history.reviewed_since_send_back]
        placed = replace(state, step_id=[*reviews[:1], *own, *done][-1].id, step_status=StepStatus.DONE)
    elif status is Status.TO_REVIEW and reviews:
        step = [*reviews[:1], *own][-1]
        begun = StepStatus.REWORK if step.id == history.sent_back_step_id else StepStatus.TO_DO
        # A review that has begun goes on.
        is_open = step.id == state.step_id and state.step_status not in (None, StepStatus.DONE, StepStatus.SKIPPED)
        placed = replace(state, step_id=step.id, step_status=state.step_status if is_open else begun)
    else:
        step_status = {Status.TODO: StepStatus.TO_DO, Status.ONGOING: StepStatus.IN_PROGRESS}.get(
            status, StepStatus.DONE
        )
        placed = replace(state, step_id=steps[0].id, step_status=step_status)
    return _follow(placed, workflow)
