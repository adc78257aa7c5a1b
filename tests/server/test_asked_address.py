"""Links name the address by which the server was asked, among those that are its own."""

from __future__ import annotations

from urllib.parse import urlsplit

import httpx
import pytest

from labelyard.server.application import ENDPOINT, create_app
from labelyard.server.settings import Settings
from tests.common.client import Client
from tests.common.documents import APPEND_MANY_ASSETS, CREATE_PROJECT

LINK = '{ data: createUploadBucketSignedUrls(filePaths: ["x"]) }'
NAMED = {"public_url": "https://label.example", "other_urls": "http://10.0.0.5:8000, https://label.intern/yard/"}
NOT_NAMED = {"public_url": None, "other_urls": "", "host": "0.0.0.0", "port": 8000}


@pytest.fixture
def origin_asked(settings, database, organization):
    """The beginning of a link, asked of an application with other settings, at an address, with a `Host`."""

    async def ask(changes, host, arrived="10.0.0.5:8000"):
        changed = Settings.model_validate({**settings.model_dump(), **changes})
        transport = httpx.ASGITransport(create_app(changed, database))
        headers = {"Host": host, "Authorization": f"X-API-Key: {organization.admin.key}"}
        async with httpx.AsyncClient(transport=transport, base_url=f"http://{arrived}") as http:
            (link,) = (await http.post(ENDPOINT, json={"query": LINK}, headers=headers)).json()["data"]["data"]
        return link.partition("/api/label")[0]

    return ask


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("label.example", "https://label.example"),
        ("LABEL.example", "https://label.example"),
        ("10.0.0.5:8000", "http://10.0.0.5:8000"),
        ("label.intern", "https://label.intern/yard"),
        ("10.0.0.5", "https://label.example"),
        ("localhost:8000", "https://label.example"),
        ("evil.example", "https://label.example"),
        ("label.example@evil.example", "https://label.example"),
        ("label.intern.evil.example", "https://label.example"),
        ("0.0.0.0:8000", "https://label.example"),
    ],
)
async def test_of_the_addresses_that_are_named_the_asked_one_is_taken_and_no_other(origin_asked, host, origin):
    assert await origin_asked(NAMED, host) == origin


@pytest.mark.parametrize(
    ("host", "arrived", "origin"),
    [
        ("localhost:8000", "127.0.0.1:8000", "http://localhost:8000"),
        ("localhost:9000", "172.17.0.2:8000", "http://localhost:9000"),
        ("127.0.0.1:8000", "127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("[::1]:8000", "[::1]:8000", "http://[::1]:8000"),
        ("yard:8000", "192.168.1.7:8000", "http://192.168.1.7:8000"),
        ("evil.example", "192.168.1.7:8000", "http://192.168.1.7:8000"),
        ("localhost.evil.example:8000", "192.168.1.7:8000", "http://192.168.1.7:8000"),
        ("localhost:8000/@evil.example", "192.168.1.7:8000", "http://192.168.1.7:8000"),
        ("yard:8000", "[2001:db8::7]:8000", "http://[2001:db8::7]:8000"),
        ("yard:8000", "[::ffff:192.168.1.7]:8000", "http://192.168.1.7:8000"),
        ("yard:8000", "[fe80::1]:8000", "http://127.0.0.1:8000"),
        ("0.0.0.0:8000", "0.0.0.0:8000", "http://127.0.0.1:8000"),
        ("[::]:8000", "[::]:8000", "http://127.0.0.1:8000"),
        ("yard", "yard:8000", "http://127.0.0.1:8000"),
    ],
)
async def test_without_a_name_it_is_the_clients_own_machine_or_where_the_request_arrived(
    origin_asked, host, arrived, origin
):
    assert await origin_asked(NOT_NAMED, host, arrived) == origin


async def test_links_of_assets_work_at_the_address_that_was_asked(live_server):
    port = urlsplit(live_server.url).port
    async with httpx.AsyncClient(base_url=f"http://localhost:{port}", trust_env=False) as http:
        client = Client(http, live_server.api_key)
        (upload,) = await client.data(LINK)
        assert upload.startswith(f"http://localhost:{port}/")
        assert (await http.put(upload.partition("&id=")[0], content=b"words")).status_code == 200
        data = {"title": "T", "inputType": "TEXT", "jsonInterface": '{"jobs": {}}'}
        project = await client.data(CREATE_PROJECT, {"data": data})
        await client.data(
            APPEND_MANY_ASSETS,
            {"data": {"contentArray": [upload], "externalIDArray": ["one"]}, "where": {"id": project["id"]}},
        )
        (asset,) = await client.data(
            "query ($id: ID!) { data: assets(where: {project: {id: $id}}, first: 1, skip: 0) { content } }",
            {"id": project["id"]},
        )
        assert asset["content"].startswith(f"http://localhost:{port}/")
        assert (await http.get(asset["content"])).content == b"words"
    near = Client(httpx.AsyncClient(base_url=live_server.url, trust_env=False), live_server.api_key)
    assert (await near.data(LINK))[0].startswith(live_server.url)
    await near.http.aclose()
