"""What journeys through the labeling page need: a server, a browser that reaches nothing else, people and a project.

Every test gets windows without a past. When it ends, the console must have complained of nothing that the test has not named, and
no request may have gone to another host.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import AsyncIterator, Callable, Generator, Iterator

import pytest

from tests.common.cluster import Cluster
from tests.common.server import UNLIMITED, ServerProcess
from tests.page.api import Api
from tests.page.chromium import Chromium
from tests.page.project import Project, new_project
from tests.page.tls import TlsKey
from tests.page.window import Page

SETTINGS = {**UNLIMITED, "anonymous_requests_per_minute": "1000000", "failed_keys_per_minute": "1000000"}
NewServer = Callable[..., ServerProcess]


def pytest_itemcollected(item: pytest.Item) -> None:
    """One worker takes all of them: one server and one browser are enough."""
    if "chromium" in getattr(item, "fixturenames", ()):
        item.add_marker(pytest.mark.xdist_group("page"))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.CallInfo[None]]:
    """Keep what became of a test for its fixtures."""
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined]
    if report.when == "call":
        item.stash[FAILED] = report.failed


FAILED = pytest.StashKey[bool]()


@pytest.fixture(scope="session")
async def page_server(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ServerProcess]:
    """The server of the journeys; each of them makes a project of its own."""
    url = await cluster.new_database()
    server = ServerProcess(url, tmp_path_factory.mktemp("page") / "data", api_key=new_key(), **SETTINGS).start()
    yield server
    server.stop()


@pytest.fixture
async def new_server(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[NewServer]:
    """Make a server of the test's own, with an empty database and other settings; not started yet."""
    url = await cluster.new_database()
    made: list[ServerProcess] = []

    def make(**settings: str) -> ServerProcess:
        data_dir = tmp_path_factory.mktemp("own") / "data"
        made.append(ServerProcess(url, data_dir, api_key=new_key(), **{**SETTINGS, **settings}))
        return made[-1]

    yield make
    for server in made:
        if server.is_running:
            server.stop()
    await cluster.drop_database(url)


@pytest.fixture(scope="session")
def tls_key(tmp_path_factory: pytest.TempPathFactory) -> TlsKey:
    """A key with a certificate for this machine, which the browser trusts."""
    return TlsKey(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory, tls_key: TlsKey) -> Iterator[Chromium]:
    """The browser of this process."""
    # Without it, a proxy of the machine would be asked for the driver, which listens on this machine.
    os.environ["NO_PROXY"] = ",".join({*os.environ.get("NO_PROXY", "").split(","), "127.0.0.1", "localhost"} - {""})
    browser = Chromium(tmp_path_factory.mktemp("chromium") / "profile", trusted_key=tls_key.fingerprint)
    yield browser
    browser.quit()


@pytest.fixture
def new_page(
    request: pytest.FixtureRequest, chromium: Chromium, page_server: ServerProcess
) -> Iterator[Callable[..., Page]]:
    """Open windows that share nothing, as of several people. `url` is another server; its host may be asked then."""
    opened: list[Page] = []
    allowed: set[str] = set()
    chromium.complaints(), chromium.hosts_asked()  # of whatever was before

    def make(url: str | None = None) -> Page:
        opened.append(Page(chromium, url or page_server.url))
        allowed.add(opened[-1].url)
        return opened[-1]

    yield make
    try:
        has_failed = request.node.stash.get(FAILED, False)
        for page in opened:
            if has_failed:
                page.picture(request.node.name)
        for page in opened:
            page.expected += [part for other in opened for part in other.expected]
        if opened and not has_failed:
            opened[-1].check(allowed)
        elif has_failed:
            print("the console said:", *chromium.complaints(), sep="\n  ")
    finally:
        for page in opened:
            page.close()


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    """A window without a past, on nothing yet."""
    return new_page()


@pytest.fixture
def admin(page_server: ServerProcess) -> Api:
    """The API as the administrator of the server's organization sees it."""
    return Api(page_server.url, f"X-API-Key: {page_server.api_key}")


@pytest.fixture
def project(admin: Api) -> Project:
    """A project with three pictures, a labeler and a reviewer."""
    return new_project(admin)


def new_key() -> str:
    """The key of a first administrator."""
    return f"ly_test_{secrets.token_hex(16)}"
