"""The page at addresses that its links do not name: another name of this machine, and a proxy with TLS."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.common.server import ServerProcess
from tests.page.api import Api
from tests.page.project import Project, new_project, picture
from tests.page.test_labeling import SUBMIT, name, ready
from tests.page.test_nothing_lost import free_port
from tests.page.tls import TlsKey, TlsProxy
from tests.page.window import Page


def label_and_import(page: Page, project: Project, tmp_path: Path) -> None:
    """See a picture and label it, as a labeler; upload one, as an administrator."""
    page.sign_in(project.labeler, project.path).press("Start labeling")
    ready(page)
    assert page.run("return document.querySelector('.stage-picture').naturalWidth") == 1600
    page.press("Sun").keys(SUBMIT).until(lambda: name(page) == "street-2", "to go on")
    administrator = project.member("ADMIN")
    (tmp_path / "harbour.png").write_bytes(picture(64, 48))
    page.run("sessionStorage.clear()")
    page.sign_in(administrator, project.path + "/assets").press("Import")
    page.choose_files("input[type=file]", tmp_path / "harbour.png").press("Import 1")
    page.until(
        lambda: project.admin.count_assets(project={"id": project.id}, externalIdStrictlyIn=["harbour.png"]) == 1,
        "to import",
    )
    assert project.admin.count_labels(project={"id": project.id}, typeIn=["DEFAULT"]) == 1


def test_pictures_and_uploads_work_under_another_name_of_this_machine(
    new_page: Callable[..., Page], page_server: ServerProcess, project: Project, tmp_path: Path
) -> None:
    label_and_import(new_page(f"http://localhost:{urlsplit(page_server.url).port}"), project, tmp_path)


@pytest.fixture
def new_proxy(tls_key: TlsKey) -> Iterator[Callable[[str], TlsProxy]]:
    """Make a proxy in front of a server."""
    made: list[TlsProxy] = []

    def make(target: str) -> TlsProxy:
        made.append(TlsProxy(tls_key, target))
        return made[-1]

    yield make
    for proxy in made:
        proxy.close()


# What a window may still ask ends after it: fixtures end in the opposite order.
def test_pictures_and_uploads_work_behind_a_proxy_with_tls(
    new_proxy: Callable[[str], TlsProxy],
    new_server: Callable[..., ServerProcess],
    new_page: Callable[..., Page],
    tmp_path: Path,
) -> None:
    port = free_port()
    listening = f"http://127.0.0.1:{port}"
    proxy = new_proxy(listening)
    server = new_server(public_url=proxy.url, port=str(port)).start()
    project = new_project(Api(listening, f"X-API-Key: {server.api_key}"))
    label_and_import(new_page(proxy.url), project, tmp_path)
