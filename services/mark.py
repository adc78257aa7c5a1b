"""Computing the quality marks that were asked for.

A round claims requests, reads the assets as they are, computes away from the event loop, and writes what came out for those that
have not changed meanwhile; the others have a newer request, which the next round takes. So any number of processes may do
this at once, in any order, and the marks always end up being those of the labels.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from domain.agreement import LabelReader
from domain.interface import Interface, parse_interface
from domain.mark import AssetMarks, MarkedLabel, marks_of
from domain.workflow import LabelType
from storage.database import Connection, Database, Row
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
    """The marks of assets; one that cannot be computed keeps those it has, and stops none of the others."""
    readers = {project["id"]: _reader(project) for project in projects}
    by_asset: dict[str, list[Row]] = {}
    for label in labels:
        by_asset.setdefault(label["asset_id"], []).append(label)
    marks: dict[str, AssetMarks] = {}
    failures: dict[str, str] = {}
    for asset in assets:
        try:
            marks[asset["id"]] = _marks_of(asset, by_asset.get(asset["id"], []), readers[asset["project_id"]])
        except Exception as error:
            failures[asset["id"]] = f"{type(error).__name__}: {error}"
    return marks, failures


def _reader(project: Row) -> LabelReader:
    interface = parse_interface(project["json_interface"], input_type=project["input_type"]).interface
    return LabelReader(
        interface or Interface(),
        input_type=project["input_type"],
        has_fractions=project["input_type"] != "GEOSPATIAL" or project["pixel_labeling"],
    )


def _marks_of(asset: Row, labels: Sequence[Row], reader: LabelReader) -> AssetMarks:
    marked = [
        MarkedLabel(
            id=label["id"],
            author_id=label["author_id"],
            label_type=LabelType(label["label_type"]),
            is_gold=label["is_honeypot"],
            is_of_later_group=label["is_of_later_group"],
            answers=reader.read(orjson.loads(label["json_response"])),
        )
        for label in labels
    ]
    return marks_of(marked, is_used_for_consensus=asset["is_used_for_consensus"], is_honeypot=asset["is_honeypot"])


async def _write(connection: Connection, tickets: Mapping[str, int], marks: Mapping[str, AssetMarks]) -> None:
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
