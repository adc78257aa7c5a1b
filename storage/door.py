"""What front doors ask of the tables: projects by number or id, their records, and the labels to show.

Records are objects of a door's own, kept beside a project, an asset or a class (`storage.table.door`). They are written in the
transaction of what they belong to, and go with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import orjson

from labelyard.domain.number import whole_number
from labelyard.domain.permission import Actor
from labelyard.storage.database import Connection, Row, Writer
from labelyard.storage.scope import LABELER_LABEL, OWN_PROJECT, VISIBLE_PROJECTS, viewer_values

LARGEST_POSITION: Final = 2**63 - 1
PROJECT_COLUMNS: Final = """p.id, p.position as number, p.title, p.description, p.input_type, p.json_interface, p.interface_version,
  p.min_consensus_size, p.consensus_tot_coverage, p.review_coverage, p.archived_at, p.created_at, p.updated_at, d.slug,
  coalesce(d.record, '{}') as record, d.project_id is not null as has_record"""
OF_DOOR: Final = "project p left join door_project d on d.project_id = p.id and d.door = :door"
PROJECT_BY_ID: Final = f"select {PROJECT_COLUMNS} from {OF_DOOR} where p.id = :key and {OWN_PROJECT}"
PROJECT_BY_NUMBER: Final = f"select {PROJECT_COLUMNS} from {OF_DOOR} where p.position = :key and {OWN_PROJECT}"
PUT_PROJECT: Final = """
insert into door_project (door, project_id, organization_id, slug, record)
select :door, p.id, p.organization_id, :slug, :record
from project p
where p.id = :project_id
on conflict (door, project_id) do update set slug = coalesce(excluded.slug, door_project.slug), record = excluded.record
"""
RECORD_FOR_SHARE: Final = "select record from door_project where door = :door and project_id = :project_id for share"
RECORD_FOR_UPDATE: Final = "select record from door_project where door = :door and project_id = :project_id for update"
PUT_ASSETS: Final = """
insert into door_asset (door, asset_id, project_id, batch, place, record)
select :door, n.asset_id, :project_id, :batch, n.place - 1, n.record
from unnest(:ids::text[], :records::jsonb[]) with ordinality n(asset_id, record, place)
on conflict (door, asset_id) do update set record = excluded.record
"""
PUT_CLASSES: Final = """
insert into door_class (id, door, project_id, job, category, record)
select n.id, :door, :project_id, n.job, n.category, n.record
from unnest(:ids::text[], :jobs::text[], :categories::text[], :records::jsonb[]) n(id, job, category, record)
on conflict (project_id, door, job, category) do update set record = excluded.record
"""
# One label of each asset: a review comes before a label, a label before a prediction, and of each kind the latest.
SHOWN: Final = f"""
select distinct on (l.asset_id) l.asset_id, l.id
from label l
where l.asset_id = any(:asset_ids)
  and l.label_type = any(:types)
  and not l.skipped
  and l.project_id = any({VISIBLE_PROJECTS})
  and {LABELER_LABEL.format(r="l")}
order by l.asset_id, array_position(:types::text[], l.label_type), l.position desc
"""
TYPES: Final = ["REVIEW", "DEFAULT"]
TYPES_WITH_PREDICTIONS: Final = [*TYPES, "PREDICTION"]


class ClassRecord(NamedTuple):
    """The record of a door for a category of a job; for the job itself, `category` is empty."""

    id: str
    job: str
    category: str
    record: dict[str, Any]


async def find_project(connection: Connection, door: str, actor: Actor, key: str) -> Row | None:
    """A project of the person by its number or its id, with the record that a door keeps of it; None when they see none.

    `record` is JSON text. The number of a project is its place in the order in which projects were created, whichever way.
    """
    number = whole_number(key)
    if number is not None and number <= LARGEST_POSITION:
        values = {"door": door, "key": number, **viewer_values(actor)}
        return await connection.fetch_one(PROJECT_BY_NUMBER, values)
    return await connection.fetch_one(PROJECT_BY_ID, {"door": door, "key": key, **viewer_values(actor)})


async def shared_record(writer: Writer, door: str, project_id: str) -> dict[str, Any]:
    """The record of a project, which nobody changes until the transaction ends."""
    row = await writer.fetch_one(RECORD_FOR_SHARE, {"door": door, "project_id": project_id})
    return {} if row is None else dict(orjson.loads(row["record"]))


async def locked_record(writer: Writer, door: str, project_id: str) -> dict[str, Any]:
    """The record of a project, to be written anew: whoever else wants to write it waits until the transaction ends."""
    row = await writer.fetch_one(RECORD_FOR_UPDATE, {"door": door, "project_id": project_id})
    return {} if row is None else dict(orjson.loads(row["record"]))


async def put_project_record(
    writer: Writer, door: str, project_id: str, record: Mapping[str, Any], *, slug: str | None = None
) -> None:
    """Write the record of a project, whole; without a slug, it keeps the one that it has.

    A slug that the organization has already breaks `door_project_slug`.
    """
    values = {"door": door, "project_id": project_id, "slug": slug, "record": _text(record)}
    await writer.fetch(PUT_PROJECT, values)


async def asset_records(connection: Connection, door: str, asset_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The records of assets that the person is known to see, by their ids; those without one are left out."""
    rows = await connection.fetch(
        "select asset_id, record from door_asset where door = :door and asset_id = any(:ids)",
        {"door": door, "ids": list(asset_ids)},
    )
    return {row["asset_id"]: orjson.loads(row["record"]) for row in rows}


async def new_batch(connection: Connection) -> int:
    """A number for assets that belong together, which no other batch has, and no asset as its position."""
    number: int = await connection.fetch_value("select nextval(pg_get_serial_sequence('asset', 'position'))")
    return number


async def put_asset_records(
    writer: Writer, door: str, project_id: str, records: Mapping[str, Mapping[str, Any]], *, batch: int | None = None
) -> None:
    """Write the records of assets of a project by their ids, whole. New ones get a batch, and their places in it."""
    if not records:
        return
    values = {
        "door": door,
        "project_id": project_id,
        "batch": batch,
        "ids": list(records),
        "records": [_text(record) for record in records.values()],
    }
    await writer.fetch(PUT_ASSETS, values)


async def class_records(connection: Connection, door: str, project_id: str) -> list[ClassRecord]:
    """The records of the classes of a project that the person is known to see, in the order of their creation."""
    rows = await connection.fetch(
        "select id, job, category, record from door_class where door = :door and project_id = :project_id order by position",
        {"door": door, "project_id": project_id},
    )
    return [ClassRecord(row["id"], row["job"], row["category"], orjson.loads(row["record"])) for row in rows]


async def find_class(connection: Connection, door: str, actor: Actor, class_id: str) -> tuple[str, ClassRecord] | None:
    """The project of a class and its record, by the id of the record; None when the person sees none."""
    row = await connection.fetch_one(
        f"""
        select c.id, c.project_id, c.job, c.category, c.record
        from door_class c join project p on p.id = c.project_id
        where c.id = :id and c.door = :door and {OWN_PROJECT}
        """,
        {"door": door, "id": class_id, **viewer_values(actor)},
    )
    if row is None:
        return None
    return row["project_id"], ClassRecord(row["id"], row["job"], row["category"], orjson.loads(row["record"]))


async def put_class_records(writer: Writer, door: str, project_id: str, records: Sequence[ClassRecord]) -> None:
    """Write records of classes, whole. One that there is for the job and category keeps its id."""
    if not records:
        return
    values = {
        "door": door,
        "project_id": project_id,
        "ids": [record.id for record in records],
        "jobs": [record.job for record in records],
        "categories": [record.category for record in records],
        "records": [_text(record.record) for record in records],
    }
    await writer.fetch(PUT_CLASSES, values)


async def remove_class_records(writer: Writer, door: str, project_id: str, ids: Sequence[str]) -> None:
    """Remove records of classes."""
    await writer.fetch(
        "delete from door_class where door = :door and project_id = :project_id and id = any(:ids)",
        {"door": door, "project_id": project_id, "ids": list(ids)},
    )


async def shown_label_ids(
    connection: Connection, actor: Actor, asset_ids: Sequence[str], *, with_predictions: bool
) -> dict[str, str]:
    """The label that a door shows of each asset, of those that the person sees: by the id of the asset, in one statement."""
    values = {
        "asset_ids": list(asset_ids),
        "types": TYPES_WITH_PREDICTIONS if with_predictions else TYPES,
        **viewer_values(actor),
    }
    return {row["asset_id"]: row["id"] for row in await connection.fetch(SHOWN, values)}


def _text(record: Mapping[str, Any]) -> str:
    return orjson.dumps(record).decode()
