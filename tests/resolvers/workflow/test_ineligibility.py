"""Where a label is refused because of who else works on the asset, and the reason that clients read."""

import pytest

from tests.common.documents import APPEND_TO_LABELS, UPDATE_ASSETS, UPDATE_PROJECT
from tests.common.world import answer

NEXT = "query ($id: ID!) { data: getNextAssetFromProject(projectID: $id) { id } }"
ASSIGN = """
mutation ($where: AssetWhere!, $ids: [String!]!) { data: assignAssets(where: $where, userIds: $ids) { succeeded { assetId } } }"""
TO_REVIEW = "mutation ($where: AssetWhere!) { data: addAssetsToReview(where: $where) { succeeded { assetId } } }"
SEND_BACK = "mutation ($where: AssetWhere!) { data: sendAssetsBackToQueue(where: $where) { succeeded { assetId } } }"
EDIT = "mutation ($input: EditProjectWorkflowSettingsInput!) { data: editProjectWorkflowSettings(input: $input) { steps { id } } }"


def label(asset_id, label_type="DEFAULT"):
    return {"data": {"jsonResponse": answer(), "labelType": label_type}, "where": {"id": asset_id}}


async def reason(project, person, asset_id, label_type="DEFAULT"):
    """The code and reason with which a label is refused, which changes nothing; None when it is taken."""
    before = await project.everything()
    answered = await person.client.graphql(APPEND_TO_LABELS, label(asset_id, label_type))
    if "errors" not in answered:
        return None
    assert await project.everything() == before
    (error,) = answered["errors"]
    assert error["extensions"]["context"]["assetId"] == asset_id
    return error["extensions"]["code"], error["extensions"]["context"]["reason"]


async def test_an_asset_that_somebody_has_open_is_theirs(any_project):
    one, other, reviewer = [await any_project.member(role) for role in ("LABELER", "LABELER", "REVIEWER")]
    (asset_id,) = await any_project.assets()
    await one.client.data(NEXT, {"id": any_project.id})

    for person in (other, reviewer):
        assert await reason(any_project, person, asset_id) == ("CONFLICT", "AssetAlreadyLocked")
    for person in (one, other):
        assert await reason(any_project, person, asset_id, "AUTOSAVE") is None
    assert await reason(any_project, other, asset_id) == ("CONFLICT", "AssetAlreadyLocked")
    assert await reason(any_project, one, asset_id) is None
    assert (await any_project.read_asset(asset_id, "numberOfValidLocks"))["numberOfValidLocks"] == 0


async def test_an_administrator_imports_over_locks(project):
    one, administrator = await project.member(), await project.member("ADMIN")
    (asset_id,) = await project.assets()
    await one.client.data(NEXT, {"id": project.id})

    assert await reason(project, administrator, asset_id) is None


async def test_an_assigned_asset_is_for_its_assignees(project):
    one, other, manager = [await project.member(role) for role in ("LABELER", "LABELER", "TEAM_MANAGER")]
    (asset_id,) = await project.assets()
    await project.admin.data(ASSIGN, {"where": {"id": asset_id}, "ids": [one.id]})

    unknown = (await other.client.refused(APPEND_TO_LABELS, label("unknown"))).message
    refused = await other.client.refused(APPEND_TO_LABELS, label(asset_id))
    assert (refused.code, refused.message.replace(asset_id, "unknown"), refused.context) == ("NOT_FOUND", unknown, {})
    reviewer = await project.member("REVIEWER")
    await project.admin.data(ASSIGN, {"where": {"id": asset_id}, "ids": [one.id, manager.id]})
    assert await reason(project, reviewer, asset_id) == ("FORBIDDEN", "AssetAlreadyAssigned")
    await project.admin.data(ASSIGN, {"where": {"id": asset_id}, "ids": [one.id]})
    assert await reason(project, manager, asset_id) == ("FORBIDDEN", "NotAssignedWithAssignAction")
    assert await reason(project, one, asset_id) is None


async def test_a_reviewer_reviews_what_was_assigned_to_a_labeler(any_project):
    one, reviewer = await any_project.member(), await any_project.member("REVIEWER")
    (asset_id,) = await any_project.assets()
    await any_project.admin.data(ASSIGN, {"where": {"id": asset_id}, "ids": [one.id]})
    await any_project.label(asset_id, by=one)
    await any_project.admin.data(TO_REVIEW, {"where": {"id": asset_id}})

    assert (await reviewer.client.data(NEXT, {"id": any_project.id}))["id"] == asset_id
    assert await reason(any_project, reviewer, asset_id, "REVIEW") is None


async def test_what_is_done_is_corrected_by_its_labeler_only_and_by_none_in_review(any_project):
    one, other, reviewer = [await any_project.member(role) for role in ("LABELER", "LABELER", "REVIEWER")]
    (asset_id,) = await any_project.assets()
    await any_project.label(asset_id, by=one)
    done = ("CONFLICT", "AssetInDoneStepStatus")

    assert (await other.client.refused(APPEND_TO_LABELS, label(asset_id))).code == "NOT_FOUND"
    assert await reason(any_project, one, asset_id) is None
    await any_project.admin.data(TO_REVIEW, {"where": {"id": asset_id}})
    assert await reason(any_project, one, asset_id) == done
    assert await reason(any_project, one, asset_id, "AUTOSAVE") == done
    assert await reason(any_project, reviewer, asset_id, "REVIEW") is None
    assert await reason(any_project, one, asset_id) == done

    await any_project.admin.data(SEND_BACK, {"where": {"id": asset_id}})
    assert await reason(any_project, one, asset_id) is None


async def test_who_had_it_open_reads_that_somebody_else_has_finished_it(any_project, database):
    one, other = await any_project.member(), await any_project.member()
    (asset_id,) = await any_project.assets()
    assert (await one.client.data(NEXT, {"id": any_project.id}))["id"] == asset_id
    async with database.transaction() as connection:
        await connection.fetch(
            "update asset_lock set renewed_at = now() - interval '31 minutes' where asset_id = :id", {"id": asset_id}
        )
    await any_project.label(asset_id, by=other)

    for label_type in ("DEFAULT", "AUTOSAVE"):
        assert await reason(any_project, one, asset_id, label_type) == ("CONFLICT", "AssetInDoneStepStatus")


@pytest.mark.parametrize("label_type", ["REVIEW", "PREDICTION"])
async def test_labels_that_labelers_may_not_make_do_not_tell_what_exists(project, label_type):
    one, other = await project.member(), await project.member()
    (asset_id,) = await project.assets()
    await project.label(asset_id, by=one)

    hidden = await other.client.refused(APPEND_TO_LABELS, label(asset_id, label_type))
    unknown = await other.client.refused(APPEND_TO_LABELS, label("unknown", label_type))
    assert (hidden.code, hidden.message.replace(asset_id, "unknown")) == (unknown.code, unknown.message)
    assert unknown.code == "NOT_FOUND"
    assert (await one.client.refused(APPEND_TO_LABELS, label(asset_id, label_type))).code == "FORBIDDEN"


async def test_one_label_each_until_a_consensus_is_complete(any_project):
    one, other = await any_project.member(), await any_project.member()
    (asset_id,) = await any_project.assets()
    await any_project.admin.data(UPDATE_PROJECT, {"data": {"minConsensusSize": 2}, "where": {"id": any_project.id}})
    change = {"whereArray": [{"id": asset_id}], "dataArray": [{"isUsedForConsensus": True}]}
    await any_project.admin.data(UPDATE_ASSETS, change)
    for person in (one, other):
        assert (await person.client.data(NEXT, {"id": any_project.id}))["id"] == asset_id

    assert await reason(any_project, one, asset_id) is None
    assert await reason(any_project, one, asset_id) == ("CONFLICT", "AlreadyHaveLabelOnCurrentStep")
    assert await reason(any_project, other, asset_id) is None
    assert (await any_project.read_asset(asset_id, "status"))["status"] == "LABELED"


async def test_a_step_is_for_its_assignees(project):
    one, other = await project.member("REVIEWER"), await project.member("REVIEWER")
    (asset_id,) = await project.assets()
    labeling, review = await project.rows("project_step")
    updates = [{"id": labeling["id"], "assignees": [one.id]}, {"id": review["id"], "assignees": [other.id]}]
    await project.admin.data(EDIT, {"input": {"projectId": project.id, "steps": {"updates": updates}}})

    assert await reason(project, other, asset_id) == ("FORBIDDEN", "NotInStepAssignees")
    assert await reason(project, one, asset_id, "REVIEW") == ("FORBIDDEN", "NotInStepAssignees")
    assert await reason(project, one, asset_id) is None
    assert await reason(project, other, asset_id, "REVIEW") is None


@pytest.mark.parametrize("separated", [True, False])
async def test_nobody_reviews_their_own_label_where_steps_are_kept_apart(project, separated):
    reviewer = await project.member("REVIEWER")
    (asset_id,) = await project.assets()
    await project.admin.data(EDIT, {"input": {"projectId": project.id, "enforceStepSeparation": separated}})
    assert await reason(project, reviewer, asset_id) is None
    await project.admin.data(TO_REVIEW, {"where": {"id": asset_id}})

    expected = ("FORBIDDEN", "BlockedByEnforceStepSeparation") if separated else None
    assert await reason(project, reviewer, asset_id, "REVIEW") == expected
