"""Answers that are on their way when the server, the network or the session ends."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator

import pytest

from tests.common.server import ServerProcess
from tests.page.api import Api
from tests.page.project import Project, new_project
from tests.page.proxy import PassingProxy
from tests.page.test_labeling import PICTURE, SUBMIT, drafts, name, ready, start
from tests.page.window import Page


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def the_only_label(project: Project) -> dict[str, object]:
    (label,) = project.admin.labels(
        "jsonResponse labelOf { externalId }", project={"id": project.id}, typeIn=["DEFAULT"]
    )
    return {"answer": json.loads(label["jsonResponse"]), "asset": label["labelOf"]["externalId"]}


def test_an_answer_survives_a_server_that_stops_and_a_tab_that_is_closed(
    new_page: Callable[..., Page], new_server: Callable[..., ServerProcess]
) -> None:
    server = new_server(port=str(free_port())).start()
    project = new_project(Api(server.url, f"X-API-Key: {server.api_key}"))
    page = new_page(server.url)
    page.expect("ERR_CONNECTION_REFUSED", "status of 401", "beforeunload")
    start(page, project).press("Person").drag(PICTURE, (0.2, 0.2), (0.4, 0.4))
    server.kill()
    page.press("Sun").keys(SUBMIT).shows("The answer is kept here")
    assert len(drafts(page)) == 2
    page.run("sessionStorage.clear()")
    page.driver.execute_cdp_cmd("Page.navigate", {"url": "about:blank"})
    accept(page)
    server.start()
    page.sign_in(project.labeler, project.path)
    page.until(
        lambda: project.admin.count_labels(project={"id": project.id}, typeIn=["DEFAULT"]) == 1, "to send the answer"
    )
    page.until(lambda: drafts(page) == [], "to forget what was sent")
    sent = the_only_label(project)
    assert sent["asset"] == "street-1"
    assert sent["answer"]["WEATHER"] == {"categories": [{"name": "SUN"}]}  # type: ignore[index]
    assert len(sent["answer"]["THINGS"]["annotations"]) == 1  # type: ignore[index]


def accept(page: Page) -> None:
    """Leave, although the page asks whether to."""
    try:
        page.driver.switch_to.alert.accept()
    except Exception:  # none was opened
        return


class Dropping(PassingProxy):
    """Passes requests to a server; the answer to the first submission never arrives."""

    def __init__(self, url: str) -> None:
        self.dropped = 0
        super().__init__(url)

    def changed(self, path: str, body: bytes, content: bytes) -> bytes | None:
        if b"appendManyLabels" in body and b'"DEFAULT"' in body and not self.dropped:
            self.dropped += 1
            return None
        return content


@pytest.fixture
def dropping(page_server: ServerProcess) -> Iterator[Dropping]:
    with Dropping(page_server.url) as proxy:
        yield proxy
        proxy.shutdown()


def test_a_lost_answer_makes_no_second_label(
    new_page: Callable[..., Page], project: Project, dropping: Dropping
) -> None:
    page = new_page(dropping.url)
    page.expect("ERR_EMPTY_RESPONSE", "net::")
    start(page, project).press("Sun").keys(SUBMIT)
    page.until(lambda: name(page) == "street-2", "to go on")
    page.until(lambda: drafts(page) == [], "to find the label that is there")
    assert dropping.dropped == 1
    assert the_only_label(project) == {"answer": {"WEATHER": {"categories": [{"name": "SUN"}]}}, "asset": "street-1"}


def test_an_asset_can_be_changed_in_one_tab_alone(page: Page, project: Project) -> None:
    start(page, project).press("Person").drag(PICTURE, (0.2, 0.2), (0.4, 0.4))
    other = page.another_tab()
    other.sign_in(project.labeler, f"{project.path}/label").shows("open in another tab of yours")
    assert other.run("return document.querySelectorAll('.label-panel input:not(:disabled)').length") == 0
    other.driver.get("about:blank")
    page.press("Sun").keys(SUBMIT).until(lambda: name(page) == "street-2", "to go on")
    assert len(the_only_label(project)["answer"]["THINGS"]["annotations"]) == 1  # type: ignore[index]


def test_a_session_that_ends_is_taken_up_over_the_page(page: Page, project: Project) -> None:
    start(page, project).press("Person").drag(PICTURE, (0.2, 0.2), (0.4, 0.4))
    token = page.run("return JSON.parse(sessionStorage.getItem('labelyard.session')).secret")
    assert Api(page.url, f"Bearer: {token}").data("mutation { signOut }") is True
    page.expect("status of 401").press("Sun").keys(SUBMIT).shows("Sign in again", "is still here")
    assert page.violations() == []
    page.fill("Password", project.labeler.password).press("Sign in", exact=True)
    page.until(lambda: name(page) == "street-2", "to go on")
    assert len(the_only_label(project)["answer"]["THINGS"]["annotations"]) == 1  # type: ignore[index]


def test_the_last_change_before_a_reload_is_kept(page: Page, project: Project) -> None:
    start(page, project).press("Person").drag(PICTURE, (0.2, 0.2), (0.4, 0.4)).press("Sun").reload()
    ready(page)
    assert page.run(
        "return [...document.querySelectorAll('.choice input:checked')].map((one) => one.dataset.category)"
    ) == ["SUN"]
