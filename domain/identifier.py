"""Ids that clients choose for what they add."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from labelyard.domain.error import BadUserInput, Conflict

MOST_CHARACTERS = 64
CHOSEN = re.compile(r"[A-Za-z0-9_-]{1,64}")
ALL_CHOSEN = re.compile(r"(?:[A-Za-z0-9_-]{0,64}\n)*")
SHOWN_CHARACTERS = 80


def chosen_ids(ids: Sequence[str], *, field: str) -> Sequence[str]:
    """Ids that clients give to new objects, each once; an empty text leaves the choice to the server."""
    joined = "".join([f"{identifier}\n" for identifier in ids])
    are_chosen = joined.count("\n") == len(ids) and ALL_CHOSEN.fullmatch(joined) is not None
    for index, identifier in enumerate(() if are_chosen else ids):
        if identifier and CHOSEN.fullmatch(identifier) is None:
            raise BadUserInput(
                f"An id has 1 to {MOST_CHARACTERS} letters, digits, hyphens or underscores, unlike entry {index} of {field}, "
                f"{identifier[:SHOWN_CHARACTERS]!r}; leave it empty to have one chosen.",
                field=field,
                index=index,
                limit=MOST_CHARACTERS,
            )
    is_unique = len(set(ids)) == len(ids)
    repeated = (
        [] if is_unique else [identifier for identifier, times in Counter(ids).items() if times > 1 and identifier]
    )
    if repeated:
        raise Conflict(
            f"{len(repeated)} ids are given more than once in {field}, the first is {repeated[0]!r}; nothing was imported.",
            duplicates=repeated,
        )
    return ids


def kept_id(identifier: str, organization_id: str) -> str:
    """The id under which an organization keeps an object whose chosen id somebody else has already.

    No id that a client chooses holds a dot.
    """
    return f"{identifier}.{organization_id}"
