"""Consensus of many assets at once, and states computed anew, as the first clients ask for them."""

from __future__ import annotations

import pytest

from tests.common.documents import UPDATE_PROJECT
from tests.common.world import answer

UPDATE = """
mutation ($ids: [ID!], $marks: [Float!], $flags: [Boolean]) {
  data: updateConsensusInManyAssets(assetIDs: $ids, consensusMarks: $marks, areUsedForConsensus: $flags) {
    id consensusMark isUsedForConsensus } }"""
FORCE = "mutation ($id: ID) { data: forceUpdateStatus(assetID: $id) { id status } }"


async def test_assets_join_and_leave_consensus_in_the_order_given(project):
    await project.admin.data(UPDATE_PROJECT, {"data": {"minConsensusSize": 2}, "where": {"id": project.id}})
    first, second, third = await project.assets(3)
    await project.label(first)

    made = await project.admin.data(UPDATE, {"ids": [third, first, second], "flags": [True, True, None]})

    assert made == [
        {"id": third, "consensusMark": None, "isUsedForConsensus": True},
        {"id": first, "consensusMark": None, "isUsedForConsensus": True},
        {"id": second, "consensusMark": None, "isUsedForConsensus": False},
    ]
    # Labeled by one of two, it waits for the other.
    assert await project.read_asset(first, "status currentStep { status }") == {
        "status": "ONGOING",
        "currentStep": {"status": "PARTIALLY_DONE"},
    }
    made = await project.admin.data(UPDATE, {"ids": [first], "flags": [False], "marks": [0.5]})
    assert made == [{"id": first, "consensusMark": None, "isUsedForConsensus": False}]
    assert (await project.read_asset(first, "status"))["status"] == "LABELED"


async def test_marks_are_those_of_the_labels_whatever_is_sent(project):
    people = [await project.member(), await project.member()]
    (asset_id,) = await project.assets()
    for person in people:
        await project.label(asset_id, by=person, json_response=answer())

    await project.admin.data(UPDATE, {"ids": [asset_id], "flags": [True], "marks": [0.25]})
    await project.marked()

    assert (await project.read_asset(asset_id, "consensusMark"))["consensusMark"] == 1.0
    await project.admin.data(UPDATE, {"ids": [asset_id], "marks": [0.25]})
    await project.marked()
    assert (await project.read_asset(asset_id, "consensusMark"))["consensusMark"] == 1.0


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"ids": None}, "assetIDs"),
        ({"ids": []}, "assetIDs"),
        ({"flags": [True]}, "areUsedForConsensus"),
        ({"flags": [True, True, False]}, "areUsedForConsensus"),
        ({"marks": [0.5], "flags": [True, True]}, "consensusMarks"),
        ({"marks": [0.5, 1.5]}, "consensusMarks"),
    ],
)
async def test_lists_that_do_not_fit_are_refused(project, values, field):
    ids = await project.assets(2)
    before = await project.everything()

    told = await project.admin.refused(UPDATE, {"ids": ids, **values})

    assert (told.at[0], told.context["field"]) == ("BAD_USER_INPUT", field)
    assert await project.everything() == before


async def test_one_unknown_asset_leaves_all_as_they_are(project, other_organization):
    own = await project.asset()
    foreign = await (await other_organization.project()).asset()
    before = await project.everything()

    for identifier in ("unknown", foreign):
        told = await project.admin.refused(UPDATE, {"ids": [own, identifier], "flags": [True, True]})
        assert told.at == ("NOT_FOUND", ["data"])
        assert (await project.admin.refused(FORCE, {"id": identifier})).at == ("NOT_FOUND", ["data"])
    assert (await project.admin.refused(FORCE, {"id": None})).at == ("BAD_USER_INPUT", ["data"])
    assert await project.everything() == before


async def test_a_state_is_that_of_the_labels_when_it_is_computed_anew(project, database):
    first, second = await project.assets(2)
    await project.label(first)
    step = (await project.rows("asset"))[0]["current_step_id"]
    await database.pool.execute(
        "update asset set status = 'REVIEWED', step_status = 'IN_PROGRESS', current_step_id = $2 where id = $1",
        second,
        step,
    )

    assert await project.admin.data(FORCE, {"id": first}) == {"id": first, "status": "LABELED"}
    assert await project.admin.data(FORCE, {"id": second}) == {"id": second, "status": "TODO"}
