"""Requests that no browser sends: nothing but the page and its files is ever answered, and nothing of a request comes back."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

import pytest

from labelyard.server.page.files import page_files
from tests.common.server import ServerProcess

BASE = page_files().base.encode()
SECRETS = (b"root:", b"[project]", b"def ", b"import ", b"PRIVATE KEY")
# As bytes on the wire: clients would tidy them up first.
PATHS = {
    "dots": BASE + b"/../../../../etc/passwd",
    "dots behind a file": BASE + b"/main.js/../../../page.py",
    "encoded dots": BASE + b"/%2e%2e/%2e%2e/page.py",
    "encoded slashes": BASE + b"/..%2f..%2fpage.py",
    "twice encoded": BASE + b"/%252e%252e%252fpage.py",
    "backslashes": BASE + b"/..\\..\\page.py",
    "encoded backslashes": BASE + b"/..%5c..%5cpage.py",
    "overlong dots": BASE + b"/%c0%ae%c0%ae/page.py",
    "an absolute path": BASE + b"//etc/passwd",
    "a null byte": BASE + b"/main.js%00.py",
    "a source": BASE + b"/../page.py",
    "a list of libraries": BASE + b"/vendor/README.md",
    "a licence": BASE + b"/vendor/licenses/preact.txt",
    "a folder": BASE + b"/vendor/",
    "another case": BASE + b"/MAIN.JS",
    "a space": BASE + b"/main.js%20",
    "a stream": BASE + b"/main.js::$DATA",
    "a query for a name": BASE + b"/?name=main.js",
    "no name": BASE,
    "an empty digest": b"/page//main.js",
    "dots for a digest": b"/page/../main.js",
    "a digest of another length": BASE[:-1] + b"/main.js",
    "a digest in capitals": b"/page/" + BASE[6:].upper() + b"/main.js",
    "a pattern for a digest": b"/page/*/main.js",
    "a very long name": BASE + b"/" + b"a" * 4_000,
}


def answer(server: ServerProcess, request: bytes) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of the answer to raw bytes."""
    where = urlsplit(server.url)
    with socket.create_connection((where.hostname, where.port or 80), timeout=10) as wire:
        wire.sendall(request)
        said = b""
        while piece := wire.recv(1 << 16):
            said += piece
    head, _, body = said.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return int(first.split()[1]), headers, body


def get(path: bytes, *more: bytes, method: bytes = b"GET") -> bytes:
    return b"\r\n".join(
        [method + b" " + path + b" HTTP/1.1", b"Host: label.example", b"Connection: close", *more, b"", b""]
    )


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
def test_what_is_no_file_of_the_page_is_not_found(page_server: ServerProcess, path: bytes) -> None:
    status, headers, body = answer(page_server, get(path))

    assert status in (400, 404)
    assert not any(secret in body for secret in SECRETS)
    assert "immutable" not in headers.get("cache-control", "")
    assert len(body) < 1_000


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "get"])
@pytest.mark.parametrize("path", [b"/label", b"/label/projects/1/", BASE + b"/main.js"], ids=["page", "below", "file"])
def test_only_reading_is_answered(page_server: ServerProcess, method: str, path: bytes) -> None:
    status, headers, body = answer(page_server, get(path, b"Content-Length: 0", method=method.encode()))

    assert status in (400, 405, 501)
    assert b"<html" not in body
    if status == 405:
        assert "POST" not in headers["allow"]


@pytest.mark.parametrize("path", [b"/label", BASE + b"/main.js"], ids=["page", "file"])
def test_a_head_is_told_the_same_without_a_body(page_server: ServerProcess, path: bytes) -> None:
    status, headers, _ = answer(page_server, get(path))
    head_status, head, body = answer(page_server, get(path, method=b"HEAD"))

    assert (status, head_status, body) == (200, 200, b"")
    assert {name: head[name] for name in ("content-type", "content-length", "cache-control")} == {
        name: headers[name] for name in ("content-type", "content-length", "cache-control")
    }


@pytest.mark.parametrize(
    "path",
    [
        b"/label/<script>alert(1)</script>",
        b"/label/%3Cscript%3Ealert(1)%3C/script%3E",
        b"/label?x=%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
        b"/label/../label",
        b"/label/%0d%0aSet-Cookie:%20a=b",
        b"/label/" + b"a/" * 1_000,
    ],
    ids=["a tag", "an encoded tag", "a query", "dots", "a header", "a thousand parts"],
)
def test_nothing_of_the_address_is_in_the_page(page_server: ServerProcess, path: bytes) -> None:
    _, _, usual = answer(page_server, get(b"/label"))
    status, headers, body = answer(page_server, get(path))

    assert status == 404 if b"%0d%0a" in path else (status, body) == (200, usual)
    assert b"alert" not in body
    assert "set-cookie" not in headers
    assert "alert" not in str(headers)


@pytest.mark.parametrize(
    "more",
    [
        b"Host: evil.example\r\nX-Forwarded-Host: evil.example",
        b"X-Forwarded-Proto: https\r\nForwarded: host=evil.example",
        b"Origin: https://evil.example",
        b"Cookie: session=1",
        b"X-Original-URL: /api/label/v2/graphql\r\nX-Rewrite-URL: /health/ready",
        b"Referer: https://evil.example/<script>",
        b"Accept-Language: <script>",
    ],
    ids=["another host", "another scheme", "another origin", "a cookie", "another address", "a referrer", "a language"],
)
def test_nothing_of_the_headers_is_in_the_page(page_server: ServerProcess, more: bytes) -> None:
    _, usual_headers, usual = answer(page_server, get(b"/label"))
    status, headers, body = answer(page_server, get(b"/label", *more.split(b"\r\n")))

    if status == 400:  # two hosts
        assert b"evil" not in body
        return
    assert (status, body) == (200, usual)
    changing = {"date", "x-request-id"}
    assert {name: value for name, value in headers.items() if name not in changing} == {
        name: value for name, value in usual_headers.items() if name not in changing
    }
    assert not any(name.startswith("access-control") for name in headers)


@pytest.mark.parametrize("tag", [b"*", b'"x"', b'W/"x"', b"," * 500], ids=["any", "another", "weak", "commas"])
def test_a_tag_that_is_not_the_pages_gets_the_page(page_server: ServerProcess, tag: bytes) -> None:
    status, _, body = answer(page_server, get(b"/label", b"If-None-Match: " + tag))

    assert status == 200
    assert b"<html" in body


def test_a_range_is_no_way_to_read_on(page_server: ServerProcess) -> None:
    status, _, body = answer(page_server, get(BASE + b"/main.js", b"Range: bytes=0-10,1000000-2000000"))

    assert status == 200
    assert body == page_files().by_name["main.js"].plain
