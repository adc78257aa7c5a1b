"""A list of fifty costs as many statements as a list of one, whatever is selected of it."""

import pytest

from tests.common.documents import APPEND_MANY_LABELS
from tests.common.world import answer, new_organization

# Selections with relations of every kind, and lists in lists.
LISTS = {
    "assets": """
    query ($id: ID!, $first: PageSize!) { data: assets(where: {project: {id: $id}}, first: $first, skip: 0) {
      id externalId content jsonMetadata status currentStep { name status } project { title steps { name assignees { email } } }
      labels { id author { email organization { name } } labelOf { externalId } referencedLabel { id } assetStep { name } }
      latestLabel { id annotations { id job } } latestLabels { id } toBeLabeledBy { user { email } } sentBackTo { id }
    } }""",
    "labels": """
    query ($id: ID!, $first: PageSize!) { data: labels(where: {project: {id: $id}}, first: $first, skip: 0) {
      id author { email projectUsers { role project { title } } } labelOf { labels { id } project { roles { user { email } } } }
      annotations { id } search totalSecondsToLabel isCorrected assetStep { name status }
    } }""",
    "labels, filtered": """
    query ($id: ID!, $first: PageSize!) { data: labels(where: {project: {id: $id}, typeIn: [DEFAULT], search: "WEATHER.SUN.count > 0",
      asset: {statusIn: [LABELED], label: {typeIn: [DEFAULT]}}, user: {activated: true}}, first: $first, skip: 0) { id } }""",
    "projects": """
    query ($id: ID!, $first: PageSize!) { data: projects(where: {organizationId: $id}, first: $first, skip: 0) {
      id title author { email } roles { role user { email } numberOfLabels consensusMark } steps { name assignees { email } }
      numberOfAssets numberOfRemainingAssets completionPercentage dataset { id labels { id } } starred metadataTypes
    } }""",
    "projectUsers": """
    query ($id: ID!, $first: PageSize!) { data: projectUsers(where: {project: {id: $id}}, first: $first, skip: 0) {
      id role status user { email organization { name } apiKeys { id } } project { title } numberOfAnnotations lastLabelingAt
    } }""",
    "users": """
    query ($id: ID!, $first: PageSize!) { data: users(where: {organizationId: $id}, first: $first, skip: 0) {
      id email organization { name license { api } users { id } } projectUsers { project { title } } apiKeys { name }
    } }""",
    "apiKeys": """
    query ($id: ID!, $first: PageSize!) { data: apiKeys(where: {user: {id: $id}}, first: $first, skip: 0) { id name } }""",
    "notifications": """
    query ($id: ID!, $first: PageSize!) {
      data: notifications(where: {user: {id: $id}}, first: $first, skip: 0) { id status message }
    }""",
}
SIZE = 50


@pytest.fixture(scope="module")
async def crowd(database, client):
    """Fifty of everything in one organization."""
    organization = await new_organization(database, client)
    project = await organization.project()
    ids = await project.assets(SIZE)
    labels = [{"assetID": asset_id, "jsonResponse": answer(cars=1)} for asset_id in ids]
    data = {"labelType": "DEFAULT", "labelsData": labels}
    await project.admin.data(APPEND_MANY_LABELS, {"data": data, "where": {"idIn": ids}})
    admin = organization.admin.id
    statements = [
        "insert into user_account (id, organization_id, email, firstname) select $1 || n, $1, $1 || n || '@example.com', 'Ada' "
        "from generate_series(1, 50) n",
        "insert into project (id, organization_id, title, input_type) select 'p' || $1 || n, $1, 'p', 'IMAGE' "
        "from generate_series(1, 50) n",
    ]
    for text in statements:
        await database.pool.execute(text, organization.id)
    await database.pool.execute(
        "insert into project_user (id, project_id, user_id, role) select 'm' || id, $2, id, 'LABELER' from user_account "
        "where organization_id = $1 and organization_role = 'USER'",
        organization.id,
        project.id,
    )
    await database.pool.execute(
        "insert into api_key (id, user_id, name, hint, digest, expires_at) select 'k' || $1 || n, $1, 'key', 'h', $1 || n, now() "
        "from generate_series(1, 50) n",
        admin,
    )
    await database.pool.execute(
        "insert into notification (id, user_id, message, status, progress) select 'n' || $1 || n, $1, 'm', 'SUCCESS', 100 "
        "from generate_series(1, 50) n",
        admin,
    )
    of_list = {"projects": organization.id, "users": organization.id, "apiKeys": admin, "notifications": admin}
    return organization, {name: of_list.get(name, project.id) for name in LISTS}


@pytest.mark.parametrize("name", LISTS)
async def test_a_list_of_fifty_is_as_many_statements_as_a_list_of_one(crowd, statements, name):
    organization, ids = crowd
    counts = []
    for size in (1, SIZE, 1, SIZE):
        with statements.recording() as texts:
            found = await organization.admin.client.data(LISTS[name], {"id": ids[name], "first": size})
        assert len(found) == size
        counts.append(len(texts))

    assert len(set(counts)) == 1, counts


@pytest.mark.parametrize("size", [1, SIZE])
async def test_a_plain_page_is_the_key_and_one_statement(crowd, statements, size):
    organization, ids = crowd
    for name, fields in [("assets", "id externalId project { title }"), ("labels", "id author { email }")]:
        document = f"""query ($id: ID!, $first: PageSize!) {{
          data: {name}(where: {{project: {{id: $id}}}}, first: $first, skip: 0) {{ {fields} }} }}"""
        with statements.recording() as texts:
            await organization.admin.client.data(document, {"id": ids[name], "first": size})
        assert len(texts) == 2, texts


async def test_a_count_is_the_key_and_one_statement(crowd, statements):
    organization, ids = crowd
    document = "query ($id: ID!) { data: countAssets(where: {project: {id: $id}}) }"
    with statements.recording() as texts:
        assert await organization.admin.client.data(document, {"id": ids["assets"]}) == SIZE
    assert len(texts) == 2, texts
