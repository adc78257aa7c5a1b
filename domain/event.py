"""Names of events, patterns for them, and the chain that their record forms."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

import orjson

from labelyard.domain.error import BadUserInput

MAX_PATTERN: Final = 200
FIRST_LINK: Final = bytes(32)
WORDS = re.compile(r"(\*|[A-Za-z]+)(\.(\*|[A-Za-z]+))*")


def pattern_of(text: str) -> str:
    """The regular expression for a pattern: words with dots between, where `*` stands for one or more words."""
    if len(text) > MAX_PATTERN or not WORDS.fullmatch(text):
        raise BadUserInput(
            f"{text!r} is no pattern of events; write words with dots between, and * for one or more of them, as label.workflow.*",
            pattern=text[:MAX_PATTERN],
        )
    words = [r"[A-Za-z]+(\.[A-Za-z]+)*" if word == "*" else word for word in text.split(".")]
    return "^" + r"\.".join(words) + "$"


def link(before: bytes, sequence: int, content: Sequence[Any], created_at: datetime) -> bytes:
    """The hash of an entry of the record: over all that it says, and the hash of the entry before.

    `content` is its position, organization, project, user, name, asset, label, payload and origin.
    """
    return sha256(before + orjson.dumps([sequence, *content, created_at.isoformat()])).digest()
