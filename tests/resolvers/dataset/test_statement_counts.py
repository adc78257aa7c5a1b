"""Lists of the datasets family cost as many statements for fifty as for one, their counts the key and one statement."""

import pytest

from tests.common.world import new_organization

SIZE = 50
LISTS = {
    "datasets": """
    query ($first: PageSize!) { data: datasets(where: {}, first: $first, skip: 0) {
      id name type numberOfAssets createdAt assets { id externalId } users { email }
    } }""",
    "datasetAssets": """
    query ($id: ID!, $first: PageSize!) { data: datasetAssets(where: {dataset: {id: $id}}, first: $first, skip: 0) {
      id externalId content contentJson jsonContent metadata assets { id externalId project { title } labels { author { email } } }
    } }""",
}
COUNTS = {
    "countDatasets": "{ data: countDatasets(where: {}) }",
    "countDatasetAssets": "query ($id: ID!) { data: countDatasetAssets(where: {dataset: {id: $id}}) }",
}


@pytest.fixture(scope="module")
async def shelf(database, client):
    """Fifty datasets, each with one user, of which the first has fifty assets, each with one of a project."""
    organization = await new_organization(database, client)
    project = await organization.project()
    await project.assets(SIZE)
    own, admin = organization.id, organization.admin.id
    for text, *values in (
        (
            "insert into dataset (id, organization_id, owner_id, name, type) "
            "select $1 || '-' || n, $1, $2, 'd' || n, 'IMAGE' from generate_series(1, 50) n",
            own,
            admin,
        ),
        (
            "insert into dataset_user (dataset_id, user_id) select id, $2 from dataset where organization_id = $1",
            own,
            admin,
        ),
        (
            "insert into dataset_asset (id, dataset_id, external_id, content) "
            "select $1 || '-a' || n, $1 || '-1', 'a' || n, 'https://files.example/' || n from generate_series(1, 50) n",
            own,
        ),
        (
            "insert into dataset_link (asset_id, dataset_asset_id) "
            "select id, $1 || '-a' || row_number() over (order by position) from asset where project_id = $2",
            own,
            project.id,
        ),
    ):
        await database.pool.execute(text, *values)
    return organization, f"{own}-1"


@pytest.mark.parametrize("name", LISTS)
async def test_a_list_of_fifty_is_as_many_statements_as_a_list_of_one(shelf, statements, name):
    organization, dataset_id = shelf
    asked = {"id": dataset_id} if "$id" in LISTS[name] else {}
    counts = []
    for size in (1, SIZE, 1, SIZE):
        with statements.recording() as texts:
            found = await organization.admin.client.data(LISTS[name], {"first": size, **asked})
        assert len(found) == size
        counts.append(len(texts))

    assert len(set(counts)) == 1, counts


@pytest.mark.parametrize("name", COUNTS)
async def test_a_count_is_the_key_and_one_statement(shelf, statements, name):
    organization, dataset_id = shelf
    asked = {"id": dataset_id} if "$id" in COUNTS[name] else {}
    with statements.recording() as texts:
        assert await organization.admin.client.data(COUNTS[name], asked) == SIZE
    assert len(texts) == 2, texts
