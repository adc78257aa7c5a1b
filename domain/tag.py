"""Tags: the words of an organization, put on its projects."""

from __future__ import annotations

import re

from labelyard.domain.error import BadUserInput
from labelyard.domain.text import within

MAX_TAG_LABEL = 100
MAX_TAGS = 1_000
DEFAULT_COLOR = "#607D8B"
_COLOR = re.compile(r"#[0-9A-Fa-f]{3}|#[0-9A-Fa-f]{6}|[A-Za-z]{1,30}")


def tag_label_of(text: str) -> str:
    """The text of a tag: one line of 1 to 100 characters, of which not all are spaces."""
    if not text.strip() or any(ord(character) < 32 for character in text):
        raise BadUserInput(f"The label of a tag is one line with something in it, not {text!r}.", field="label")
    return within(text, name="The label of a tag", limit=MAX_TAG_LABEL, least=1)


def tag_color_of(text: str | None) -> str:
    """A color as `#RGB`, `#RRGGBB` or the name of one; a gray where there is none."""
    if not text:
        return DEFAULT_COLOR
    if not _COLOR.fullmatch(text):
        raise BadUserInput(f"The color of a tag is written like {DEFAULT_COLOR}, not {text!r}.", field="color")
    return text
