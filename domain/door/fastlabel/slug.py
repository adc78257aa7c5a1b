"""Names in addresses: of projects, and of people."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from labelyard.domain.door.fastlabel.value import text_of
from labelyard.domain.error import BadUserInput

MAX_SLUG: Final = 200
_WRITTEN: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_OTHERS: Final = re.compile(r"[^\w]+|_+")


def slug_of(value: Any, what: str = "slug") -> str:
    """A slug as it was sent: letters, digits, dots, dashes and underscores."""
    text = text_of(value, what, limit=MAX_SLUG, least=1)
    if not _WRITTEN.fullmatch(text):
        raise BadUserInput(
            f"{what} is written with letters, digits, '-', '_' and '.', and begins and ends with a letter or digit, not {text!r}.",
            field=what,
        )
    return text


def slug_of_title(title: str, is_taken: Callable[[str], bool]) -> str:
    """The slug of a project that was made elsewhere: its title in lower case, made unique with `-2`, `-3` …"""
    base = _OTHERS.sub("-", title.lower()).strip("-")[: MAX_SLUG - 10] or "project"
    slug, number = base, 2
    while is_taken(slug):
        slug, number = f"{base}-{number}", number + 1
    return slug


def user_slugs(people: list[tuple[str, str]]) -> dict[str, str]:
    """Slugs of people, given as (id, e-mail address) in the order of their creation: what is before the `@`, made unique."""
    slugs: dict[str, str] = {}
    taken: set[str] = set()
    for identifier, email in people:
        base = email.partition("@")[0] or "user"
        slug, number = base, 2
        while slug in taken:
            slug, number = f"{base}-{number}", number + 1
        taken.add(slug)
        slugs[identifier] = slug
    return slugs
