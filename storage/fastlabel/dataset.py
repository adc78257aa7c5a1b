"""Statements about datasets and their objects: assets of datasets, with what the door keeps of each in each revision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from labelyard.domain.permission import Actor
from labelyard.storage.database import Connection, Row, Writer
from labelyard.storage.fastlabel import DOOR
from labelyard.storage.scope import SCOPES, viewer_values

MOST_DATASETS: Final = 1_000
OWN: Final = SCOPES["Dataset"].condition.format(r="d")
DATASETS: Final = """
select d.id, d.name, d.created_at, d.updated_at, coalesce(r.revision, 0) as revision, coalesce(r.record, '{}') as record
from dataset d
left join door_dataset r on r.dataset_id = d.id and r.door = :door
"""
# What another door has added is there from the beginning.
OF_REVISION: Final = """v.dataset_asset_id = o.id and v.door = :door and v.from_revision <= :revision
  and (v.to_revision is null or v.to_revision > :revision)"""
OBJECTS: Final = f"""
select o.id, o.external_id as name, o.content, o.content_blob_id, o.created_at, o.updated_at, b.size, b.width, b.height,
  coalesce(v.record, '{{}}') as record
from dataset_asset o
left join door_dataset_asset v on {OF_REVISION}
left join blob b on b.id = o.content_blob_id
where o.dataset_id = :dataset_id
  and (
    v.dataset_asset_id is not null
    or not exists (select 1 from door_dataset_asset a where a.dataset_asset_id = o.id and a.door = :door)
  )
"""


@dataclass(frozen=True, slots=True)
class ObjectQuery:
    """Which objects of a revision of a dataset; an object has all of the tags and licences, and one of the types."""

    dataset_id: str
    revision: int
    name: str | None = None
    tags: Sequence[str] = ()
    licenses: Sequence[str] = ()
    types: Sequence[str] = ()


async def listed_datasets(
    connection: Connection,
    actor: Actor,
    *,
    keyword: str | None = None,
    tags: Sequence[str] = (),
    license: str | None = None,
    visibility: str | None = None,
) -> list[Row]:
    """The datasets of the person, oldest first."""
    return await connection.fetch(
        f"""
        {DATASETS}
        where {OWN}
          and (:keyword::text is null or position(lower(:keyword::text) in lower(d.name)) > 0)
          and coalesce(r.record -> 'tags', '[]') @> :tags::jsonb
          and (:license::text is null or r.record ->> 'license' = :license::text)
          and (:visibility::text is null or coalesce(r.record ->> 'visibility', 'workspace') = :visibility::text)
        order by d.position
        limit :limit
        """,
        {
            **viewer_values(actor),
            "door": DOOR,
            "keyword": keyword,
            "tags": orjson.dumps(list(tags)).decode(),
            "license": license,
            "visibility": visibility,
            "limit": MOST_DATASETS,
        },
    )


async def dataset_by_id(connection: Connection, actor: Actor, dataset_id: str) -> Row | None:
    """A dataset of the person."""
    return await connection.fetch_one(
        f"{DATASETS} where d.id = :id and {OWN}", {**viewer_values(actor), "door": DOOR, "id": dataset_id}
    )


async def dataset_by_name(connection: Connection, actor: Actor, name: str) -> Row | None:
    """A dataset of the person by its name: that of the door before one that another has made."""
    return await connection.fetch_one(
        f"{DATASETS} where d.name = :name and {OWN} order by r.name is null, d.position limit 1",
        {**viewer_values(actor), "door": DOOR, "name": name},
    )


async def put_dataset_record(
    writer: Writer, dataset_id: str, organization_id: str, name: str | None, record: Mapping[str, Any]
) -> None:
    """Write the record of a dataset; a name that the organization has already breaks `door_dataset_name`."""
    await writer.fetch(
        """
        insert into door_dataset (door, dataset_id, organization_id, name, record)
        values (:door, :dataset_id, :organization_id, :name, :record)
        on conflict (door, dataset_id) do update set name = excluded.name, record = excluded.record
        """,
        {
            "door": DOOR,
            "dataset_id": dataset_id,
            "organization_id": organization_id,
            "name": name,
            "record": orjson.dumps(record).decode(),
        },
    )


async def next_revision(writer: Writer, dataset_id: str, organization_id: str) -> int:
    """The number of the revision that a change of a dataset makes."""
    number: int = await writer.fetch_value(
        """
        insert into door_dataset as r (door, dataset_id, organization_id, revision)
        values (:door, :dataset_id, :organization_id, 1)
        on conflict (door, dataset_id) do update set revision = r.revision + 1
        returning revision
        """,
        {"door": DOOR, "dataset_id": dataset_id, "organization_id": organization_id},
    )
    return number


async def listed_objects(connection: Connection, query: ObjectQuery, *, offset: int, limit: int) -> list[Row]:
    """A page of the objects of a dataset that the person is known to see, in the order of their creation."""
    return await connection.fetch(
        f"""
        {OBJECTS}
          and (:name::text is null or o.external_id = :name::text)
          and coalesce(v.record -> 'tags', '[]') @> :tags::jsonb
          and coalesce(v.record -> 'licenses', '[]') @> :licenses::jsonb
          and (:any_type or coalesce(v.record ->> 'type', 'none') = any(:types::text[]))
        order by o.position
        offset :offset
        limit :limit
        """,
        {
            "door": DOOR,
            "dataset_id": query.dataset_id,
            "revision": query.revision,
            "name": query.name,
            "tags": orjson.dumps(list(query.tags)).decode(),
            "licenses": orjson.dumps(list(query.licenses)).decode(),
            "any_type": not query.types,
            "types": list(query.types),
            "offset": offset,
            "limit": limit,
        },
    )


async def put_object_record(
    writer: Writer, dataset_asset_id: str, revision: int, record: Mapping[str, Any], *, is_first: bool
) -> None:
    """Write the record of an object from a revision on; of what another door has made, the beginning has an empty one."""
    values = {"door": DOOR, "id": dataset_asset_id, "revision": revision, "record": orjson.dumps(record).decode()}
    if not is_first:
        await writer.fetch("update dataset_asset set updated_at = now() where id = :id", {"id": dataset_asset_id})
        await writer.fetch(
            """
            insert into door_dataset_asset (door, dataset_asset_id, from_revision)
            select :door, :id, 0
            where not exists (
              select 1 from door_dataset_asset v where v.door = :door and v.dataset_asset_id = :id
            )
            """,
            {"door": DOOR, "id": dataset_asset_id},
        )
        await writer.fetch(
            """
            update door_dataset_asset
            set to_revision = :revision
            where door = :door and dataset_asset_id = :id and to_revision is null
            """,
            {"door": DOOR, "id": dataset_asset_id, "revision": revision},
        )
    await writer.fetch(
        """
        insert into door_dataset_asset (door, dataset_asset_id, from_revision, record)
        values (:door, :id, :revision, :record)
        """,
        values,
    )


async def tasks_of_dataset(connection: Connection, dataset_id: str) -> list[str]:
    """The assets of projects that were made of the assets of a dataset."""
    rows = await connection.fetch(
        """
        select l.asset_id
        from dataset_link l join dataset_asset o on o.id = l.dataset_asset_id
        where o.dataset_id = :dataset_id
        """,
        {"dataset_id": dataset_id},
    )
    return [row["asset_id"] for row in rows]
