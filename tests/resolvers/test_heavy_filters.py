"""Filters that read many rows wait for one another, in whichever operation they stand, and for nobody else's longer than needed."""

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from labelyard.storage.heavy import MOST_WAITING

COUNT = 'query ($p: ID!) { data: countLabels(where: {project: {id: $p}, jsonResponseContains: ["categories"]}) }'
WHERE = '{project: {id: $p}, metadata: {kind: "wanted"}}'
MUTATIONS = {
    "deleteAssets": f"deleteAssets(where: {WHERE}) {{ succeeded {{ assetId }} }}",
    "deleteManyFromDataset": f"deleteManyFromDataset(where: {WHERE}) {{ id }}",
    "addAssetsToReview": f"addAssetsToReview(where: {WHERE}) {{ succeeded {{ assetId }} }}",
    "addAllLabeledAssetsToReview": f"addAllLabeledAssetsToReview(where: {WHERE}) {{ id }}",
    "sendAssetsBackToQueue": f"sendAssetsBackToQueue(where: {WHERE}) {{ succeeded {{ assetId }} }}",
    "sendBackAssetsToQueue": f"sendBackAssetsToQueue(where: {WHERE}) {{ id }}",
    "setAssetsPriority": f"setAssetsPriority(where: {WHERE}, priority: 3) {{ succeeded {{ assetId }} }}",
    "assignAssets": f"assignAssets(where: {WHERE}, userIds: []) {{ succeeded {{ assetId }} }}",
    "assignAssetsToLabelers": f"assignAssetsToLabelers(where: {WHERE}, userIds: []) {{ id }}",
}


@asynccontextmanager
async def all_places(database, organization_id):
    """Take every place for heavy statements."""
    async with AsyncExitStack() as held:
        while True:
            try:
                async with asyncio.timeout(0.1):
                    await held.enter_async_context(database.heavy_reader(organization_id))
            except TimeoutError:
                break
        yield


@asynccontextmanager
async def full_queue(database, organization_id):
    """Let one organization fill the places and the queue."""

    async def wait():
        async with database.heavy_reader(organization_id):
            pass

    async with all_places(database, organization_id):
        waiting = [asyncio.create_task(wait()) for _ in range(MOST_WAITING)]
        await asyncio.sleep(0.01)
        yield
    await asyncio.gather(*waiting, return_exceptions=True)


@pytest.mark.parametrize("name", MUTATIONS)
async def test_the_filter_of_a_mutation_waits_like_that_of_a_list(project, database, name):
    document = f"mutation ($p: ID!) {{ data: {MUTATIONS[name]} }}"
    (asset_id, _) = await project.assets(2, jsonMetadataArray=['{"kind": "wanted"}', '{"kind": "other"}'])
    await project.label(asset_id)
    before = await project.everything()

    async with full_queue(database, project.organization.id):
        refused = await project.admin.post(document, {"p": project.id})

    assert (refused.status_code, refused.json()["error"]["code"]) == (429, "TOO_MANY_REQUESTS")
    assert refused.headers["retry-after"] == "5"
    assert await project.everything() == before
    answered = await project.admin.graphql(document, {"p": project.id})
    assert "errors" not in answered, answered


async def test_one_organization_floods_and_the_search_of_another_is_answered(
    organization, other_organization, project, database
):
    theirs = await other_organization.project()
    await theirs.label((await theirs.assets(1))[0])

    # Fewer than one person may ask at once.
    flooding = [organization.admin, await organization.person(organization_role="ADMIN")] * (MOST_WAITING // 2 + 4)

    async with all_places(database, organization.id):
        flood = [asyncio.create_task(each.client.post(COUNT, {"p": project.id})) for each in flooding]
        first = await next(asyncio.as_completed(flood))  # refused: the queue is full
        calm = asyncio.create_task(theirs.admin.graphql(COUNT, {"p": theirs.id}))
        done, _ = await asyncio.wait([calm], timeout=0.3)
        assert not done
    statuses = [answer.status_code for answer in await asyncio.gather(*flood)]

    assert first.status_code == 429
    assert await calm == {"data": {"data": 1}}
    # Refused are the eight for whom there was no room, and one that made room.
    assert sorted(statuses) == [200] * 15 + [429] * 9
