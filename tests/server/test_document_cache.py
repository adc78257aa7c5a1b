from __future__ import annotations

import pytest

from domain.error import ParseFailed, QueryTooComplex
from resolvers.schema import core_schema
from server.edge.document_cache import BYTES_PER_TOKEN, MAX_PLANS, DocumentCache
from server.edge.document_limits import DocumentLimits


def test_a_document_is_parsed_once_and_its_cost_asked_each_time() -> None:
    cache = DocumentCache()
    source = "query($n: Int){a(first: $n){b}}"
    checked = cache.get(source)
    assert cache.get("".join(source)) is checked
    assert [checked.facts.cost({"n": page}) for page in (1, 50)] == [1, 50]
    with pytest.raises(QueryTooComplex):
        checked.facts.cost({"n": 20_001})


def test_the_document_used_longest_ago_makes_room() -> None:
    cache = DocumentCache(max_bytes=7 * BYTES_PER_TOKEN)
    first, _ = cache.get("{a}"), cache.get("{b}")
    assert cache.get("{a}") is first
    cache.get("{c}")
    assert len(cache) == 2
    assert cache.get("{a}") is first


def test_large_documents_make_room_by_size() -> None:
    limit = 250 * BYTES_PER_TOKEN
    cache = DocumentCache(max_bytes=limit)
    for index in range(10):
        cache.get(f"{{x{index}{{{'a ' * 95}}}}}")
        assert cache.bytes <= limit
    assert len(cache) == 2
    cache.get("{a} #" + "x" * 60_000)
    assert cache.bytes <= limit


def test_a_document_larger_than_the_cache_is_served_and_not_kept() -> None:
    cache = DocumentCache(max_bytes=10 * BYTES_PER_TOKEN)
    assert cache.get("{" + "a " * 9 + "}").facts.cost(None) == 9
    assert (len(cache), cache.bytes) == (0, 0)


def test_a_document_that_is_not_valid_is_not_kept() -> None:
    cache = DocumentCache(schema=core_schema())
    for source, errors in [("{ nothing }", 1), ("{ viewer { id } }", 0)]:
        known = cache.ready(source, cache.get(source))
        assert len(known.errors) == errors
        assert (known.variables is None) == bool(errors)
    assert len(cache) == 1


def test_what_is_parsed_within_stricter_limits_is_not_kept() -> None:
    cache, strict = DocumentCache(), DocumentLimits(max_tokens=20)
    assert cache.get("{a}", strict).facts.cost(None) == 1
    assert len(cache) == 0
    with pytest.raises(QueryTooComplex):
        cache.get("{" + "a " * 30 + "}", strict)


def test_a_document_keeps_so_many_plans_at_most() -> None:
    plans = DocumentCache().get("{a}").plans
    for number in range(10 * MAX_PLANS):
        plans[(number, ())] = None  # type: ignore[assignment]
        assert len(plans) <= MAX_PLANS
    assert (10 * MAX_PLANS - 1, ()) in plans


@pytest.mark.parametrize("source", ["{", "{a" + "{a" * 20 + "}" * 21])
def test_what_is_refused_is_not_kept(source: str) -> None:
    cache = DocumentCache()
    for _ in range(2):
        with pytest.raises((ParseFailed, QueryTooComplex)):
            cache.get(source)
    assert (len(cache), cache.bytes) == (0, 0)


def test_root_lists_are_known_to_the_cache() -> None:
    cache = DocumentCache(list_size_of=lambda name: 100 if name == "assets" else 1)
    assert cache.get("{assets{id}}").facts.cost(None) == 100
