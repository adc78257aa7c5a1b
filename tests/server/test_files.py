"""Upload and download as clients do them, over HTTP."""

import asyncio
import errno
import hashlib
import json
import os
import time
import tracemalloc
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import asyncpg
import httpx
import pytest
from starlette.applications import Starlette

from labelyard.domain.permission import Actor
from labelyard.server.door.files import file_routes
from labelyard.server.edge.body_pace import Pace
from labelyard.server.edge.exchange import Caller
from labelyard.server.edge.load import Load, LoadLimits
from labelyard.server.edge.pipeline import Pipeline
from labelyard.server.loop.sweep import SweepReport, sweep_files
from labelyard.storage.blob import LocalBlobs, StoredBlob, new_blob_id
from labelyard.storage.database import Database, Reader, Writer
from labelyard.storage.file_link import FileLinks
from labelyard.storage.upload import BlobRow, find_blob, forget_blobs
from tests.file_samples import OCTETS, SAMPLES, Sample, jpeg, png

PUBLIC = "http://label.example"
LIMIT = 1 << 20
ORGANIZATION = "organization-1"
PERSONS = {ORGANIZATION: "person-1", "organization-2": "person-2"}
GUARDS = {
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; sandbox",
    "cross-origin-resource-policy": "same-site",
    "referrer-policy": "no-referrer",
    "cache-control": "private",
}


def actor_of(organization_id: str) -> Actor:
    return Actor(PERSONS[organization_id], "person@example.com", organization_id, is_organization_admin=False, roles={})


CLIENTS: list[Any] = []


class Client:
    """One organization's view of a server with an empty store."""

    def __init__(self, pool: asyncpg.Pool, root: Path, **settings: Any) -> None:
        self.pool, self.root, self.now = pool, root, 1_700_000_000.0
        self.database = Database(pool, pool)
        CLIENTS.append(self)
        self.blobs = LocalBlobs(root)
        limit = settings.pop("limit", LIMIT)
        self.links = FileLinks(PUBLIC, b"s" * 32, 3600, limit)
        routes = file_routes(
            pipeline=Pipeline(Load(settings.pop("load", LoadLimits(anonymous_requests_per_minute=1_000_000)))),
            callers=self,  # type: ignore[arg-type]
            blobs=self.blobs,
            links=self.links,
            database=self.database,
            clock=lambda: self.now,
            **settings,
        )
        transport = httpx.ASGITransport(Starlette(routes=routes))
        self.http = httpx.AsyncClient(transport=transport, base_url=PUBLIC)

    async def find(self, authorization: str | None, _address: str) -> Caller | None:
        keys = {"X-API-Key: ours": ORGANIZATION, "X-API-Key: theirs": "organization-2"}
        organization_id = keys.get(authorization or "")
        return None if organization_id is None else Caller("key", organization_id, actor_of(organization_id))

    def upload_url(self, blob_id: str, organization_id: str = ORGANIZATION) -> str:
        return self.links.upload_url(
            blob_id=blob_id, organization_id=organization_id, user_id=PERSONS[organization_id], now=int(self.now)
        )

    def download_url(self, blob_id: str, organization_id: str = ORGANIZATION) -> str:
        return self.links.download_url(
            blob_id=blob_id, organization_id=organization_id, user_id=PERSONS[organization_id], now=int(self.now)
        )

    async def find_blob(self, blob_id: str) -> BlobRow | None:
        return await find_blob(Reader(self.pool, None), blob_id)

    async def give_back(self) -> None:
        """Give the connections that the database keeps back to the pool, which all tests share."""
        await self.database._connections.close()

    async def put(self, blob_id: str, body: bytes, **headers: str) -> httpx.Response:
        # As the SDK does it: the URL is cut before the id.
        return await self.http.put(self.upload_url(blob_id).split("&id=")[0], content=body, headers=headers)

    async def stored(self, body: bytes) -> str:
        blob_id = new_blob_id()
        assert (await self.put(blob_id, body)).status_code == 200
        return blob_id

    async def get(self, blob_id: str, **headers: str) -> httpx.Response:
        return await self.http.get(self.download_url(blob_id), headers=headers)

    async def asset(self, content: str | None, json_content: str | None = None) -> None:
        await self.pool.execute(
            "insert into organization (id, name) values ($1, '') on conflict do nothing", ORGANIZATION
        )
        await self.pool.execute(
            "insert into project (id, organization_id, title, input_type) values ('p', $1, '', 'IMAGE') on conflict do nothing",
            ORGANIZATION,
        )
        await self.pool.execute(
            "insert into asset (id, external_id, project_id, content_blob_id, json_content_blob_id) "
            "values ($1, $1, 'p', $2, $3)",
            new_blob_id(),
            content,
            json_content,
        )

    def files(self) -> list[str]:
        return sorted(path.name for path in self.root.rglob("*") if path.is_file())


@pytest.fixture
async def client(database_pool: asyncpg.Pool, tmp_path: Path) -> AsyncIterator[Client]:
    await database_pool.execute("truncate organization, asset, blob, blob_part, blob_tally cascade")
    for organization_id, user_id in PERSONS.items():
        await database_pool.execute("insert into organization (id, name) values ($1, '')", organization_id)
        await database_pool.execute(
            "insert into user_account (id, organization_id, email, organization_role) values ($2, $1, $2, 'ADMIN')",
            organization_id,
            user_id,
        )
    client = Client(database_pool, tmp_path / "blobs")
    yield client
    await client.http.aclose()
    while CLIENTS:
        await CLIENTS.pop().give_back()


def assert_refused(response: httpx.Response, status: int, code: str) -> None:
    assert (response.status_code, response.json()["error"]["code"]) == (status, code)
    assert {name: response.headers[name] for name in GUARDS} == GUARDS


# Uploads


async def test_an_upload_is_kept_and_recorded(client: Client) -> None:
    blob_id, body = new_blob_id(), png(7, 5)
    response = await client.put(blob_id, body, **{"content-type": "text/html", "x-ms-blob-type": "BlockBlob"})
    assert (response.status_code, response.content) == (200, b"")
    assert {name: response.headers[name] for name in GUARDS} == GUARDS
    assert client.files() == [blob_id]
    blob = await client.find_blob(blob_id)
    assert blob is not None
    digest = hashlib.sha256(body).hexdigest()
    assert blob[:7] == (blob_id, ORGANIZATION, len(body), digest, "image/png", 7, 5)


TEXTS = {
    "JSON": b'{"a": 1}',
    "a list": b'[{"children": [{"id": "1", "text": "x"}]}]',
    "HTML": b"<html><body>x</body></html>",
    "a script": b"<p>hello</p><script>alert(1)</script>",
    "SVG": b'<svg xmlns="http://www.w3.org/2000/svg"/>',
    "XML": b'<?xml version="1.0"?><a/>',
    "GIF": b"GIF89a is how pictures begin",
    "PDF": b"%PDF-1.4 is how documents begin",
    "PostScript": b"%!PS-Adobe-3.0",
    "RTF": b"{\\rtf1 hello}",
    "JavaScript": b'"use strict"; alert(1)',
    "a bitmap": b"BM" + b"x" * 40,
    "an ID3 tag": b"ID3 tags begin so",
    "other letters": "Grüße 日本".encode(),
    "nothing": b"",
    "a page beyond the window": "é".encode() * 200_000,
}
PLAIN = {"content-type": "text/plain; charset=utf-8", **GUARDS}


@pytest.mark.parametrize("place", ["content", "json_content"])
@pytest.mark.parametrize("body", TEXTS.values(), ids=TEXTS)
async def test_what_is_declared_a_text_and_is_one_is_served_as_plain_text(
    client: Client, body: bytes, place: str
) -> None:
    blob_id = new_blob_id()
    assert (await client.put(blob_id, body, **{"content-type": "text/plain; charset=utf-8"})).status_code == 200
    await client.asset(**{"content": None, place: blob_id})
    for method in ("GET", "HEAD"):
        response = await client.http.request(method, client.download_url(blob_id))
        assert response.status_code == 200
        assert {name: response.headers[name] for name in PLAIN} == PLAIN
        assert response.headers["content-disposition"] == f'attachment; filename="{blob_id}.txt"'
    assert (await client.get(blob_id)).content == body


@pytest.mark.parametrize(
    ("body", "declared", "served"),
    [
        (png(7, 5), "text/plain", "image/png"),
        (b"<html>", "image/png", OCTETS),
        (b"<html>", "", OCTETS),
        (b'{"a": 1}', "application/json", OCTETS),
        (b"caf\xe9 <html>", "text/plain", OCTETS),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", "text/plain", "application/pdf"),
        (b"<html>\0", "text/plain", OCTETS),
        (b"<html>", "text/html", OCTETS),
    ],
)
async def test_other_declarations_are_not_believed(client: Client, body: bytes, declared: str, served: str) -> None:
    blob_id = new_blob_id()
    await client.put(blob_id, body, **({"content-type": declared} if declared else {}))
    assert (await client.get(blob_id)).headers["content-type"] == served


@pytest.mark.parametrize("authorization", ["", "X-API-Key: ours", "X-API-Key: nonsense", "Bearer: \xff", "a" * 5000])
async def test_a_signature_is_enough_whatever_the_authorization(client: Client, authorization: str) -> None:
    headers = {"authorization": authorization.encode("latin-1")}
    blob_id = new_blob_id()
    response = await client.http.put(client.upload_url(blob_id), content=b"hello", headers=headers)
    assert response.status_code == 200
    response = await client.http.get(client.download_url(blob_id), headers=headers)
    assert (response.status_code, response.content) == (200, b"hello")


async def test_a_repeat_with_the_same_bytes_is_fine_and_other_bytes_are_not(client: Client) -> None:
    blob_id = await client.stored(b"hello")
    assert (await client.put(blob_id, b"hello")).status_code == 200
    for other in (b"hellO", b"hello!", b""):
        assert_refused(await client.put(blob_id, other), 409, "CONFLICT")
    assert (await client.get(blob_id)).content == b"hello"
    assert client.files() == [blob_id]


async def test_a_repeat_after_a_crash_between_file_and_record_is_fine(client: Client) -> None:
    blob_id = await client.stored(b"hello")
    await client.pool.execute("delete from blob")
    assert_refused(await client.put(blob_id, b"other"), 409, "CONFLICT")
    assert (await client.put(blob_id, b"hello")).status_code == 200
    assert (await client.get(blob_id)).content == b"hello"


ALTERATIONS = {
    "blob": "f" * 32,
    "organization": "organization-2",
    "expires": "1700003601",
    "limit": str(LIMIT + 1),
    "signature": "A" * 43,
    "id": "f" * 32,
}


@pytest.mark.parametrize("part", ALTERATIONS)
async def test_an_altered_upload_url_is_refused(client: Client, part: str) -> None:
    path, query = client.upload_url(new_blob_id()).split("?")
    for parts in (
        {**dict(parse_qsl(query)), part: ALTERATIONS[part]},
        {**dict(parse_qsl(query)), part: ""},
        [*parse_qsl(query), (part, ALTERATIONS[part])],
        [*parse_qsl(query), ("other", "1")],
    ):
        response = await client.http.put(f"{path}?{urlencode(parts)}", content=b"hello")
        request_id = response.headers["x-request-id"]
        assert response.json() == {"error": {"code": "FORBIDDEN", "message": "Forbidden", "requestId": request_id}}
        assert_refused(response, 403, "FORBIDDEN")
    assert client.files() == []


@pytest.mark.parametrize("part", ["organization", "expires", "signature", "id"])
async def test_an_altered_download_url_is_refused(client: Client, part: str) -> None:
    blob_id, other_id = await client.stored(b"hello"), await client.stored(b"other")
    path, query = client.download_url(blob_id).split("?")
    for value in (ALTERATIONS[part] if part != "id" else other_id, "", "\0", "\udcff"):
        altered = urlencode({**dict(parse_qsl(query)), part: value}, errors="surrogatepass")
        for method in ("GET", "HEAD"):
            response = await client.http.request(method, f"{path}?{altered}")
            assert response.status_code == 403
            assert response.headers["x-content-type-options"] == "nosniff"


async def test_urls_expire(client: Client) -> None:
    blob_id = await client.stored(b"hello")
    upload, download = client.upload_url(new_blob_id()), client.download_url(blob_id)
    client.now += 3599
    assert (await client.http.get(download)).status_code == 200
    client.now += 1
    assert_refused(await client.http.get(download), 403, "FORBIDDEN")
    assert_refused(await client.http.put(upload, content=b"x"), 403, "FORBIDDEN")


async def test_one_kind_of_url_does_not_do_for_the_other(client: Client) -> None:
    blob_id = await client.stored(b"hello")
    upload, download = client.upload_url(blob_id), client.download_url(blob_id)
    assert (await client.http.get(upload)).status_code == 405
    assert (await client.http.put(download, content=b"x")).status_code == 405
    assert_refused(await client.http.get(upload.replace("/upload", "")), 403, "FORBIDDEN")
    assert_refused(await client.http.put(download.replace("/files", "/files/upload"), content=b"x"), 403, "FORBIDDEN")


@pytest.mark.parametrize("method", ["POST", "DELETE", "PATCH"])
async def test_other_methods_are_not_allowed(client: Client, method: str) -> None:
    response = await client.http.request(method, client.upload_url(new_blob_id()))
    assert (response.status_code, response.headers["allow"]) == (405, "PUT")


async def streamed(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


@pytest.mark.parametrize(
    ("declared", "chunks", "status", "code"),
    [
        ("6", [b"hello"], 400, "BAD_REQUEST"),
        ("4", [b"hello"], 400, "BAD_REQUEST"),
        ("0", [b"h"], 400, "BAD_REQUEST"),
        ("-5", [b"hello"], 400, "BAD_REQUEST"),
        ("five", [b"hello"], 400, "BAD_REQUEST"),
        ("+5", [b"hello"], 400, "BAD_REQUEST"),
        (str(LIMIT + 1), [b"hello"], 413, "PAYLOAD_TOO_LARGE"),
        ("9" * 18, [b"hello"], 413, "PAYLOAD_TOO_LARGE"),
        (None, [b"a" * LIMIT, b"b"], 413, "PAYLOAD_TOO_LARGE"),
    ],
)
async def test_a_wrong_length_is_refused_and_nothing_kept(
    client: Client, declared: str | None, chunks: list[bytes], status: int, code: str
) -> None:
    headers = {} if declared is None else {"content-length": declared}
    blob_id = new_blob_id()
    response = await client.http.put(client.upload_url(blob_id), content=streamed(*chunks), headers=headers)
    assert_refused(response, status, code)
    assert client.files() == []
    assert await client.find_blob(blob_id) is None


async def test_a_file_of_just_the_limit_is_taken_with_and_without_a_length(client: Client) -> None:
    body = b"a" * LIMIT
    await client.stored(body)
    response = await client.http.put(client.upload_url(new_blob_id()), content=streamed(body[1:], b"a"))
    assert response.status_code == 200


async def test_a_repeat_is_held_to_the_same_rules(client: Client) -> None:
    blob_id = await client.stored(b"hello")
    url = client.upload_url(blob_id)
    response = await client.http.put(url, content=streamed(b"hello"), headers={"content-length": "6"})
    assert_refused(response, 400, "BAD_REQUEST")
    response = await client.http.put(url, content=streamed(b"a" * LIMIT, b"b"))
    assert_refused(response, 413, "PAYLOAD_TOO_LARGE")


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EDQUOT], ids=["disk", "quota"])
async def test_a_full_disk_is_said_and_leaves_nothing(
    client: Client, monkeypatch: pytest.MonkeyPatch, error: int
) -> None:
    def full(_: int) -> None:
        raise OSError(error, os.strerror(error))

    blob_id, kept = new_blob_id(), await client.stored(b"kept")
    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        assert_refused(await client.put(blob_id, b"hello"), 507, "INSUFFICIENT_STORAGE")
        assert (await client.get(kept)).content == b"kept"
    assert client.files() == [kept]
    assert await client.find_blob(blob_id) is None
    assert (await client.put(blob_id, b"hello")).status_code == 200


async def test_the_quota_of_an_organization_holds(database_pool: asyncpg.Pool, tmp_path: Path, client: Client) -> None:
    tight = Client(database_pool, tmp_path / "tight", max_organization_bytes=100)
    first = await tight.stored(b"a" * 60)
    assert_refused(await tight.put(new_blob_id(), b"b" * 41), 507, "INSUFFICIENT_STORAGE")
    late = await tight.http.put(tight.upload_url(new_blob_id()), content=streamed(b"b" * 41))
    assert_refused(late, 507, "INSUFFICIENT_STORAGE")
    assert (await tight.put(first, b"a" * 60)).status_code == 200
    assert tight.files() == [first]


async def test_uploads_at_once_share_what_is_left(database_pool: asyncpg.Pool, tmp_path: Path, client: Client) -> None:
    """Bytes that are just arriving count: without a record yet, each upload alone would fit."""
    tight = Client(database_pool, tmp_path / "tight", max_organization_bytes=100)
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def waiting() -> AsyncIterator[bytes]:
        yield b"a" * 60
        begun.set()
        await go_on.wait()

    first = asyncio.create_task(tight.http.put(tight.upload_url(new_blob_id()), content=waiting()))
    await begun.wait()
    assert_refused(await tight.put(new_blob_id(), b"b" * 41), 507, "INSUFFICIENT_STORAGE")
    late = await tight.http.put(tight.upload_url(new_blob_id()), content=streamed(b"b" * 20, b"b" * 21))
    assert_refused(late, 507, "INSUFFICIENT_STORAGE")
    assert (await tight.put(new_blob_id(), b"b" * 40)).status_code == 200
    go_on.set()
    assert (await first).status_code == 200
    assert len(tight.files()) == 2


async def test_an_upload_url_dies_with_the_account(client: Client) -> None:
    url = client.upload_url(new_blob_id())
    await client.pool.execute("update user_account set activated = false")
    assert_refused(await client.http.put(url, content=b"hello"), 403, "FORBIDDEN")
    assert client.files() == []


async def test_memory_stays_flat_during_a_great_upload(
    database_pool: asyncpg.Pool, tmp_path: Path, client: Client
) -> None:
    great = Client(database_pool, tmp_path / "great", limit=1 << 30)
    blob_id, chunk, count = new_blob_id(), bytes(range(256)) * 256, 3200

    async def body() -> AsyncIterator[bytes]:
        for _ in range(count):
            yield chunk

    url = great.upload_url(blob_id).split("&id=")[0]
    tracemalloc.start()
    try:
        response = await great.http.put(url, content=body(), headers={"content-length": str(count * len(chunk))})
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert response.status_code == 200
    assert await great.blobs.size(blob_id) == 200 << 20
    assert peak < 16 << 20


@pytest.mark.parametrize("before", [b"a", b"a" * 1_000_000], ids=["from the start", "after it was fast"])
@pytest.mark.usefixtures("client")
async def test_an_upload_that_falls_silent_is_ended(database_pool: asyncpg.Pool, tmp_path: Path, before: bytes) -> None:
    client = Client(database_pool, tmp_path / "silent", pace=Pace(grace_seconds=0.2))

    async def stalled() -> AsyncIterator[bytes]:
        yield before
        await asyncio.sleep(30)

    began = time.monotonic()
    response = await client.http.put(client.upload_url(new_blob_id()), content=stalled())
    assert_refused(response, 408, "TIMEOUT")
    assert time.monotonic() - began < 25
    assert client.files() == []


@pytest.mark.usefixtures("client")
async def test_the_time_a_disk_takes_is_not_the_sender_s(
    database_pool: asyncpg.Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Client(database_pool, tmp_path / "slow", pace=Pace(grace_seconds=0.3))
    write = LocalBlobs.write

    async def slow(self: LocalBlobs, blob_id: str, chunks: AsyncIterator[bytes], *, max_bytes: int) -> StoredBlob:
        async def late() -> AsyncIterator[bytes]:
            async for chunk in chunks:
                await asyncio.sleep(0.2)
                yield chunk

        return await write(self, blob_id, late(), max_bytes=max_bytes)

    monkeypatch.setattr(LocalBlobs, "write", slow)
    response = await client.http.put(client.upload_url(new_blob_id()), content=streamed(*[b"a" * 10] * 8))
    assert response.status_code == 200


# Downloads


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
async def test_a_file_is_served_by_its_bytes_and_never_as_a_page(client: Client, sample: Sample) -> None:
    blob_id = new_blob_id()
    assert (await client.put(blob_id, sample.head, **{"content-type": "text/html"})).status_code == 200
    response = await client.get(blob_id)
    assert (response.status_code, response.content) == (200, sample.head)
    assert {name: response.headers[name] for name in GUARDS} == GUARDS
    charset = "; charset=utf-8" if sample.served == "text/plain" else ""
    assert response.headers["content-type"] == sample.served + charset
    kind, name = response.headers["content-disposition"].split("; ")
    assert kind == ("inline" if sample.served.startswith(("image/", "audio/", "video/")) else "attachment")
    assert name.startswith(f'filename="{blob_id}.')
    assert "set-cookie" not in response.headers
    if sample.served == OCTETS:
        assert name == f'filename="{blob_id}.bin"'


def without_id(response: httpx.Response) -> dict[str, str]:
    """The headers that two answers may have in common."""
    return {name: value for name, value in response.headers.items() if name != "x-request-id"}


async def test_head_says_what_get_would(client: Client) -> None:
    blob_id = await client.stored(jpeg(7, 5))
    got, head = await client.get(blob_id), await client.http.head(client.download_url(blob_id))
    assert (head.status_code, head.content) == (200, b"")
    assert without_id(head) == without_id(got)
    assert head.headers["content-type"] == "image/jpeg"
    assert head.headers["content-length"] == str(len(jpeg(7, 5)))
    ranged = await client.http.head(client.download_url(blob_id), headers={"range": "bytes=0-1"})
    assert (ranged.status_code, without_id(ranged)) == (200, without_id(got))


BODY = bytes(range(250)) * 4


@pytest.mark.parametrize(
    ("header", "part", "content_range"),
    [
        ("bytes=0-0", BODY[:1], "bytes 0-0/1000"),
        ("bytes=0-99", BODY[:100], "bytes 0-99/1000"),
        ("bytes=100-", BODY[100:], "bytes 100-999/1000"),
        ("bytes=-10", BODY[-10:], "bytes 990-999/1000"),
        ("bytes=-9999", BODY, "bytes 0-999/1000"),
        ("bytes=900-9999", BODY[900:], "bytes 900-999/1000"),
    ],
)
async def test_one_range_is_served(client: Client, header: str, part: bytes, content_range: str) -> None:
    response = await client.get(await client.stored(BODY), range=header)
    assert (response.status_code, response.content) == (206, part)
    assert response.headers["content-range"] == content_range
    assert response.headers["content-length"] == str(len(part))
    assert response.headers["accept-ranges"] == "bytes"
    assert {name: response.headers[name] for name in GUARDS} == GUARDS


@pytest.mark.parametrize(
    "header", ["bytes=1000-", "bytes=5-4", "bytes=-0", "bytes=0-1,3-4", "bytes=x", "nonsense", "bytes="]
)
async def test_nonsense_ranges_are_refused(client: Client, header: str) -> None:
    response = await client.get(await client.stored(BODY), range=header)
    assert (response.status_code, response.content) == (416, b"")
    assert response.headers["content-range"] == "bytes */1000"
    assert {name: response.headers[name] for name in GUARDS} == GUARDS


async def test_a_range_of_another_unit_or_version_means_the_whole(client: Client) -> None:
    blob_id = await client.stored(BODY)
    etag = (await client.get(blob_id)).headers["etag"]
    assert etag == f'"{hashlib.sha256(BODY).hexdigest()}"'
    assert (await client.get(blob_id, range="items=0-1")).status_code == 200
    stale = await client.get(blob_id, **{"range": "bytes=0-1", "if-range": '"old"'})
    assert (stale.status_code, stale.content) == (200, BODY)
    assert (await client.get(blob_id, **{"range": "bytes=0-1", "if-range": etag})).status_code == 206


@pytest.mark.parametrize(
    ("template", "status"), [("{}", 304), ("W/{}", 304), ('"a", {}', 304), ("*", 304), ('"a"', 200)]
)
async def test_a_file_the_client_has_is_not_sent_again(client: Client, template: str, status: int) -> None:
    blob_id = await client.stored(BODY)
    etag = (await client.get(blob_id)).headers["etag"]
    response = await client.get(blob_id, **{"if-none-match": template.format(etag)})
    assert (response.status_code, response.content) == (status, b"" if status == 304 else BODY)


# Who may read


@pytest.mark.parametrize(
    ("authorization", "status", "code"),
    [
        ("X-API-Key: ours", 200, None),
        ("X-API-Key: theirs", 404, "NOT_FOUND"),
        ("X-API-Key: nonsense", 403, "FORBIDDEN"),
        (None, 403, "FORBIDDEN"),
    ],
)
async def test_the_url_clients_build_needs_a_key_of_the_organization(
    client: Client, authorization: str | None, status: int, code: str | None
) -> None:
    blob_id = await client.stored(b"frame")
    headers = {} if authorization is None else {"authorization": authorization}
    response = await client.http.get(f"/api/label/v2/files?id={blob_id}", headers=headers)
    assert response.status_code == status
    if code is None:
        assert response.content == b"frame"
    else:
        assert_refused(response, status, code)


@pytest.mark.parametrize("blob_id", ["", "f" * 32, "../../etc/passwd", "\0", "%ff", "a" * 5000], ids=repr)
async def test_missing_and_malformed_ids_read_the_same(client: Client, blob_id: str) -> None:
    theirs = new_blob_id()
    await client.http.put(client.upload_url(theirs, "organization-2"), content=b"x")
    answers = [
        await client.http.get("/api/label/v2/files", params={"id": tried}, headers={"authorization": "X-API-Key: ours"})
        for tried in (blob_id, theirs)
    ]
    assert_refused(answers[0], 404, "NOT_FOUND")
    told = [{**answer.json()["error"], "requestId": ""} for answer in answers]
    assert told[0] == told[1]


async def test_a_signature_for_another_organization_opens_nothing(client: Client) -> None:
    blob_id = await client.stored(b"hello")
    response = await client.http.get(client.download_url(blob_id, "organization-2"))
    assert_refused(response, 404, "NOT_FOUND")


async def test_deleting_the_project_kills_the_urls(client: Client) -> None:
    blob_id = await client.stored(b"hello")
    await client.asset(blob_id)
    url = client.download_url(blob_id)
    assert (await client.http.get(url)).status_code == 200
    await client.pool.execute("update project set deleted_at = now()")
    assert_refused(await client.http.get(url), 404, "NOT_FOUND")


async def test_deleting_the_asset_kills_the_urls(client: Client) -> None:
    blob_id = await client.stored(b"hello")
    await client.asset(blob_id)
    url = client.download_url(blob_id)
    await client.pool.execute("delete from asset")
    assert await forget_blobs(Writer(client.pool, None), [blob_id]) == [blob_id]
    assert_refused(await client.http.get(url), 404, "NOT_FOUND")


@pytest.mark.parametrize("damage", ["gone", "cut"])
async def test_a_damaged_file_is_an_error_of_that_file_alone(client: Client, damage: str) -> None:
    damaged, whole = await client.stored(b"hello"), await client.stored(b"whole")
    path = client.root / damaged[-2:] / damaged
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(b"he")
    assert_refused(await client.get(damaged), 404, "NOT_FOUND")
    assert (await client.get(whole)).content == b"whole"


# Documents that name files


def frame_url(blob_id: str, base: str = "https://elsewhere.example") -> str:
    return f"{base}/api/label/v2/files?id={blob_id}"


async def test_frames_in_the_json_content_of_an_asset_open_by_signature(client: Client) -> None:
    frames = [await client.stored(png(7 + at, 5)) for at in range(3)]
    theirs = new_blob_id()
    await client.http.put(client.upload_url(theirs, "organization-2"), content=b"x")
    document = {str(at): frame_url(frame) for at, frame in enumerate(frames)}
    document |= {"3": frame_url(theirs), "4": frame_url("f" * 32), "5": "https://cdn.example/5.png"}
    document["6"] = client.upload_url(frames[0]).replace("http://label.example", "https://label.example")
    body = json.dumps(document).encode()
    document_id = await client.stored(body)
    assert (await client.get(document_id)).content == body  # no asset has it yet
    await client.asset(None, document_id)
    client.now += 7200
    response = await client.get(document_id)
    assert response.headers["content-type"] == OCTETS
    assert response.headers["content-length"] == str(len(response.content))
    assert "etag" not in response.headers
    renewed = response.json()
    assert list(renewed) == list(document)
    assert [renewed[key] for key in "345"] == [document[key] for key in "345"]
    for at, key in enumerate(("0", "1", "2", "6")):
        frame = await client.http.get(renewed[key])
        assert (frame.status_code, frame.content) == (200, png(7 + at % 3, 5))
    head = await client.http.head(client.download_url(document_id))
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == response.headers["content-length"]


async def test_a_document_that_is_the_content_is_served_as_it_is(client: Client) -> None:
    body = json.dumps([frame_url(await client.stored(b"frame"))]).encode()
    document_id = await client.stored(body)
    await client.asset(document_id)
    assert (await client.get(document_id)).content == body


async def test_a_great_document_streams_unchanged_and_still_holds_its_frames(
    database_pool: asyncpg.Pool, tmp_path: Path, client: Client
) -> None:
    great = Client(database_pool, tmp_path / "great", limit=1 << 26)
    frame = await great.stored(b"frame")
    body = json.dumps({"note": "x" * (16 << 20), "0": frame_url(frame)}).encode()
    document_id = await great.stored(body)
    await great.asset(None, document_id)
    assert (await great.get(document_id)).content == body
    rows = await database_pool.fetch("select document_id, part_id from blob_part")
    assert [tuple(row) for row in rows] == [(document_id, frame)]


async def test_frames_die_with_their_project(client: Client) -> None:
    frame = await client.stored(b"frame")
    await client.asset(None, await client.stored(json.dumps([frame_url(frame)]).encode()))
    assert (await client.get(frame)).status_code == 200
    await client.pool.execute("update project set deleted_at = now()")
    assert_refused(await client.get(frame), 404, "NOT_FOUND")


# The sweeper


async def sweep(client: Client, *, hours_later: int) -> SweepReport:
    now = datetime.now(UTC) + timedelta(hours=hours_later)
    return await sweep_files(blobs=client.blobs, database=client.database, now=now)


def cut(statement: str) -> None:
    """Lose the connection when the parts of documents are to be let go."""
    if "delete from blob_part" in statement:
        raise asyncpg.ConnectionDoesNotExistError


async def test_a_sweep_that_is_cut_off_leaves_nothing_held_for_ever(client: Client) -> None:
    frame = await client.stored(b"frame")
    await client.stored(json.dumps([frame_url(frame)]).encode())
    now = datetime.now(UTC) + timedelta(hours=25)

    client.database.observe = cut
    with pytest.raises(asyncpg.ConnectionDoesNotExistError):
        await sweep_files(blobs=client.blobs, database=client.database, now=now)
    client.database.observe = None

    assert len(client.files()) == 2
    assert await sweep(client, hours_later=25) == SweepReport(orphaned=2, unrecorded=0, unfinished=0)
    assert client.files() == []
    assert await client.pool.fetchval("select count(*) from blob_part") == 0


async def test_what_nothing_holds_is_swept_after_a_day(client: Client) -> None:
    held, lone, unrecorded = [await client.stored(body) for body in (b"held", b"lone", b"unrecorded")]
    frame, lost_frame = await client.stored(b"frame"), await client.stored(b"lost frame")
    document = await client.stored(json.dumps([frame_url(frame)]).encode())
    lost_document = await client.stored(json.dumps([frame_url(lost_frame)]).encode())
    await client.asset(held, document)
    await client.pool.execute("delete from blob where id = $1", unrecorded)
    (client.root / held[-2:] / f".{held}.00.part").write_bytes(b"half")

    assert await sweep(client, hours_later=23) == SweepReport(orphaned=0, unrecorded=0, unfinished=0)
    assert len(client.files()) == 8
    assert await sweep(client, hours_later=25) == SweepReport(orphaned=3, unrecorded=1, unfinished=1)
    assert client.files() == sorted([held, frame, document])
    assert await sweep(client, hours_later=25) == SweepReport(orphaned=0, unrecorded=0, unfinished=0)
    for gone in (lone, lost_document, lost_frame):
        assert await client.find_blob(gone) is None
    assert (await client.get(frame)).content == b"frame"


async def test_files_wait_for_a_connection_no_longer_than_everything_else(client: Client) -> None:
    blob_id = await client.stored(OCTETS)
    await client.give_back()
    busy = [await client.pool.acquire() for _ in range(client.pool.get_max_size())]
    try:
        async with asyncio.timeout(15):
            answers = await asyncio.gather(client.get(blob_id), client.put(new_blob_id(), b"hello"))
    finally:
        for connection in busy:
            await client.pool.release(connection)
    for response in answers:
        assert (response.status_code, response.json()["error"]["code"]) == (503, "UNAVAILABLE")
    assert (await client.get(blob_id)).status_code == 200


async def test_signed_requests_are_counted_by_person(client: Client, database_pool: asyncpg.Pool) -> None:
    limited = Client(
        database_pool, client.root, load=LoadLimits(organization_requests_per_minute=3, requests_per_minute=1)
    )
    blob_id = await limited.stored(OCTETS)
    assert [(await limited.get(blob_id)).status_code for _ in range(2)] == [200, 200]

    refused = [await limited.get(blob_id), await limited.put(new_blob_id(), b"hello")]

    for response in refused:
        assert (response.status_code, response.json()["error"]["code"]) == (429, "TOO_MANY_REQUESTS")
        assert "LABELYARD_ORGANIZATION_REQUESTS_PER_MINUTE" in response.json()["error"]["message"]
    assert limited.files() == [blob_id]
    theirs = limited.download_url(blob_id, "organization-2")
    assert (await limited.http.get(theirs)).status_code == 404
    await limited.http.aclose()
