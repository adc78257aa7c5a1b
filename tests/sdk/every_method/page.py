"""`docs/sdk-methods.md`, written from the tables: `python -m tests.sdk.every_method.page > docs/sdk-methods.md`."""

from __future__ import annotations

from types import ModuleType

from tests.sdk.every_method.row import RELEASES, Row, parsed
from tests.sdk.every_method.table import ROOMS

HEAD = """\
# Methods of the SDK

`make test-clients` calls every public method of these releases of `kili`, each unmodified in an environment of its own, and reads
what it did by plain GraphQL or from the file it wrote: {releases}.
It finds the methods by looking at the clients, so none can be left out. This page is written from its tables:
`.venv/bin/python -m tests.sdk.every_method.page > docs/sdk-methods.md`.

Methods of `kili.client_domain` have `domain:` before their names.
"""
REFUSED = """\
## What is refused

These are called, too. What they send is refused, for a reason that lies in the release or that the server states, and changes
nothing.

| Method | Releases | Why |
|---|---|---|"""


def page() -> str:
    """The whole page."""
    parts = [HEAD.format(releases=", ".join(RELEASES))]
    for room in ROOMS:
        lines = [f"| `{name}` | {shown(releases)} |" for name, releases in sorted(working(room).items())]
        if lines:
            parts.append("\n".join([f"## {title(room)}\n", "| Method | Releases |", "|---|---|", *lines, ""]))
    refused = [
        f"| `{name}` | {shown(releases)} | {row.reason} |"
        for row in rows_of(*ROOMS)
        if row.reason
        for name, releases in map(parsed, row.methods)
    ]
    parts.append("\n".join([REFUSED, *sorted(refused), ""]))
    return "\n".join(parts)


def rows_of(*rooms: ModuleType) -> list[Row]:
    return [row for room in rooms for row in room.ROWS]


def working(room: ModuleType) -> dict[str, set[str]]:
    """The releases in which each method of a room does what it says."""
    found: dict[str, set[str]] = {}
    for row in rows_of(room):
        if not row.reason:
            for name, releases in map(parsed, row.methods):
                found.setdefault(name, set()).update(releases)
    return found


def shown(releases: set[str] | tuple[str, ...]) -> str:
    """Releases as the ranges they make among those that are tested."""
    if set(releases) == set(RELEASES):
        return "all"
    ranges: list[list[str]] = []
    for number, release in enumerate(RELEASES):
        if release in releases:
            if ranges and RELEASES[number - 1] == ranges[-1][-1]:
                ranges[-1].append(release)
            else:
                ranges.append([release])
    return ", ".join(one[0] if len(one) == 1 else f"{one[0]} to {one[-1]}" for one in ranges)


def title(room: ModuleType) -> str:
    """The first words of the room's description."""
    return (room.__doc__ or "").split("\n", maxsplit=1)[0].rstrip(".")


if __name__ == "__main__":
    print(page(), end="")
