"""Groups of steps: an asset passes them in their order, and its labels say where it stands."""

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
    ends_send_back,
    first_state,
    status_in_steps,
)
from labelyard.domain.workflow_action import added_to_review, without_step
from tests.common.journey import Journey

DEFAULT, REVIEW, AUTOSAVE = LabelType.DEFAULT, LabelType.REVIEW, LabelType.AUTOSAVE


def workflow_of(*coverages, wanted=1):
    """A workflow of a group for each tuple, with a review step for each number: `l0`, `r00`, `r01`, `l1`, …"""
    steps = []
    for group, numbers in enumerate(coverages):
        steps.append(Step(f"l{group}", is_review=False, coverage=0, group=group))
        steps += [Step(f"r{group}{at}", True, coverage, None, group) for at, coverage in enumerate(numbers)]
    return Workflow(tuple(steps), wanted, 0)


def test_an_asset_passes_the_groups_in_their_order():
    journey = Journey(workflow_of((100,), (), (0, 100)))
    seen = [journey.place]
    for label_type in (DEFAULT, REVIEW, DEFAULT, DEFAULT, REVIEW):
        journey.label("ada", label_type)
        seen.append(journey.place)

    assert seen == [
        ("l0", "TO_DO", "TODO"),
        ("r00", "TO_DO", "TO_REVIEW"),
        ("l1", "TO_DO", "ONGOING"),
        ("l2", "TO_DO", "ONGOING"),
        ("r21", "TO_DO", "TO_REVIEW"),
        ("r21", "DONE", "REVIEWED"),
    ]


def test_a_group_without_reviews_ends_labeled():
    journey = Journey(workflow_of((0,), ()))
    journey.label("ada", DEFAULT)
    journey.label("ada", AUTOSAVE)
    assert journey.place == ("l1", "IN_PROGRESS", "ONGOING")
    journey.label("ada", DEFAULT)
    assert journey.place == ("l1", "DONE", "LABELED")


def test_several_people_label_in_the_first_group_only():
    journey = Journey(workflow_of((), (), wanted=2), is_used_for_consensus=True)
    seen = []
    for author in ("ada", "ada", "bob", "ada"):
        journey.label(author, DEFAULT)
        seen.append(journey.place)

    assert seen == [
        ("l0", "PARTIALLY_DONE", "ONGOING"),
        ("l0", "PARTIALLY_DONE", "ONGOING"),
        ("l1", "TO_DO", "ONGOING"),
        ("l1", "DONE", "LABELED"),
    ]


@pytest.mark.parametrize(
    ("label_type", "step_id", "place"),
    [
        (DEFAULT, "l0", ("l1", "TO_DO", "ONGOING")),
        (REVIEW, "r00", ("l1", "TO_DO", "ONGOING")),
        (DEFAULT, "l1", ("l2", "TO_DO", "ONGOING")),
        (REVIEW, "r10", ("l2", "TO_DO", "ONGOING")),
        (DEFAULT, "l2", ("l2", "DONE", "LABELED")),
        (REVIEW, "r20", ("r20", "DONE", "REVIEWED")),
    ],
)
def test_a_label_of_an_earlier_step_corrects_and_one_of_a_later_step_takes_the_asset_along(label_type, step_id, place):
    journey = Journey(workflow_of((0,), (0,), (0,)))
    journey.label("ada", DEFAULT)

    journey.label("bob", label_type, step_id)

    assert journey.place == place


def test_a_review_where_nobody_reviews_does_the_labeling_step():
    journey = Journey(workflow_of((), ()))
    journey.label("rex", REVIEW)
    assert journey.place == ("l1", "TO_DO", "ONGOING")
    journey.label("rex", REVIEW)
    assert journey.place == ("l1", "DONE", "LABELED")


def test_what_is_sent_back_to_an_earlier_group_passes_all_again():
    workflow = workflow_of((100,), (100,))
    steps = tuple(replace(step, send_back_step_id="l0") if step.id == "r10" else step for step in workflow.steps)
    journey = Journey(replace(workflow, steps=steps))
    for label_type in (DEFAULT, REVIEW, DEFAULT):
        journey.label("ada", label_type)

    journey.send_back()

    assert journey.place == ("l0", "REWORK", "ONGOING")
    journey.recompute()
    assert journey.place == ("l0", "REWORK", "ONGOING")
    seen = []
    for label_type in (DEFAULT, REVIEW, DEFAULT):
        journey.label("ada", label_type)
        seen.append(journey.place)
        journey.recompute()
        assert journey.place == seen[-1]
    assert seen == [("r00", "TO_DO", "TO_REVIEW"), ("l1", "TO_DO", "ONGOING"), ("r10", "TO_DO", "TO_REVIEW")]


def test_a_send_back_within_a_group_leaves_the_groups_before_it():
    journey = Journey(workflow_of((), (100,)))
    journey.label("ada", DEFAULT)
    journey.label("bob", DEFAULT)
    journey.send_back()
    assert journey.place == ("l1", "REWORK", "ONGOING")

    journey.recompute()

    assert journey.place == ("l1", "REWORK", "ONGOING")
    journey.labels = [label for label in journey.labels if label.author != "ada"]
    journey.recompute()
    assert journey.place == ("l0", "TO_DO", "TODO")


def test_an_asset_at_its_end_stays_there_when_a_group_is_added_and_goes_on_when_sent():
    journey = Journey(workflow_of((100,)))
    journey.label("ada", DEFAULT)
    journey.label("rex", REVIEW)
    journey.workflow = workflow_of((100,), ())
    assert journey.place == ("r00", "DONE", "REVIEWED")

    journey.recompute()

    assert journey.place == ("r00", "DONE", "REVIEWED")
    after = added_to_review(journey.state, journey.workflow, has_label=True, is_being_labeled=False)
    assert after is not None
    assert (after.step_id, after.step_status, after.status) == ("l1", StepStatus.TO_DO, Status.ONGOING)


@pytest.mark.parametrize(
    ("step_id", "before", "place"),
    [
        ("l1", "r00", ("r00", "TO_DO", "TO_REVIEW")),
        ("r10", "l1", ("l2", "TO_DO", "ONGOING")),
        ("l2", "l1", ("l1", "DONE", "LABELED")),
        ("l0", None, ("r00", "TO_DO", "TO_REVIEW")),
    ],
)
def test_assets_of_a_deleted_step_go_on_where_its_group_is_done(step_id, before, place):
    workflow = workflow_of((0,), (0,), ())
    gone = {step_id} if step_id != "l2" else {"l2", "r10"}
    remaining = replace(workflow, steps=tuple(step for step in workflow.steps if step.id not in gone))
    removed = workflow.step(step_id)
    state = AssetState("a", Status.TO_REVIEW, False, step_id, StepStatus.TO_DO, False, False)

    after = without_step(state, removed, remaining, remaining.step(before))

    assert (after.step_id, after.step_status.value, after.status.value) == place


@pytest.mark.parametrize(
    ("status", "place"),
    [
        (Status.TODO, ("l0", "TO_DO")),
        (Status.ONGOING, ("l0", "IN_PROGRESS")),
        (Status.TO_REVIEW, ("r10", "TO_DO")),
        (Status.LABELED, ("l2", "DONE")),
        (Status.REVIEWED, ("r20", "DONE")),
    ],
)
def test_an_imported_status_has_its_place(status, place):
    state = first_state("a", workflow_of((), (0,), (0,)), status)

    assert (state.step_id, state.step_status.value) == place
    assert state.status is status


def test_a_send_back_ends_where_the_asset_is_done_again():
    state = AssetState("a", Status.ONGOING, False, "l1", StepStatus.REWORK, False, False)
    assert not ends_send_back(state, "l1")
    assert not ends_send_back(replace(state, step_status=StepStatus.PARTIALLY_DONE), "l1")
    assert ends_send_back(replace(state, step_status=StepStatus.DONE), "l1")
    assert ends_send_back(replace(state, step_status=StepStatus.TO_DO), "l0")
    v1 = replace(state, step_id=None, step_status=None)
    assert not ends_send_back(v1, None)
    assert ends_send_back(replace(v1, status=Status.LABELED), None)


# Over every way that labels and send-backs can take

workflows = st.lists(st.lists(st.sampled_from([0, 100]), max_size=2), min_size=1, max_size=3).map(
    lambda groups: workflow_of(*groups, wanted=2)
)
events = st.lists(
    st.tuples(st.sampled_from(["ada", "bob"]), st.sampled_from([DEFAULT, DEFAULT, REVIEW, None])), max_size=12
)


def travelled(workflow, is_shared, events):
    journey = Journey(workflow, is_used_for_consensus=is_shared)
    for author, label_type in events:
        before = workflow.steps.index(workflow.step(journey.state.step_id))
        if label_type is None:
            journey.send_back()
        else:
            journey.label(author, label_type)
            assert workflow.steps.index(workflow.step(journey.state.step_id)) >= before
        step = workflow.step(journey.state.step_id)
        assert journey.state.status is status_in_steps(step, journey.state.step_status, journey.state.status)
        if journey.state.step_status is StepStatus.DONE:  # only the end is done
            assert workflow.next_group_after(step) is None
    return journey


@given(workflows, st.booleans(), events)
def test_labels_move_an_asset_forward_and_send_backs_back_and_only_the_end_is_done(workflow, is_shared, happened):
    travelled(workflow, is_shared, happened)


@given(workflows, st.booleans(), events)
def test_the_state_that_the_labels_justify_is_the_one_they_led_to(workflow, is_shared, happened):
    journey = travelled(workflow, is_shared, happened)
    # Reviews of what nobody labeled, or where nobody reviews, say nothing about the way: they end nothing when they are alone.
    defaults = {label.group for label in journey.labels if label.label_type is DEFAULT}
    if any(label.step is None or label.group not in defaults for label in journey.labels):
        return
    before = journey.state

    journey.recompute()

    assert (journey.state.step_id, journey.state.status) == (before.step_id, before.status)


@given(workflows, st.booleans(), events, st.sets(st.integers(0, 11)))
def test_deleting_labels_never_moves_an_asset_behind_what_its_labels_pass(workflow, is_shared, happened, deleted):
    journey = travelled(workflow, is_shared, happened)
    journey.delete(deleted)

    step = workflow.step(journey.state.step_id)
    histories = journey.histories()
    assert journey.state.status is status_in_steps(step, journey.state.step_status, journey.state.status)
    for history in (histories[group] for group in workflow.groups if group > step.group):
        assert history.labelers_since_send_back == 0
        assert not history.reviewed_since_send_back
    once = journey.state
    journey.recompute()
    assert journey.state == once
