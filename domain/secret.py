"""API keys: their form and what of them is kept."""

from __future__ import annotations

import hashlib
import math
import re
from collections import Counter
from itertools import pairwise

from labelyard.domain.error import BadUserInput

PREFIX = "ly_"
LEAST_CHARACTERS = 20
MOST_CHARACTERS = 500
# A random UUID, which scripts make keys of, has 122.
LEAST_BITS = 120
LEAST_DISTINCT = 5
# How much of a text may repeat. Of random keys, less than one in 10⁹ is refused for it, or for too few different characters: those
# of 128 bits in hexadecimal are the ones that come nearest.
MOST_EQUAL_STEPS = 1 / 2
MOST_REPEATED = 3 / 4
# How many characters a random text is drawn from, as far as one can tell: by the first kind that it belongs to.
KINDS = (
    (re.compile(r"[0-9]*"), 10),
    (re.compile(r"[0-9a-f]*|[0-9A-F]*"), 16),
    (re.compile(r"[a-z]*|[A-Z]*"), 26),
    (re.compile(r"[^A-Z]*|[^a-z]*"), 36),
    (re.compile(r".*"), 64),
)


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


def strong_key_of(text: str) -> str:
    """A key that came through the API, if it can be random enough.

    Its length and its kinds of characters allow for that many bits, and it shows no pattern: few characters, steps that repeat, parts
    that repeat.
    """
    bits = _bits_of(key_of(text))
    if bits < LEAST_BITS or len(set(text)) < LEAST_DISTINCT or _is_patterned(text):
        raise BadUserInput(
            f"An API key is at least {LEAST_BITS} random bits, such as a random UUID or 22 base64 characters; this one is too "
            'easy to guess. Make one with `python -c "import secrets; print(secrets.token_urlsafe(32))"`.',
            field="key",
        )
    return text


def _bits_of(text: str) -> float:
    """How many bits a random text of this length and these kinds of characters holds."""
    alphabet = next(size for kind, size in KINDS if kind.fullmatch(text))
    return len(text) * math.log2(alphabet)


def _is_patterned(text: str) -> bool:
    """Whether most characters follow from the one before by the same step, or from one further back by being it again."""
    steps = Counter(ord(after) - ord(before) for before, after in pairwise(text))
    if max(steps.values()) > MOST_EQUAL_STEPS * (len(text) - 1):
        return True
    return any(
        sum(before == after for before, after in zip(text, text[period:], strict=False))
        > MOST_REPEATED * (len(text) - period)
        for period in range(2, len(text) // 2 + 1)
    )


def digest_of(key: str) -> str:
    """The SHA-256 of a key, in hexadecimal: the only form in which keys are stored and looked up."""
    return hashlib.sha256(key.encode()).hexdigest()


def hint_of(key: str) -> str:
    """What of a key may be shown later: its first characters."""
    return f"{key[:7]}…"
