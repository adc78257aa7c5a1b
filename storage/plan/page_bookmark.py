"""Bookmarks in long lists: the position of the n-th row of a list.

`skip` walks the index from its start, so a page costs more the deeper it lies. A bookmark holds the position of row n of a
list, and the next page starts from it: walking page after page costs the same for each page, and a jump walks from the bookmark
before it. Bookmarks are short cuts only: without one, the index is walked.

A bookmark is exact as long as nothing before it changes. So only lists are remembered whose conditions look at what never
changes in a row; only places before which no open transaction can still commit a row (`storage.plan.row_horizon`); and a bookmark
is valid only until a row is removed from the project (`project.removals`). Each process has its own bookmarks.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from labelyard.storage.plan.row_horizon import RowHorizon

# The first rows are walked faster than a bookmark is looked up.
REMEMBERED_FROM = 1_000
MOST_LISTS = 1_000
MOST_BOOKMARKS_OF_LIST = 4_096
# Of all lists together; a bookmark takes some 150 bytes.
MOST_BOOKMARKS = 50_000
# The keys of a `where` that only look at what never changes in a row.
IMMUTABLE_KEYS = {
    "asset": frozenset({"project", "createdAtGte", "createdAtLte"}),
    "label": frozenset({"project", "typeIn", "createdAt", "createdAtGte", "createdAtLte"}),
}

ListKey = tuple[str, str, str]


@dataclass(slots=True)
class _ListBookmarks:
    """The bookmarks of one list, as of a count of removals: sorted (rows before, position)."""

    removals: int
    bookmarks: list[tuple[int, int]] = field(default_factory=list)


def list_key(table: str, where: Mapping[str, Any]) -> ListKey | None:
    """What a list is remembered by; None for lists that are not."""
    project = where.get("project", {})
    if not where.keys() <= IMMUTABLE_KEYS[table] or project.keys() != {"id"}:
        return None
    rest = {key: str(value) for key, value in sorted(where.items()) if key != "project"}
    return table, project["id"], repr(rest)


class PageBookmarks:
    """The bookmarks of the lists used last."""

    def __init__(self) -> None:
        self._lists: OrderedDict[ListKey, _ListBookmarks] = OrderedDict()
        self.count = 0
        self.horizons = {table: RowHorizon() for table in IMMUTABLE_KEYS}

    def before(self, key: ListKey, skip: int, removals: int) -> tuple[int, int]:
        """The last bookmark at or before a place, as (rows before it, position); the start when there is none."""
        known = self._lists.get(key)
        if known is None or known.removals != removals:
            return 0, 0
        self._lists.move_to_end(key)
        index = bisect_right(known.bookmarks, (skip, 1 << 63))
        return known.bookmarks[index - 1] if index else (0, 0)

    def remember(self, key: ListKey, skip: int, position: int, removals: int) -> None:
        """Remember that `skip` rows of a list lie at or before a position, unless others may still be added there."""
        if not self.horizons[key[0]].covers(position):
            return
        known = self._lists.get(key)
        if known is None or known.removals != removals:
            self._forget(key)
            known = self._lists[key] = _ListBookmarks(removals)
        bookmark = (skip, position)
        index = bisect_left(known.bookmarks, bookmark)
        if index == len(known.bookmarks) or known.bookmarks[index] != bookmark:
            insort(known.bookmarks, bookmark)
            self.count += 1
        if len(known.bookmarks) > MOST_BOOKMARKS_OF_LIST:
            self.count -= len(known.bookmarks) // 2
            del known.bookmarks[1::2]
        while len(self._lists) > MOST_LISTS or self.count > MOST_BOOKMARKS:
            self._forget(next(iter(self._lists)))

    def _forget(self, key: ListKey) -> None:
        gone = self._lists.pop(key, None)
        if gone is not None:
            self.count -= len(gone.bookmarks)
