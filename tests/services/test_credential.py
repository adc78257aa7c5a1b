"""Sealing secrets of others with the server secret."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelyard.services.credential import Credentials, UnreadableCredential

SECRET = b"a server secret of more than 32 bytes, at random"
TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=200)


@given(text=TEXTS, purpose=TEXTS)
def test_a_sealed_text_opens_for_its_purpose(text, purpose):
    assert Credentials(SECRET).unseal(Credentials(SECRET).seal(text, purpose), purpose) == text


def test_a_text_is_sealed_differently_each_time_and_does_not_stand_in_the_sealed_form():
    credentials = Credentials(SECRET)
    first, second = credentials.seal("sk-very-secret", "model:1"), credentials.seal("sk-very-secret", "model:1")
    assert first != second
    assert b"sk-very-secret" not in first
    assert "sk-very-secret" not in repr(credentials)


@pytest.mark.parametrize(
    ("secret", "purpose"),
    [(SECRET + b"!", "model:1"), (SECRET, "model:2"), (SECRET, "")],
    ids=["another secret", "another purpose", "no purpose"],
)
def test_a_sealed_text_opens_with_its_secret_for_its_purpose_only(secret, purpose):
    sealed = Credentials(SECRET).seal("sk-very-secret", "model:1")
    with pytest.raises(UnreadableCredential) as refused:
        Credentials(secret).unseal(sealed, purpose)
    assert "Set them again" in refused.value.message
    assert "sk-very-secret" not in refused.value.message


@given(st.data())
def test_a_changed_or_cut_sealed_text_does_not_open(data):
    sealed = bytearray(Credentials(SECRET).seal("sk-very-secret", "model:1"))
    if data.draw(st.booleans()):
        place = data.draw(st.integers(0, len(sealed) - 1))
        sealed[place] ^= data.draw(st.integers(1, 255))
    else:
        del sealed[data.draw(st.integers(0, len(sealed) - 1)) :]
    with pytest.raises(UnreadableCredential):
        Credentials(SECRET).unseal(bytes(sealed), "model:1")
