"""Limits of texts that people write."""

from __future__ import annotations

from labelyard.domain.error import BadUserInput

MAX_TITLE = 500
MAX_DESCRIPTION = 10_000
MAX_EXTERNAL_ID = 500
MAX_EMAIL = 254
MAX_NAME = 500
MAX_MODEL_NAME = 200
MAX_URL = 2_048
MAX_REASON = 2_000
MAX_COMMENT = 10_000
MAX_OBJECT_MID = 500
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for a formula begins so."""


def within(text: str, *, name: str, limit: int, least: int = 0) -> str:
    """The text, if its length lies between the limits; never trimmed or changed."""
    if not least <= len(text) <= limit:
        raise BadUserInput(
            f"{name} has {least} to {limit:,} characters, not {len(text):,}.", field=name, limit=limit, given=len(text)
        )
    return text


def plain_cell(text: str) -> str:
    """A text as it stands in a cell of a table, which no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def parts_of(text: str) -> list[str]:
    """The parts of a text with commas between, without spaces around them and without empty ones."""
    return [part for part in map(str.strip, text.split(",")) if part]


def email_of(text: str) -> str:
    """An e-mail address in lower case."""
    email = text.lower()
    local, at, host = email.rpartition("@")
    if not at or not local or not host or any(character.isspace() or ord(character) < 32 for character in email):
        raise BadUserInput(f"{text!r} is not an e-mail address; write one such as ada@example.org.", value=text)
    return within(email, name="An e-mail address", limit=MAX_EMAIL)
