"""Cloud storage on Azure Blob Storage and on Google Cloud Storage, asked over their own protocols."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from labelyard.server.settings import Settings
from labelyard.storage.database import Database
from tests.common.client import Client
from tests.common.world import Organization, Project, new_organization
from tests.stores.conftest import CREATE, client_of, connected
from tests.stores.server import AZURITE, STORES, Azurite, Google, StoreServer

_numbers = itertools.count(1)
KEYS = ["a/1.jpg", "a/2.PNG", "b/c/3.jpeg", "b/ü ö.jpg", "root.jpg", "a/notes.txt"]
PICTURES = sorted(KEYS[:5])
ASSETS = """
query assets($where: AssetWhere!, $first: PageSize!, $skip: Int!) {
  data: assets(where: $where, first: $first, skip: $skip) { id externalId content dataIntegrationId }
}
"""
INTEGRATIONS = """
query dataIntegrations($where: DataIntegrationWhere!) {
  data: dataIntegrations(where: $where, first: 100, skip: 0) { id status azureSASToken azureConnectionURL gcpBucketName }
}
"""
FOLDERS = "query ($id: ID!) { data: getFoldersAndSubfolders(dataIntegrationId: $id) }"
NOTIFICATIONS = "{ data: notifications(where: {}, first: 10, skip: 0) { message status } }"


def node() -> str | None:
    """The program that runs azurite: that of the machine, or the one that was set up for lack of it."""
    own = STORES / "node" / "bin" / "node"
    return shutil.which("node") or (str(own) if own.exists() else None)


@pytest.fixture(scope="module")
def azurite() -> Iterator[Azurite]:
    program = node()
    if program is None or not AZURITE.exists():
        pytest.skip("azurite is not installed, for want of npm or of its registry: make stores-environment")
    server = Azurite.start(program)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def google() -> Iterator[Google]:
    if not Google.program():
        pytest.skip("fake-gcs-server is not installed: make stores-environment")
    server = Google.start()
    yield server
    server.stop()


@pytest.fixture(scope="module", params=["azurite", "google"])
def server(request: pytest.FixtureRequest) -> StoreServer:
    found: StoreServer = request.getfixturevalue(request.param)
    return found


@pytest.fixture(scope="module")
async def client(server: StoreServer, stores_settings: Settings, stores_database: Database) -> AsyncIterator[Client]:
    """A client of a server whose operator has an account on Google, where there is a Google."""
    account = {"gcs_service_account": server.account()} if isinstance(server, Google) else {}
    settings = Settings.model_validate({**stores_settings.model_dump(), **account})
    async with client_of(settings, stores_database) as made:
        yield made


@pytest.fixture
async def organization(stores_database: Database, client: Client) -> Organization:
    return await new_organization(stores_database, client)


def fresh() -> str:
    return f"pictures-{next(_numbers)}"


async def added(organization: Organization, server: StoreServer, keys: list[str]) -> tuple[str, str]:
    """A new bucket, and its integration."""
    bucket = fresh()
    server.create(bucket, keys)
    answer = await organization.admin.client.data(CREATE, {"data": server.integration(bucket)})
    assert answer["status"] == "CONNECTED"
    return bucket, answer["id"]


async def assets_of(project: Project) -> dict[str, dict[str, Any]]:
    """The assets of a project by their external ids."""
    where = {"where": {"project": {"id": project.id}}, "first": 100, "skip": 0}
    return {asset["externalId"]: asset for asset in await project.admin.data(ASSETS, where)}


async def test_a_project_follows_a_store_and_shows_its_objects(organization, server):
    bucket, integration = await added(organization, server, KEYS)
    project = await organization.project()
    connection = await connected(organization, integration, project.id)

    assert await organization.admin.client.data(FOLDERS, {"id": integration}) == {"a": {}, "b": {"c": {}}}
    assert await connection.compare() == (len(PICTURES), 0)
    await connection.apply("ADD")
    first = await assets_of(project)
    assert sorted(first) == PICTURES
    assert {asset["dataIntegrationId"] for asset in first.values()} == {integration}

    # A second look at the same store changes nothing.
    assert await connection.compare() == (0, 0)
    await connection.apply("ADD")
    await connection.apply("REMOVE")
    assert {name: asset["id"] for name, asset in (await assets_of(project)).items()} == {
        name: asset["id"] for name, asset in first.items()
    }

    server.delete(bucket, "a/1.jpg")
    server.put(bucket, "z.jpg", b"new")
    assert await connection.compare() == (1, 1)
    await connection.apply("REMOVE")
    after = await connection.apply("ADD")
    assert (after["numberOfAssets"], after["dataDifferencesSummary"]["total"]) == (len(PICTURES), 0)
    assert sorted(await assets_of(project)) == sorted({*PICTURES, "z.jpg"} - {"a/1.jpg"})


async def test_an_asset_leads_to_its_object_and_tells_no_secret(organization, server):
    _, integration = await added(organization, server, ["b/ü ö.jpg"])
    project = await organization.project()
    connection = await connected(organization, integration, project.id)
    await connection.compare()
    await connection.apply("ADD")
    (asset,) = (await assets_of(project)).values()
    http = organization.http.http

    answered = await http.get(asset["content"], follow_redirects=False)

    if isinstance(server, Google):
        assert answered.status_code == 307
        link = answered.headers["location"]
        assert link.startswith(f"{server.endpoint}/")
        assert "X-Goog-Expires=300&" in link
        assert "PRIVATE" not in link
        content = server.http.get(link).content
    else:
        # The token is all that Azure signs with, so the server passes the bytes on.
        assert answered.status_code == 200
        assert "sig=" not in str(answered.headers)
        content = answered.content
    assert content == "b/ü ö.jpg".encode()
    assert (await http.get(f"{asset['content']}0")).status_code == 403
    (read,) = await organization.admin.client.data(INTEGRATIONS, {"where": {"id": integration}})
    assert read["azureSASToken"] == (None if isinstance(server, Google) else "***")


async def test_a_bucket_that_goes_ends_the_comparison_until_it_is_back(organization, server):
    bucket, integration = await added(organization, server, ["one.jpg"])
    project = await organization.project()
    connection = await connected(organization, integration, project.id)
    await connection.compare()
    await connection.apply("ADD")
    server.drop(bucket)

    assert await connection.compare() == (0, 0)

    where = {"where": {"id": integration}}
    (read,) = await organization.admin.client.data(INTEGRATIONS, where)
    assert read["status"] == "DISCONNECTED"
    (told,) = await organization.admin.client.data(NOTIFICATIONS)
    assert told["status"] == "FAILURE"
    assert server.gone in told["message"]
    (asset,) = (await assets_of(project)).values()
    if not isinstance(server, Google):
        assert (await organization.http.http.get(asset["content"])).status_code == 404
    refused = await organization.admin.client.refused(CREATE, {"data": server.integration(bucket)})
    assert refused.at == ("BAD_USER_INPUT", ["data"])
    assert refused.message.startswith(server.gone)

    server.create(bucket, ["one.jpg", "two.jpg"])
    assert await connection.compare() == (1, 0)
    (read,) = await organization.admin.client.data(INTEGRATIONS, where)
    assert read["status"] == "CONNECTED"


@pytest.mark.parametrize("server", ["azurite"], indirect=True)
@pytest.mark.parametrize(
    "token",
    [
        {"key": "A" * 86 + "=="},
        {"permissions": "r"},
        {"expires": "2020-01-01"},
    ],
    ids=["another key", "may not list", "expired"],
)
async def test_a_token_that_does_not_open_the_container_is_refused(organization, server, token):
    bucket = fresh()
    server.create(bucket, ["one.jpg"])
    wrong = server.token(bucket, **token)

    refused = await organization.admin.client.refused(CREATE, {"data": server.integration(bucket, azureSASToken=wrong)})

    assert refused.at == ("BAD_USER_INPUT", ["data"])
    assert refused.message.startswith("[storageDenied]")
    assert wrong.rpartition("sig=")[2] not in refused.message
    assert await organization.admin.client.data(INTEGRATIONS, {"where": {}}) == []


@pytest.mark.parametrize("server", ["azurite"], indirect=True)
async def test_a_token_that_ends_later_disconnects_until_it_is_renewed(organization, server):
    bucket, integration = await added(organization, server, ["one.jpg"])
    project = await organization.project()
    connection = await connected(organization, integration, project.id)
    update = """
    mutation ($data: DataIntegrationData!, $where: DataIntegrationWhere!) {
      data: updatePropertiesInDataIntegration(data: $data, where: $where) { status }
    }
    """
    where = {"where": {"id": integration}}
    only_reads = {"data": {"azureSASToken": server.token(bucket, permissions="r")}, **where}
    refused = await organization.admin.client.refused(update, only_reads)
    assert refused.message.startswith("[storageDenied]")
    assert await connection.compare() == (1, 0)

    renewed = {"data": {"azureSASToken": "?" + server.token(bucket, expires="2198-01-01")}, **where}
    assert await organization.admin.client.data(update, renewed) == {"status": "CONNECTED"}
    server.put(bucket, "two.jpg", b"two")
    assert await connection.compare() == (2, 0)
