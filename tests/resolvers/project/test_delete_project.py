"""`deleteProject` and `deleteProjectAsynchronously`, and the removal of what was deleted."""

import pytest

from labelyard.storage.purge import purge_deleted_projects
from tests.common.documents import APPEND_MANY_ASSETS, APPEND_TO_LABELS, UPDATE_PROJECT

# 2.6 and later
AT_ONCE = "mutation ($projectID: ID!) { data: deleteProject(where: {id: $projectID}) { id } }"
# 1.0 to 1.3
FIRST = "mutation ($projectID: ID) { data: deleteProject(projectID: $projectID) { id } }"
# 2.103 and later; its answer is a bare id
LATER = "mutation ($where: ProjectWhere!) { data: deleteProjectAsynchronously(where: $where) }"
FORMS = {
    "deleteProject": (AT_ONCE, lambda id: {"projectID": id}, lambda id: {"id": id}),
    "deleteProject, 1.0": (FIRST, lambda id: {"projectID": id}, lambda id: {"id": id}),
    "deleteProjectAsynchronously": (LATER, lambda id: {"where": {"id": id}}, lambda id: id),
}

LISTS = {
    "projects": "query ($id: ID!) { data: countProjects(where: {id: $id}) }",
    "assets": "query ($id: ID!) { data: countAssets(where: {project: {id: $id}}) }",
    "labels": "query ($id: ID!) { data: countLabels(where: {project: {id: $id}}) }",
    "members": "query ($id: ID!) { data: countProjectUsers(where: {project: {id: $id}}) }",
}


@pytest.fixture
async def filled(project):
    first, second = await project.assets(2)
    labeler = await project.member("LABELER")
    await project.label(first, by=labeler)
    await project.label(second)
    return project


async def counts(project):
    return {name: await project.admin.data(document, {"id": project.id}) for name, document in LISTS.items()}


@pytest.mark.parametrize("form", FORMS)
async def test_a_project_vanishes_from_every_list_at_once(filled, form):
    document, variables, answer = FORMS[form]
    assert await counts(filled) == {"projects": 1, "assets": 2, "labels": 2, "members": 2}

    assert await filled.admin.data(document, variables(filled.id)) == answer(filled.id)

    assert await counts(filled) == {"projects": 0, "assets": 0, "labels": 0, "members": 0}


@pytest.mark.parametrize("form", FORMS)
async def test_what_is_deleted_cannot_be_deleted_or_used_again(filled, form):
    document, variables, _ = FORMS[form]
    await filled.admin.data(document, variables(filled.id))
    asset_id = (await filled.rows("asset"))[0]["id"]

    again = await filled.admin.refused(document, variables(filled.id))
    assert again.at == ("NOT_FOUND", ["data"])

    label = {"data": {"jsonResponse": "{}", "labelType": "DEFAULT"}, "where": {"id": asset_id}}
    change = {"data": {"title": "t"}, "where": {"id": filled.id}}
    asset = {"data": {"contentArray": ["c"]}, "where": {"id": filled.id}}
    for text, given in [(APPEND_TO_LABELS, label), (UPDATE_PROJECT, change), (APPEND_MANY_ASSETS, asset)]:
        refused = await filled.admin.refused(text, given)
        assert refused.at == ("NOT_FOUND", ["data"])


async def test_the_content_goes_in_the_background_and_that_of_others_stays(filled, organization, database):
    other = await organization.project()
    await other.label((await other.assets(2))[0])
    await filled.admin.data(LATER, {"where": {"id": filled.id}})

    while await purge_deleted_projects(database):
        pass

    assert [len(await filled.rows(table)) for table in ("project", "asset", "label")] == [1, 0, 0]
    assert [len(await other.rows(table)) for table in ("project", "asset", "label")] == [1, 2, 1]


async def test_external_ids_of_a_deleted_project_are_free_elsewhere(filled, organization):
    await filled.admin.data(LATER, {"where": {"id": filled.id}})
    other = await organization.project()

    assert len(await other.assets(2)) == 2


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("role", ["TEAM_MANAGER", "REVIEWER", "LABELER"])
async def test_only_administrators_delete(project, form, role):
    member = await project.member(role)
    before = await project.everything()

    refused = await member.client.refused(FORMS[form][0], FORMS[form][1](project.id))

    assert refused.at == ("FORBIDDEN", ["data"])
    assert await project.everything() == before


@pytest.mark.parametrize("form", FORMS)
async def test_to_strangers_a_project_does_not_exist(project, form):
    stranger = await project.organization.person()
    document, variables, _ = FORMS[form]

    refused = await stranger.client.refused(document, variables(project.id))
    unknown = await stranger.client.refused(document, variables("nothing"))

    assert refused.at == unknown.at == ("NOT_FOUND", ["data"])
    assert refused.message.replace(project.id, "nothing") == unknown.message


@pytest.mark.parametrize(
    "document",
    ["mutation { data: deleteProject { id } }", "mutation { data: deleteProject(where: {}) { id } }"],
    ids=["nothing", "empty where"],
)
async def test_a_project_must_be_named(project, document):
    refused = await project.admin.refused(document)

    assert refused.at == ("BAD_USER_INPUT", ["data"])
