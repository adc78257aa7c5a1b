"""Datasets of the FastLabel door: datasets of the organization, whose assets may be of any type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import asyncpg
import orjson

from labelyard.domain.door.fastlabel.dataset import Revision, dataset_name_of, sent_dataset
from labelyard.domain.error import Conflict, NotFound
from labelyard.domain.permission import Actor
from labelyard.services.asset.deletion import remove_assets
from labelyard.services.asset.import_check import CheckedImport
from labelyard.services.dataset import (
    ANY_TYPE,
    add_dataset_assets,
    create_dataset,
    delete_dataset,
    delete_dataset_assets,
    update_dataset,
)
from labelyard.storage.database import Connection, Row, Writer
from labelyard.storage.fastlabel.dataset import (
    ObjectQuery,
    dataset_by_id,
    dataset_by_name,
    listed_objects,
    next_revision,
    put_dataset_record,
    put_object_record,
    tasks_of_dataset,
)

BATCH: Final = 500


async def make_dataset(writer: Writer, actor: Actor, body: Mapping[str, Any]) -> str:
    """Make a dataset and answer its id; its name is unique in the organization."""
    name = dataset_name_of(body.get("name"))
    dataset_id = await create_dataset(writer, actor, name=name, asset_type=ANY_TYPE)
    await _put_record(writer, actor, dataset_id, name, sent_dataset(body))
    return dataset_id


async def change_dataset(writer: Writer, actor: Actor, dataset: Row, body: Mapping[str, Any]) -> None:
    """Change name and tags of a dataset."""
    name = dataset_name_of(body["name"]) if body.get("name") is not None else None
    await update_dataset(writer, actor, dataset["id"], name=name, asset_type=None)
    record = {**orjson.loads(dataset["record"]), **sent_dataset(body)}
    await _put_record(writer, actor, dataset["id"], name or dataset["name"], record)


async def remove_dataset(writer: Writer, actor: Actor, dataset_id: str) -> None:
    """Delete a dataset, its objects and the tasks that were made of them."""
    task_ids = await tasks_of_dataset(writer, dataset_id)
    for start in range(0, len(task_ids), BATCH):
        await remove_assets(writer, actor, task_ids[start : start + BATCH])
    await delete_dataset(writer, actor, dataset_id)


async def _put_record(writer: Writer, actor: Actor, dataset_id: str, name: str, record: Mapping[str, Any]) -> None:
    try:
        await put_dataset_record(writer, dataset_id, actor.organization_id, name, record)
    except asyncpg.UniqueViolationError as error:
        raise Conflict(f"There is a dataset named {name!r} already; choose another name.", name=name) from error


async def required_dataset(
    connection: Connection, actor: Actor, *, dataset_id: str | None = None, name: str | None = None
) -> Row:
    """A dataset of the person by its id, or by its name."""
    row = (
        await dataset_by_id(connection, actor, dataset_id)
        if dataset_id is not None
        else await dataset_by_name(connection, actor, name or "")
    )
    if row is None:
        shown = (dataset_id if dataset_id is not None else name or "")[:100]
        raise NotFound(f"There is no dataset {shown!r} that you may see.", dataset=shown)
    return row


def revision_of(dataset: Row, asked: Revision) -> int:
    """The number of the revision that is asked for."""
    number = asked.number(dataset["id"], dataset["revision"])
    if number is None:
        shown = (asked.id or asked.version or "")[:100]
        raise NotFound(f"Dataset {dataset['name']!r} has no revision {shown!r}.", revision=shown)
    return number


async def required_object(connection: Connection, dataset: Row, revision: int, name: str) -> Row:
    """An object of a dataset by its name."""
    rows = await listed_objects(connection, ObjectQuery(dataset["id"], revision, name), offset=0, limit=1)
    if not rows:
        raise NotFound(f"Dataset {dataset['name']!r} has no object {name[:100]!r}.", name=name[:100])
    return rows[0]


async def add_object(
    writer: Writer, actor: Actor, dataset: Row, checked: CheckedImport, record: Mapping[str, Any]
) -> None:
    """Add an object whose file is stored: one revision more."""
    await add_dataset_assets(writer, dataset["id"], checked)
    revision = await next_revision(writer, dataset["id"], actor.organization_id)
    await put_object_record(writer, checked.ids[0], revision, record, is_first=True)


async def change_object(writer: Writer, actor: Actor, dataset: Row, name: str, changes: Mapping[str, Any]) -> int:
    """Change what was sent of an object: one revision more, whose number is answered."""
    # Its number locks the record of the dataset, so what is read behind it stays.
    revision = await next_revision(writer, dataset["id"], actor.organization_id)
    before = await required_object(writer, dataset, revision, name)
    record = {**orjson.loads(before["record"]), **changes}
    await put_object_record(writer, before["id"], revision, record, is_first=False)
    return revision


async def remove_object(writer: Writer, actor: Actor, dataset: Row, name: str) -> None:
    """Delete an object, from all revisions."""
    before = await required_object(writer, dataset, dataset["revision"], name)
    await delete_dataset_assets(writer, actor, {"id": before["id"]})
    await next_revision(writer, dataset["id"], actor.organization_id)
