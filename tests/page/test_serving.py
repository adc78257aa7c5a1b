"""What the server sends for the page: one HTML text, files under a digest, and headers that keep everybody else out."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from labelyard.server.page import PageMode, labeling_page, page_routes
from labelyard.server.page.files import IMPORTS, page_files
from labelyard.server.page.modules import needed_by
from labelyard.server.page.page import content_origins
from tests.page.libraries import LIST, VENDOR, libraries

STATIC = Path(__file__).parents[2] / "server/page/static"
HTML = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def client(origins: str = "") -> httpx.AsyncClient:
    page = labeling_page(PageMode.ON, content_origins(origins))
    assert page is not None
    app = Starlette(routes=page_routes(page))
    app.router.redirect_slashes = False
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://label.example")


def policy(response: httpx.Response) -> dict[str, list[str]]:
    parts = (part.split() for part in response.headers["content-security-policy"].split("; "))
    return {name: sources for name, *sources in parts}


@pytest.mark.parametrize("path", ["/label", "/label/", "/label/projects/1/assets/2?status=TODO", "/label/nowhere"])
async def test_every_address_of_the_page_answers_the_same_text(path: str) -> None:
    async with client() as browser:
        first, here = await browser.get("/label"), await browser.get(path)
        again = await browser.get(path, headers={"If-None-Match": here.headers["etag"]})
    assert (here.status_code, here.text, here.headers["cache-control"]) == (200, first.text, "no-cache")
    assert here.headers["content-type"] == "text/html; charset=utf-8"
    assert (again.status_code, again.content) == (304, b"")


async def test_the_root_opens_the_page_for_browsers_and_names_addresses_to_programs(app_with) -> None:
    browser = app_with().http
    page, addresses = await browser.get("/", headers=HTML), await browser.get("/")
    assert page.text == (await browser.get("/label")).text
    assert addresses.json()["page"] == "/label"
    off = app_with(page=PageMode.OFF).http
    assert "page" not in (await off.get("/", headers=HTML)).json()
    assert [(await off.get(path)).status_code for path in ("/label", f"{page_files().base}/main.js")] == [404, 404]


async def test_the_policy_lets_the_page_load_from_this_server_alone() -> None:
    async with client() as browser:
        page = await browser.get("/label")
    (import_map,) = re.findall(r'<script type="importmap">(.*?)</script>', page.text)
    digest = base64.b64encode(hashlib.sha256(import_map.encode()).digest()).decode()
    assert policy(page) == {
        "default-src": ["'self'"],
        "script-src": ["'self'", f"'sha256-{digest}'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "blob:"],
        "media-src": ["'self'", "blob:"],
        "connect-src": ["'self'"],
        "worker-src": ["'self'"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
        "frame-ancestors": ["'none'"],
        "require-trusted-types-for": ["'script'"],
        "trusted-types": ["labelyard-worker"],
    }
    guards = ("x-content-type-options", "referrer-policy", "cross-origin-opener-policy", "x-frame-options")
    assert [page.headers[name] for name in guards] == ["nosniff", "no-referrer", "same-origin", "DENY"]
    assert "camera=()" in page.headers["permissions-policy"]


async def test_assets_kept_elsewhere_load_from_the_origins_of_the_setting() -> None:
    async with client("https://storage.example.org, http://[::1]:9000/") as browser:
        page = await browser.get("/label")
    named = ["https://storage.example.org", "http://[::1]:9000"]
    for directive in ("img-src", "media-src", "connect-src"):
        assert policy(page)[directive][-2:] == named
    assert policy(page)["script-src"][0] == "'self'"
    assert len(policy(page)["script-src"]) == 2
    assert f'content="{" ".join(named)}"' in page.text


@pytest.mark.parametrize(
    "origin",
    ["storage.example.org", "https://a.example/path", "https://a; script-src *", "data:", "https://*", "'self'"],
)
def test_what_is_no_origin_is_refused_by_its_name(origin: str) -> None:
    with pytest.raises(ValueError, match=re.escape(repr(origin))):
        content_origins(f"https://storage.example.org,{origin}")


async def test_files_are_served_under_the_digest_of_all_of_them_for_a_year() -> None:
    files = page_files()
    async with client() as browser:
        for name, file in files.by_name.items():
            answer = await browser.get(f"{files.base}/{name}")
            assert (answer.status_code, answer.content) == (200, file.plain)
            assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
            assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("br", "br"),
        ("gzip, deflate, br, zstd", "br"),
        ("gzip", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("BR; Q=0.0, GZIP;q=0.5", "gzip"),
        ("gzip;q=0.000, br;q=0", None),
        ("identity", None),
        ("brotli, x-gzip", None),
        ("", None),
    ],
)
@pytest.mark.parametrize("path", ["/label", "{}/main.js"], ids=["page", "file"])
async def test_what_is_sent_is_compressed_as_the_browser_takes_it(
    path: str, accepted: str, encoding: str | None
) -> None:
    async with client() as browser:
        whole = await browser.get(path.format(page_files().base), headers={"Accept-Encoding": "identity"})
        answer = await browser.get(path.format(page_files().base), headers={"Accept-Encoding": accepted})
    assert answer.headers.get("content-encoding") == encoding
    assert "Accept-Encoding" in answer.headers["vary"]
    assert answer.content == whole.content
    length = int(answer.headers["content-length"])
    assert length < len(whole.content) if encoding else length == len(whole.content)


@pytest.mark.parametrize(
    "path",
    [
        "/page/0/main.js",
        "{}/none.js",
        "{}/",
        "{}/../page.py",
        "{}/..%2f..%2fpage.py",
        "{}/vendor/README.md",
        "{}/vendor",
    ],
)
async def test_an_unknown_digest_or_name_is_not_found(path: str) -> None:
    async with client() as browser:
        assert (await browser.get(path.format(page_files().base))).status_code == 404


def modules(folder: Path = STATIC) -> set[str]:
    return {str(path.relative_to(STATIC)) for path in folder.rglob("*.js")}


async def test_the_html_names_what_each_page_needs_so_that_nothing_is_found_late() -> None:
    files = page_files()
    async with client() as browser:
        page = (await browser.get("/label")).text
    preloaded = re.findall(r'<link rel="modulepreload" href="([^"]+)" />', page)
    shell = [path.removeprefix(files.base + "/") for path in preloaded]
    (said,) = re.findall(r'<script type="application/json" id="ahead">(.*?)</script>', page)
    ahead = json.loads(said)
    patterns = re.findall(r'^  \["(/[^"]*)", "', (STATIC / "router.js").read_text(), re.MULTILINE)

    assert sorted(ahead["pages"]) == sorted(patterns)
    assert {*shell, *ahead["names"], *IMPORTS.values(), "page.css", "icon.svg"} <= set(files.by_name)
    assert set(IMPORTS.values()) <= set(shell)
    screen = [ahead["names"][place] for place in ahead["pages"]["/projects/:project/label"]]
    assert {"label/screen.js", "label/stage.js", "label/screen.css", "domain/geometry.js"} <= set(screen)
    # What nobody needs for a first picture.
    assert not {"label/text.js", "label/dialogs.js", "label/issues.js", "parts/table.js"} & {*shell, *screen}


def test_every_import_of_a_module_is_followed() -> None:
    """What the server reads of modules is all that they say."""
    files = page_files()
    for name in modules():
        source = (STATIC / name).read_text()
        said = set(re.findall(r'^(?:import|export \{)[^;]*?from\s*"([^"]+)"', source, re.MULTILINE))
        styles = set(re.findall(r'^await style\(new URL\("([^"]+)"', source, re.MULTILINE))
        named = {
            IMPORTS.get(one) or str((STATIC.resolve() / name).parent.joinpath(one).resolve()) for one in said | styles
        }
        bare = {one.removeprefix(f"{STATIC.resolve()}/") for one in named}
        assert bare - set(needed_by(files, name)) == set(), name


def test_libraries_are_what_their_packages_hold() -> None:
    listed = libraries()
    assert len(listed) == LIST.read_text().count("\n| `")
    for library in listed:
        assert hashlib.sha512((VENDOR / library.file).read_bytes()).hexdigest() == library.sha512
        assert (VENDOR / library.licence_file).is_file()
    assert {path.name for path in VENDOR.iterdir() if path.is_file()} == {one.file for one in listed} | {"README.md"}
