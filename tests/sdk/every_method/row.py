"""The rows of the tables: a method, its arguments, and its effect as a separate read sees it.

Values of a row may name what was made for it: the text `$project` stands for the value of that name, and within a longer text for
itself written out. Releases are chosen in the name: `tags 2.160.0..` is all releases from that one on, `locks 2.60.0..2.120.0` those
between two, `signin 2.1.1` that one, and a bare name all.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.sdk.every_method.world import World

RELEASES = ("2.1.1", "2.60.0", "2.99.0", "2.120.0", "2.140.0", "2.160.0", "2.176.1", "25.2.10", "26.2.4")
FIRST_WITH_DOMAIN = "25.2.10"
DOMAIN = "domain:"

Names = Mapping[str, Any]
Given = Callable[["World"], Awaitable[Names]]
Read = Callable[["World", Names], Awaitable[Any]]


class Anything:
    """Equal to everything: the row says nothing of this value."""

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 0

    def __repr__(self) -> str:
        return "ANYTHING"


ANYTHING: Any = Anything()


async def nothing(world: World) -> Names:
    """Nothing is made for the row."""
    return {}


@dataclass(frozen=True)
class Row:
    """Methods that do the same, called each in a world of its own.

    `read` is the selection of a root field, or a function; `before` and `after` are what it gives. `answer` is what the method
    answers, through `of` when only a part of it counts. `refused` is a part of the text with which the client refuses, and `reason`
    why nothing can be done about that; then all is as before, unless `after` says that the server did it all the same. `version` is
    that of the endpoint's path, to which some methods hold.
    """

    methods: tuple[str, ...]
    arguments: Names = field(default_factory=dict)
    given: Given = nothing
    read: str | Read | None = None
    before: Any = ANYTHING
    after: Any = ANYTHING
    answer: Any = ANYTHING
    of: Callable[[Any], Any] | None = None
    refused: str | None = None
    reason: str | None = None
    version: str = "v2"

    def __post_init__(self) -> None:
        assert (self.refused is None) == (self.reason is None), self.methods
        assert self.after is not ANYTHING or self.answer is not ANYTHING or self.refused, f"{self.methods} show nothing"
        assert self.refused or self.read is None or self.after is not ANYTHING, self.methods
        assert self.refused is None or self.read is None or self.before is not ANYTHING, self.methods

    def calls(self, release: str) -> list[str]:
        """The methods that this row calls in a release."""
        return [name for name, releases in map(parsed, self.methods) if release in releases]


def row(*methods: str, **parts: Any) -> Row:
    """A row; `arguments` are given as `call=dict(...)`."""
    return Row(methods, parts.pop("call", {}), **parts)


def parsed(text: str) -> tuple[str, tuple[str, ...]]:
    """The name of a method and the releases that have it."""
    name, _, chosen = text.partition(" ")
    first, dots, last = chosen.partition("..")
    first = first or (FIRST_WITH_DOMAIN if name.startswith(DOMAIN) else RELEASES[0])
    last = last or (RELEASES[-1] if dots or not chosen else first)
    return name, RELEASES[RELEASES.index(first) : RELEASES.index(last) + 1]


NAMED = re.compile(r"\$([a-z_]+)")


def filled(value: Any, names: Names) -> Any:
    """A value with what the names stand for."""
    if isinstance(value, str):
        whole = NAMED.fullmatch(value)
        if whole and whole[1] in names:
            return names[whole[1]]
        return NAMED.sub(lambda found: str(names.get(found[1], found[0])), value)
    if isinstance(value, Mapping):
        return {filled(key, names): filled(one, names) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [filled(one, names) for one in value]
    return value


def document(selection: str, names: Names) -> str:
    """A query of one root field, with values written as GraphQL writes them."""
    return "{ data: " + NAMED.sub(lambda found: json.dumps(names[found[1]]), selection) + " }"
