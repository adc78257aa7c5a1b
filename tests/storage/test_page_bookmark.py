"""Remembered places in lists never change what a page holds."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from labelyard.storage.plan.page_bookmark import MOST_BOOKMARKS_OF_LIST, PageBookmarks, list_key

KEY = ("label", "project", "{}")


def of_old_rows() -> PageBookmarks:
    """Bookmarks in tables where nothing can be added before any row of these tests."""
    page_bookmarks = PageBookmarks()
    for horizon in page_bookmarks.horizons.values():
        horizon.look(1 << 40, frozenset())
    return page_bookmarks


def test_a_place_before_which_rows_may_be_added_is_not_remembered() -> None:
    page_bookmarks = PageBookmarks()
    page_bookmarks.remember(KEY, 100, 17, 0)
    assert page_bookmarks.before(KEY, 100, 0) == (0, 0)
    assert page_bookmarks.horizons["label"].is_wanted
    page_bookmarks.horizons["label"].look(20, frozenset({"3/1"}))
    page_bookmarks.remember(KEY, 100, 17, 0)
    assert page_bookmarks.before(KEY, 100, 0) == (0, 0)
    page_bookmarks.horizons["label"].look(30, frozenset({"3/2"}))
    page_bookmarks.remember(KEY, 100, 17, 0)
    page_bookmarks.remember(KEY, 200, 21, 0)
    assert page_bookmarks.before(KEY, 200, 0) == (100, 17)


def test_a_jump_starts_from_the_nearest_bookmark_before_it() -> None:
    page_bookmarks = of_old_rows()
    page_bookmarks.remember(KEY, 100, 17, 0)
    page_bookmarks.remember(KEY, 200, 40, 0)
    assert page_bookmarks.before(KEY, 99, 0) == (0, 0)
    assert page_bookmarks.before(KEY, 100, 0) == (100, 17)
    assert page_bookmarks.before(KEY, 199, 0) == (100, 17)
    assert page_bookmarks.before(KEY, 5_000, 0) == (200, 40)


def test_nothing_is_known_after_a_removal() -> None:
    page_bookmarks = of_old_rows()
    page_bookmarks.remember(KEY, 100, 17, 0)
    assert page_bookmarks.before(KEY, 100, 1) == (0, 0)
    page_bookmarks.remember(KEY, 100, 18, 1)
    assert page_bookmarks.before(KEY, 100, 1) == (100, 18)


def test_lists_are_remembered_by_what_never_changes_only() -> None:
    assert list_key("asset", {"project": {"id": "p"}}) == ("asset", "p", "{}")
    assert list_key("asset", {"project": {"id": "p"}, "statusIn": ["TODO"]}) is None
    assert list_key("asset", {"idIn": ["a"]}) is None
    assert list_key("label", {"project": {"id": "p"}, "typeIn": ["DEFAULT"]}) is not None
    assert list_key("label", {"project": {"id": "p", "archived": True}}) is None


@given(st.lists(st.integers(0, 900), min_size=1, max_size=60), st.integers(0, 1_000), st.randoms(use_true_random=False))
def test_starting_from_a_bookmark_finds_the_row_that_skipping_finds(
    skips: list[int], count: int, random: Random
) -> None:
    rows = sorted(random.sample(range(1, 5_000), count))
    page_bookmarks = of_old_rows()
    for skip in skips:
        before, position = page_bookmarks.before(KEY, skip, 0)
        rest = [row for row in rows if row > position] if before else rows
        page = rest[skip - before :][:10]
        assert page == rows[skip : skip + 10]
        if page:
            page_bookmarks.remember(KEY, skip + len(page), page[-1], 0)


def test_what_is_remembered_of_one_list_is_bounded() -> None:
    page_bookmarks = of_old_rows()
    for number in range(3 * MOST_BOOKMARKS_OF_LIST):
        page_bookmarks.remember(KEY, number, number, 0)
    assert len(page_bookmarks._lists[KEY].bookmarks) <= MOST_BOOKMARKS_OF_LIST
    before, position = page_bookmarks.before(KEY, 2 * MOST_BOOKMARKS_OF_LIST, 0)
    assert before == position <= 2 * MOST_BOOKMARKS_OF_LIST
