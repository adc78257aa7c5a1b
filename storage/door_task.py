"""Statements about data tasks: groups of assets with one number, what became of them, and callbacks about them.

A task is what was sent in one request (`DoorAsset.batch`). An asset that came another way is a task of its own, whose number is its
position: numbers of batches are drawn from the same sequence (`storage.door.new_batch`), so none is given twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import orjson

from labelyard.domain.permission import Actor
from labelyard.storage.database import Autocommit, Connection, Row
from labelyard.storage.door import OF_DOOR, PROJECT_COLUMNS
from labelyard.storage.scope import LABELER_ASSET, LABELER_LABEL, OWN_PROJECT, viewer_values

DOOR: Final = "dataapi"
# Projects whose shapes data tasks can say; `domain.door.dataapi.output.can_say` is the same rule.
OF_DATA_TASKS: Final = (
    "p.input_type in ('IMAGE', 'TEXT') and p.ml_tasks <@ array['CLASSIFICATION', 'TRANSCRIPTION']::text[]"
)
SHOWN_PROJECTS: Final = (
    f"array(select p.id from project p where {OWN_PROJECT} and {OF_DATA_TASKS} "
    "and (:asked_project::text is null or p.id = :asked_project))"
)
VISIBLE: Final = f"t.project_id = any({SHOWN_PROJECTS}) and {LABELER_ASSET.format(r='t')}"
WITH_RECORD: Final = f"asset t left join door_asset d on d.asset_id = t.id and d.door = '{DOOR}'"
TASK: Final = "coalesce(d.batch, t.position)"
IS_STANDING: Final = "l.label_type in ('REVIEW', 'DEFAULT') and not l.skipped"
# The label that stands for asset `t`, whoever may see it: what its state hangs on.
WITH_STANDING: Final = f"""left join lateral (
  select l.id, l.warnings
  from label l
  where l.asset_id = t.id and {IS_STANDING}
  order by l.label_type = 'REVIEW' desc, l.position desc
  limit 1
) s on true"""
IS_COMPLETE: Final = "coalesce(strpos({label}.warnings, 'REQUIRED_JOB_MISSING'), 0) = 0"
STATUS: Final = f"""case
  when t.skipped then 'rejected'
  when t.status = 'TODO' then 'pending'
  when s.id is null and exists (
    select 1
    from label k
    where k.asset_id = t.id and k.label_type in ('REVIEW', 'DEFAULT') and k.skipped
  ) then 'rejected'
  when s.id is null then 'in_progress'
  when t.status = 'REVIEWED' or (t.status = 'LABELED' and {IS_COMPLETE.format(label="s")}) then 'done'
  else 'in_progress'
end"""
TASK_STATUS: Final = """case
  when bool_and(status = 'done') then 'done'
  when bool_and(status = 'pending') then 'pending'
  else 'in_progress'
end"""
PAGE: Final = """
select c.total, page.task, page.project_id, page.created_at, page.ids
from (select count(*) as total from task) c
left join (select * from task order by task limit :limit offset :offset) page on true
order by page.task
"""
TASKS: Final = f"""
with task as (
  select {TASK} as task, t.project_id, min(t.created_at) as created_at, array_agg(t.id order by d.place, t.position) as ids
  from {WITH_RECORD}
  where {VISIBLE}
  group by 1, 2
)
{PAGE}
"""
TASKS_OF_STATUS: Final = f"""
with item as (
  select {TASK} as task, t.project_id, t.created_at, t.id, d.place, t.position, {STATUS} as status
  from {WITH_RECORD} {WITH_STANDING}
  where {VISIBLE}
), task as (
  select task, project_id, min(created_at) as created_at, array_agg(id order by place, position) as ids
  from item
  group by 1, 2
  having {TASK_STATUS} = :status
)
{PAGE}
"""
ONE_TASK: Final = f"""
select {TASK} as task, t.project_id, min(t.created_at) as created_at, array_agg(t.id order by d.place, t.position) as ids
from {WITH_RECORD}
where {VISIBLE}
  and (t.id in (select b.asset_id from door_asset b where b.door = '{DOOR}' and b.batch = :task)
    or (t.position = :task and d.batch is null))
group by 1, 2
"""
ITEMS: Final = f"""
select t.id, t.position as number, {STATUS} as status, coalesce(d.record, '{{}}') as record, {TASK} as task
from {WITH_RECORD} {WITH_STANDING}
where t.id = any(:ids)
"""
RECORDS_BYTES: Final = f"""
select coalesce(sum(octet_length(d.record::text)), 0)::bigint
from door_asset d
where d.door = '{DOOR}' and d.asset_id = any(:ids)
"""
# The latest label of each person on assets that several people label.
OF_WORKERS: Final = f"""
select l.asset_id, array_agg(l.id order by l.position) as ids
from label l
where l.asset_id = any(:ids)
  and l.label_type = 'DEFAULT'
  and not l.skipped
  and l.is_latest_default_label_for_user
  and {LABELER_LABEL.format(r="l")}
group by l.asset_id
"""
# Items in the order in which they were finished: by the labels that stand for them. A page ends where its texts are too long.
FINISHED: Final = f"""
with page as materialized (
select l.id as label_id, l.position, l.created_at as finished_at, t.id, t.position as number, {TASK} as task,
  coalesce(d.record, '{{}}') as record, coalesce(octet_length(d.record::text), 0) + octet_length(t.content) as size
from label l join {WITH_RECORD} on t.id = l.asset_id
where l.project_id = :asked_project
  and l.position > :after
  and {IS_STANDING}
  and (:since::timestamptz is null or l.created_at >= :since)
  and not t.skipped
  and (t.status = 'REVIEWED' or (t.status = 'LABELED' and {IS_COMPLETE.format(label="l")}))
  and {VISIBLE}
  and {LABELER_LABEL.format(r="l")}
  and not exists (
    select 1
    from label n
    where n.asset_id = l.asset_id
      and n.label_type in ('REVIEW', 'DEFAULT')
      and not n.skipped
      and (n.label_type = 'REVIEW', n.position) > (l.label_type = 'REVIEW', l.position)
  )
order by l.position
limit :limit
)
select label_id, position, finished_at, id, number, task, record
from (
  select page.*, sum(size) over (order by position) - size as before
  from page
) sized
where before < :most_bytes
order by position
"""
PROJECTS: Final = f"""
select {PROJECT_COLUMNS}
from {OF_DOOR}
where {OWN_PROJECT} and {OF_DATA_TASKS} and (:ids::text[] is null or p.id = any(:ids))
order by p.position
limit :limit offset :offset
"""
COUNT_PROJECTS: Final = f"select count(*) from project p where {OWN_PROJECT} and {OF_DATA_TASKS}"
# Events about labels in projects with a callback.
CALLED_BACK: Final = f"""
select t.position, t.organization_id, t.project_id, t.asset_id, t.label_id, t.event
from event_link c
join event t on t.position = c.position
join door_project d on d.door = '{DOOR}' and d.project_id = t.project_id and d.record ? 'callback_url'
where c.sequence > :after and c.sequence <= :until and t.asset_id is not null and t.event like 'label.%'
order by c.sequence
"""
TO_CALL_BACK: Final = f"""
select t.id, t.position as number, t.status, t.skipped, {TASK} as task, d.record as asset_record, p.id as project_id,
  p.position as project_number, p.json_interface, p.input_type, p.min_consensus_size, e.record as project_record,
  t.is_used_for_consensus
from {WITH_RECORD}
join project p on p.id = t.project_id and p.deleted_at is null
join door_project e on e.door = '{DOOR}' and e.project_id = p.id
where t.id = :asset_id
"""
# With `until`, as if nothing had come behind that label.
LABELS_UNTIL: Final = f"""
select distinct on (l.author_id, l.label_type) l.id, l.label_type, l.json_response, l.author_id, l.position, l.created_at, u.email,
  {IS_COMPLETE.format(label="l")} as is_complete
from label l left join user_account u on u.id = l.author_id
where l.asset_id = :asset_id
  and {IS_STANDING}
  and (:until::text is null or l.position <= (select position from label where id = :until))
order by l.author_id, l.label_type, l.position desc
"""
PUT_CALLBACK: Final = f"""
insert into door_asset (door, asset_id, project_id, record)
select '{DOOR}', a.id, a.project_id, jsonb_build_object('callback', :callback::jsonb)
from asset a
where a.id = :asset_id
on conflict (door, asset_id) do update set record = door_asset.record || excluded.record
"""


def _values(actor: Actor, project_id: str | None) -> dict[str, Any]:
    return {**viewer_values(actor), "asked_project": project_id}


async def list_projects(
    connection: Connection, actor: Actor, *, ids: Sequence[str] | None = None, limit: int, offset: int = 0
) -> list[Row]:
    """Projects of data tasks that the person sees, the oldest first; of the given ids, if any."""
    values = {"door": DOOR, "ids": ids, "limit": limit, "offset": offset, **viewer_values(actor)}
    return await connection.fetch(PROJECTS, values)


async def count_projects(connection: Connection, actor: Actor) -> int:
    """How many projects of data tasks the person sees."""
    total: int = await connection.fetch_value(COUNT_PROJECTS, viewer_values(actor))
    return total


async def list_tasks(
    connection: Connection, actor: Actor, project_id: str | None, *, status: str | None, limit: int, offset: int
) -> tuple[int, list[Row]]:
    """How many tasks of a project, or of all, the person sees, and a page of them: number, project, time and assets in order."""
    values = {**_values(actor, project_id), "limit": limit, "offset": offset}
    if status is None:
        rows = await connection.fetch(TASKS, values)
    else:
        rows = await connection.fetch(TASKS_OF_STATUS, {**values, "status": status})
    return rows[0]["total"], [row for row in rows if row["task"] is not None]


async def find_task(connection: Connection, actor: Actor, task: int) -> Row | None:
    """One task by its number, with the assets that the person sees; None when there are none."""
    return await connection.fetch_one(ONE_TASK, {**_values(actor, None), "task": task})


async def item_states(connection: Connection, ids: Sequence[str]) -> dict[str, Row]:
    """Number, status, record and task of assets that the person is known to see, by their ids."""
    rows = await connection.fetch(ITEMS, {"ids": list(ids)})
    return {row["id"]: row for row in rows}


async def records_bytes(connection: Connection, ids: Sequence[str]) -> int:
    """How long the records of assets are in all."""
    size: int = await connection.fetch_value(RECORDS_BYTES, {"ids": list(ids)})
    return size


async def labels_of_workers(connection: Connection, actor: Actor, ids: Sequence[str]) -> dict[str, list[str]]:
    """The latest labels of all who answered, by asset, in the order in which they did."""
    rows = await connection.fetch(OF_WORKERS, {"ids": list(ids), **viewer_values(actor)})
    return {row["asset_id"]: row["ids"] for row in rows}


async def finished_items(
    connection: Connection,
    actor: Actor,
    project_id: str,
    *,
    after: int,
    since: datetime | None,
    limit: int,
    most_bytes: int,
) -> list[Row]:
    """Items that are done, the first finished first, behind a position in that order: fewer than `limit` where texts are long."""
    values = {**_values(actor, project_id), "after": after, "since": since, "limit": limit, "most_bytes": most_bytes}
    return await connection.fetch(FINISHED, values)


async def has_assets(connection: Connection, project_id: str) -> bool:
    """Whether a project has any asset."""
    found: bool = await connection.fetch_value(
        "select exists (select 1 from asset where project_id = :project_id)", {"project_id": project_id}
    )
    return found


async def events_to_call_back(connection: Connection, *, after: int, until: int) -> list[Row]:
    """Events about labels in projects whose customers are called back, of a piece of the chain, in its order."""
    return await connection.fetch(CALLED_BACK, {"after": after, "until": until})


async def item_to_call_back(connection: Connection, asset_id: str) -> Row | None:
    """What a callback about an asset says and where it goes; None when there is nothing to say any more."""
    return await connection.fetch_one(TO_CALL_BACK, {"asset_id": asset_id})


async def labels_until(connection: Connection, asset_id: str, label_id: str | None) -> list[Row]:
    """The latest label of each person and kind on an asset, as if nothing had come behind the given one."""
    return await connection.fetch(LABELS_UNTIL, {"asset_id": asset_id, "until": label_id})


async def put_callback(connection: Autocommit, asset_id: str, callback: Mapping[str, Any]) -> None:
    """Keep how the last callback about an asset went."""
    values = {"asset_id": asset_id, "callback": orjson.dumps(callback).decode()}
    await connection.write(PUT_CALLBACK, values)
