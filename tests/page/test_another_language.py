"""The page in a language that nobody speaks: every word is a message, and messages may be long.

A proxy changes the messages on their way, so that nothing of it is in the product.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator

import pytest

from tests.common.server import ServerProcess
from tests.page.project import Project, box
from tests.page.proxy import PassingProxy
from tests.page.test_every_page import HAS_STAGE, NARROW, PATTERNS, address, settled
from tests.page.window import Page

_MESSAGE = re.compile(r'((?:": |one: |other: ))"((?:[^"\\\\]|\\\\.)*)"')
_NAME = re.compile(r"(\{\w+\})")
_LETTERS = str.maketrans("aceiknorstuyACEIKNORSTUY", "àçéîķñôŕšţûýÀÇÉÎĶÑÔŔŠŢÛÝ")
LONGER = 0.4
# What people have written, figures and dates, keys.
OURS = re.compile(
    r"Street|street-\d|Lena Labeler|Rui Reviewer|Ada Lovelace|First Administrator|[\w.-]+@(?:example\.com|localhost)"  # people
    r"|first-model|English"
    r"|Car|Person|Color|Plate|Weather|Things|Sun|Rain|Red|Other|Shade|First class|Second class|Objects"  # of interfaces
    r"|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|AM|PM"
)


def translated(message: str) -> str:
    """A message in other letters, between brackets, longer by one word that cannot be broken."""
    pieces = [piece if _NAME.fullmatch(piece) else piece.translate(_LETTERS) for piece in _NAME.split(message)]
    return f"⟦{''.join(pieces)}{'ö' * round(len(message) * LONGER)}⟧"


class Translating(PassingProxy):
    """Passes requests to a server, and translates the messages of the page."""

    def changed(self, path: str, body: bytes, content: bytes) -> bytes | None:
        if not re.fullmatch(r"/page/\w+/messages/en[\w-]*\.js", path):
            return content
        return _MESSAGE.sub(lambda found: f'{found[1]}"{translated(found[2])}"', content.decode()).encode()


@pytest.fixture
def translating(page_server: ServerProcess) -> Iterator[Translating]:
    with Translating(page_server.url) as proxy:
        yield proxy
        proxy.shutdown()


# Texts that can be read, and elements whose words do not fit into them.
READABLE = """
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
const found = [];
while (walker.nextNode()) {
  const { parentElement: parent, data } = walker.currentNode;
  if (!data.trim() || parent.closest('script, style, noscript, kbd, textarea, code, .thumbnail')) continue;
  if (parent.checkVisibility({ visibilityProperty: true })) found.push(data.trim());
}
return found;
"""
CLIPPED = """
const isIn = (element) => element.checkVisibility({ visibilityProperty: true }) && !element.closest('.unseen');
return [...document.querySelectorAll('button, a.button, label, h1, h2, th, legend, .tag')]
  .filter((one) => isIn(one) && one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).overflow === 'visible'
    && getComputedStyle(one).display !== 'inline')
  .map((one) => one.outerHTML.slice(0, 160));
"""


def untranslated(page: Page) -> list[str]:
    """What can be read and is neither a message nor written by people."""
    left = [OURS.sub("", re.sub(r"⟦[^⟧]*⟧", "", text)) for text in page.run(READABLE)]
    return [text for text in left if re.search(r"[A-Za-z]{2}", text)]


def test_every_word_is_a_message_and_long_ones_break_no_page(
    new_page: Callable[..., Page], translating: Translating, project: Project
) -> None:
    answer = {"THINGS": {"annotations": [box(0.1, 0.1, 0.4, 0.4, mid="1", confidence=81)]}}
    project.admin.label(project.assets[0], json.dumps(answer), label_type="PREDICTION", modelName="first-model")
    project.admin.label(project.assets[1], json.dumps(answer))
    page = new_page(translating.url)
    page.prefer(reduced_motion="reduce")
    page.sign_in_as(project.member("ADMIN"))
    said: dict[str, list[str]] = {}
    wide: dict[str, int] = {}
    clipped: dict[str, list[str]] = {}
    for pattern in PATTERNS:
        settled(page.open(address(pattern, project)))
        page.until(lambda: "⟦" in page.text, "to speak")
        said[pattern] = untranslated(page)
        for width in (1440, NARROW):
            page.resize(width, 900)
            page.picture(f"{re.sub('[^a-z]+', '-', pattern).strip('-') or 'projects'}-translated-{width}")
            if pattern not in HAS_STAGE or width > NARROW:
                wide[f"{pattern} at {width}"] = page.overflow()
            clipped[f"{pattern} at {width}"] = page.run(CLIPPED)
        page.resize(1440, 900)

    assert {where: words for where, words in said.items() if words} == {}
    assert {where: pixels for where, pixels in wide.items() if pixels > 0} == {}
    assert {where: parts for where, parts in clipped.items() if parts} == {}
