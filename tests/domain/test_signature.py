import re
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from domain.signature import sign, verify

SECRET = b"s" * 32
PARTS: dict[str, Any] = {
    "method": "PUT",
    "blob_id": "0123456789abcdef0123456789abcdef",
    "organization_id": "organization-1",
    "user_id": "person-1",
    "expires_at": 1_700_003_600,
    "max_bytes": 5 << 30,
}
NOW = 1_700_000_000

parts = st.fixed_dictionaries(
    {
        "method": st.sampled_from(["PUT", "GET", ""]),
        "blob_id": st.text(st.characters(codec=None), max_size=12),
        "organization_id": st.text(st.characters(codec=None), max_size=12),
        "user_id": st.text(st.characters(codec=None), max_size=12),
        "expires_at": st.integers(0, 2**40),
        "max_bytes": st.integers(0, 2**40),
    }
)


def test_a_signature_is_url_safe_and_stable() -> None:
    signature = sign(SECRET, **PARTS)
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", signature)
    assert signature == sign(SECRET, **PARTS)
    assert verify(SECRET, signature, **PARTS, now=NOW)


@pytest.mark.parametrize(
    ("part", "other"),
    [
        ("method", "GET"),
        ("blob_id", "0123456789abcdef0123456789abcdee"),
        ("organization_id", "organization-2"),
        ("user_id", "person-2"),
        ("expires_at", 1_700_003_601),
        ("max_bytes", (5 << 30) + 1),
    ],
)
def test_no_part_can_be_altered(part: str, other: Any) -> None:
    signature = sign(SECRET, **PARTS)
    assert not verify(SECRET, signature, **(PARTS | {part: other}), now=NOW)


def test_another_secret_signs_differently() -> None:
    assert not verify(b"t" * 32, sign(SECRET, **PARTS), **PARTS, now=NOW)


@pytest.mark.parametrize(("now", "is_valid"), [(1_700_003_599, True), (1_700_003_600, False), (1_700_003_601, False)])
def test_a_signature_ends_at_its_second(now: int, is_valid: bool) -> None:
    assert verify(SECRET, sign(SECRET, **PARTS), **PARTS, now=now) is is_valid


def test_what_one_part_ends_with_another_cannot_begin_with() -> None:
    one = PARTS | {"blob_id": "ab", "organization_id": "c"}
    other = PARTS | {"blob_id": "a", "organization_id": "bc"}
    assert sign(SECRET, **one) != sign(SECRET, **other)
    one, other = PARTS | {"organization_id": "o1", "user_id": "2"}, PARTS | {"organization_id": "o", "user_id": "12"}
    assert sign(SECRET, **one) != sign(SECRET, **other)


@given(parts, st.binary(min_size=1, max_size=64))
def test_what_is_signed_verifies(given_parts: dict[str, Any], secret: bytes) -> None:
    signature = sign(secret, **given_parts)
    assert verify(secret, signature, **given_parts, now=given_parts["expires_at"] - 1)
    assert not verify(secret, signature, **given_parts, now=given_parts["expires_at"])


@given(parts, parts)
def test_different_parts_have_different_signatures(one: dict[str, Any], other: dict[str, Any]) -> None:
    assume(one != other)
    assert sign(SECRET, **one) != sign(SECRET, **other)


@given(st.text(st.characters(codec=None), max_size=60))
def test_any_other_text_is_no_signature(signature: str) -> None:
    assume(signature != sign(SECRET, **PARTS))
    assert not verify(SECRET, signature, **PARTS, now=NOW)


@given(st.integers(0, 42), st.characters(codec="ascii"))
def test_no_letter_of_a_signature_can_be_altered(at: int, letter: str) -> None:
    signature = sign(SECRET, **PARTS)
    assume(signature[at] != letter)
    assert not verify(SECRET, signature[:at] + letter + signature[at + 1 :], **PARTS, now=NOW)
