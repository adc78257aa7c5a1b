"""API keys: their form and what of them is kept."""

from __future__ import annotations

import hashlib

PREFIX = "ly_"


def digest_of(key: str) -> str:
    """The SHA-256 of a key, in hexadecimal: the only form in which keys are stored and looked up."""
    return hashlib.sha256(key.encode()).hexdigest()


def hint_of(key: str) -> str:
    """What of a key may be shown later: its first characters."""
    return f"{key[:7]}…"
