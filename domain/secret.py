"""API keys: their form and what of them is kept."""

from __future__ import annotations

import hashlib

from domain.error import BadUserInput

PREFIX = "ly_"
LEAST_CHARACTERS = 20
MOST_CHARACTERS = 500


def key_of(text: str) -> str:
    """A key that somebody chose, if it is long enough to be secret and can stand in a header."""
    if not LEAST_CHARACTERS <= len(text) <= MOST_CHARACTERS:
        raise BadUserInput(
            f"An API key has {LEAST_CHARACTERS} to {MOST_CHARACTERS} characters; this one has {len(text)}.",
            field="key",
            given=len(text),
        )
    if not all("!" <= character <= "~" for character in text):
        raise BadUserInput("An API key consists of visible ASCII characters without spaces.", field="key")
    return text


def digest_of(key: str) -> str:
    """The SHA-256 of a key, in hexadecimal: the only form in which keys are stored and looked up."""
    return hashlib.sha256(key.encode()).hexdigest()


def hint_of(key: str) -> str:
    """What of a key may be shown later: its first characters."""
    return f"{key[:7]}…"
