from __future__ import annotations

import pytest

from domain.error import ParseFailed, QueryTooComplex
from server.edge.document_cache import DocumentCache


def test_a_document_is_parsed_once_and_its_cost_asked_each_time() -> None:
    cache = DocumentCache()
    source = "query($n: Int){a(first: $n){b}}"
    checked = cache.get(source)
    assert cache.get("".join(source)) is checked
    assert [checked.facts.cost({"n": page}) for page in (1, 50)] == [1, 50]
    with pytest.raises(QueryTooComplex):
        checked.facts.cost({"n": 20_001})


def test_the_document_used_longest_ago_makes_room() -> None:
    cache = DocumentCache(max_documents=2)
    first, _ = cache.get("{a}"), cache.get("{b}")
    assert cache.get("{a}") is first
    cache.get("{c}")
    assert len(cache) == 2
    assert cache.get("{a}") is first


def test_large_documents_make_room_by_weight() -> None:
    cache = DocumentCache(max_tokens=250)
    for index in range(10):
        cache.get(f"{{x{index}{{{'a ' * 95}}}}}")
        assert cache.tokens <= 250
    assert len(cache) == 2
    cache.get("{a} #" + "x" * 60_000)
    assert cache.tokens <= 250


def test_a_document_larger_than_the_cache_is_served_and_not_kept() -> None:
    cache = DocumentCache(max_tokens=10)
    assert cache.get("{" + "a " * 9 + "}").facts.cost(None) == 9
    assert (len(cache), cache.tokens) == (0, 0)


@pytest.mark.parametrize("source", ["{", "{a" + "{a" * 20 + "}" * 21])
def test_what_is_refused_is_not_kept(source: str) -> None:
    cache = DocumentCache()
    for _ in range(2):
        with pytest.raises((ParseFailed, QueryTooComplex)):
            cache.get(source)
    assert (len(cache), cache.tokens) == (0, 0)


def test_root_lists_are_known_to_the_cache() -> None:
    cache = DocumentCache(list_size_of=lambda name: 100 if name == "assets" else 1)
    assert cache.get("{assets{id}}").facts.cost(None) == 100
