"""Who reads which file: links live an hour, are made for a person, and open what that person may see when they are opened."""

from __future__ import annotations

import secrets

import httpx
import pytest

from server.settings import Settings
from storage.blob import new_blob_id
from tests.common.client import Client
from tests.common.documents import APPEND_MANY_ASSETS
from tests.common.world import Organization, Person, Project
from tests.common.world import answer as answer_of

URLS = "query ($paths: [String!]) { data: createUploadBucketSignedUrls(filePaths: $paths) }"
CONTENT = "query ($id: ID!) { data: assets(where: {id: $id}, first: 1, skip: 0) { content jsonContent } }"
CHANGE_CONTENT = """
mutation ($id: ID!, $content: String!) {
  data: updatePropertiesInAsset(where: {id: $id}, data: {content: $content}) { id }
}"""
REMOVE = (
    "mutation ($p: ID!, $e: String!) { data: deleteFromRoles(where: {project: {id: $p}, user: {email: $e}}) { id } }"
)
ASSIGN = "mutation ($id: ID!, $u: [String!]!) { data: assignAssets(where: {idIn: [$id]}, userIds: $u) { succeeded { assetId } } }"
NOT_THERE = (404, "NOT_FOUND", "There is no such file.")


async def upload(client: Client, body: bytes) -> str:
    (url,) = await client.data(URLS, {"paths": ["a"]})
    answered = await client.http.put(url.partition("&id=")[0], content=body)
    assert answered.status_code == 200, answered.text
    return str(url)


async def asset_with(project: Project, url: str, name: str = "a") -> str:
    data = {"contentArray": [url], "externalIDArray": [name]}
    (made,) = await project.admin.data(APPEND_MANY_ASSETS, {"data": data, "where": {"id": project.id}})
    return str(made["id"])


async def content_of(person: Person, asset_id: str) -> str:
    (found,) = await person.client.data(CONTENT, {"id": asset_id})
    return str(found["content"])


def refusal(response: httpx.Response) -> tuple[int, str, str]:
    error = response.json()["error"]
    return response.status_code, error["code"], error["message"]


@pytest.fixture
async def held(organization: Organization, project: Project) -> tuple[str, str]:
    """An asset whose content is a file of this server, and the file's id."""
    url = await upload(organization.admin.client, b"secret bytes")
    return await asset_with(project, url), url.partition("&id=")[2]


def test_links_are_good_for_an_hour():
    assert Settings(_env_file=None).signed_url_seconds == 3600


@pytest.mark.parametrize("role", ["LABELER", "REVIEWER", "TEAM_MANAGER", "ADMIN"])
async def test_a_link_dies_with_the_membership(organization, project, held, role):
    asset_id, file_id = held
    ada = await project.member(role)
    if role == "LABELER":
        await project.admin.data(ASSIGN, {"id": asset_id, "u": [ada.id]})
    url = await content_of(ada, asset_id)
    key = {"Authorization": f"X-API-Key: {ada.key}"}
    built = f"/api/label/v2/files?id={file_id}"
    before = [await organization.http.http.get(url), await organization.http.http.get(built, headers=key)]

    await project.admin.data(REMOVE, {"p": project.id, "e": ada.email})

    after = [await organization.http.http.get(url), await organization.http.http.get(built, headers=key)]
    assert [(answer.status_code, answer.content) for answer in before] == [(200, b"secret bytes")] * 2
    assert [refusal(answer) for answer in after] == [NOT_THERE] * 2


async def test_a_link_dies_with_the_account(organization, project, held):
    ada = await organization.person(organization_role="ADMIN")
    url = await content_of(ada, held[0])

    await organization.admin.client.data(
        "mutation ($id: ID!) { data: updatePropertiesInUser(where: {id: $id}, data: {activated: false}) { id } }",
        {"id": ada.id},
    )

    assert refusal(await organization.http.http.get(url)) == NOT_THERE


async def test_a_link_dies_with_the_assignment_of_a_labeler(organization, project, held):
    ada, bea = await project.member("LABELER"), await project.member("LABELER")
    await project.admin.data(ASSIGN, {"id": held[0], "u": [ada.id]})
    url = await content_of(ada, held[0])

    await project.admin.data(ASSIGN, {"id": held[0], "u": [bea.id]})

    assert refusal(await organization.http.http.get(url)) == NOT_THERE


async def test_a_labeler_reads_what_they_have_open_and_what_they_labeled(organization, project, held):
    ada = await project.member("LABELER")
    document = "query ($p: ID) { data: getNextAssetFromProject(projectID: $p) { id content } }"
    opened = await ada.client.data(document, {"p": project.id})
    while_open = await organization.http.http.get(opened["content"])

    await ada.client.data(
        "mutation ($data: AppendToLabelsData!, $where: AssetWhere!) { data: appendToLabels(data: $data, where: $where) { id } }",
        {"data": {"jsonResponse": answer_of(), "labelType": "DEFAULT"}, "where": {"id": held[0]}},
    )

    assert (while_open.status_code, while_open.content) == (200, b"secret bytes")
    assert (await organization.http.http.get(opened["content"])).status_code == 200


async def test_the_url_that_clients_build_asks_for_a_right_in_the_project_of_the_asset(organization, project, held):
    outsider, labeler, member = (
        await organization.person(),
        await project.member("LABELER"),
        await project.member("REVIEWER"),
    )
    url = f"/api/label/v2/files?id={held[1]}"

    seen = [
        (await organization.http.http.get(url, headers={"Authorization": f"X-API-Key: {person.key}"})).status_code
        for person in (outsider, labeler, member, organization.admin)
    ]

    assert seen == [404, 404, 200, 200]


async def test_a_link_is_good_for_the_person_it_was_made_for_only(organization, project, held):
    ada = await project.member("REVIEWER")
    outsider = await organization.person()
    url = await content_of(ada, held[0])

    altered = await organization.http.http.get(url.replace(f"user={ada.id}", f"user={outsider.id}"))
    missing = await organization.http.http.get(url.replace(f"&user={ada.id}", ""))

    assert (await organization.http.http.get(url)).status_code == 200
    assert (altered.status_code, missing.status_code) == (403, 403)


ADDRESSES = ("as content", "as jsonContent", "in inline JSON", "in a document", "by an update")


@pytest.mark.parametrize("way", ADDRESSES)
async def test_a_file_of_a_project_cannot_be_brought_into_another_by_its_id(organization, project, held, way):
    """Whoever only knows the id of a file reads nothing by making it part of an asset of their own."""
    file_id = held[1]
    ada = await organization.person()
    mine = await organization.project(
        inputType="VIDEO" if way != "as content" else "IMAGE", jsonInterface='{"jobs": {}}'
    )
    await mine.join(ada, "ADMIN")
    stolen = f"https://label.example/api/label/v2/files?id={file_id}"
    data: dict[str, list[str]] = {
        "contentArray": ["https://files.example/a.mp4"],
        "externalIDArray": [secrets.token_hex(8)],
    }
    if way == "as content":
        data["contentArray"] = [stolen]
    elif way == "as jsonContent":
        data["jsonContentArray"] = [stolen]
    elif way == "in inline JSON":
        data["jsonContentArray"] = [f'{{"0": "{stolen}"}}']
    elif way == "in a document":
        data["jsonContentArray"] = [await upload(ada.client, f'{{"0": "{stolen}"}}'.encode())]

    answer = await ada.client.graphql(APPEND_MANY_ASSETS, {"data": data, "where": {"id": mine.id}})
    if way in ("as content", "as jsonContent"):
        assert answer["errors"][0]["extensions"]["code"] == "NOT_FOUND"
    elif way == "by an update":
        asset_id = answer["data"]["data"][0]["id"]
        refused = await ada.client.refused(CHANGE_CONTENT, {"id": asset_id, "content": stolen})
        assert refused.code == "NOT_FOUND"

    url = f"/api/label/v2/files?id={file_id}"
    key = {"Authorization": f"X-API-Key: {ada.key}"}
    assert refusal(await organization.http.http.get(url, headers=key)) == NOT_THERE


async def test_a_file_of_somebody_else_reads_like_one_that_was_never_uploaded(organization, project, held):
    ada = await organization.person()
    mine = await organization.project()
    await mine.join(ada, "ADMIN")
    seen = []
    for file_id in (held[1], new_blob_id()):
        data = {"contentArray": [f"https://label.example/api/label/v2/files?id={file_id}"], "externalIDArray": ["a"]}
        refused = await ada.client.refused(APPEND_MANY_ASSETS, {"data": data, "where": {"id": mine.id}})
        seen.append((refused.code, refused.message.replace(file_id, "…"), refused.context))

    assert seen[0] == seen[1]


async def test_the_file_of_a_label_is_not_told_to_labelers_who_do_not_see_the_asset(
    organization, project, held, database
):
    ada = await project.member("LABELER")
    asset_id, _ = held
    other = await upload(organization.admin.client, b"an answer")
    async with database.transaction() as connection:
        await connection.fetch(
            "insert into asset_file (asset_id, blob_id) values (:asset, :blob)",
            {"asset": asset_id, "blob": other.partition("&id=")[2]},
        )
    document = (
        "query ($p: ID!, $a: ID!, $f: String!) { data: annotationFileUrl(projectId: $p, assetId: $a, fileId: $f) }"
    )
    variables = {"p": project.id, "a": asset_id, "f": other.partition("&id=")[2]}

    refused = await ada.client.refused(document, variables)
    missing = await ada.client.refused(document, {**variables, "f": new_blob_id()})

    assert refused.code == missing.code == "NOT_FOUND"
    assert (
        await organization.http.http.get(await organization.admin.client.data(document, variables))
    ).status_code == 200


async def test_upload_urls_are_counted(organization, app_with):
    few = app_with(max_uploads_per_day=5).as_(organization.admin.key)

    assert len(await few.data(URLS, {"paths": ["a"] * 5})) == 5
    refused = await few.refused(URLS, {"paths": ["a"]})

    assert (refused.code, refused.context) == ("INSUFFICIENT_STORAGE", {"limit": 5})
    assert await few.data(URLS, {"paths": []}) == []


def test_quotas_are_on_without_a_setting():
    settings = Settings(_env_file=None)

    assert (settings.max_organization_bytes, settings.max_uploads_per_day) == (1 << 40, 1_000_000)
