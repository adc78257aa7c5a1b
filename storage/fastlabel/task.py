"""Tasks of the FastLabel door: assets with what the door keeps of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from labelyard.domain.permission import Actor
from labelyard.storage import scope
from labelyard.storage.database import Connection, Row, Writer
from labelyard.storage.fastlabel import DOOR
from labelyard.storage.filter.asset import asset_filter
from labelyard.storage.filter.condition import Filter
from labelyard.storage.scope import viewer_values

# The label that was made last, whoever may see it: a kept word holds as long as it is the same.
LATEST: Final = """(
    select l.id
    from label l
    where l.asset_id = t.id and l.label_type <> 'AUTOSAVE'
    order by l.position desc
    limit 1
  )"""
IS_KEPT: Final = f"""coalesce(
    d.record -> 'kept' ->> 'status' = t.status
    and (d.record -> 'kept' -> 'skipped')::boolean = t.skipped
    and d.record -> 'kept' ->> 'label' is not distinct from {LATEST},
    false
  )"""
WORD: Final = f"""case
    when {IS_KEPT} then d.record -> 'kept' ->> 'word'
    when t.skipped then 'skipped'
    when t.status = 'TO_REVIEW' then 'reviewed'
    when t.status = 'REVIEWED' then 'approved'
    when t.status = 'LABELED' then 'completed'
    when t.status = 'ONGOING' and t.sent_back_at is not null then 'sent_back'
    else 'registered'
  end"""
EXTERNAL_WORD: Final = "coalesce(d.record ->> 'externalStatus', 'registered')"
# Labelers are told of themselves only.
ASSIGNEES: Final = f"""array(
    select aa.user_id
    from asset_assignee aa
    where aa.asset_id = t.id and ({scope.NOT_AS_LABELER.format(r="t")} or aa.user_id = :viewer)
    order by aa.user_id
  )"""
COLUMNS: Final = f"""t.id, t.project_id, t.external_id, t.status, t.skipped, t.priority, t.content, t.content_blob_id,
  t.json_metadata, t.duration, t.resolution, t.created_at, t.updated_at,
  t.data_connection_id is not null and t.object_key is not null as is_object,
  b.width, b.height, b.playback, coalesce(d.record, '{{}}') as record,
  {WORD} as word, {EXTERNAL_WORD} as external_word, {ASSIGNEES} as assignees,
  case when t.json_content_blob_id is null then t.json_content else '' end as json_content"""
FROM: Final = """asset t
left join door_asset d on d.asset_id = t.id and d.door = :door
left join blob b on b.id = t.content_blob_id"""


@dataclass(frozen=True, slots=True)
class TaskQuery:
    """Which tasks of a project; a task has all of the tags."""

    project_id: str
    status: str | None = None
    external_status: str | None = None
    tags: Sequence[str] = ()
    name: str | None = None
    prefix: str | None = None
    ids: Sequence[str] | None = None


def task_filter(query: TaskQuery, actor: Actor) -> Filter:
    """The visible tasks that are asked for."""
    where: dict[str, Any] = {"project": {"id": query.project_id}}
    if query.name is not None:
        where["externalIdStrictlyIn"] = [query.name]
    filters = asset_filter(where, actor)
    filters.list_key = None
    if query.prefix is not None:
        filters.require(f"starts_with(t.external_id, {filters.value(query.prefix)})")
    if query.ids is not None:
        filters.require(f"t.id = any({filters.value(list(query.ids))})")
    if query.status is not None:
        filters.require(f"{WORD} = {filters.value(query.status)}")
    if query.external_status is not None:
        filters.require(f"{EXTERNAL_WORD} = {filters.value(query.external_status)}")
    for tag in query.tags:
        filters.require(f"t.metadata_search -> 'tags' @> to_jsonb({filters.value(tag)}::text)")
    return filters


async def listed_tasks(
    connection: Connection, actor: Actor, query: TaskQuery, *, offset: int = 0, limit: int
) -> list[Row]:
    """A page of tasks, in the order of their creation."""
    filters = task_filter(query, actor)
    return await connection.fetch(
        f"select {COLUMNS} from {FROM} where {filters.where} order by t.position offset :offset limit :limit",
        {**viewer_values(actor), **filters.values, "door": DOOR, "offset": offset, "limit": limit},
    )


async def task_by_id(connection: Connection, actor: Actor, task_id: str) -> Row | None:
    """A task that the person sees."""
    filters = asset_filter({"id": task_id}, actor)
    return await connection.fetch_one(
        f"select {COLUMNS} from {FROM} where {filters.where}",
        {**viewer_values(actor), **filters.values, "door": DOOR},
    )


async def count_tasks(connection: Connection, actor: Actor, query: TaskQuery) -> int:
    """How many tasks."""
    filters = task_filter(query, actor)
    return int(
        await connection.fetch_value(
            f"select count(*) from asset t left join door_asset d on d.asset_id = t.id and d.door = :door where {filters.where}",
            {**viewer_values(actor), **filters.values, "door": DOOR},
        )
    )


async def task_names(
    connection: Connection, actor: Actor, project_id: str, *, offset: int, limit: int
) -> dict[str, str]:
    """The names of a page of tasks, by their ids."""
    filters = task_filter(TaskQuery(project_id), actor)
    rows = await connection.fetch(
        f"select t.id, t.external_id from asset t where {filters.where} order by t.position offset :offset limit :limit",
        {**viewer_values(actor), **filters.values, "offset": offset, "limit": limit},
    )
    return {row["id"]: row["external_id"] for row in rows}


async def answers_of_labels(connection: Connection, ids: Sequence[str]) -> dict[str, Row]:
    """Asset, type and answers of labels that the person is known to see, by their ids."""
    rows = await connection.fetch(
        "select l.id, l.asset_id, l.label_type, l.json_response from label l where l.id = any(:ids)", {"ids": list(ids)}
    )
    return {row["id"]: row for row in rows}


async def standing_of_task(writer: Writer, asset_id: str) -> Row | None:
    """The state of an asset and its latest label, as a kept word remembers them."""
    return await writer.fetch_one(
        f"select t.status, t.skipped, {LATEST} as label_id from asset t where t.id = :id", {"id": asset_id}
    )


async def write_metadata(writer: Writer, texts: Mapping[str, str]) -> None:
    """Write the metadata of assets, by their ids."""
    await writer.fetch(
        """
        update asset a
        set json_metadata = n.text, metadata_search = n.text::jsonb, updated_at = now()
        from unnest(:ids::text[], :texts::text[]) n(id, text)
        where a.id = n.id
        """,
        {"ids": list(texts), "texts": list(texts.values())},
    )


async def held_blobs(connection: Connection, ids: Sequence[str]) -> dict[str, Row]:
    """Size in pixels of files, by their ids."""
    rows = await connection.fetch(
        "select b.id, b.width, b.height, b.size, b.media_type from blob b where b.id = any(:ids)", {"ids": list(ids)}
    )
    return {row["id"]: row for row in rows}


async def listed_appendix(
    connection: Connection, actor: Actor, query: TaskQuery, *, offset: int, limit: int
) -> list[Row]:
    """A page of the pictures that are kept beside tasks."""
    filters = task_filter(query, actor)
    return await connection.fetch(
        f"""
        select picture.value as picture
        from asset t
        join door_asset d on d.asset_id = t.id and d.door = :door
        cross join lateral jsonb_array_elements(coalesce(d.record -> 'appendix', '[]')) with ordinality picture(value, place)
        where {filters.where}
        order by t.position, picture.place
        offset :offset
        limit :limit
        """,
        {**viewer_values(actor), **filters.values, "door": DOOR, "offset": offset, "limit": limit},
    )
