"""Actions of people on assets besides labeling: review, send back, skip, prioritize.

Each rule answers the new state, or None where it does not apply to the asset, which is declined, not an error.
"""

from __future__ import annotations

from dataclasses import replace

from labelyard.domain.workflow import AssetState, Status, Step, StepStatus, Workflow, status_in_steps

QUEUED = frozenset({StepStatus.TO_DO, StepStatus.PARTIALLY_DONE, StepStatus.REWORK})


def added_to_review(
    state: AssetState, workflow: Workflow, *, has_label: bool, is_being_labeled: bool
) -> AssetState | None:
    """The asset in the next review step, whatever that step covers, or behind the last one in the next group; only an asset
    whose step is done goes on.
    """
    if not has_label or is_being_labeled or state.skipped:
        return None
    if workflow.labeling_step is None:
        if state.status is not Status.LABELED:
            return None
        return replace(state, status=Status.TO_REVIEW, is_to_review=True)
    step = workflow.step(state.step_id)
    if step is None or state.step_status is not StepStatus.DONE:
        return None
    following = next(iter(workflow.review_steps_after(step)), workflow.next_group_after(step))
    if following is None:
        return None
    return _placed(replace(state, is_to_review=following.is_review), following, StepStatus.TO_DO)


def sent_back(state: AssetState, workflow: Workflow, *, to_labeling: bool = False) -> AssetState | None:
    """The asset back in the queue. An asset still to be labeled is there already; a skipped one stays skipped in steps.

    `to_labeling` goes past review steps to the labeling step before them, where the asset reads as ONGOING.
    """
    if workflow.labeling_step is None:
        if state.status in (Status.TODO, Status.ONGOING):
            return None
        return replace(state, status=Status.ONGOING, is_to_review=False, skipped=False)
    step = workflow.step(state.step_id)
    if step is None or state.step_status is StepStatus.SKIPPED:
        return None
    if not step.is_review and state.step_status is not StepStatus.DONE:
        return None
    target = send_back_target(step, workflow, to_labeling=to_labeling) if step.is_review else step
    return _placed(replace(state, is_to_review=target.is_review), target, StepStatus.REWORK)


def send_back_target(step: Step, workflow: Workflow, *, to_labeling: bool = False) -> Step:
    """The step that a step sends assets back to: the one it names if that comes earlier, else the one before it."""
    earlier = workflow.steps[: workflow.steps.index(step)]
    if to_labeling:
        earlier = tuple(other for other in earlier if not other.is_review)
    if not earlier:
        return step
    return next((other for other in earlier if other.id == step.send_back_step_id), earlier[-1])


def skipped(state: AssetState) -> AssetState:
    """The asset out of the queue, in the step where it was."""
    in_step = StepStatus.SKIPPED if state.step_id is not None else state.step_status
    return replace(state, skipped=True, step_status=in_step)


def unskipped(state: AssetState, workflow: Workflow, *, is_sent_back: bool) -> AssetState:
    """The asset back in the queue: to do, or to be reworked if it had been sent back."""
    step = workflow.step(state.step_id)
    if step is None:
        return replace(state, skipped=False)
    return _placed(replace(state, skipped=False), step, StepStatus.REWORK if is_sent_back else StepStatus.TO_DO)


def takes_priority(state: AssetState, *, has_default_label: bool, is_being_labeled: bool) -> bool:
    """Whether a priority would change when the asset is served: it waits in a queue, and nobody is at it."""
    if state.skipped or is_being_labeled:
        return False
    if state.step_status is not None:
        return state.step_status in QUEUED
    waits_for_others = state.status is Status.ONGOING and has_default_label
    return waits_for_others or state.status in (Status.TODO, Status.TO_REVIEW)


def without_step(state: AssetState, removed: Step, remaining: Workflow, before: Step | None) -> AssetState:
    """The asset after its step was deleted: in the step before it, to do in a review step and done in a labeling step.

    `before` is the last step ahead of the removed one that stays. Where there is none, the asset goes on as it was in the
    first step that is left. What is done with a group that nothing is left of but its labeling goes on to the next group.
    """
    target = before or remaining.steps[0]
    if state.step_status is StepStatus.SKIPPED:
        return replace(state, step_id=target.id)
    if before is None:
        kept = state.step_status if state.step_status is not None and not removed.is_review else StepStatus.TO_DO
        return _placed(state, target, kept)
    if target.is_review:
        return _placed(state, target, StepStatus.TO_DO)
    begun = None if remaining.review_steps_after(target) else remaining.next_group_after(target)
    return _placed(state, target, StepStatus.DONE) if begun is None else _placed(state, begun, StepStatus.TO_DO)


def _placed(state: AssetState, step: Step, step_status: StepStatus) -> AssetState:
    status = status_in_steps(step, step_status, state.status)
    return replace(state, step_id=step.id, step_status=step_status, status=status)
