import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelyard.domain.document import ROOT, Limits, Reason, Unreadable, count_entries, read, render, repeated_keys

LIMITS = Limits(size_bytes=10_000, depth=8, values=500)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (ROOT, "$"),
        ((ROOT, "A"), "A"),
        ((((ROOT, "TAGS"), "categories"), 1), "TAGS.categories[1]"),
        (((ROOT, "MY JOB"), "text"), '["MY JOB"].text'),
        (((ROOT, "A"), 'é"'), 'A["é\\""]'),
        (((ROOT, "0"), "a-b"), '0["a-b"]'),
        ((ROOT, ""), '[""]'),
    ],
)
def test_a_path_reads_like_an_expression(path, text):
    assert render(path) == text


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", Reason.NOT_JSON),
        ("{'a': 1}", Reason.NOT_JSON),
        ("[NaN]", Reason.NOT_JSON),
        ("[Infinity]", Reason.NOT_JSON),
        ("[1e999]", Reason.NOT_JSON),
        ("[1" + "0" * 400 + "]", Reason.NOT_JSON),
        ('["\\ud800"]', Reason.NOT_JSON),
        ('["\ud800"]', Reason.NOT_JSON),
        ('["a\\u0000b"]', Reason.NOT_JSON),
        ('{"\\u0000": 1}', Reason.NOT_JSON),
        ('{"a": 1, "a": 1}', Reason.DUPLICATE_KEY),
        ('{"a:": 1, "\\u0061:": 1}', Reason.DUPLICATE_KEY),
        ('{"x": "\\u003a", "a": 1, "a": 1}', Reason.DUPLICATE_KEY),
        ("[" * 9 + "]" * 9, Reason.TOO_LARGE),
        ("[" * 5_000, Reason.TOO_LARGE),
        ("[" + "0," * 500 + "0]", Reason.TOO_LARGE),
        ('"' + "é" * 5_000 + '"', Reason.TOO_LARGE),
    ],
)
def test_a_text_that_cannot_be_kept_is_refused(text, reason):
    with pytest.raises(Unreadable) as caught:
        read(text, LIMITS)
    assert caught.value.reason is reason


@pytest.mark.parametrize(
    "text",
    ["[" * 8 + "]" * 8, '{"a:b": "c:d"}', '{"a": "\\\\u0000"}', '{"a": {"a": [{"a": 1}]}}', "[" + "0," * 498 + "0]"],
)
def test_a_text_within_the_limits_is_read(text):
    assert read(text, LIMITS) == json.loads(text)


def test_repeated_keys_are_named_in_order():
    text = '{"b": {"x": 1, "x": 2}, "a": [{"y": 1, "z": 0, "z": 1, "y": 2, "y": 3}], "b": {"x": 1, "x": 2}}'
    assert [render(place) for place in repeated_keys(text)] == ["b", "b.x", "a[0].z", "a[0].y"]


keys = st.sampled_from(["a", "b", 'q"', ":", "\\u003a", "é", "a:b"])
pairs = st.recursive(
    st.integers() | st.sampled_from([":", "x:y", '"', "plain"]),
    lambda inner: st.lists(inner, max_size=3) | st.lists(st.tuples(keys, inner), max_size=3).map(tuple),
    max_leaves=12,
)


def written(value):
    if isinstance(value, tuple):
        return "{" + ", ".join(f"{json.dumps(key)}: {written(item)}" for key, item in value) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(written, value)) + "]"
    return json.dumps(value)


def repeats(value):
    if isinstance(value, tuple):
        names = [key for key, _ in value]
        return len(set(names)) < len(names) or any(repeats(item) for _, item in value)
    return isinstance(value, list) and any(map(repeats, value))


@given(pairs.filter(lambda value: not isinstance(value, int) or abs(value) < 2**63))
def test_exactly_the_texts_that_repeat_a_key_are_refused(value):
    limits = Limits(size_bytes=10**6, depth=64, values=10**6)
    if repeats(value):
        with pytest.raises(Unreadable) as caught:
            read(written(value), limits)
        assert caught.value.reason is Reason.DUPLICATE_KEY
    else:
        read(written(value), limits)


VALUES = st.recursive(
    st.none() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@given(st.lists(VALUES) | st.dictionaries(st.text(), VALUES), st.sampled_from([None, 1]), st.booleans())
def test_entries_are_counted_as_a_parser_counts_them(value, indent, ensure_ascii):
    assert count_entries(json.dumps(value, indent=indent, ensure_ascii=ensure_ascii)) == len(value)
