"""Versions of projects: every interface that was set can be read back."""

import json

import pytest

from tests.common.documents import UPDATE_PROJECT
from tests.common.world import WEATHER

VERSIONS = """
query projectVersions($where: ProjectVersionWhere!, $first: PageSize!, $skip: Int!) {
  data: projectVersions(where: $where, first: $first, skip: $skip) { createdAt id content name projectId project { id } } }"""
COUNT = "query ($where: ProjectVersionWhere!) { data: countProjectVersions(where: $where) }"
UPDATE = """
mutation ($content: String, $id: ID!) {
  data: updatePropertiesInProjectVersion(where: {id: $id}, data: {content: $content}) { content id name projectId } }"""
COPY = "mutation ($data: CopyProjectData!) { data: copyProject(data: $data) }"


def interface(category):
    weather = json.loads(json.dumps(WEATHER))
    weather["jobs"]["WEATHER"]["content"]["categories"][category] = {"name": category, "children": []}
    return json.dumps(weather)


async def change(project, **data):
    await project.admin.data(UPDATE_PROJECT, {"data": data, "where": {"id": project.id}})


async def versions(project, client=None, project_id=None):
    variables = {"where": {"projectId": project_id or project.id}, "first": 100, "skip": 0}
    return await (client or project.admin).data(VERSIONS, variables)


async def test_each_interface_is_a_version(project):
    await change(project, jsonInterface=interface("FOG"))
    await change(project, title="Not the interface")
    await change(project, jsonInterface=interface("FOG"))
    await change(project, jsonInterface=interface("HAIL"))

    found = await versions(project)

    assert [(version["name"], json.loads(version["content"])) for version in found] == [
        ("v1", WEATHER),
        ("v2", json.loads(interface("FOG"))),
        ("v3", json.loads(interface("HAIL"))),
    ]
    assert (
        {version["projectId"] for version in found} == {version["project"]["id"] for version in found} == {project.id}
    )
    assert found[-1]["content"] == (await project.rows("project"))[0]["json_interface"]
    assert await project.admin.data(COUNT, {"where": {"projectId": project.id}}) == 3


async def test_pages_of_versions_are_in_order(project):
    for number in range(4):
        await change(project, jsonInterface=interface(f"C{number}"))

    page = await project.admin.data(VERSIONS, {"where": {"projectId": project.id}, "first": 2, "skip": 1})

    assert [version["name"] for version in page] == ["v2", "v3"]


async def test_a_copy_begins_with_the_interface_it_was_given(project):
    await change(project, jsonInterface=interface("FOG"))

    copy = await project.admin.data(COPY, {"data": {"projectId": project.id}})

    (version,) = await versions(project, project_id=copy)
    assert (version["name"], version["content"]) == ("v1", interface("FOG"))


async def test_what_a_version_holds_can_be_written(project):
    (version,) = await versions(project)
    interface_before = (await project.rows("project"))[0]["json_interface"]

    changed = await project.admin.data(UPDATE, {"id": version["id"], "content": "https://files.example/v1.zip"})

    assert changed == {
        "content": "https://files.example/v1.zip",
        "id": version["id"],
        "name": "v1",
        "projectId": project.id,
    }
    assert [found["content"] for found in await versions(project)] == ["https://files.example/v1.zip"]
    kept = await project.admin.data(UPDATE, {"id": version["id"], "content": None})
    assert kept["content"] == "https://files.example/v1.zip"
    assert (await project.rows("project"))[0]["json_interface"] == interface_before


async def test_a_version_holds_at_most_two_mebibytes(project):
    (version,) = await versions(project)

    refused = await project.admin.refused(UPDATE, {"id": version["id"], "content": "x" * (2 * 2**20 + 1)})

    assert refused.at == ("BAD_USER_INPUT", ["data"])
    assert await versions(project) == [version]


async def test_the_newest_hundred_versions_are_kept(project, database):
    await database.pool.execute(
        "insert into project_version (id, project_id, name, content) select $1 || n, $1, 'old ' || n, '' "
        "from generate_series(1, 100) n",
        project.id,
    )

    await change(project, jsonInterface=interface("FOG"))

    names = [version["name"] for version in await versions(project)]
    assert names == [*(f"old {number}" for number in range(2, 101)), "v2"]


async def test_strangers_see_no_versions(project, other_organization, organization):
    outside = await organization.person()
    for client in (other_organization.admin.client, outside.client):
        assert await versions(project, client) == []
        assert await client.data(COUNT, {"where": {}}) == 0


PUBLISH = """
mutation ($where: ProjectWhere!) { data: makeProjectPublic(where: $where) { id publicToken } }"""
TOKEN = "query ($id: ID!) { data: projects(where: {id: $id}, first: 1, skip: 0) { publicToken } }"


async def test_a_public_token_is_the_same_each_time(project, organization):
    assert await project.admin.data(TOKEN, {"id": project.id}) == [{"publicToken": None}]

    first = await project.admin.data(PUBLISH, {"where": {"id": project.id}})
    second = await project.admin.data(PUBLISH, {"where": {"id": project.id}})

    assert first == second
    assert len(first["publicToken"]) == 32
    assert await project.admin.data(TOKEN, {"id": project.id}) == [{"publicToken": first["publicToken"]}]
    other = await organization.project()
    assert (await other.admin.data(PUBLISH, {"where": {"id": other.id}}))["publicToken"] != first["publicToken"]


@pytest.mark.parametrize(("role", "is_shown"), [("LABELER", False), ("REVIEWER", False), ("TEAM_MANAGER", True)])
async def test_a_public_token_is_shown_to_who_manages(project, role, is_shown):
    token = (await project.admin.data(PUBLISH, {"where": {"id": project.id}}))["publicToken"]
    member = await project.member(role)

    assert await member.client.data(TOKEN, {"id": project.id}) == [{"publicToken": token if is_shown else None}]
