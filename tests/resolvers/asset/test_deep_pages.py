"""Pages deep in long lists are what the whole list has there, however the list was walked and changed before."""

import random

import pytest

from tests.common.documents import ASSETS, LABELS
from tests.common.world import new_organization

SIZE = 2_400


@pytest.fixture
async def long_list(database, client):
    """A project with many assets of the day before, whose names in order are returned as well."""
    organization = await new_organization(database, client)
    project = await organization.project()
    await project.assets(SIZE)
    await database.pool.execute(
        "update asset set created_at = now() - interval '1 day' where project_id = $1", project.id
    )
    return project, [f"asset-{number}" for number in range(SIZE)]


async def page(project, first, skip, *, client=None, **where):
    variables = {"where": {"project": {"id": project.id}, **where}, "first": first, "skip": skip}
    return [asset["externalId"] for asset in await (client or project.admin).data(ASSETS % "externalId", variables)]


async def test_pages_one_after_the_other_are_the_whole_list(long_list):
    project, names = long_list
    for _ in range(2):
        walked = []
        while found := await page(project, 500, len(walked)):
            walked += found
        assert walked == names


async def test_jumps_and_deletions_in_between_move_every_later_page(long_list):
    project, names = long_list
    chance = random.Random(7)
    delete = """mutation ($where: AssetWhere!) { data: deleteAssets(where: $where) { failed { assetId } } }"""
    for round_number in range(12):
        for _ in range(4):
            skip, first = chance.randrange(900, SIZE + 100), chance.randrange(1, 300)
            assert await page(project, first, skip) == names[skip : skip + first], (round_number, skip, first)
        gone = chance.sample(names, 3)
        where = {"project": {"id": project.id}, "externalIdStrictlyIn": gone}
        await project.admin.data(delete, {"where": where})
        names = [name for name in names if name not in gone]
    assert await page(project, 1000, 0) + await page(project, 1000, 1000) + await page(project, 1000, 2000) == names


async def test_what_comes_later_stands_at_the_end(long_list):
    project, names = long_list
    await page(project, 100, SIZE - 100)

    await project.assets(2, prefix="new")

    assert await page(project, 100, SIZE - 1) == [names[-1], "new-0", "new-1"]
    assert await page(project, 100, SIZE + 1) == ["new-1"]


async def test_other_filters_and_other_people_walk_their_own_lists(long_list, database):
    project, names = long_list
    await database.pool.execute(
        "update asset set priority = 1, status = 'LABELED' where project_id = $1 and right(external_id, 1) in ('1', '3')",
        project.id,
    )
    labeler = await project.member("LABELER")
    await database.pool.execute(
        "insert into asset_assignee (asset_id, user_id) select id, $2 from asset "
        "where project_id = $1 and right(external_id, 1) in ('1', '3', '5', '7', '9')",
        project.id,
        labeler.id,
    )
    labeled = [name for name in names if name[-1] in "13"]
    assigned = [name for name in names if name[-1] in "13579"]
    for skip in (1000, 1100, 1000, 300, 1150):
        assert await page(project, 50, skip) == names[skip : skip + 50]
        assert await page(project, 50, skip, client=labeler.client) == assigned[skip : skip + 50]
        assert await page(project, 50, skip // 3, statusIn=["LABELED"]) == labeled[skip // 3 : skip // 3 + 50]

    # What is looked at may change in place; a remembered place must not.
    await database.pool.execute(
        "update asset set status = 'TODO' where project_id = $1 and right(external_id, 1) = '1'", project.id
    )
    labeled = [name for name in labeled if name[-1] == "3"]
    assert await page(project, 50, 200, statusIn=["LABELED"]) == labeled[200:250]


async def test_labels_are_paged_alike(long_list, database):
    project, _ = long_list
    await database.pool.execute(
        "insert into label (id, project_id, asset_id, author_id, label_type, json_response, client_version, created_at) "
        "select 'l' || a.id, a.project_id, a.id, $2, case when a.external_id like '%5' then 'REVIEW' else 'DEFAULT' end, '{}', "
        "substring(a.external_id from '[0-9]+')::int, now() - interval '1 day' "
        "from asset a where a.project_id = $1 order by a.position",
        project.id,
        project.organization.admin.id,
    )

    async def numbers(skip, **where):
        variables = {"where": {"project": {"id": project.id}, **where}, "first": 100, "skip": skip}
        found = await project.admin.data(LABELS % "id clientVersion", variables)
        return [label["clientVersion"] for label in found], [label["id"] for label in found]

    everything = list(range(SIZE))
    defaults = [number for number in everything if number % 10 != 5]
    for skip in (1000, 2000, 1500, 2000):
        assert (await numbers(skip))[0] == everything[skip : skip + 100]
        assert (await numbers(skip, typeIn=["DEFAULT"]))[0] == defaults[skip : skip + 100]

    found, ids = await numbers(1000)
    await project.admin.data("mutation ($ids: [ID!]!) { data: deleteLabels(ids: $ids) }", {"ids": ids})
    everything = [number for number in everything if number not in found]
    for skip in (1000, 2000, 1500):
        assert (await numbers(skip))[0] == everything[skip : skip + 100]
