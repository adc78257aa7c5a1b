"""The chain that the record of events forms: adding to it, and checking it.

Writers do not wait for each other, so events are put in order afterwards: in the order of their positions, as soon as no transaction
that still runs can add one before them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from labelyard.domain.event import FIRST_LINK, link
from labelyard.storage.database import Database, Row
from labelyard.storage.event import (
    add_to_chain,
    chained_events,
    last_link,
    lock_chain,
    unchained_events,
    waiting_events,
)

PIECE: Final = 2_000


async def extend_chain(database: Database) -> int:
    """Add the next events to the chain and answer how many; one process does so at a time."""
    async with database.transaction() as connection:
        if not await lock_chain(connection):
            return 0
        rows = await unchained_events(connection, limit=PIECE)
        if not rows:
            return 0
        last = await last_link(connection)
        sequence, before = (last["sequence"], last["hash"]) if last is not None else (0, FIRST_LINK)
        await add_to_chain(connection, await asyncio.to_thread(_links, rows, sequence, before))
        return len(rows)


def _links(rows: Sequence[Row], sequence: int, before: bytes) -> list[tuple[int, int, bytes]]:
    links = []
    for number, row in enumerate(rows, sequence + 1):
        *content, created_at = row
        before = link(before, number, content, created_at)
        links.append((number, content[0], before))
    return links


@dataclass(frozen=True, slots=True)
class ChainReport:
    """What a check of the chain found: entries that are in order, the first fault, and events that wait to be added.

    `has_head` says whether the hash that was asked for is that of an entry.
    """

    entries: int
    head: bytes
    fault: str | None
    waiting: int
    has_head: bool


async def verify_chain(database: Database, *, head: str | None = None) -> ChainReport:
    """Read the whole chain and check every entry; the first that does not fit is named."""
    sequence, before, has_head = 0, FIRST_LINK, head is None
    async with database.reader() as connection:
        last = await last_link(connection)
        while rows := await chained_events(connection, after=sequence, limit=PIECE):
            for row in rows:
                fault = _fault(row, sequence, before)
                if fault is not None:
                    return ChainReport(sequence, before, fault, 0, has_head)
                sequence, before = row["sequence"], row["hash"]
                has_head = has_head or before.hex() == head
        fault = _missing(sequence, last["sequence"]) if last is not None and last["sequence"] > sequence else None
        return ChainReport(sequence, before, fault, await waiting_events(connection), has_head)


def _fault(row: Row, sequence: int, before: bytes) -> str | None:
    if row["sequence"] != sequence + 1:
        return _missing(sequence, row["sequence"] - 1)
    found, number, *content, created_at = row
    if link(before, number, content, created_at) != found:
        return f"entry {number} (event {content[0]}) is not as it was written, or the entry before it is not"
    return None


def _missing(sequence: int, last: int) -> str:
    first = sequence + 1
    return f"entry {first} is missing" if first == last else f"entries {first} to {last} are missing"
