"""`lockAsset`: having one asset open, whoever chose it."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from tests.common.documents import APPEND_TO_LABELS, UPDATE_ASSETS, UPDATE_PROJECT
from tests.common.world import answer

LOCK = """
mutation ($id: ID!) {
  data: lockAsset(assetID: $id) { id authorIdCompute author { id } lockOfIdCompute lockType createdAt expiresAt }
}"""
NEXT = "query ($id: ID!) { data: getNextAssetFromProject(projectID: $id) { id } }"
ASSETS = "query ($id: ID!) { data: assets(where: {id: $id}, first: 1, skip: 0) { id numberOfValidLocks } }"
ASSIGN = """
mutation ($where: AssetWhere!, $ids: [String!]!) { data: assignAssets(where: $where, userIds: $ids) { succeeded { assetId } } }"""
TO_REVIEW = "mutation ($where: AssetWhere!) { data: addAssetsToReview(where: $where) { succeeded { assetId } } }"
ASK = """
mutation ($issues: [IssueToCreate!]!, $where: AssetWhere!) { data: createIssues(issues: $issues, where: $where) { id } }"""
RELEASE = "mutation ($id: ID!) { data: deleteLocks(assetID: $id) { id } }"
PEOPLE = 12


async def age(project, minutes):
    """Make the locks of a project so much older."""
    async with project.organization.database.transaction() as connection:
        await connection.fetch(
            "update asset_lock set renewed_at = renewed_at - make_interval(mins => :minutes) where project_id = :id",
            {"id": project.id, "minutes": minutes},
        )


def until(lock):
    return datetime.fromisoformat(lock["expiresAt"])


async def test_an_asset_is_open_for_half_an_hour_and_longer_when_asked_again(any_project):
    one = await any_project.member()
    asset_id, other_id = await any_project.assets(2)
    before = datetime.now(UTC)

    lock = await one.client.data(LOCK, {"id": other_id})

    assert (lock["authorIdCompute"], lock["author"], lock["lockOfIdCompute"], lock["lockType"]) == (
        one.id,
        {"id": one.id},
        other_id,
        "DEFAULT",
    )
    assert until(lock) - datetime.fromisoformat(lock["createdAt"]) == timedelta(minutes=30)
    assert abs(until(lock) - before - timedelta(minutes=30)) < timedelta(minutes=5)
    await age(any_project, 20)
    renewed = await one.client.data(LOCK, {"id": other_id})
    assert (renewed["id"], renewed["createdAt"]) == (lock["id"], lock["createdAt"])
    assert until(renewed) >= until(lock)
    assert await one.client.data(ASSETS, {"id": asset_id}) == []
    assert await one.client.data(ASSETS, {"id": other_id}) == [{"id": other_id, "numberOfValidLocks": 1}]


async def test_it_is_the_labelers_own_while_it_is_open(project):
    one = await project.member()
    (asset_id,) = await project.assets()
    question = {"issues": [{"type": "QUESTION", "text": "Which way?"}], "where": {"id": asset_id}}
    assert (await one.client.refused(ASK, question)).code == "NOT_FOUND"

    await one.client.data(LOCK, {"id": asset_id})
    assert len(await one.client.data(ASK, question)) == 1
    assert (await project.read_asset(asset_id, "status"))["status"] == "ONGOING"
    await one.client.data(RELEASE, {"id": asset_id})
    assert (await project.read_asset(asset_id, "status"))["status"] == "TODO"
    assert await one.client.data(ASSETS, {"id": asset_id}) == []


async def test_who_comes_second_reads_until_when_and_not_from_whom(any_project):
    one, other, reviewer, admin = [
        await any_project.member(role) for role in ("LABELER", "LABELER", "REVIEWER", "ADMIN")
    ]
    (asset_id,) = await any_project.assets()
    lock = await one.client.data(LOCK, {"id": asset_id})
    before = await any_project.everything(), await any_project.rows("asset_lock")

    for person, knows in ((other, False), (reviewer, True), (admin, True)):
        refused = await person.client.refused(LOCK, {"id": asset_id})
        assert refused.at == ("CONFLICT", ["data"])
        assert "somebody else has it open" in refused.message
        assert refused.context.pop("lockedUntil")[:19] == lock["expiresAt"][:19]
        assert refused.context == {
            "reason": "AssetAlreadyLocked",
            "assetId": asset_id,
            **({"lockedBy": [one.id]} if knows else {}),
        }
    assert (await any_project.everything(), await any_project.rows("asset_lock")) == before

    await age(any_project, 31)
    assert (await other.client.data(LOCK, {"id": asset_id}))["author"] == {"id": other.id}
    assert (await one.client.refused(LOCK, {"id": asset_id})).context["reason"] == "AssetAlreadyLocked"


async def test_it_is_refused_like_a_label(project):
    one, other, reviewer = [await project.member(role) for role in ("LABELER", "LABELER", "REVIEWER")]
    mine, done, given = await project.assets(3)
    await project.label(done, by=one)
    await project.admin.data(ASSIGN, {"where": {"id": given}, "ids": [one.id]})
    before = await project.everything()

    assert (await other.client.refused(LOCK, {"id": done})).context["reason"] == "AssetInDoneStepStatus"
    assert (await other.client.refused(LOCK, {"id": given})).code == "NOT_FOUND"
    assert (await reviewer.client.refused(LOCK, {"id": given})).context["reason"] == "AssetAlreadyAssigned"
    assert await project.everything() == before
    assert (await one.client.data(LOCK, {"id": done}))["lockType"] == "DEFAULT"
    await project.admin.data(RELEASE, {"id": done})
    await project.admin.data(TO_REVIEW, {"where": {"id": done}})
    assert (await one.client.refused(LOCK, {"id": done})).context["reason"] == "AssetInDoneStepStatus"
    assert (await reviewer.client.data(LOCK, {"id": done}))["lockType"] == "REVIEW"
    assert mine not in {row["asset_id"] for row in await project.rows("asset_lock")}


async def test_of_many_at_once_one_has_it(any_project):
    people = [await any_project.member() for _ in range(PEOPLE)]
    (asset_id,) = await any_project.assets()

    answers = await asyncio.gather(*(person.client.graphql(LOCK, {"id": asset_id}) for person in people))

    (winner,) = [person for person, said in zip(people, answers, strict=True) if "errors" not in said]
    reasons = [error["extensions"]["context"]["reason"] for said in answers for error in said.get("errors", [])]
    assert Counter(reasons) == {"AssetAlreadyLocked": PEOPLE - 1}
    assert [row["user_id"] for row in await any_project.rows("asset_lock")] == [winner.id]


async def test_opening_and_the_queue_never_give_one_asset_to_two(project):
    people = [await project.member() for _ in range(PEOPLE)]
    ids = await project.assets(PEOPLE)

    answers = await asyncio.gather(
        *(
            person.client.graphql(NEXT, {"id": project.id})
            if number % 2
            else person.client.graphql(LOCK, {"id": ids[number]})
            for number, person in enumerate(people)
        )
    )

    held = Counter(row["asset_id"] for row in await project.rows("asset_lock"))
    assert max(held.values()) == 1
    assert sum(held.values()) == sum(1 for said in answers if "errors" not in said and said["data"]["data"])


async def test_a_consensus_takes_as_many_as_labels_are_missing(project):
    people = [await project.member() for _ in range(PEOPLE)]
    (asset_id,) = await project.assets()
    await project.admin.data(UPDATE_PROJECT, {"data": {"minConsensusSize": 3}, "where": {"id": project.id}})
    shared = {"whereArray": [{"id": asset_id}], "dataArray": [{"isUsedForConsensus": True}]}
    await project.admin.data(UPDATE_ASSETS, shared)
    await project.label(asset_id, by=people[0])

    answers = await asyncio.gather(*(person.client.graphql(LOCK, {"id": asset_id}) for person in people[1:]))

    assert sum("errors" not in said for said in answers) == 2
    assert {error["extensions"]["code"] for said in answers for error in said.get("errors", [])} == {"CONFLICT"}


async def test_the_lock_ends_with_the_label(project):
    one, other = await project.member(), await project.member()
    (asset_id,) = await project.assets()
    await one.client.data(LOCK, {"id": asset_id})
    label = {"data": {"jsonResponse": answer(), "labelType": "DEFAULT"}, "where": {"id": asset_id}}

    assert (await other.client.refused(APPEND_TO_LABELS, label)).context["reason"] == "AssetAlreadyLocked"
    await one.client.data(APPEND_TO_LABELS, label)
    assert await project.rows("asset_lock") == []


@pytest.mark.parametrize("archived", [False, True], ids=["of strangers", "archived"])
async def test_what_cannot_be_worked_on_is_not_opened(project, other_organization, archived):
    one = await project.member()
    (asset_id,) = await project.assets()
    if archived:
        await project.admin.data(UPDATE_PROJECT, {"data": {"archived": True}, "where": {"id": project.id}})
    asking = one.client if archived else other_organization.admin.client

    refused = await asking.refused(LOCK, {"id": asset_id})

    assert refused.code == ("FORBIDDEN" if archived else "NOT_FOUND")
    assert await project.rows("asset_lock") == []
