"""What the server sends for the page: one HTML text, files under a digest, and headers that keep everybody else out."""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from labelyard.server.page import PageMode, labeling_page, page_routes
from labelyard.server.page.files import IMPORTS, page_files
from labelyard.server.page.page import PRELOADED, content_origins
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
            packed = await browser.get(f"{files.base}/{name}")
            plain = await browser.get(f"{files.base}/{name}", headers={"Accept-Encoding": "gzip;q=0, identity"})
            assert (packed.content, plain.content) == (file.plain, file.plain)
            assert (packed.headers["content-encoding"], "content-encoding" in plain.headers) == ("gzip", False)
            assert packed.headers["cache-control"] == "public, max-age=31536000, immutable"
            assert packed.headers["x-content-type-options"] == "nosniff"
    assert gzip.decompress(files.by_name["main.js"].compressed) == (STATIC / "main.js").read_bytes()


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


def test_what_the_html_names_exists() -> None:
    assert {*PRELOADED, *IMPORTS.values(), "page.css", "icon.svg"} <= set(page_files().by_name)


def imported(path: Path, seen: set[Path]) -> set[Path]:
    """A module with all that it imports at once."""
    if path not in seen:
        seen.add(path)
        for name in re.findall(r'^(?:import|export)[^;]*?from\s*"(\.[^"]+)"', path.read_text(), re.MULTILINE):
            imported((path.parent / name).resolve(), seen)
    return seen


def test_the_modules_of_the_label_screen_are_loaded_at_once() -> None:
    shell = imported((STATIC / "main.js").resolve(), set())
    screen = imported((STATIC / "label/screen.js").resolve(), set()) - shell
    (listed,) = re.findall(r"const LABEL_SCREEN = \[(.*?)\];", (STATIC / "router.js").read_text(), re.DOTALL)
    assert sorted(re.findall(r'"([^"]+)"', listed)) == sorted(
        str(path.relative_to(STATIC.resolve())) for path in screen
    )
    assert {str(path.relative_to(STATIC.resolve())) for path in shell} <= {*PRELOADED}


def test_libraries_are_what_their_packages_hold() -> None:
    listed = libraries()
    assert len(listed) == LIST.read_text().count("\n| `")
    for library in listed:
        assert hashlib.sha512((VENDOR / library.file).read_bytes()).hexdigest() == library.sha512
        assert (VENDOR / library.licence_file).is_file()
    assert {path.name for path in VENDOR.iterdir() if path.is_file()} == {one.file for one in listed} | {"README.md"}
