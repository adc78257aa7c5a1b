"""Plugins are registered, uploaded and built, and say why they cannot be, as clients ask for it."""

from __future__ import annotations

import asyncio
import io
import secrets
import time
import zipfile
from datetime import UTC, datetime, timedelta

import pytest

from labelyard.domain.secret import digest_of
from labelyard.services.identity import new_id
from labelyard.storage.plugin_key import insert_run_key
from labelyard.storage.upload import orphans

CREATE = "mutation ($pluginName: String!) { data: createPlugin(data: {pluginName: $pluginName}) }"
UPDATE_URL = "mutation ($pluginName: String!) { data: generateUpdateUrl(data: {pluginName: $pluginName}) }"
RUNNER = """
mutation ($eventMatcher: [String!] $handlerTypes: [PluginHandlerType!] $pluginName: String!) {
  data: createPluginRunner(data: {eventMatcher: $eventMatcher handlerTypes: $handlerTypes pluginName: $pluginName})
}"""
STATUS = "query getPluginRunnerStatus($name: String!) { data: getPluginRunnerStatus(name: $name) }"
ERRORS = """
query getPluginBuildErrors($pluginName: String! $createdAt: DateTime $limit: Int $skip: Int) {
  data: getPluginBuildErrors(data: {pluginName: $pluginName createdAt: $createdAt limit: $limit skip: $skip}) {
    content createdAt logType pluginName
  }
}"""
LOGS = """
query getPluginLogs($projectId: ID! $pluginName: String! $createdAt: DateTime $limit: Int $skip: Int) {
  data: getPluginLogs(data: {projectId: $projectId pluginName: $pluginName createdAt: $createdAt limit: $limit skip: $skip}) {
    content createdAt logType metadata { assetId labelId } pluginName projectId runId
  }
}"""
ACTIVATE = """
mutation ($pluginName: String!, $projectId: ID!) {
  data: activatePluginOnProject(where: {pluginName: $pluginName, projectId: $projectId})
}"""
DELETE = "mutation ($pluginName: String!) { data: deletePlugin(where: {pluginName: $pluginName}) }"
WEBHOOK = """
mutation ($pluginName: String!) { data: createWebhook(data: {pluginName: $pluginName, webhookUrl: "https://9.9.9.9/"}) }"""


def archive_of(**files: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in files.items():
            archive.writestr(name.replace("_", "."), text)
    return buffer.getvalue()


async def put(client, url: str, content: bytes) -> int:
    """PUT as the SDK does, which cuts the URL at its id."""
    response = await client.http.put(
        url.split("&id=", maxsplit=1)[0], content=content, headers={"Content-Type": "application/zip"}
    )
    return response.status_code


async def built(client, name: str) -> str:
    """The status of a plugin, once its build has ended."""
    deadline = time.monotonic() + 20
    while (status := await client.data(STATUS, {"name": name})) == "DEPLOYING":
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)
    return status


async def rows(database, organization_id: str):
    async with database.reader() as connection:
        found = await connection.fetch(
            "select name, version, status, upload_id, blob_id from plugin where organization_id = :id order by position",
            {"id": organization_id},
        )
    return [dict(row) for row in found]


async def test_a_plugin_that_cannot_be_built_says_why(organization):
    admin = organization.admin.client
    url = await admin.data(CREATE, {"pluginName": "checks"})
    assert await put(admin, url, archive_of(main_py="class PluginHandler: ...")) == 200
    assert await admin.data(RUNNER, {"pluginName": "checks", "handlerTypes": ["onSubmit"]}) == "checks"
    assert await built(admin, "checks") == "FAILED"
    (error,) = await admin.data(ERRORS, {"pluginName": "checks"})
    assert error["content"] == (
        "This server fetches no packages (LABELYARD_PLUGINS_NETWORK=off), and the plugin needs kili. Leave requirements.txt out, or "
        "have the operator provide the packages with LABELYARD_PLUGINS_PACKAGES."
    )
    assert (error["logType"], error["pluginName"]) == ("ERROR", "checks")
    assert await admin.data(ERRORS, {"pluginName": "checks", "skip": 1}) == []
    assert await admin.data(ERRORS, {"pluginName": "checks", "createdAt": "2999-01-01T00:00:00.000Z"}) == []


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"no archive", "The archive cannot be read: File is not a zip file. Upload a zip file that is not encrypted."),
        (archive_of(other_py=""), "The archive has no main.py; it belongs at the top, not into a folder."),
        (
            archive_of(main_py="", requirements_txt="-r /etc/passwd"),
            "Line 1 of requirements.txt is not the name of a package with its versions, such as numpy>=2: '-r /etc/passwd'. "
            "Options, links and paths are not taken.",
        ),
    ],
)
async def test_an_archive_that_is_not_fit_fails_to_build(organization, content, reason):
    admin = organization.admin.client
    await put(admin, await admin.data(CREATE, {"pluginName": "checks"}), content)
    await admin.data(RUNNER, {"pluginName": "checks"})
    assert await built(admin, "checks") == "FAILED"
    assert [line["content"] for line in await admin.data(ERRORS, {"pluginName": "checks"})] == [reason]


async def test_what_cannot_be_done_changes_nothing(organization, database):
    admin = organization.admin.client
    await admin.data(CREATE, {"pluginName": "checks"})
    await admin.data(WEBHOOK, {"pluginName": "hook"})
    before = await rows(database, organization.id)
    refusals = [
        (CREATE, {"pluginName": "checks"}, "CONFLICT", "an entity Plugin already exists with value"),
        (CREATE, {"pluginName": "hook"}, "CONFLICT", "an entity Plugin already exists with value"),
        (CREATE, {"pluginName": " "}, "BAD_USER_INPUT", "one line with something in it"),
        (CREATE, {"pluginName": "x" * 201}, "BAD_USER_INPUT", "200"),
        (RUNNER, {"pluginName": "checks"}, "BAD_USER_INPUT", "[notUploaded]"),
        (RUNNER, {"pluginName": "nothing"}, "NOT_FOUND", "No plugin 'nothing'"),
        (RUNNER, {"pluginName": "checks", "eventMatcher": ["label..x"]}, "BAD_USER_INPUT", "pattern of events"),
        (UPDATE_URL, {"pluginName": "hook"}, "BAD_USER_INPUT", "is a webhook"),
        (UPDATE_URL, {"pluginName": "nothing"}, "NOT_FOUND", "No plugin 'nothing'"),
        (ERRORS, {"pluginName": "checks", "limit": 5000}, "BAD_USER_INPUT", "`first` is 0 to 1,000"),
    ]
    for document, variables, code, text in refusals:
        refused = await admin.refused(document, variables)
        assert (refused.code, text in refused.message) == (code, True), refused.message
    assert await rows(database, organization.id) == before


async def test_a_server_without_plugins_says_who_turns_them_on(organization, app_with, database):
    off = app_with(plugins="off").as_(organization.admin.key)
    for document in (CREATE, UPDATE_URL, RUNNER):
        refused = await off.refused(document, {"pluginName": "checks"})
        assert (refused.code, refused.context) == ("FORBIDDEN", {"setting": "LABELYARD_PLUGINS"})
        assert "LABELYARD_PLUGINS=process" in refused.message
    assert await rows(database, organization.id) == []


async def test_the_archive_of_a_plugin_is_no_file_to_read(organization, other_organization, database):
    admin = organization.admin.client
    url = await admin.data(CREATE, {"pluginName": "checks"})
    await put(admin, url, archive_of(main_py=""))
    await admin.data(RUNNER, {"pluginName": "checks"})
    (plugin,) = await rows(database, organization.id)
    for client in (admin, other_organization.admin.client):
        read = await client.http.get(
            f"/api/label/v2/files?id={plugin['blob_id']}", headers={"Authorization": f"X-API-Key: {client.key}"}
        )
        assert read.status_code == 404
    await admin.data(DELETE, {"pluginName": "checks"})
    assert await rows(database, organization.id) == []


async def test_code_that_waits_to_be_built_is_no_file_to_read(organization, database):
    client, colleague = organization.admin.client, await organization.person()
    url = await client.data(CREATE, {"pluginName": "waiting"})
    assert await put(client, url, archive_of(main_py="")) == 200
    file_id = url.split("&id=")[1]
    for person in (organization.admin, colleague):
        key = {"Authorization": f"X-API-Key: {person.key}"}
        answer = await client.http.get(f"/api/label/v2/files?id={file_id}", headers=key)
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND")
    # Nor is it swept away before it is built.
    async with database.reader() as connection:
        assert file_id not in await orphans(connection, datetime.now(UTC) + timedelta(days=2), limit=1_000_000)


async def test_what_follows_from_five_calls_calls_nothing(project, database):
    """A key of the fifth call in a row submits a label: the plugin that is active there says that it is not called."""
    organization, admin = project.organization, project.organization.admin.client
    await put(admin, await admin.data(CREATE, {"pluginName": "checks"}), archive_of(main_py=""))
    await admin.data(RUNNER, {"pluginName": "checks", "handlerTypes": ["onSubmit"]})
    await built(admin, "checks")
    key = f"ly_test_{secrets.token_hex(16)}"
    values = {
        **{"id": new_id(), "user_id": organization.admin.id, "name": "plugin", "hint": "", "digest": digest_of(key)},
        **{"expires_at": datetime.now(UTC) + timedelta(minutes=5), "depth": 5},
    }
    async with database.transaction() as connection:
        await connection.fetch(
            "update plugin set built_version = version, built_blob_id = blob_id where organization_id = :id",
            {"id": organization.id},
        )
        await insert_run_key(connection, values)
    await admin.data(ACTIVATE, {"pluginName": "checks", "projectId": project.id})
    (asset,) = await project.assets(1)
    label = await admin.as_(key).data(
        "mutation ($data: AppendToLabelsData!, $where: AssetWhere!) { data: appendToLabels(data: $data, where: $where) { id } }",
        {
            "data": {"jsonResponse": '{"WEATHER": {"categories": [{"name": "SUN"}]}}', "labelType": "DEFAULT"},
            "where": {"id": asset},
        },
    )
    deadline = time.monotonic() + 20
    while not (lines := await admin.data(LOGS, {"pluginName": "checks", "projectId": project.id})):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.1)
    (line,) = lines
    assert line["content"] == "onSubmit failed: what happened follows from 5 calls of plugins, one after the other."
    assert line["metadata"] == {"assetId": asset, "labelId": label["id"]}
    assert (line["projectId"], line["pluginName"]) == (project.id, "checks")
