"""The pure rules of actions on assets, over every state that can be."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelyard.domain.workflow import (
    AssetState,
    LabelType,
    Status,
    Step,
    StepStatus,
    Workflow,
    after_label,
    status_in_steps,
)
from labelyard.domain.workflow_action import (
    added_to_review,
    sent_back,
    skipped,
    takes_priority,
    unskipped,
    without_step,
)

LABELING = Step("labeling", is_review=False, coverage=0)
FIRST = Step("first", is_review=True, coverage=0)
SECOND = Step("second", is_review=True, coverage=100)
V1 = Workflow((), 2, 0)
V2 = Workflow((LABELING, FIRST, SECOND), 2, 0)
CHECKING = Step("checking", is_review=False, coverage=0, group=1)
LAST = Step("last", is_review=True, coverage=0, group=1)
V3 = Workflow((LABELING, FIRST, CHECKING, LAST), 2, 0)


@st.composite
def states(draw, workflow):
    """A state that the workflow allows: in steps, `status` follows the step and skipping is a status of it."""
    is_used = draw(st.booleans())
    if not workflow.steps:
        status = draw(st.sampled_from(Status))
        return AssetState("a", status, draw(st.booleans()), None, None, status is Status.TO_REVIEW, is_used)
    step, step_status = draw(st.sampled_from(workflow.steps)), draw(st.sampled_from(StepStatus))
    status = status_in_steps(step, step_status, draw(st.sampled_from(Status)))
    return AssetState("a", status, step_status is StepStatus.SKIPPED, step.id, step_status, False, is_used)


workflows = st.sampled_from([V1, V2, replace(V2, steps=(LABELING,)), replace(V2, steps=(LABELING, FIRST)), V3])
placed = workflows.flatmap(lambda workflow: st.tuples(st.just(workflow), states(workflow)))


def is_consistent(state, workflow):
    if not workflow.steps:
        return state.step_id is None and state.step_status is None
    step = workflow.step(state.step_id)
    return (
        step is not None
        and state.skipped == (state.step_status is StepStatus.SKIPPED)
        and state.status is status_in_steps(step, state.step_status, state.status)
    )


@given(placed, st.booleans(), st.booleans())
def test_what_goes_to_review_is_to_be_reviewed_and_nothing_else_changes(case, has_label, is_being_labeled):
    workflow, before = case
    after = added_to_review(before, workflow, has_label=has_label, is_being_labeled=is_being_labeled)

    if after is None:
        return
    assert (has_label, is_being_labeled, before.skipped) == (True, False, False)
    assert is_consistent(after, workflow)
    if workflow is V3 and before.step_id == "first":  # behind the last review step of a group comes the next group
        assert (after.step_id, after.status) == ("checking", Status.ONGOING)
    else:
        assert after.status is Status.TO_REVIEW
    assert added_to_review(after, workflow, has_label=True, is_being_labeled=False) is None


@given(placed, st.booleans())
def test_what_is_sent_back_waits_for_rework_and_cannot_be_sent_back_from_the_labeling_step_again(case, to_labeling):
    workflow, before = case
    after = sent_back(before, workflow, to_labeling=to_labeling)

    if after is None:
        assert before.skipped or before.status in (Status.TODO, Status.ONGOING)
        return
    assert is_consistent(after, workflow)
    assert not after.skipped
    if workflow.steps:
        assert after.step_status is StepStatus.REWORK
    if to_labeling or not workflow.steps:
        assert after.status is Status.ONGOING
        assert sent_back(after, workflow) is None


@given(placed)
def test_a_label_after_a_send_back_is_the_way_forward(case):
    workflow, before = case
    after = sent_back(replace(before, is_used_for_consensus=False), workflow, to_labeling=True)

    if after is not None:
        labeled = after_label(after, LabelType.DEFAULT, workflow, labelers=1)
        assert labeled.status in (Status.LABELED, Status.TO_REVIEW) or labeled.step_id == "checking"


@given(placed, st.booleans())
def test_unskipping_undoes_a_skip_but_for_the_status_in_the_step(case, is_sent_back):
    workflow, before = case
    out = skipped(before)
    back = unskipped(out, workflow, is_sent_back=is_sent_back)

    assert out.skipped
    assert out.status is before.status
    assert is_consistent(out, workflow)
    assert not back.skipped
    assert back.step_id == before.step_id
    assert is_consistent(back, workflow)
    if workflow.steps:
        assert back.step_status is (StepStatus.REWORK if is_sent_back else StepStatus.TO_DO)
    else:
        assert back == replace(before, skipped=False)


@given(placed, st.sampled_from(LabelType), st.integers(1, 3))
def test_no_label_leaves_an_inconsistent_state(case, label_type, labelers):
    workflow, before = case

    after = after_label(before, label_type, workflow, labelers=labelers)

    assert is_consistent(after, workflow)
    if label_type is LabelType.DEFAULT:
        assert not after.skipped
    if label_type in (LabelType.PREDICTION, LabelType.INFERENCE):
        assert after == before


@given(placed, st.booleans(), st.booleans())
def test_priority_never_goes_to_who_is_skipped_done_or_being_labeled(case, has_default_label, is_being_labeled):
    _, state = case
    taken = takes_priority(state, has_default_label=has_default_label, is_being_labeled=is_being_labeled)

    if taken:
        assert not state.skipped
        assert not is_being_labeled
        assert state.status is not Status.REVIEWED
        assert state.status is not Status.LABELED
        assert state.step_status not in (StepStatus.DONE, StepStatus.IN_PROGRESS)


@given(st.sampled_from([V2, V3]).flatmap(lambda w: st.tuples(st.just(w), states(w), st.sampled_from(w.steps))))
def test_an_asset_of_a_deleted_step_stands_in_a_step_that_is_left(case):
    workflow, before, removed = case
    remaining = replace(workflow, steps=tuple(step for step in workflow.steps if step != removed))
    index = workflow.steps.index(removed)
    after = without_step(before, removed, remaining, workflow.steps[index - 1] if index else None)

    assert is_consistent(after, remaining)
    assert after.skipped == before.skipped


@pytest.mark.parametrize(
    ("named", "to_labeling", "target"),
    [
        (None, False, "first"),
        (None, True, "labeling"),
        ("labeling", False, "labeling"),
        ("labeling", True, "labeling"),
        ("first", True, "labeling"),
        ("second", False, "first"),
        ("gone", False, "first"),
    ],
)
def test_where_a_review_step_sends_back_to(named, to_labeling, target):
    workflow = replace(V2, steps=(LABELING, FIRST, replace(SECOND, send_back_step_id=named)))
    state = AssetState("a", Status.REVIEWED, False, "second", StepStatus.DONE, False, False)

    after = sent_back(state, workflow, to_labeling=to_labeling)

    assert after is not None
    assert (after.step_id, after.step_status) == (target, StepStatus.REWORK)
