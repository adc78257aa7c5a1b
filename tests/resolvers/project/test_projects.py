"""`projects` and `countProjects`."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.common.world import new_organization

LIST = """
query ($where: ProjectWhere!, $first: PageSize!, $skip: Int!) {
  data: projects(where: $where, first: $first, skip: $skip) { id title }
}"""
COUNT = "query ($where: ProjectWhere!) { data: countProjects(where: $where) }"
UPDATE = """
mutation ($data: ProjectData!, $where: ProjectWhere!) { data: updatePropertiesInProject(data: $data, where: $where) { id } }"""


async def titles(client, where, *, first=100, skip=0):
    """The titles a filter leaves; that the count agrees is checked as well."""
    listed = await client.data(LIST, {"where": where, "first": first, "skip": skip})
    if skip == 0 and first == 100:
        assert await client.data(COUNT, {"where": where}) == len(listed)
    return [project["title"] for project in listed]


@pytest.fixture(scope="module")
async def shelf(database, client):
    """Five projects: old, archived, starred, deleted and plain, each made a day after the one before."""
    organization = await new_organization(database, client)
    projects = {}
    for day, title in enumerate(["Old Cats", "Archived dogs", "Starred cats", "Deleted cats", "100% under_score"]):
        project = projects[title] = await organization.project(title=title, description=f"About {title.split()[-1]}s")
        moment = datetime(2024, 3, 1 + day, 12, tzinfo=UTC)
        await database.pool.execute(
            "update project set created_at = $2, updated_at = $3 where id = $1",
            project.id,
            moment,
            moment + timedelta(days=10),
        )
    await database.pool.execute("update project set archived_at = now() where id = $1", projects["Archived dogs"].id)
    await database.pool.execute(
        "update project_user set starred = true where project_id = $1", projects["Starred cats"].id
    )
    await database.pool.execute("update project set deleted_at = now() where id = $1", projects["Deleted cats"].id)
    await database.pool.execute(
        "update project set should_relaunch_kpi_computation = true where id = $1", projects["Old Cats"].id
    )
    return organization, projects


ALIVE = ["Old Cats", "Archived dogs", "Starred cats", "100% under_score"]


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ({}, ALIVE),
        ({"archived": True}, ["Archived dogs"]),
        ({"archived": False}, ["Old Cats", "Starred cats", "100% under_score"]),
        ({"archived": None}, ALIVE),
        ({"deleted": True}, ["Old Cats", "Archived dogs", "Starred cats", "Deleted cats", "100% under_score"]),
        ({"deleted": False}, ALIVE),
        ({"starred": True}, ["Starred cats"]),
        ({"starred": False}, ["Old Cats", "Archived dogs", "100% under_score"]),
        ({"searchQuery": "%cat%"}, ["Old Cats", "Starred cats"]),
        ({"searchQuery": "CATS"}, ["Old Cats", "Starred cats"]),
        ({"searchQuery": "Old%"}, ["Old Cats"]),
        ({"searchQuery": "%About dogss%"}, ["Archived dogs"]),
        ({"searchQuery": "under_score"}, ["100% under_score"]),
        ({"searchQuery": "under-score"}, []),
        ({"searchQuery": "'; drop table project; --"}, []),
        ({"searchQuery": ""}, ALIVE),
        ({"searchQuery": "Old Cats" + "%" * 992}, ["Old Cats"]),
        ({"searchQuery": "x" * 1_000}, []),
        ({"shouldRelaunchKpiComputation": True}, ["Old Cats"]),
        ({"shouldRelaunchKpiComputation": False}, ["Archived dogs", "Starred cats", "100% under_score"]),
        ({"createdAtGte": "2024-03-02"}, ["Archived dogs", "Starred cats", "100% under_score"]),
        ({"createdAtLte": "2024-03-02"}, ["Old Cats", "Archived dogs"]),
        ({"createdAtGte": "2024-03-02T12:00:00.000Z", "createdAtLte": "2024-03-02T12:00:00.000Z"}, ["Archived dogs"]),
        ({"createdAtGte": "2024-03-02T12:00:00.001Z"}, ["Starred cats", "100% under_score"]),
        ({"createdAtLte": "2024-03-02T11:59:59.999Z"}, ["Old Cats"]),
        ({"createdAtLte": "2024-03-02T13:30:00+02:00"}, ["Old Cats"]),
        ({"updatedAtGte": "2024-03-12"}, ["Archived dogs", "Starred cats", "100% under_score"]),
        ({"updatedAtLte": "2024-03-11"}, ["Old Cats"]),
        ({"tagIds": ["some tag"]}, []),
        ({"tagIds": []}, ALIVE),
        ({"id": "no such project"}, []),
        ({"searchQuery": "%cat%", "starred": True, "archived": False}, ["Starred cats"]),
    ],
    ids=str,
)
async def test_each_filter_finds_its_projects(shelf, where, found):
    organization, _ = shelf

    assert await titles(organization.admin.client, where) == found


async def test_ids_find_one_project_each_even_an_archived_one_but_no_deleted_one(shelf):
    organization, projects = shelf
    for title, project in projects.items():
        expected = [title] if title in ALIVE else []
        assert await titles(organization.admin.client, {"id": project.id}) == expected
        assert await titles(organization.admin.client, {"id": project.id, "deleted": True}) == [title]


async def test_an_organization_finds_its_projects_and_no_other_does(shelf, other_organization):
    organization, _ = shelf
    client = organization.admin.client

    assert await titles(client, {"organizationId": organization.id}) == ALIVE
    assert await titles(client, {"organizationId": other_organization.id}) == []


async def test_pages_follow_the_order_of_creation_and_end_empty(shelf):
    client = shelf[0].admin.client

    assert await titles(client, {}, first=3) == ALIVE[:3]
    assert await titles(client, {}, first=3, skip=3) == ALIVE[3:]
    assert await titles(client, {}, first=3, skip=4) == []
    assert await titles(client, {}, first=0) == []


async def test_members_see_their_projects_and_strangers_none(shelf, other_organization):
    organization, projects = shelf
    labeler = await projects["Old Cats"].member("LABELER")
    await projects["Deleted cats"].join(labeler, "ADMIN")
    nobody = await organization.person()

    assert await titles(labeler.client, {}) == ["Old Cats"]
    assert await titles(labeler.client, {"deleted": True}) == ["Old Cats"]
    assert await titles(nobody.client, {}) == []
    assert await titles(other_organization.admin.client, {"id": projects["Old Cats"].id}) == []


async def test_a_star_is_each_persons_own(shelf):
    organization, projects = shelf
    reviewer = await projects["Starred cats"].member("REVIEWER")
    await projects["Old Cats"].join(reviewer, "REVIEWER")

    assert await titles(reviewer.client, {"starred": True}) == []
    await organization.database.pool.execute(
        "update project_user set starred = true where user_id = $1 and project_id = $2",
        reviewer.id,
        projects["Old Cats"].id,
    )
    assert await titles(reviewer.client, {"starred": True}) == ["Old Cats"]
    assert await titles(organization.admin.client, {"starred": True}) == ["Starred cats"]


@pytest.mark.parametrize(
    ("variables", "status", "at"),
    [
        ({"where": {}, "first": 1001, "skip": 0}, 400, None),
        ({"where": {}, "first": -1, "skip": 0}, 400, None),
        ({"where": {}, "first": 1, "skip": -1}, 200, ["data"]),
        ({"where": {}, "first": 1, "skip": 1_000_001}, 200, ["data"]),
        ({"where": {"createdAtGte": "yesterday"}, "first": 1, "skip": 0}, 400, None),
        ({"where": {"createdAtGte": "10000-10-14"}, "first": 1, "skip": 0}, 400, None),
        ({"where": {"searchQuery": "a\0b"}, "first": 1, "skip": 0}, 200, ["data"]),
        ({"where": {"searchQuery": "x" * 1_001}, "first": 1, "skip": 0}, 200, ["data"]),
    ],
    ids=[
        "page too large",
        "page negative",
        "skip negative",
        "skip too large",
        "no date",
        "date too late",
        "NUL",
        "text too long",
    ],
)
async def test_what_no_list_has_is_refused(shelf, variables, status, at):
    refused = await shelf[0].admin.client.refused(LIST, variables, status=status)

    assert refused.at == ("BAD_USER_INPUT", at)


@pytest.mark.parametrize("document", [LIST, COUNT], ids=["projects", "countProjects"])
async def test_nothing_is_listed_without_a_key(client, document):
    refused = await client.refused(document, {"where": {}, "first": 1, "skip": 0}, status=401)

    assert refused.at == ("UNAUTHENTICATED", None)


async def test_every_counter_of_a_project_follows_its_assets_and_labels(project):
    document = """
    query ($id: ID!) { data: projects(where: {id: $id}, first: 1, skip: 0) {
      numberOfAssets numberOfRemainingAssets numberOfReviewedAssets numberOfSkippedAssets numberOfAssetsWithSkippedLabels
      numberOfAssetsWithEmptyLabels numberOfLatestLabels completionPercentage numberOfRoles
    } }"""
    names = [
        "numberOfAssets",
        "numberOfRemainingAssets",
        "numberOfReviewedAssets",
        "numberOfSkippedAssets",
        "numberOfAssetsWithSkippedLabels",
        "numberOfAssetsWithEmptyLabels",
        "numberOfLatestLabels",
        "completionPercentage",
        "numberOfRoles",
    ]

    async def counters():
        (found,) = await project.admin.data(document, {"id": project.id})
        return [found[name] for name in names]

    assert await counters() == [0, 0, 0, 0, 0, 0, 0, 0.0, 1]

    first, second, third, fourth = await project.assets(4)
    assert await counters() == [4, 4, 0, 0, 0, 0, 0, 0.0, 1]

    labeler = await project.member("LABELER")
    await project.label(first, by=labeler)
    await project.label(first, by=labeler)
    await project.label(first)
    assert await counters() == [4, 3, 0, 0, 0, 0, 2, 25.0, 2]

    await project.label(second, label_type="REVIEW")
    await project.label(third, label_type="PREDICTION", model_name="m")
    await project.label(fourth, json_response="{}")
    assert await counters() == [4, 1, 1, 0, 0, 1, 4, 75.0, 2]

    await project.organization.database.pool.execute("update asset set skipped = true where id = $1", third)
    assert await counters() == [4, 0, 1, 1, 1, 1, 4, 100.0, 2]
