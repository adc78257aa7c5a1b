from __future__ import annotations

import hashlib
import json
import posixpath
import re
from importlib.resources import files

import httpx
import pytest
from starlette.applications import Starlette

from labelyard.server.graphiql import GraphiqlMode, graphiql_response, graphiql_routes
from labelyard.server.graphiql.page import ASSET_PATH, ASSETS


def client(mode: GraphiqlMode) -> httpx.AsyncClient:
    app = Starlette(routes=graphiql_routes(mode))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://testserver")


ENDPOINT = "/api/label/v2/graphql"


def page(mode: GraphiqlMode = GraphiqlMode.AUTHENTICATED, path: str = ENDPOINT) -> tuple[str, dict[str, str]]:
    response = graphiql_response(mode, path=path)
    assert response is not None
    return bytes(response.body).decode(), dict(response.headers)


def test_the_page_is_html_that_nobody_may_frame_and_that_loads_from_here_only() -> None:
    _, headers = page()
    assert headers["content-type"] == "text/html; charset=utf-8"
    assert headers["content-security-policy"] == (
        "default-src 'self'; frame-ancestors 'none'; object-src 'none'; base-uri 'none'"
    )
    assert headers["x-frame-options"] == "DENY"
    assert headers["cache-control"] == "no-store"


def test_the_page_has_no_inline_script_or_style() -> None:
    html, _ = page()
    assert re.findall(r"<script(?![^>]*\ssrc=)", html) == []
    assert re.findall(r"<style|\sstyle=|\son[a-z]+=", html) == []


def test_every_file_of_the_page_is_served_from_here_and_each_is_on_the_page() -> None:
    html, _ = page()
    named = re.findall(r'(?:src|href)="([^"]+)"', html)
    assert sorted(named) == sorted(f"graphiql/{name}" for name in ASSETS)


@pytest.mark.parametrize("prefix", ["", "/labeling", "/a/b"])
@pytest.mark.parametrize("path", [ENDPOINT, "/api/label/v1/graphql", "/api/label/graphql"])
def test_the_page_finds_its_files_at_every_address_and_under_a_prefix(prefix: str, path: str) -> None:
    html, _ = page(path=path)  # a proxy takes the prefix off before the server sees the path
    named = re.findall(r'(?:src|href)="([^"]+)"', html)
    asked = {posixpath.normpath(posixpath.join(posixpath.dirname(prefix + path), name)) for name in named}
    assert asked == {f"{prefix}{ASSET_PATH}/{name}" for name in ASSETS}


def test_vendored_files_are_what_their_packages_hold() -> None:
    vendor = files("labelyard.server.graphiql").joinpath("vendor")
    listed = json.loads(vendor.joinpath("vendored.json").read_text())
    for entry in listed:
        assert hashlib.sha256(vendor.joinpath(entry["file"]).read_bytes()).hexdigest() == entry["sha256"]
        assert entry["license"] in vendor.joinpath(entry["licenseFile"]).read_text()
    present = {item.name for item in vendor.iterdir() if item.is_file()}
    assert present == {entry["file"] for entry in listed} | {"vendored.json"}


@pytest.mark.parametrize("name", ASSETS)
async def test_a_file_is_served_with_its_type_and_known_again_by_its_tag(name: str) -> None:
    async with client(GraphiqlMode.ON) as browser:
        first = await browser.get(f"{ASSET_PATH}/{name}")
        again = await browser.get(f"{ASSET_PATH}/{name}", headers={"If-None-Match": first.headers["etag"]})
    assert (first.status_code, first.headers["content-type"]) == (200, ASSETS[name].media_type)
    assert first.headers["x-content-type-options"] == "nosniff"
    assert len(first.content) > 100
    assert (again.status_code, again.content) == (304, b"")


async def test_the_style_sheet_comes_without_the_fonts_the_policy_refuses() -> None:
    async with client(GraphiqlMode.ON) as browser:
        style_sheet = (await browser.get(f"{ASSET_PATH}/graphiql.min.css")).text
    assert "@font-face" not in style_sheet
    assert ".graphiql-container" in style_sheet


@pytest.mark.parametrize(
    "name", ["page.py", "__init__.py", "page.html", "..%2fpage.py", "fetch.umd.js", "%00", "react"]
)
async def test_nothing_else_is_served(name: str) -> None:
    async with client(GraphiqlMode.ON) as browser:
        assert (await browser.get(f"{ASSET_PATH}/{name}")).status_code == 404


def test_switched_off_there_is_no_page_and_no_file() -> None:
    assert graphiql_response(GraphiqlMode.OFF, path=ENDPOINT) is None
    assert graphiql_routes(GraphiqlMode.OFF) == []


@pytest.mark.parametrize("query_string", [b"query={viewer{id}}", b"a=1&query=", b"quer%79=mutation{x}"])
def test_a_query_in_the_url_is_not_answered_with_the_page(query_string: bytes) -> None:
    assert graphiql_response(GraphiqlMode.ON, path=ENDPOINT, query_string=query_string) is None


def test_other_parameters_do_not_matter() -> None:
    assert graphiql_response(GraphiqlMode.ON, path=ENDPOINT, query_string=b"utm_source=mail") is not None
