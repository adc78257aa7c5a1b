"""Streamed answers of models, read in pieces of any size."""

from contextlib import suppress

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelyard.domain.completion import CompletionReader, Unusable, UnusableCompletion

WORDS = st.lists(st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), min_size=1), min_size=1)


def streamed(words: list[str]) -> bytes:
    events = [{"choices": [{"index": 0, "delta": {"content": word}}]} for word in words]
    return b"".join(b"data: " + orjson.dumps(event) + b"\n\n" for event in events) + b"data: [DONE]\n\n"


def read(data: bytes, size: int, *, is_stream: bool = True, max_bytes: int = 1 << 20) -> str:
    reader = CompletionReader(is_stream=is_stream, max_bytes=max_bytes)
    for start in range(0, len(data), size):
        reader.feed(data[start : start + size])
    return reader.text()


@given(words=WORDS, size=st.integers(1, 50))
def test_an_answer_is_the_same_however_it_is_cut(words, size):
    assert read(streamed(words), size) == "".join(words)


@given(words=WORDS, size=st.integers(1, 50), kept=st.integers(0, 10_000))
def test_a_cut_answer_is_never_taken_for_a_whole_one(words, size, kept):
    data = streamed(words).removesuffix(b"data: [DONE]\n\n")
    with pytest.raises(UnusableCompletion):
        read(data[: min(kept, len(data))], size)


@given(data=st.binary(max_size=200), is_stream=st.booleans())
def test_whatever_comes_is_read_or_refused(data, is_stream):
    with suppress(UnusableCompletion):
        assert read(data, 7, is_stream=is_stream)


def test_an_answer_past_the_limit_is_refused_before_it_is_kept():
    with pytest.raises(UnusableCompletion) as refused:
        read(streamed(["x" * 100]), 10, max_bytes=50)
    assert refused.value.reason is Unusable.TOO_LONG
