"""Large answers are written in pieces, and come out as they would in one."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.error import QueryTooComplex
from server.edge.serialisation import OBJECTS_AT_ONCE, THREAD_FROM_BYTES, serialised

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
leaves = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | texts
values = st.recursive(leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4))


@given(values)
async def test_pieces_make_the_same_json(value):
    answer = {"data": {"a": value, "b": [value] * 3}}

    assert await serialised(answer, expected_bytes=THREAD_FROM_BYTES, max_bytes=1 << 30) == orjson.dumps(answer)


@pytest.mark.parametrize("count", [0, 1, OBJECTS_AT_ONCE, OBJECTS_AT_ONCE + 1, 5 * OBJECTS_AT_ONCE + 3])
async def test_long_lists_make_the_same_json(count):
    items = [{"id": str(number), "labels": [{"n": number}] * 2, "j": orjson.Fragment("[1]")} for number in range(count)]
    plain = [{"id": number} for number in range(count)]
    answer = {"data": {"nested": [{"items": items, "plain": plain}], "plain": plain}, "errors": None}

    assert await serialised(answer, expected_bytes=THREAD_FROM_BYTES, max_bytes=1 << 30) == orjson.dumps(answer)


@pytest.mark.parametrize("expected_bytes", [0, THREAD_FROM_BYTES])
async def test_what_is_too_long_is_refused(expected_bytes):
    answer = {"data": [{"id": number} for number in range(1000)]}

    with pytest.raises(QueryTooComplex) as refused:
        await serialised(answer, expected_bytes=expected_bytes, max_bytes=5_000)
    assert refused.value.context["limit"] == 5_000
