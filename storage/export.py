"""Statements about exports."""

from __future__ import annotations

from collections.abc import Sequence

from labelyard.domain.permission import Actor
from labelyard.storage.database import Connection, Row, Writer
from labelyard.storage.scope import ITS_PROJECT, OWN_PROJECT, SCOPES, viewer_values

KEPT_DAYS = 7.0
PIECE = 100

INSERT = """
insert into project_export (id, project_id, user_id, job_id, format, layout, labels, options, is_for_labeler, shows_names)
values (:id, :project_id, :user_id, :job_id, :format, :layout, :labels, :options, :is_for_labeler, :shows_names)
"""
# Two people who ask at once: one sees the export of the other.
LOCK = "select pg_advisory_xact_lock(hashtextextended('exports of ' || :organization_id, 0))"
UNFINISHED = """
select j.project_id, j.key, count(*)::int as exports
from job j
where j.organization_id = :organization_id and j.kind = :kind and j.status in ('QUEUED', 'RUNNING')
group by j.project_id, j.key
"""
FIND = f"""
select t.id, t.project_id, t.user_id, t.job_id
from project_export t {ITS_PROJECT.format(row="t")}
where t.id = :id
  and {OWN_PROJECT}
  and {SCOPES["ProjectExport"].shown.format(r="t")}
"""
READ = """
select e.id, e.project_id, e.user_id, e.job_id, e.options, e.is_for_labeler, e.blob_id
from project_export e
where e.id = :id
"""
# Neither for a job that is asked to end, nor for one that another worker has by now.
PUBLISH = """
update project_export e
set blob_id = :blob_id, finished_at = now()
from job j
where e.id = :id
  and e.blob_id is null
  and j.id = e.job_id
  and j.status = 'RUNNING'
  and j.worker_id = :worker_id
  and j.claims = :claims
  and not j.is_cancel_requested
returning e.id
"""
LAST_POSITION = "select max(position) from asset where id = any(:ids)"
REMOVE_OLD = """
delete from project_export
where id in (
  select e.id
  from project_export e join project p on p.id = e.project_id
  where (e.created_at < now() - make_interval(secs => :seconds) or p.deleted_at is not null)
    and not exists (select 1 from job j where j.id = e.job_id and j.status in ('QUEUED', 'RUNNING'))
  limit :piece for update of e skip locked
)
returning blob_id
"""
ADMINISTRATOR = """
select u.id
from project p join user_account u on u.organization_id = p.organization_id
where p.id = :project_id and p.deleted_at is null and u.organization_role = 'ADMIN' and u.activated
order by u.created_at, u.id
limit 1
"""


async def insert_export(connection: Writer, values: dict[str, object]) -> None:
    """Add an export whose job has been added."""
    await connection.fetch(INSERT, values)


async def unfinished_exports(connection: Writer, kind: str, organization_id: str) -> list[Row]:
    """How many exports of an organization have not ended, by project and key; held until the transaction ends."""
    await connection.fetch(LOCK, {"organization_id": organization_id})
    return await connection.fetch(UNFINISHED, {"organization_id": organization_id, "kind": kind})


async def own_export(connection: Writer, export_id: str, actor: Actor) -> Row | None:
    """An export that the person may see."""
    return await connection.fetch_one(FIND, {"id": export_id, **viewer_values(actor)})


async def read_export(connection: Connection, export_id: str) -> Row | None:
    """An export, for its job."""
    return await connection.fetch_one(READ, {"id": export_id})


async def publish_export(connection: Writer, export_id: str, blob_id: str, *, worker_id: str, claims: int) -> bool:
    """Give an export its file; says whether its job still is the worker's and not asked to end."""
    values = {"id": export_id, "blob_id": blob_id, "worker_id": worker_id, "claims": claims}
    return await connection.fetch_value(PUBLISH, values) is not None


async def last_position(connection: Connection, asset_ids: Sequence[str]) -> int | None:
    """Where the last of some assets stands in the order of lists; None when all of them are gone."""
    found = await connection.fetch_value(LAST_POSITION, {"ids": list(asset_ids)})
    return None if found is None else int(found)


async def delete_old_exports(connection: Writer, *, days: float = KEPT_DAYS) -> list[str | None]:
    """Delete some exports that are old or of deleted projects; answers the ids of their files, None for one without."""
    rows = await connection.fetch(REMOVE_OLD, {"seconds": days * 86_400, "piece": PIECE})
    return [row["blob_id"] for row in rows]


async def administrator_of(connection: Connection, project_id: str) -> str | None:
    """The first administrator of the organization that a project is of."""
    found = await connection.fetch_value(ADMINISTRATOR, {"project_id": project_id})
    return None if found is None else str(found)
