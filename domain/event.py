"""Names of events, patterns for them, and the chain that their record forms."""

from __future__ import annotations

import re
from collections.abc import Mapping
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


LINKED = (
    "sequence",
    "position",
    "organization_id",
    "project_id",
    "user_id",
    "event",
    "asset_id",
    "label_id",
    "payload",
    "origin",
)


def link(before: bytes, event: Mapping[str, Any]) -> bytes:
    """The hash of an entry of the record: over all that it says, and the hash of the entry before."""
    values = [event[name] for name in LINKED]
    return sha256(before + orjson.dumps([*values, event["created_at"].isoformat()])).digest()
