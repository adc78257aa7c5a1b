from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import server.edge.json_shape
from server.edge.json_shape import may_pass, measure

MANY = 10**9


def counted(value: Any) -> tuple[int, int]:
    """Values and depth, the plain way."""
    children = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else None
    if children is None:
        return 1, 0
    below = [counted(child) for child in children]
    return 1 + sum(values for values, _ in below), 1 + max((depth for _, depth in below), default=0)


json_values = st.recursive(
    st.none() | st.integers() | st.text(st.sampled_from('"\\[]{},:a1 é\n'), max_size=12),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(st.text(st.sampled_from('"\\[]{},:ab'), max_size=6), inner, max_size=5)
    ),
    max_leaves=40,
)


@pytest.mark.parametrize("window", [1, 7, 256 * 1024])
@pytest.mark.parametrize("indent", [None, 1])
@given(value=json_values)
def test_the_bytes_tell_what_the_parsed_value_tells(window: int, indent: int | None, value: Any) -> None:
    text = json.dumps(value, indent=indent).encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(server.edge.json_shape, "WINDOW_BYTES", window)
        shape = measure(text, max_values=MANY, max_depth=MANY)
    values, depth = counted(value)
    has_wide = any(not -(2**63) <= number < 2**63 for number in integers(value))
    assert (shape.wide_integer is not None) == has_wide
    if not has_wide:
        members = len(value) if isinstance(value, dict) else None
        assert (shape.values, shape.depth) == (values, depth)
        assert members is None or shape.members == members
    if not may_pass(text, max_values=20, max_depth=3):
        assert values <= 20
        assert depth <= 3
        assert not has_wide


def integers(value: Any) -> list[int]:
    if isinstance(value, dict):
        return [number for child in value.values() for number in integers(child)]
    if isinstance(value, list):
        return [number for child in value for number in integers(child)]
    return [value] if isinstance(value, int) else []


def test_counting_stops_soon_behind_a_limit() -> None:
    shape = measure(b"[" + b"0," * 5_000_000 + b"0]", max_values=1000, max_depth=64)
    assert 1000 < shape.values < 200_000


@given(st.binary(max_size=300))
def test_anything_at_all_can_be_measured(data: bytes) -> None:
    measure(data, max_values=MANY, max_depth=MANY)
    may_pass(data, max_values=10, max_depth=10)
