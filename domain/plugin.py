"""Plugins: code of an organization that handles what happens in its projects."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from labelyard.domain.error import BadUserInput
from labelyard.domain.text import within

MAX_PLUGINS: Final = 100
MAX_PLUGIN_NAME: Final = 200
MAX_PATTERNS: Final = 100
MAX_PATTERN: Final = 200
MAX_NESTED: Final = 5
"""How many triggers may follow from each other: what a plugin does triggers plugins again."""

_PATTERN: Final = re.compile(r"(\*|[A-Za-z][A-Za-z0-9]*)(\.(\*|[A-Za-z][A-Za-z0-9]*))*")


class PluginStatus(StrEnum):
    """Whether the code of a plugin can run."""

    DEPLOYING = "DEPLOYING"
    ACTIVE = "ACTIVE"
    FAILED = "FAILED"


class PluginHandlerType(StrEnum):
    """The method of a plugin that handles something."""

    onSubmit = "onSubmit"  # noqa: N815 - spelled as clients spell them
    onReview = "onReview"  # noqa: N815
    onCustomInterfaceClick = "onCustomInterfaceClick"  # noqa: N815
    onSendBackToQueue = "onSendBackToQueue"  # noqa: N815
    onProjectUpdated = "onProjectUpdated"  # noqa: N815


# Clients that name no handlers know two.
DEFAULT_HANDLERS: Final = (PluginHandlerType.onSubmit, PluginHandlerType.onReview)


def plugin_name_of(text: str) -> str:
    """The name of a plugin: one line of 1 to 200 characters, of which not all are spaces."""
    if not text.strip() or any(ord(character) < 32 for character in text):
        raise BadUserInput(f"The name of a plugin is one line with something in it, not {text!r}.", field="pluginName")
    return within(text, name="The name of a plugin", limit=MAX_PLUGIN_NAME, least=1)


def event_patterns_of(patterns: Sequence[str]) -> list[str]:
    """Patterns of events: words with dots between, `*` for one or more words."""
    if len(patterns) > MAX_PATTERNS:
        raise BadUserInput(
            f"A plugin has at most {MAX_PATTERNS} patterns of events, not {len(patterns):,}; `*` stands for many words.",
            field="eventMatcher",
            limit=MAX_PATTERNS,
        )
    for pattern in patterns:
        if len(pattern) > MAX_PATTERN or not _PATTERN.fullmatch(pattern):
            raise BadUserInput(
                f"A pattern of events is words with dots between, such as label.workflow.*, not {pattern[:MAX_PATTERN]!r}.",
                field="eventMatcher",
            )
    return list(dict.fromkeys(patterns))


def event_matches(pattern: str, event: str) -> bool:
    """Whether an event has the form of a pattern."""
    return _matches(pattern.split("."), event.split("."))


def _matches(pattern: Sequence[str], words: Sequence[str]) -> bool:
    """Compare word by word, keeping every number of words that the pattern so far may have taken."""
    taken = {0}
    for part in pattern:
        if part == "*":
            taken = set(range(min(taken) + 1, len(words) + 1))
        else:
            taken = {count + 1 for count in taken if count < len(words) and words[count] == part}
        if not taken:
            return False
    return len(words) in taken
