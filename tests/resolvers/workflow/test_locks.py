"""The queue, and the locks it takes: who gets which asset next, and that nobody else does."""

import asyncio
from collections import Counter

import pytest

from labelyard.storage.asset_lock import remove_expired_locks
from tests.common.documents import APPEND_TO_LABELS, UPDATE_ASSETS, UPDATE_PROJECT
from tests.common.world import answer

NEXT = "query ($id: ID!) { getNextAssetFromProject(projectID: $id) { id numberOfValidLocks locks { author { id } lockType } } }"
REVIEW = "query ($id: ID!) { getNextAssetFromProject(projectID: $id, inReview: true) { id locks { lockType } } }"
AFTER = "query ($ids: [ID!]) { getNextAssetFromLabel(labelAssetIDs: $ids) { id } }"
LOCKS = """
query ($where: LockWhere!, $first: PageSize!, $skip: Int!) {
  data: locks(where: $where, first: $first, skip: $skip) { id author { id } authorIdCompute createdAt lockOfIdCompute lockType }
}"""
COUNT = "query ($where: LockWhere!) { data: countLocks(where: $where) }"
OLD_LOCKS = "query ($id: ID!) { data: getLocks(projectID: $id) { id author { email } createdAt lockType } }"
DELETE = "mutation ($id: ID!) { data: deleteLocks(assetID: $id) { id } }"
TO_REVIEW = "mutation ($where: AssetWhere!) { data: addAssetsToReview(where: $where) { succeeded { assetId } declined { assetId } } }"
SEND_BACK = "mutation ($where: AssetWhere!) { data: sendAssetsBackToQueue(where: $where) { succeeded { assetId } } }"
SKIP = 'mutation ($where: AssetWhere!) { data: skipAsset(where: $where, reason: "dark") { id } }'
UNSKIP = "mutation ($projectId: ID!, $assetId: ID!) { data: unskipAsset(projectId: $projectId, assetId: $assetId) }"
ASSIGN = """
mutation ($where: AssetWhere!, $ids: [String!]!) { data: assignAssets(where: $where, userIds: $ids) { succeeded { assetId } } }"""

LEAVE = """
mutation ($project: ID!, $user: String!) {
  data: deleteFromRoles(where: {project: {id: $project}, user: {email: $user}}) { id }
}"""
SUSPEND = "mutation ($id: ID!) { data: updatePropertiesInUser(where: {id: $id}, data: {activated: false}) { id } }"
CLOSE = "mutation ($id: ID!) { data: deleteUser(userID: $id) { id } }"


async def next_for(project, person, document=NEXT):
    """The id of the next asset, or None. An asset whose marks are just being written is passed over: they are waited for."""
    await project.marked()
    answered = await person.client.graphql(document, {"id": project.id})
    assert "errors" not in answered, answered
    found = answered["data"]["getNextAssetFromProject"]
    return found and found["id"]


async def submit(person, asset_id, label_type="DEFAULT"):
    data = {"data": {"jsonResponse": answer(), "labelType": label_type}, "where": {"id": asset_id}}
    answered = await person.client.graphql(APPEND_TO_LABELS, data)
    assert "errors" not in answered, answered


async def change(project, asset_ids, **data):
    where = [{"id": asset_id} for asset_id in asset_ids]
    await project.admin.data(UPDATE_ASSETS, {"whereArray": where, "dataArray": [data] * len(where)})


async def expire(project):
    async with project.organization.database.transaction() as connection:
        await connection.fetch(
            "update asset_lock set renewed_at = now() - interval '31 minutes' where project_id = :id",
            {"id": project.id},
        )


async def test_each_person_gets_an_asset_of_their_own_and_keeps_it_until_it_is_labeled(any_project):
    one, other = await any_project.member(), await any_project.member()
    first, second = await any_project.assets(2)

    assert (await one.client.graphql(NEXT, {"id": any_project.id}))["data"]["getNextAssetFromProject"] == {
        "id": first,
        "numberOfValidLocks": 1,
        "locks": [{"author": {"id": one.id}, "lockType": "DEFAULT"}],
    }
    assert await next_for(any_project, one) == first
    assert await next_for(any_project, other) == second

    await submit(one, first)
    assert (await any_project.read_asset(first, "numberOfValidLocks status"))["numberOfValidLocks"] == 0
    assert await next_for(any_project, one) is None
    await submit(other, second)
    assert await next_for(any_project, other) is None


async def test_a_lock_ends_after_half_an_hour_without_a_draft(project):
    one, other = await project.member(), await project.member()
    (asset_id,) = await project.assets()
    assert await next_for(project, one) == asset_id
    assert await next_for(project, other) is None
    await submit(one, asset_id, "AUTOSAVE")
    await expire(project)
    await submit(one, asset_id, "AUTOSAVE")
    assert await next_for(project, other) is None

    await expire(project)

    assert await project.read_asset(asset_id, "numberOfValidLocks locks { id }") == {
        "numberOfValidLocks": 0,
        "locks": [],
    }
    assert await project.admin.data(COUNT, {"where": {}}) == 0
    assert await next_for(project, other) == asset_id
    assert await next_for(project, one) is None


@pytest.mark.parametrize("how", ["leaves the project", "is suspended", "is deleted"])
async def test_assets_of_somebody_who_is_gone_are_free_at_once(project, organization, how):
    one, other = await project.member(), await project.member()
    elsewhere = await organization.project()
    await elsewhere.join(one, "LABELER")
    asset_id, away = await project.asset(), await elsewhere.asset()
    assert await next_for(project, one) == asset_id
    assert await next_for(elsewhere, one) == away
    assert await next_for(project, other) is None

    if how == "leaves the project":
        await project.admin.data(LEAVE, {"project": project.id, "user": one.email})
    else:
        await project.admin.data(SUSPEND if how == "is suspended" else CLOSE, {"id": one.id})

    assert await project.rows("asset_lock") == []
    assert await next_for(project, other) == asset_id
    assert len(await elsewhere.rows("asset_lock")) == (1 if how == "leaves the project" else 0)


async def test_locks_that_expired_a_day_ago_are_removed_and_no_others(project, database):
    one, other = await project.member(), await project.member()
    await project.assets(2)
    await next_for(project, one)
    await expire(project)
    await remove_expired_locks(database)
    assert [row["user_id"] for row in await project.rows("asset_lock")] == [one.id]
    async with database.transaction() as connection:
        await connection.fetch(
            "update asset_lock set renewed_at = renewed_at - interval '1 day' where project_id = :id",
            {"id": project.id},
        )
    await next_for(project, other)

    await remove_expired_locks(database)

    assert [row["user_id"] for row in await project.rows("asset_lock")] == [other.id]


async def test_the_order_of_the_queue(any_project):
    labeler = await any_project.member()
    plain, later, urgent, back, skipped, shared = await any_project.assets(6)
    await any_project.label(back, by=labeler)
    await any_project.admin.data(SEND_BACK, {"where": {"id": back}})
    await any_project.admin.data(SKIP, {"where": {"id": skipped}})
    await any_project.admin.data(UPDATE_PROJECT, {"data": {"minConsensusSize": 2}, "where": {"id": any_project.id}})
    await change(any_project, [urgent], priority=5)
    await change(any_project, [later], priority=-1)
    await change(any_project, [shared], isUsedForConsensus=True)
    await any_project.label(shared)

    order = []
    while (asset_id := await next_for(any_project, labeler)) is not None:
        order.append(asset_id)
        await submit(labeler, asset_id)

    assert order == [back, urgent, shared, plain, later]


async def test_assigned_assets_are_for_their_assignees(project):
    one, other = await project.member(), await project.member()
    first, second = await project.assets(2)
    await project.admin.data(ASSIGN, {"where": {"id": first}, "ids": [other.id]})

    assert await next_for(project, one) == second
    assert await next_for(project, other) == first


async def test_taking_assigns_where_the_project_says_so(project):
    one = await project.member()
    (asset_id,) = await project.assets()
    await project.admin.data(UPDATE_PROJECT, {"data": {"shouldAutoAssign": True}, "where": {"id": project.id}})

    assert await next_for(project, one) == asset_id

    read = await project.read_asset(asset_id, "toBeLabeledBy { user { id } }")
    assert read == {"toBeLabeledBy": [{"user": {"id": one.id}}]}


async def test_review_has_a_queue_of_its_own(any_project):
    labeler, reviewer = await any_project.member("LABELER"), await any_project.member("REVIEWER")
    first, second = await any_project.assets(2)
    await any_project.label(second, by=labeler)
    await any_project.admin.data(TO_REVIEW, {"where": {"id": second}})

    assert await next_for(any_project, labeler, REVIEW) is None
    taken = await reviewer.client.graphql(REVIEW, {"id": any_project.id})
    assert taken["data"]["getNextAssetFromProject"] == {"id": second, "locks": [{"lockType": "REVIEW"}]}
    await submit(reviewer, second, "REVIEW")
    assert await next_for(any_project, reviewer, REVIEW) is None
    assert await next_for(any_project, reviewer) == first


async def test_what_is_sent_back_is_open_at_nobodys_any_more(any_project):
    labeler, reviewer = await any_project.member("LABELER"), await any_project.member("REVIEWER")
    (asset_id,) = await any_project.assets()
    await any_project.label(asset_id, by=labeler)
    await any_project.admin.data(TO_REVIEW, {"where": {"id": asset_id}})
    assert await next_for(any_project, reviewer, REVIEW) == asset_id

    await reviewer.client.data(SEND_BACK, {"where": {"id": asset_id}})

    assert await any_project.read_asset(asset_id, "numberOfValidLocks") == {"numberOfValidLocks": 0}
    assert await next_for(any_project, labeler) == asset_id


async def test_what_was_skipped_is_open_at_nobodys_when_it_comes_back(any_project):
    one, other = await any_project.member("REVIEWER"), await any_project.member("REVIEWER")
    (asset_id,) = await any_project.assets()
    assert await next_for(any_project, one) == asset_id

    await one.client.data(SKIP, {"where": {"id": asset_id}})
    await any_project.admin.data(UNSKIP, {"projectId": any_project.id, "assetId": asset_id})

    assert await next_for(any_project, other) == asset_id


async def test_a_honeypot_is_labeled_by_several_at_once_and_reviewed_by_one(any_project):
    one, other = await any_project.member(), await any_project.member()
    reviewers = [await any_project.member("REVIEWER"), await any_project.member("REVIEWER")]
    (asset_id,) = await any_project.assets()
    await change(any_project, [asset_id], isHoneypot=True)

    assert [await next_for(any_project, person) for person in (one, other)] == [asset_id, asset_id]
    await submit(one, asset_id)
    await submit(other, asset_id)
    await any_project.admin.data(TO_REVIEW, {"where": {"id": asset_id}})
    assert [await next_for(any_project, person, REVIEW) for person in reviewers] == [asset_id, None]


async def test_what_is_just_being_written_to_is_waited_for_when_nothing_else_is_left(any_project):
    one, other = await any_project.member(), await any_project.member()
    first, second = await any_project.assets(2)

    async with any_project.organization.database.transaction() as writing:
        await writing.fetch("select 1 from asset where id = :id for no key update", {"id": first})
        assert await next_for(any_project, one) == second
        waiting = asyncio.create_task(next_for(any_project, other))
        await asyncio.wait([waiting], timeout=0.3)
        assert not waiting.done()

    assert await waiting == first


async def test_the_next_after_some_passes_them_over_and_lets_go_of_them(project):
    one = await project.member()
    first, second, third = await project.assets(3)
    assert await next_for(project, one) == first

    assert (await one.client.graphql(AFTER, {"ids": [first]}))["data"] == {"getNextAssetFromLabel": {"id": second}}
    assert (await one.client.graphql(AFTER, {"ids": [first, second]}))["data"] == {
        "getNextAssetFromLabel": {"id": third}
    }
    assert (await one.client.graphql(AFTER, {"ids": [first, second, third]}))["data"] == {"getNextAssetFromLabel": None}
    assert await project.admin.data(COUNT, {"where": {}}) == 0


async def test_who_worked_on_one_step_does_not_get_the_asset_in_another(project):
    reviewer = await project.member("REVIEWER")
    (asset_id,) = await project.assets()
    await project.label(asset_id, by=reviewer)
    await project.admin.data(TO_REVIEW, {"where": {"id": asset_id}})
    edit = "mutation ($id: ID!) { data: editProjectWorkflowSettings(input: {projectId: $id, enforceStepSeparation: true}) { id } }"
    await project.admin.data(edit, {"id": project.id})

    assert await next_for(project, reviewer, REVIEW) is None
    assert await next_for(project, await project.member("REVIEWER"), REVIEW) == asset_id


async def test_steps_have_assignees_and_only_they_get_assets(project):
    one, other = await project.member("REVIEWER"), await project.member("REVIEWER")
    (asset_id,) = await project.assets()
    steps = "query ($id: ID!) { data: projects(where: {id: $id}, first: 1, skip: 0) { steps { id } } }"
    (found,) = await project.admin.data(steps, {"id": project.id})
    edit = "mutation ($input: EditProjectWorkflowSettingsInput!) { data: editProjectWorkflowSettings(input: $input) { id } }"
    update = {"id": found["steps"][0]["id"], "assignees": [other.id]}
    await project.admin.data(edit, {"input": {"projectId": project.id, "steps": {"updates": [update]}}})

    assert await next_for(project, one) is None
    assert await next_for(project, other) == asset_id


async def test_honeypots_come_between_and_never_twice_in_five(project):
    await project.admin.data(UPDATE_PROJECT, {"data": {"useHoneyPot": True}, "where": {"id": project.id}})
    labeler = await project.member()
    plain = await project.assets(20)
    gold = set(await project.assets(5, prefix="gold", isHoneypotArray=[True] * 5))
    kinds = []
    for _ in plain:
        asset_id = await next_for(project, labeler)
        kinds.append(asset_id in gold)
        await submit(labeler, asset_id)

    assert all(sum(kinds[start : start + 5]) <= 1 for start in range(len(kinds) - 4))
    assert sum(kinds) >= 1


# Many at once


@pytest.mark.parametrize("assets", [30, 100])
async def test_a_hundred_askers_never_get_the_same_asset(project, assets):
    people = [await project.member() for _ in range(100)]
    await project.assets(assets)

    taken = await asyncio.gather(*(next_for(project, person) for person in people))

    given = Counter(asset_id for asset_id in taken if asset_id is not None)
    assert max(given.values()) == 1
    assert len(given) == assets


async def test_a_consensus_asset_goes_to_as_many_as_it_needs(project):
    people = [await project.member() for _ in range(40)]
    ids = await project.assets(3)
    await project.admin.data(UPDATE_PROJECT, {"data": {"minConsensusSize": 3}, "where": {"id": project.id}})
    await change(project, ids, isUsedForConsensus=True)
    await project.label(ids[0])

    taken = await asyncio.gather(*(next_for(project, person) for person in people))

    assert Counter(asset_id for asset_id in taken if asset_id) == {ids[0]: 2, ids[1]: 3, ids[2]: 3}


# Lists, and who may


async def test_locks_are_listed_and_ended(project, other_organization):
    one, other, manager = await project.member(), await project.member(), await project.member("TEAM_MANAGER")
    first, second = await project.assets(2)
    for person in (one, other):
        await next_for(project, person)
    page = {"where": {}, "first": 10, "skip": 0}

    found = await project.admin.data(LOCKS, page)

    assert [(lock["lockOfIdCompute"], lock["authorIdCompute"], lock["author"]) for lock in found] == [
        (first, one.id, {"id": one.id}),
        (second, other.id, {"id": other.id}),
    ]
    assert {lock["lockType"] for lock in found} == {"DEFAULT"}
    assert await manager.client.data(COUNT, {"where": {"id": found[0]["id"]}}) == 1
    assert await one.client.data(LOCKS, page) == found[:1]
    assert await other_organization.admin.client.data(LOCKS, page) == []
    assert [lock["author"]["email"] for lock in await project.admin.data(OLD_LOCKS, {"id": project.id})] == [
        one.email,
        other.email,
    ]

    assert await one.client.data(DELETE, {"id": second}) == []
    assert await one.client.data(DELETE, {"id": first}) == [{"id": found[0]["id"]}]
    assert await manager.client.data(DELETE, {"id": second}) == [{"id": found[1]["id"]}]
    assert await project.admin.data(COUNT, {"where": {}}) == 0


async def test_an_asset_that_somebody_labels_is_not_sent_to_review(project):
    one = await project.member()
    (asset_id,) = await project.assets()
    await next_for(project, one)
    await project.label(asset_id)

    assert await project.admin.data(TO_REVIEW, {"where": {"id": asset_id}}) == {
        "succeeded": [],
        "declined": [{"assetId": asset_id}],
    }


async def test_strangers_get_nothing(project, other_organization):
    (asset_id,) = await project.assets()
    stranger = other_organization.admin.client
    for document, variables in [
        (NEXT, {"id": project.id}),
        (AFTER, {"ids": [asset_id]}),
        (OLD_LOCKS, {"id": project.id}),
        (DELETE, {"id": asset_id}),
    ]:
        assert (await stranger.refused(document, variables)).code == "NOT_FOUND"
    await project.admin.data(UPDATE_PROJECT, {"data": {"archived": True}, "where": {"id": project.id}})
    assert (await project.admin.refused(NEXT, {"id": project.id})).code == "FORBIDDEN"
    assert (await project.admin.refused(AFTER, {"ids": []})).context == {"field": "labelAssetIDs"}
