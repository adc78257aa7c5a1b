"""Results of data tasks: every finished item of a project, as JSON or as a table, read while it is answered."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any, Final

import orjson

from labelyard.domain.door.dataapi.answer import cell_of
from labelyard.domain.permission import Action
from labelyard.domain.timestamp import parse_timestamp
from labelyard.server.door.dataapi.door import DOOR
from labelyard.server.door.dataapi.item import LABEL, answers_shown, inputs_shown, labels_of_all
from labelyard.server.door.dataapi.project import Project, find_project
from labelyard.server.door.rest import Answer, Call, file
from labelyard.storage.database import Row
from labelyard.storage.door_task import finished_items
from labelyard.storage.plan.compiler import milliseconds

PAGE: Final = 500
MOST_TEXT_BYTES: Final = 4 << 20
"""How long the texts of a page are at most, the last of them left out."""


@DOOR.get("/projects/{id}/results", Action.EXPORT_LABELS)
async def results(call: Call) -> Answer:
    """The finished items of a project, the first finished first; `since` leaves out what was finished before."""
    kind = call.query.one_of("format", ("json", "csv"), "json")
    since_text = call.query.text("since")
    since = None if since_text is None else parse_timestamp(since_text.replace(" ", "+")).start
    async with call.reader() as connection:
        project = await find_project(connection, call.actor, call.path["id"])
    await call.authorize(project.id)
    rows = await _rows(call, project, 0, since)
    first = await _results(call, project, rows)
    pages = _pages(call, project, since, first, rows[-1]["position"] if rows else None)
    if kind == "csv":
        return file(_table(project, pages), "text/csv; charset=utf-8", name=f"results-{project.number}.csv")
    return file(_list(pages), "application/json")


async def _rows(call: Call, project: Project, after: int, since: datetime | None) -> list[Row]:
    async with call.reader() as connection:
        return await finished_items(
            connection, call.actor, project.id, after=after, since=since, limit=PAGE, most_bytes=MOST_TEXT_BYTES
        )


async def _pages(
    call: Call, project: Project, since: datetime | None, first: list[dict[str, Any]], after: int | None
) -> AsyncIterator[list[dict[str, Any]]]:
    yield first
    while after is not None:
        rows = await _rows(call, project, after, since)
        if rows:
            yield await _results(call, project, rows)
        after = rows[-1]["position"] if rows else None


async def _results(call: Call, project: Project, rows: list[Row]) -> list[dict[str, Any]]:
    """A page of results: so many statements, however many items."""
    if not rows:
        return []
    call.renew_budget()
    ids = [row["id"] for row in rows]
    assets = await call.by_id("Asset", "{ content }", ids)
    labels = await call.by_id("Label", LABEL, [row["label_id"] for row in rows])
    of_workers = await labels_of_all(call, ids if project.has_consensus else [])
    return [
        {
            "task_id": row["task"],
            "item_id": row["number"],
            "inputs": inputs_shown(call, project, orjson.loads(row["record"]), assets[row["id"]]),
            **answers_shown(project, labels[row["label_id"]], of_workers.get(row["id"], [])),
            "finished_at": milliseconds(row["finished_at"]),
        }
        for row in rows
        if row["id"] in assets and row["label_id"] in labels
    ]


async def _list(pages: AsyncIterator[list[dict[str, Any]]]) -> AsyncIterator[bytes]:
    """One JSON list."""
    opening = b"["
    async for page in pages:
        if page:
            yield opening + orjson.dumps(page)[1:-1]
            opening = b","
    yield b"[]" if opening == b"[" else b"]"


async def _table(project: Project, pages: AsyncIterator[list[dict[str, Any]]]) -> AsyncIterator[bytes]:
    """One table with a header."""
    inputs = [field.name for field in project.inputs]
    outputs = [job.name for job in project.jobs]
    yield _lines([["task_id", "item_id", *map(cell_of, (*inputs, *outputs)), "worker", "finished_at"]])
    async for page in pages:
        yield _lines(
            [
                [
                    result["task_id"],
                    result["item_id"],
                    *(cell_of(result["inputs"].get(name, "")) for name in inputs),
                    *(cell_of(result["answers"].get(name, "")) for name in outputs),
                    cell_of(result["worker"] or ""),
                    result["finished_at"],
                ]
                for result in page
            ]
        )


def _lines(rows: list[list[Any]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()
