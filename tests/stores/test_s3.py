"""Cloud storage on S3: integrations, connections, synchronisation and links."""

import asyncio
import itertools
from urllib.parse import urlsplit

import httpx
import obstore
import pytest

from labelyard.services.data_connection import application, comparison
from labelyard.services.job.handler import RunningJob
from labelyard.storage.data_connection import job_key
from tests.stores.conftest import COMPUTE, CONNECT, CONNECTION, CREATE, VALIDATE, connected, started_moto

_numbers = itertools.count(1)
KEYS = ["a/1.jpg", "a/2.PNG", "b/c/3.jpeg", "root.jpg", "a/notes.txt", "a/description.json", "b/ü ö.jpg"]
PICTURES = sorted(["a/1.jpg", "a/2.PNG", "b/c/3.jpeg", "root.jpg", "b/ü ö.jpg"])
INTEGRATIONS = """
query dataIntegrations($where: DataIntegrationWhere!, $first: PageSize!, $skip: Int!) {
  data: dataIntegrations(where: $where, skip: $skip, first: $first) {
    id name platform status s3AccessKey s3SecretKey s3SessionToken s3BucketName s3Endpoint s3Region azureSASToken allowedPaths
  }
}
"""
COUNT = "query countDataIntegrations($where: DataIntegrationWhere!) { data: countDataIntegrations(where: $where) }"
CONNECTIONS = """
query dataConnections($where: DataConnectionsWhere!, $first: PageSize!, $skip: Int!) {
  data: dataConnections(where: $where, first: $first, skip: $skip) {
    id isJsonProcessingEnabled lastCheck lastChecked numberOfAssets selectedFolders projectId dataIntegrationId
    include exclude prefix dataIntegration { id name s3SecretKey }
  }
}
"""
UPDATE = """
mutation UpdatePropertiesInDataIntegration($data: DataIntegrationData!, $where: DataIntegrationWhere!) {
  data: updatePropertiesInDataIntegration(data: $data, where: $where) { id name status s3SecretKey s3BucketName }
}
"""
DELETE = "mutation DeleteDataIntegration($where: DataIntegrationWhere!) { data: deleteDataIntegration(where: $where) }"
ASSETS = """
query assets($where: AssetWhere!, $first: PageSize!, $skip: Int!) {
  data: assets(where: $where, first: $first, skip: $skip) {
    id externalId content jsonContent dataIntegrationId filename jsonMetadata
  }
}
"""
COPY = "mutation ($data: CopyProjectData!) { data: copyProject(data: $data) }"
COUNT_ASSETS = "query ($where: AssetWhere!) { data: countAssets(where: $where) }"
FOLDERS = """
query ($id: ID!, $root: String) { data: getFoldersAndSubfolders(dataIntegrationId: $id, rootFolder: $root) }
"""
PROJECT = (
    "query ($where: ProjectWhere!) { data: projects(where: $where, first: 1, skip: 0) { dataConnections { id } } }"
)


def fresh(prefix="bucket"):
    return f"{prefix}-{next(_numbers)}"


@pytest.fixture
async def organization(stores_organization):
    return stores_organization


def fetched(url):
    return httpx.get(url).raise_for_status().content


def changed(method, url):
    httpx.request(method, url).raise_for_status()


async def added(organization, s3, keys=(), **changes):
    """A bucket with keys, and an integration of it."""
    name = fresh()
    store = s3.create(name, list(keys))
    answer = await organization.admin.client.data(CREATE, {"data": s3.integration(name, **changes)})
    return store, answer["id"]


async def assets_of(organization, project):
    return await organization.admin.client.data(
        ASSETS, {"where": {"project": {"id": project.id}}, "first": 100, "skip": 0}
    )


async def count_of(organization, project):
    return await organization.admin.client.data(COUNT_ASSETS, {"where": {"project": {"id": project.id}}})


async def integrations_of(person, **where):
    return await person.client.data(INTEGRATIONS, {"where": where, "first": 100, "skip": 0})


async def test_an_integration_is_read_back_without_its_credentials(organization, s3):
    name = fresh()
    s3.create(name)

    answer = await organization.admin.client.data(CREATE, {"data": s3.integration(name, allowedPaths=["a"])})

    expected = {"name": name, "status": "CONNECTED", "platform": "CustomS3", "allowedPaths": ["a"]}
    assert answer == {"id": answer["id"], **expected}
    assert await integrations_of(organization.admin) == [
        {
            "id": answer["id"],
            **expected,
            "s3AccessKey": "***",
            "s3SecretKey": "***",
            "s3SessionToken": None,
            "s3BucketName": name,
            "s3Endpoint": s3.endpoint,
            "s3Region": "us-east-1",
            "azureSASToken": None,
        }
    ]
    async with organization.database.reader() as connection:
        (row,) = await connection.fetch("select * from data_integration where id = :id", {"id": answer["id"]})
    stored = b"".join(value if isinstance(value, bytes) else str(value).encode() for value in dict(row).values())
    assert b"a-secret-that-nobody-sees" not in stored
    assert b"AKIA" not in stored


async def test_a_project_takes_in_a_bucket_and_follows_it(organization, s3):
    store, integration = await added(organization, s3, KEYS)
    project = await organization.project()
    connection = await connected(organization, integration, project.id)
    before = await connection.read()
    assert (before["numberOfAssets"], before["dataDifferencesSummary"]) == (0, {"added": 0, "removed": 0, "total": 0})

    assert await connection.compare() == (len(PICTURES), 0)
    assert await count_of(organization, project) == 0
    after = await connection.apply("ADD")

    assert (after["numberOfAssets"], after["dataDifferencesSummary"]["total"]) == (len(PICTURES), 0)
    assets = await assets_of(organization, project)
    assert sorted(asset["externalId"] for asset in assets) == PICTURES
    assert {asset["dataIntegrationId"] for asset in assets} == {integration}
    assert {asset["jsonContent"] for asset in assets} == {""}
    assert {asset["filename"] for asset in assets} == {key.rpartition("/")[2] for key in PICTURES}
    assert (await organization.admin.client.data(PROJECT, {"where": {"id": project.id}})) == [
        {"dataConnections": [{"id": connection.id}]}
    ]

    # The same bucket again: nothing changes.
    assert await connection.compare() == (0, 0)
    await connection.apply("ADD")
    await connection.apply("REMOVE")
    assert await assets_of(organization, project) == assets or sorted(
        asset["id"] for asset in await assets_of(organization, project)
    ) == sorted(asset["id"] for asset in assets)

    obstore.delete(store, ["a/1.jpg", "root.jpg"])
    obstore.put(store, "z.jpg", b"new")
    assert await connection.compare() == (1, 2)
    removed = await connection.apply("REMOVE")
    assert removed["dataDifferencesSummary"] == {"added": 1, "removed": 0, "total": 1}
    assert await count_of(organization, project) == len(PICTURES) - 2
    added_one = await connection.apply("ADD")
    assert added_one["dataDifferencesSummary"] == {"added": 0, "removed": 0, "total": 0}
    names = {asset["externalId"] for asset in await assets_of(organization, project)}
    assert names == ({*PICTURES, "z.jpg"} - {"a/1.jpg", "root.jpg"})


async def test_the_content_of_an_asset_leads_to_a_link_of_the_store(organization, s3):
    _, integration = await added(organization, s3, KEYS)
    project = await organization.project()
    labeler, outsider = await project.member("LABELER"), await organization.person()
    connection = await connected(organization, integration, project.id)
    await connection.compare()
    await connection.apply("ADD")
    (asset,) = [one for one in await assets_of(organization, project) if one["externalId"] == "b/ü ö.jpg"]
    http = organization.http.http

    led_on = await http.get(asset["content"], follow_redirects=False)

    assert led_on.status_code == 307
    link = led_on.headers["location"]
    assert link.startswith(f"{s3.endpoint}/")
    assert "X-Amz-Expires=300" in link
    assert "a-secret-that-nobody-sees" not in link
    assert fetched(link) == "b/ü ö.jpg".encode()

    parts = urlsplit(asset["content"])
    for altered in (f"{asset['content']}0", asset["content"].replace(organization.admin.id, labeler.id)):
        assert (await http.get(altered)).status_code == 403
    assert (await http.get(f"{parts.scheme}://{parts.netloc}{parts.path}")).status_code == 403
    assert outsider.id != labeler.id

    await organization.admin.client.data(
        "mutation ($ids: [ID!]!) { data: deleteManyFromDataset(where: {idIn: $ids}) { id } }", {"ids": [asset["id"]]}
    )
    assert (await http.get(asset["content"])).status_code == 404


@pytest.mark.parametrize(
    ("filters", "taken"),
    [
        ({}, PICTURES),
        ({"prefix": "a/"}, ["a/1.jpg", "a/2.PNG"]),
        ({"prefix": "b/c"}, ["b/c/3.jpeg"]),
        ({"prefix": "ro"}, ["root.jpg"]),
        ({"selectedFolders": ["b"]}, ["b/c/3.jpeg", "b/ü ö.jpg"]),
        ({"selectedFolders": ["a", "b/c"]}, ["a/1.jpg", "a/2.PNG", "b/c/3.jpeg"]),
        ({"include": ["*.jpg"]}, ["a/1.jpg", "b/ü ö.jpg", "root.jpg"]),
        ({"include": ["b/*"], "exclude": ["*/c/*"]}, ["b/ü ö.jpg"]),
        ({"exclude": ["a/"]}, ["b/c/3.jpeg", "b/ü ö.jpg", "root.jpg"]),
        ({"prefix": "nothing/"}, []),
    ],
    ids=str,
)
async def test_filters_choose_what_is_taken(organization, s3, filters, taken):
    _, integration = await added(organization, s3, KEYS)
    project = await organization.project()
    connection = await connected(organization, integration, project.id, **filters)

    assert await connection.compare() == (len(taken), 0)
    await connection.apply("ADD")

    assert sorted(asset["externalId"] for asset in await assets_of(organization, project)) == taken


async def test_an_integration_opens_some_paths_and_root_files_only(organization, s3):
    _, integration = await added(organization, s3, KEYS, allowedPaths=["a"], includeRootFiles="true")
    project = await organization.project()
    connection = await connected(organization, integration, project.id)

    await connection.compare()
    await connection.apply("ADD")

    assert sorted(asset["externalId"] for asset in await assets_of(organization, project)) == [
        "a/1.jpg",
        "a/2.PNG",
        "root.jpg",
    ]
    assert await organization.admin.client.data(FOLDERS, {"id": integration, "root": None}) == {"a": {}}


async def test_json_files_become_the_json_content_where_that_is_wanted(organization, s3):
    _, integration = await added(organization, s3, KEYS)
    project = await organization.project()
    connection = await connected(
        organization, integration, project.id, prefix="a/", include=["*.json"], isJsonProcessingEnabled=True
    )

    assert await connection.compare() == (1, 0)
    await connection.apply("ADD", processingParameters='{"epsg": 4326}')

    (asset,) = await assets_of(organization, project)
    assert (asset["externalId"], asset["content"]) == ("a/description.json", "")
    assert asset["jsonMetadata"] == '{"processingParameters":{"epsg":4326}}'
    led_on = await organization.http.http.get(asset["jsonContent"], follow_redirects=False)
    assert fetched(led_on.headers["location"]) == b"a/description.json"


async def test_an_external_id_that_is_taken_gets_the_connection_before_it(organization, s3):
    _, integration = await added(organization, s3, ["one.jpg"])
    project = await organization.project()
    await project.assets(1, externalIDArray=["one.jpg"])
    connection = await connected(organization, integration, project.id)

    assert await connection.compare() == (1, 0)
    await connection.apply("ADD")

    names = {asset["externalId"] for asset in await assets_of(organization, project)}
    assert names == {"one.jpg", f"{connection.id}/one.jpg"}
    assert await connection.compare() == (0, 0)


async def test_folders_are_objects_within_objects(organization, s3):
    _, integration = await added(organization, s3, KEYS)

    read = organization.admin.client.data
    assert await read(FOLDERS, {"id": integration, "root": None}) == {"a": {}, "b": {"c": {}}}
    assert await read(FOLDERS, {"id": integration, "root": "b"}) == {"c": {}}
    assert await read(FOLDERS, {"id": integration, "root": "nothing"}) == {}


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"s3BucketName": "no-such-bucket"}, "[storageMissing]"),
        ({"s3Endpoint": "http://127.0.0.1:9"}, "[storageUnreachable]"),
        ({"s3Endpoint": "http://nowhere.invalid"}, "[storageAddressRefused]"),
        ({"s3Endpoint": "http://169.254.169.254"}, "[storageAddressRefused]"),
        ({"s3Endpoint": "https://10.0.0.7"}, "[storageAddressRefused]"),
        ({"s3Endpoint": "http://[::ffff:10.0.0.7]"}, "[storageAddressRefused]"),
        ({"s3Endpoint": "http://2130706433"}, "`s3Endpoint`"),
        ({"s3Endpoint": "ftp://127.0.0.1"}, "`s3Endpoint`"),
        ({"s3Endpoint": ""}, "Give `s3Endpoint`"),
        ({"s3SecretKey": ""}, "Give `s3SecretKey`"),
        ({"s3SecretKey": "with a\nbreak"}, "`s3SecretKey`"),
        ({"s3SecretKey": "***"}, "`s3SecretKey`"),
        ({"s3BucketName": "../x"}, "`s3BucketName`"),
        ({"s3Region": "x y"}, "`s3Region`"),
        ({"name": ""}, "The name of an integration"),
        ({"awsRoleARN": "arn:aws:iam::123456789012:role/x"}, "`awsRoleARN`"),
        ({"azureIsUsingServiceCredentials": True}, "`azureIsUsingServiceCredentials`"),
        ({"platform": "Azure"}, "Give `azureConnectionURL`"),
        ({"platform": "GCP", "gcpBucketName": "b"}, "[storageNotConfigured]"),
    ],
    ids=str,
)
async def test_what_is_wrong_with_an_integration_is_named_and_nothing_is_kept(organization, s3, changes, key):
    name = fresh()
    s3.create(name)

    refused = await organization.admin.client.refused(CREATE, {"data": s3.integration(name, **changes)})

    assert refused.at == ("BAD_USER_INPUT", ["data"])
    assert refused.message.startswith(key), refused.message
    assert "a-secret-that-nobody-sees" not in refused.message
    assert await integrations_of(organization.admin) == []


async def test_a_change_is_checked_and_keeps_what_it_leaves_out(organization, s3):
    store, integration = await added(organization, s3, ["one.jpg"])
    name = fresh()
    s3.create(name)
    send = organization.admin.client

    renamed = await send.data(UPDATE, {"data": {"name": "Renamed"}, "where": {"id": integration}})
    moved = await send.data(UPDATE, {"data": {"s3BucketName": name}, "where": {"id": integration}})
    refused = await send.refused(UPDATE, {"data": {"s3BucketName": "no-such"}, "where": {"id": integration}})

    elsewhere = {"s3Endpoint": s3.endpoint.replace("127.0.0.1", "localhost")}
    moved_off = await send.refused(UPDATE, {"data": elsewhere, "where": {"id": integration}})

    assert store is not None
    assert moved_off.message.startswith("Give `s3AccessKey`")
    assert (renamed["name"], renamed["s3SecretKey"]) == ("Renamed", "***")
    assert (moved["name"], moved["s3BucketName"], moved["s3SecretKey"]) == ("Renamed", name, "***")
    assert refused.message.startswith("[storageMissing]")
    assert (await integrations_of(organization.admin))[0]["s3BucketName"] == name


async def test_an_integration_with_assets_is_not_deleted(organization, s3):
    _, integration = await added(organization, s3, ["one.jpg"])
    project = await organization.project()
    connection = await connected(organization, integration, project.id)
    await connection.compare()
    await connection.apply("ADD")
    send = organization.admin.client

    refused = await send.refused(DELETE, {"where": {"id": integration}})
    assert (refused.code, refused.context["numberOfAssets"]) == ("CONFLICT", 1)
    (asset,) = await assets_of(organization, project)
    copied = {"projectId": project.id, "shouldCopyAssets": True, "shouldCopyUsers": False}
    refused = await send.refused(COPY, {"data": copied})
    assert (refused.code, refused.context["projectId"]) == ("BAD_USER_INPUT", project.id)
    await send.data(
        "mutation ($ids: [ID!]!) { data: deleteManyFromDataset(where: {idIn: $ids}) { id } }", {"ids": [asset["id"]]}
    )
    assert await send.data(DELETE, {"where": {"id": integration}}) == integration

    assert await integrations_of(organization.admin) == []
    assert (await send.refused(CONNECTION, {"where": {"id": connection.id}})).code == "NOT_FOUND"


async def test_a_store_that_fails_ends_the_comparison_and_is_told(organization, s3):
    store, integration = await added(organization, s3, ["one.jpg"])
    project = await organization.project()
    connection = await connected(organization, integration, project.id)
    await connection.compare()
    obstore.delete(store, "one.jpg")
    bucket = store.config["bucket"]
    changed("DELETE", f"{s3.endpoint}/{bucket}")

    assert await connection.compare() == (1, 0)  # what the last comparison that succeeded has found

    assert [one["status"] for one in await integrations_of(organization.admin)] == ["DISCONNECTED"]
    (told,) = await organization.admin.client.data(
        "query ($first: PageSize!, $skip: Int!) { data: notifications(where: {}, first: $first, skip: $skip) "
        "{ message status } }",
        {"first": 10, "skip": 0},
    )
    assert told["status"] == "FAILURE"
    assert "[storageMissing]" in told["message"]

    changed("PUT", f"{s3.endpoint}/{bucket}")
    assert await connection.compare() == (0, 0)
    assert [one["status"] for one in await integrations_of(organization.admin)] == ["CONNECTED"]


async def test_strangers_and_lower_roles_are_refused(organization, s3, stores_database, stores_client):
    from tests.common.world import new_organization

    _, integration = await added(organization, s3, ["one.jpg"])
    project = await organization.project()
    connection = await connected(organization, integration, project.id)
    stranger = (await new_organization(stores_database, stores_client)).admin
    admin = await project.member("ADMIN")
    lower = [await project.member(role) for role in ("TEAM_MANAGER", "REVIEWER", "LABELER")]
    outside = await organization.person()
    where = {"where": {"id": connection.id}}
    both = {"where": {"connectionId": connection.id, "type": "ADD"}}
    new = {"data": {"projectId": project.id, "integrationId": integration}}

    for person, code in ((stranger, "NOT_FOUND"), (outside, "NOT_FOUND"), *((one, "FORBIDDEN") for one in lower)):
        for document, variables in ((COMPUTE, where), (VALIDATE, both), (CONNECT, new)):
            expected = "NOT_FOUND" if person is lower[2] and document != CONNECT else code
            assert (await person.client.refused(document, variables)).code == expected
        assert await integrations_of(person) == []
        assert await person.client.data(COUNT, {"where": {}}) == 0
        assert (await person.client.refused(FOLDERS, {"id": integration, "root": None})).code == "NOT_FOUND"
    assert await connection.read() == {**await connection.read(), "isChecking": False}
    for person in (admin, *lower, outside):
        assert (await person.client.refused(CREATE, {"data": s3.integration("x")})).code == "FORBIDDEN"
        assert (await person.client.refused(DELETE, {"where": {"id": integration}})).code == "FORBIDDEN"
    assert (await stranger.client.refused(DELETE, {"where": {"id": integration}})).code == "NOT_FOUND"
    assert (
        await stranger.client.refused(UPDATE, {"data": {"name": "x"}, "where": {"id": integration}})
    ).code == "NOT_FOUND"

    # An administrator of the project connects it, and sees what can be connected.
    assert [one["id"] for one in await integrations_of(admin, id=integration)] == [integration]
    assert await admin.client.data(COUNT, {"where": {"id": integration}}) == 1
    await admin.client.data(COMPUTE, where)
    assert (await connection.settled())["dataDifferencesSummary"]["added"] == 1
    page = {"where": {"projectId": project.id}, "first": 10, "skip": 0}
    for person, seen in ((admin, 1), (lower[0], 1), (lower[1], 1), (lower[2], 0), (outside, 0), (stranger, 0)):
        assert len(await person.client.data(CONNECTIONS, page)) == seen
        assert await person.client.data(COUNT, {"where": {"projectId": project.id, "integrationId": None}}) == seen
    (of_reviewer,) = await lower[1].client.data(CONNECTIONS, page)
    assert of_reviewer["dataIntegration"] is None


async def test_an_integration_for_some_projects_is_for_no_other(organization, s3):
    mine, other = await organization.project(), await organization.project()
    _, integration = await added(organization, s3, ["one.jpg"], allowedProjects=[mine.id])

    refused = await organization.admin.client.refused(
        CONNECT, {"data": {"projectId": other.id, "integrationId": integration}}
    )
    assert refused.code == "NOT_FOUND"
    assert await integrations_of(await other.member("ADMIN")) == []
    assert len(await integrations_of(await mine.member("ADMIN"))) == 1
    unknown = await organization.admin.client.refused(
        UPDATE, {"data": {"allowedProjects": ["nothing"]}, "where": {"id": integration}}
    )
    assert unknown.code == "NOT_FOUND"


@pytest.mark.parametrize("is_kept", [False, True], ids=["before it is kept", "after it is kept"])
async def test_a_comparison_that_broke_off_when_it_had_written_finds_the_same_again(
    organization, s3, monkeypatch, is_kept
):
    _, integration = await added(organization, s3, ["one.jpg", "two.jpg"])
    project = await organization.project()
    connection = await connected(organization, integration, project.id)
    await connection.compare()
    await connection.apply("ADD")
    checkpoint, broken = RunningJob.checkpoint, []

    async def breaking(self, state):
        is_first = comparison.WRITTEN in state and not broken
        if is_kept or not is_first:
            await checkpoint(self, state)
        if is_first:
            broken.append(self.id)
            raise RuntimeError("as if the worker had been killed")

    monkeypatch.setattr(RunningJob, "checkpoint", breaking)

    assert await connection.compare() == (0, 0)

    assert len(broken) == 1
    async with organization.database.reader() as reader:
        left = "select count(*) from data_listing where connection_id = :id"
        assert await reader.fetch_value(left, {"id": connection.id}) == 0


OVERTAKEN = "update job set claims = claims + 1 where status = 'RUNNING' and key = :key"
GIVEN_BACK = """
update job
set status = 'QUEUED', worker_id = null, lease_until = null
where status = 'RUNNING' and key = :key
"""


async def test_a_worker_that_has_lost_its_job_applies_nothing(organization, s3, monkeypatch):
    _, integration = await added(organization, s3, KEYS)
    project = await organization.project()
    connection = await connected(organization, integration, project.id)
    await connection.compare()
    count, overtaken = application.count_applied, asyncio.Event()
    key = {"key": job_key(connection.id)}

    async def counted(writer, *arguments):
        await count(writer, *arguments)
        if not overtaken.is_set():
            overtaken.set()
            async with organization.database.transaction() as other:
                await other.fetch(OVERTAKEN, key)

    monkeypatch.setattr(application, "count_applied", counted)
    await organization.admin.client.data(VALIDATE, {"where": {"connectionId": connection.id, "type": "ADD"}})
    await asyncio.wait_for(overtaken.wait(), 10)
    await asyncio.sleep(0.3)

    assert await count_of(organization, project) == 0
    async with organization.database.transaction() as other:
        await other.fetch(GIVEN_BACK, key)
    assert (await connection.settled())["numberOfAssets"] == len(PICTURES)


async def test_credentials_that_the_store_does_not_know_are_refused(organization):
    process, strict = started_moto(INITIAL_NO_AUTH_ACTION_COUNT="1")
    try:
        strict.create("locked")  # the only request that is not asked for credentials

        refused = await organization.admin.client.refused(CREATE, {"data": strict.integration("locked")})

        assert refused.at == ("BAD_USER_INPUT", ["data"])
        assert refused.message.startswith("[storageDenied]"), refused.message
        assert "a-secret-that-nobody-sees" not in refused.message
        assert await integrations_of(organization.admin) == []
    finally:
        process.kill()
        process.wait()
