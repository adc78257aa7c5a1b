"""What is kept to be fast is bounded by what it takes."""

import json

from labelyard.services.interface import InterfaceCache
from labelyard.storage import statement as statements
from labelyard.storage.plan.page_bookmark import MOST_BOOKMARKS, PageBookmarks
from labelyard.storage.statement import LONGEST_KEPT, statement


def interface(categories):
    content = {"input": "radio", "categories": {f"C{n}": {"name": f"Category {n}"} for n in range(categories)}}
    job = {"mlTask": "CLASSIFICATION", "required": 1, "isChild": False, "content": content}
    return json.dumps({"jobs": {"JOB": job}})


class Rows:
    """A connection whose projects all have an interface of so many categories."""

    def __init__(self, categories):
        self.row = {"json_interface": interface(categories), "input_type": "IMAGE", "pixel_labeling": False}
        self.asked = 0

    async def fetch_one(self, _text, _values):
        self.asked += 1
        return self.row


async def test_validators_make_room_by_the_size_of_their_interfaces():
    cache, small, large = InterfaceCache(kept_bytes=1_000_000), Rows(2), Rows(1_000)
    for number in range(100):
        await cache.validator(small, f"small {number}", 1)
    assert small.asked == 100
    await cache.validator(small, "small 0", 1)
    assert small.asked == 100

    for number in range(3):
        await cache.validator(large, f"large {number}", 1)
        assert cache.bytes <= 1_000_000
    await cache.validator(small, "small 1", 1)
    assert small.asked == 101


async def test_a_validator_larger_than_the_cache_is_used_and_not_kept():
    cache, rows = InterfaceCache(kept_bytes=10), Rows(2)
    first = await cache.validator(rows, "p", 1)
    assert first is not await cache.validator(rows, "p", 1)
    assert cache.bytes == 0


def test_places_of_all_lists_are_counted_together():
    page_bookmarks = PageBookmarks()
    page_bookmarks.horizons["asset"].look(1 << 40, frozenset())
    for number in range(200):
        for place in range(0, 400_000, 1_000):
            page_bookmarks.remember(("asset", str(number), ""), place, place, 0)
        assert page_bookmarks.count <= MOST_BOOKMARKS
    assert page_bookmarks.before(("asset", "199", ""), 399_000, 0) == (399_000, 399_000)
    assert page_bookmarks.before(("asset", "0", ""), 399_000, 0) == (0, 0)


def test_translations_of_long_statements_are_not_kept():
    text = "select :a" + " " * LONGEST_KEPT
    assert statement(text) is not statement(text)
    assert statement(text).names == ("a",)
    assert statement("select :a") is statement("select :a")
    assert statements._kept.cache_info().maxsize == statements.MOST_KEPT
