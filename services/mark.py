"""Computing the quality marks that were asked for.

A round claims requests, reads the assets as they are, computes away from the event loop, and writes what came out for those that
have not changed meanwhile; the others have a newer request, which the next round takes. So any number of processes may do
this at once, in any order, and the marks always end up being those of the labels.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from storage.database import Database, Row, Writer
from storage.mark import (
    assets_for_marks,
    claim_requests,
    finish_requests,
    hold_for_marks,
    labels_for_marks,
    projects_for_marks,
    release_requests,
    write_asset_marks,
    write_label_marks,
)

if TYPE_CHECKING:
    from domain.mark import AssetMarks

ROUND = 32


@dataclass(frozen=True, slots=True)
class MarkReport:
    """What a round did: requests taken, and the assets that could not be computed, each with its error."""

    taken: int
    failures: Mapping[str, str]


async def compute_requested_marks(database: Database) -> MarkReport:
    """Do one round."""
    async with database.steady() as connection:
        tickets = await claim_requests(connection, limit=ROUND)
        if not tickets:
            return MarkReport(0, {})
        assets = await assets_for_marks(connection, list(tickets))
        projects = await projects_for_marks(connection, sorted({row["project_id"] for row in assets}))
        labels = await labels_for_marks(connection, list(tickets))
    marks, failures = await asyncio.to_thread(_computed, assets, projects, labels)
    async with database.transaction() as connection:
        await _write(connection, tickets, marks)
    return MarkReport(len(tickets), failures)


def _computed(
    assets: Sequence[Row], projects: Sequence[Row], labels: Sequence[Row]
) -> tuple[dict[str, AssetMarks], dict[str, str]]:
    """What the computing module answers, which is loaded with all of geometry at the first marks: a tenth of the memory."""
    from services.mark_computing import computed

    return computed(assets, projects, labels)


async def _write(connection: Writer, tickets: Mapping[str, int], marks: Mapping[str, AssetMarks]) -> None:
    """Write the marks of assets that nobody holds or has changed; give the others back."""
    label_ids = [label_id for mark in marks.values() for label_id in mark.labels]
    assets, labels = await hold_for_marks(connection, list(marks), label_ids)
    # An asset that is gone, or that failed, is done with.
    ready = {
        asset_id: ticket
        for asset_id, ticket in tickets.items()
        if asset_id not in marks or (asset_id in assets and marks[asset_id].labels.keys() <= labels)
    }
    finished = await finish_requests(connection, ready)
    if len(finished) < len(tickets):
        await release_requests(connection, [ticket for asset_id, ticket in tickets.items() if asset_id not in finished])
    written = {asset_id: mark for asset_id, mark in marks.items() if asset_id in finished}
    if written:
        await write_asset_marks(connection, _asset_values(written))
        await write_label_marks(connection, _label_values(list(written.values())))


def _asset_values(marks: Mapping[str, AssetMarks]) -> dict[str, Any]:
    agreed = [mark.consensus for mark in marks.values()]
    return {
        "ids": list(marks),
        "consensus": [consensus.mark if consensus else None for consensus in agreed],
        "per_category": [
            orjson.dumps(consensus.per_category).decode() if consensus and consensus.per_category else None
            for consensus in agreed
        ],
        "honeypot": [mark.honeypot for mark in marks.values()],
        "inference": [mark.inference for mark in marks.values()],
    }


def _label_values(marks: Sequence[AssetMarks]) -> dict[str, Any]:
    labels = {label_id: label for mark in marks for label_id, label in mark.labels.items()}
    return {
        "ids": list(labels),
        "consensus": [label.consensus for label in labels.values()],
        "asset_consensus": [label.asset_consensus for label in labels.values()],
        "honeypot": [label.honeypot for label in labels.values()],
        "inference": [label.inference for label in labels.values()],
        "review": [label.review for label in labels.values()],
    }
