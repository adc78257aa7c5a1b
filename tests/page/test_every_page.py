"""What holds for each page, whichever there are: the addresses are those of `router.js`."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.page.project import Project
from tests.page.window import Page

ROUTER = Path(__file__).parents[2] / "server/page/static/router.js"
PATTERNS = re.findall(r'^  \["(/[^"]*)", "', ROUTER.read_text(encoding="utf-8"), flags=re.MULTILINE)
# A key without words is shown as it is.
KEY = re.compile(r"(?<![\w/.@])[a-z][a-zA-Z]+\.[a-z][a-zA-Z.]+(?![\w/])")
NARROW = 320
# The stage is as wide as what is on it.
HAS_STAGE = {"/projects/:project/assets/:asset", "/projects/:project/label", "/projects/:project/review"}


def address(pattern: str, project: Project) -> str:
    path = pattern.replace(":project", project.id).replace(":asset", project.assets[0])
    assert ":" not in path, f"say what {pattern} stands for"
    return "/label" + path


def settled(page: Page) -> Page:
    """Wait until the page has said what it has to say."""
    page.until(lambda: page.run("return document.querySelector('main, [role=main]') !== null"), "to have a main part")
    page.until(
        lambda: not page.run("return document.querySelector('[aria-busy=true], .loading') !== null"), "to be loaded"
    )
    return page


def test_there_are_pages() -> None:
    assert {"/", "/projects/:project", "/projects/:project/label"} <= set(PATTERNS)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_open_to_everybody(page: Page, project: Project, scheme: str) -> None:
    """Nothing that axe-core finds, words for everything, and no scrolling to the side on a narrow screen."""
    page.prefer(color_scheme=scheme, reduced_motion="reduce")
    administrator = project.member("ADMIN")
    page.open("/label")
    found = {"sign-in": page.until(lambda: page.all("input[type=password]")) and page.violations()}
    page.sign_in(administrator)
    wide: dict[str, int] = {}
    keys: dict[str, list[str]] = {}
    for pattern in PATTERNS:
        settled(page.open(address(pattern, project)))
        page.picture(f"{re.sub('[^a-z]+', '-', pattern).strip('-') or 'projects'}-{scheme}")
        found[pattern] = page.violations()
        keys[pattern] = KEY.findall(page.text)
        if scheme == "light":
            page.resize(NARROW, 800)
            if pattern not in HAS_STAGE:
                wide[pattern] = page.overflow()
            page.resize(1440, 900)

    assert {where: flaws for where, flaws in found.items() if flaws} == {}
    assert {where: words for where, words in keys.items() if words} == {}
    assert {where: pixels for where, pixels in wide.items() if pixels > 0} == {}
