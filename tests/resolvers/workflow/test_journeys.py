"""Random journeys through groups of steps: what the server stores is what the plain memory of the same events says."""

import asyncio

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from labelyard.domain.workflow import LabelType, Step, Workflow
from tests.common.documents import APPEND_MANY_LABELS, DELETE_LABELS, UPDATE_ASSETS, UPDATE_PROJECT
from tests.common.journey import Journey
from tests.common.world import answer

EDIT = (
    "mutation ($input: EditProjectWorkflowSettingsInput!) { data: editProjectWorkflowSettings(input: $input) { id } }"
)
SEND_BACK = "mutation ($where: AssetWhere!) { data: sendAssetsBackToQueue(where: $where) { succeeded { assetId } } }"
NAMED = st.sampled_from([None, None, None, 0, 1, 2, 3, 4])
LABEL = st.tuples(st.sampled_from([0, 1]), st.sampled_from(["DEFAULT", "DEFAULT", "REVIEW"]), NAMED)
EVENTS = st.lists(st.one_of(LABEL, LABEL, LABEL, st.just("back"), st.sets(st.integers(0, 5), min_size=1)), max_size=9)


@pytest.fixture
async def loop():
    """The loop that the database lives on, for a test that drives it step by step."""
    return asyncio.get_running_loop()


@pytest.fixture
async def ground(grouped):
    """A project of three groups, two of which review everything, its workflow and two labelers."""
    project = await grouped("Final")
    rows = await project.rows("project_step")
    check = rows[2]["step_group_id"]
    review = {"name": "Review", "type": "REVIEW", "stepCoverage": 100, "stepGroupId": check}
    creates = [{**review, "sendBackStepId": rows[0]["id"]}]
    await project.admin.data(EDIT, {"input": {"projectId": project.id, "steps": {"creates": creates}}})
    await project.admin.data(
        UPDATE_PROJECT, {"data": {"reviewCoverage": 100, "minConsensusSize": 2}, "where": {"id": project.id}}
    )
    rows = await project.rows("project_step")
    groups = list(dict.fromkeys(row["step_group_id"] for row in rows))
    steps = tuple(
        Step(
            row["id"],
            row["type"] == "REVIEW",
            row["step_coverage"] or 0,
            row["send_back_step_id"],
            groups.index(row["step_group_id"]),
        )
        for row in rows
    )
    assert [(step.is_review, step.group) for step in steps] == [
        (False, 0),
        (True, 0),
        (False, 1),
        (True, 1),
        (False, 2),
    ]
    return project, Workflow(steps, 2, 100), [await project.member("ADMIN") for _ in range(2)]


async def travel(project, workflow, people, is_shared, events):
    asset_id = await project.asset()
    if is_shared:
        chosen = {"dataArray": [{"isUsedForConsensus": True}], "whereArray": [{"id": asset_id}]}
        await project.admin.data(UPDATE_ASSETS, chosen)
    journey, ids = Journey(workflow, is_used_for_consensus=is_shared), []
    for event in events:
        if event == "back":
            await project.admin.data(SEND_BACK, {"where": {"id": asset_id}})
            journey.send_back()
        elif isinstance(event, set):
            gone = {place for place in event if place < len(ids)}
            if not gone:
                continue
            await project.admin.data(DELETE_LABELS, {"ids": [ids[place] for place in gone]})
            ids = [label_id for place, label_id in enumerate(ids) if place not in gone]
            journey.delete(gone)
        else:
            person, label_type, named = event
            step = workflow.steps[named] if named is not None else None
            if step is not None and step.is_review != (label_type == "REVIEW"):
                step = None
            label = {"assetID": asset_id, "jsonResponse": answer(), "authorID": people[person].id}
            data = {"labelType": label_type, "labelsData": [label], "stepId": step.id if step else None}
            (made,) = await project.admin.data(APPEND_MANY_LABELS, {"data": data, "where": {"id": asset_id}})
            ids.append(made["id"])
            journey.label(str(person), LabelType(label_type), step.id if step else None)
        read = await project.read_asset(asset_id, "status currentStep { id status } labels { assetStep { id } }")
        assert (read["currentStep"]["id"], read["currentStep"]["status"], read["status"]) == journey.place, event
        made_in = [label["assetStep"]["id"] if label["assetStep"] else None for label in read["labels"]]
        assert made_in == [label.step.id if label.step else None for label in journey.labels]


def test_what_is_stored_is_what_the_events_say(loop, ground):
    @settings(
        max_examples=40,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.reuse, Phase.generate],  # each try goes over HTTP: to shrink takes minutes
    )
    @given(st.booleans(), EVENTS)
    def run(is_shared, events):
        loop.run_until_complete(travel(*ground, is_shared, events))

    run()
