"""Files while the database or the directory they lie in is away: a plain 503, and the connection lives on."""

import http.client
import json
import secrets
import shutil
import time
from urllib.parse import urlsplit

import asyncpg
import httpx
import pytest

from labelyard.server.app_services import public_url
from labelyard.server.application import create_app
from labelyard.server.secret import server_secret
from labelyard.server.settings import Settings
from labelyard.services.identity import new_id
from labelyard.storage.blob import new_blob_id
from labelyard.storage.database import Database
from labelyard.storage.file_link import FileLinks
from tests.common.proxy import Proxy
from tests.common.server import ServerProcess

ORGANIZATION = "organization-1"


def links_of(settings):
    return FileLinks(public_url(settings), server_secret(settings), 3600, 1 << 20)


async def person_in(database_url):
    """The id of a person of the organization, made there."""
    connection = await asyncpg.connect(database_url)
    await connection.execute("insert into organization (id, name) values ($1, '')", ORGANIZATION)
    person_id = new_id()
    await connection.execute(
        "insert into user_account (id, organization_id, email, organization_role) values ($1, $2, 'ada@example.com', 'ADMIN')",
        person_id,
        ORGANIZATION,
    )
    await connection.close()
    return person_id


def assert_away(status, headers, body):
    assert status == 503, body
    assert headers["content-type"] == "application/json"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert 0 < int(headers["retry-after"]) <= 60
    error = json.loads(body)["error"]
    assert error["code"] == "UNAVAILABLE"
    assert error["requestId"] == headers["x-request-id"]


async def test_files_while_the_database_is_away(settings, own_database_url, tmp_path):
    proxy = Proxy(own_database_url)
    await proxy.open()
    database = await Database.open(proxy.url, size=4)
    changed = Settings.model_validate({**settings.model_dump(), "data_dir": tmp_path, "database_url": proxy.url})
    app, links, blob_id, now = create_app(changed, database), links_of(changed), new_blob_id(), int(time.time())
    of = {"blob_id": blob_id, "organization_id": ORGANIZATION, "user_id": await person_in(own_database_url), "now": now}
    upload, download = links.upload_url(**of), links.download_url(**of)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://label.example") as client:
        await proxy.cut()
        for method, url in [("PUT", upload), ("GET", download), ("HEAD", download)]:
            response = await client.request(method, url, content=b"hello" if method == "PUT" else None)
            if method == "HEAD":
                assert response.status_code == 503
            else:
                assert_away(response.status_code, response.headers, response.content)
        by_key = await client.get(
            f"/api/label/v2/files?id={blob_id}", headers={"authorization": "X-API-Key: somebody's"}
        )
        assert_away(by_key.status_code, by_key.headers, by_key.content)

        await proxy.open()
        assert (await client.put(upload, content=b"hello")).status_code == 200
        assert (await client.get(download)).content == b"hello"
    await proxy.cut()
    database.pool.terminate()
    database.autocommit_pool.terminate()


@pytest.fixture
async def server(cluster, tmp_path):
    """A server whose files directory may be taken away."""
    url = await cluster.new_database()
    server = ServerProcess(url, tmp_path / "data", api_key=f"ly_test_{secrets.token_hex(16)}").start()
    yield server
    server.stop()
    await cluster.drop_database(url)


async def test_files_while_their_directory_is_gone(server, tmp_path):
    data_dir = tmp_path / "data"
    links = links_of(Settings(data_dir=data_dir, public_url=server.url))
    now, person_id = int(time.time()), await person_in(server.database_url)

    def urls(blob_id):
        of = {"blob_id": blob_id, "organization_id": ORGANIZATION, "user_id": person_id, "now": now}
        return [
            urlsplit(url).path + "?" + urlsplit(url).query for url in (links.upload_url(**of), links.download_url(**of))
        ]

    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=20)

    def ask(method, url, body=None):
        connection.request(method, url, body)
        response = connection.getresponse()
        return response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()

    connection.connect()
    line = connection.sock
    kept, new = urls(new_blob_id()), urls(new_blob_id())
    assert ask("PUT", kept[0], b"kept")[0] == 200
    shutil.move(data_dir / "files", tmp_path / "aside")

    for size in (5, 900_000):
        assert_away(*ask("PUT", new[0], b"x" * size))
    assert_away(*ask("GET", kept[1]))
    status, _, body = ask("GET", "/health/ready")
    assert (status, json.loads(body)) == (503, {"status": "not ready", "failing": ["storage"]})

    shutil.move(tmp_path / "aside", data_dir / "files")
    assert ask("PUT", new[0], b"now")[0] == 200
    assert ask("GET", kept[1])[2] == b"kept"
    assert ask("GET", "/health/ready")[0] == 200
    assert connection.sock is line
    assert not [line for line in server.log if '"unexpected"' in line or "Traceback" in line]
