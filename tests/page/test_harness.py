"""What the other tests here rely on: that a complaint, a request elsewhere and a flaw of a page are noticed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from labelyard.server.application import ENDPOINT
from tests.common.server import ServerProcess
from tests.page.project import Project
from tests.page.window import Page


def test_what_a_browser_complains_of_fails_a_test(page: Page) -> None:
    page.open(ENDPOINT)
    page.run("console.error('something broke')")
    with pytest.raises(AssertionError, match="something broke"):
        page.check({page.url})
    page.check({page.url})


def test_a_request_to_another_host_fails_a_test(page: Page, page_server: ServerProcess) -> None:
    elsewhere = page_server.url.replace("127.0.0.1", "localhost")
    page.open("/health/live")
    page.run("return fetch(arguments[0]).then(() => 1, () => 0)", elsewhere + "/health/live")
    page.expect("CORS", "Failed to load", "net::")
    with pytest.raises(AssertionError, match="localhost"):
        page.check({page.url})


def test_a_refusal_by_the_content_security_policy_fails_a_test(page: Page) -> None:
    page.open(ENDPOINT)
    page.run("document.body.append(Object.assign(document.createElement('script'), { textContent: '1' }))")
    with pytest.raises(AssertionError, match="Content Security Policy"):
        page.check({page.url})


def test_windows_share_nothing(new_page: Callable[..., Page]) -> None:
    one, other = new_page().open(ENDPOINT), new_page().open(ENDPOINT)
    one.run("localStorage.setItem('mine', '1'); sessionStorage.setItem('mine', '1')")
    assert other.run("return [localStorage.length, sessionStorage.length]") == [0, 0]
    assert one.run("return localStorage.length") == 1


def test_axe_finds_a_button_without_a_name(page: Page) -> None:
    page.open(ENDPOINT)
    before = page.violations()
    page.run("document.body.append(document.createElement('button'))")
    assert [line.split(":")[0] for line in page.violations() if line not in before] == ["button-name"]


def test_controls_are_found_by_what_is_written_on_them(page: Page) -> None:
    page.open(ENDPOINT).fill("API key", "ly_unknown").expect("status of 401")
    page.press("Use key").shows("The server does not accept this key")


def test_the_project_has_pictures_and_people(project: Project) -> None:
    assert [asset["externalId"] for asset in project.admin.assets("externalId", project={"id": project.id})] == [
        "street-1",
        "street-2",
        "street-3",
    ]
    me = project.labeler.api(project.admin.url)
    assert me.data("{ viewer { email } }") == {"email": project.labeler.email}
