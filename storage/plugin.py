"""Statements about plugins.

Whoever adds or renames plugins of an organization holds the organization's row (`storage.organization.lock_organization`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from labelyard.storage.database import Connection, Row, Writer
from labelyard.storage.event import SHOWN
from labelyard.storage.plan.compiler import milliseconds

# The status as it can be told: a build whose job has ended without a word has failed.
STATUS: Final = """
case
  when {t}.status = 'DEPLOYING' and not exists (
    select 1 from job j where j.id = {t}.build_job_id and j.status in ('QUEUED', 'RUNNING')
  ) then 'FAILED'
  else {t}.status
end"""
OWN: Final = f"""
select p.id, p.organization_id, p.owner_id, p.name, p.handler_types, p.event_matcher, p.version, p.blob_id, p.upload_id,
  p.build_job_id, exists (select 1 from webhook w where w.plugin_id = p.id) as is_webhook,
  p.created_at, {STATUS.format(t="p")} as status
from plugin p
where p.organization_id = :organization_id
  and (:name::text is null or p.name = :name)
  and (:id::text is null or p.id = :id)
"""
DEPLOY: Final = """
update plugin
set owner_id = :owner_id, handler_types = :handler_types, event_matcher = :event_matcher, blob_id = upload_id, upload_id = null,
  status = 'DEPLOYING', version = version + 1, updated_at = now()
where id = :id
returning version
"""
SETTLE: Final = """
update plugin p
set status = :status,
  handler_types = case when p.event_matcher = '{}' then coalesce(p.handler_types, :handler_types::text[]) end,
  built_version = case when :status = 'ACTIVE' then p.version else p.built_version end,
  built_blob_id = case when :status = 'ACTIVE' then p.blob_id else p.built_blob_id end,
  updated_at = now()
from plugin before
where p.id = :id and p.version = :version and before.id = p.id
returning before.built_blob_id
"""
EVENT: Final = f"select {SHOWN}, t.origin from event t where t.position = :position"
LOGS: Final = """
select l.content, l.created_at, l.log_type, l.asset_id, l.label_id, l.project_id, l.run_id
from plugin_log l
where l.plugin_id = :plugin_id
  and l.project_id is not distinct from :project_id::text
  and (:since::timestamptz is null or l.created_at >= :since)
order by l.position desc
limit :limit offset :skip
"""
ADD_LOGS: Final = """
insert into plugin_log (plugin_id, project_id, run_id, log_type, content, asset_id, label_id)
select p.id, :project_id::text, :run_id::text, line.log_type, line.content, :asset_id::text, :label_id::text
from plugin p, unnest(:log_types::text[], :contents::text[]) with ordinality line(log_type, content, place)
where p.id = :plugin_id
order by line.place
"""
# The newest lines of a plugin on a project stay, as many as `kept`.
TRIM_LOGS: Final = """
delete from plugin_log
where plugin_id = :plugin_id
  and project_id is not distinct from :project_id::text
  and position <= (
    select position
    from plugin_log
    where plugin_id = :plugin_id and project_id is not distinct from :project_id::text
    order by position desc
    offset :kept limit 1
  )
"""


async def count_plugins(connection: Connection, organization_id: str) -> int:
    """How many plugins an organization has."""
    return int(
        await connection.fetch_value(
            "select count(*) from plugin where organization_id = :organization_id", {"organization_id": organization_id}
        )
    )


async def own_plugin(
    connection: Connection, organization_id: str, *, name: str | None = None, identifier: str | None = None
) -> Row | None:
    """A plugin of an organization by its name, its id or both."""
    values = {"organization_id": organization_id, "name": name, "id": identifier}
    return await connection.fetch_one(f"{OWN} limit 1", values)


async def lock_plugin(connection: Writer, organization_id: str, name: str) -> Row | None:
    """A plugin of an organization, locked against changes by others until the transaction ends."""
    values = {"organization_id": organization_id, "name": name, "id": None}
    return await connection.fetch_one(f"{OWN} for update of p", values)


async def plugin_by_id(connection: Connection, plugin_id: str) -> Row | None:
    """A plugin of any organization, for its jobs."""
    return await connection.fetch_one("select * from plugin where id = :id", {"id": plugin_id})


async def event_for_plugin(connection: Connection, position: int) -> Row | None:
    """An event as it is listed, and what it came by."""
    return await connection.fetch_one(EVENT, {"position": position})


async def insert_plugin(
    connection: Writer, *, identifier: str, organization_id: str, owner_id: str, name: str, upload_id: str
) -> None:
    """Add a plugin that has no code yet."""
    await connection.fetch(
        """
        insert into plugin (id, organization_id, owner_id, name, upload_id)
        values (:id, :organization_id, :owner_id, :name, :upload_id)
        """,
        {
            "id": identifier,
            "organization_id": organization_id,
            "owner_id": owner_id,
            "name": name,
            "upload_id": upload_id,
        },
    )


async def set_upload(connection: Writer, plugin_id: str, upload_id: str) -> None:
    """Remember the file that the next version comes in."""
    await connection.fetch(
        "update plugin set upload_id = :upload_id where id = :id", {"id": plugin_id, "upload_id": upload_id}
    )


async def deploy(
    connection: Writer,
    plugin_id: str,
    *,
    owner_id: str,
    handler_types: Sequence[str] | None,
    event_matcher: Sequence[str],
) -> int:
    """Make what was uploaded the newest version, still to be built; answers its number."""
    values: dict[str, Any] = {
        "id": plugin_id,
        "owner_id": owner_id,
        "handler_types": None if handler_types is None else list(handler_types),
        "event_matcher": list(event_matcher),
    }
    return int(await connection.fetch_value(DEPLOY, values))


async def set_build_job(connection: Writer, plugin_id: str, job_id: str) -> None:
    """Remember the job that builds the newest version."""
    await connection.fetch(
        "update plugin set build_job_id = :job_id where id = :id", {"id": plugin_id, "job_id": job_id}
    )


async def settle_build(
    connection: Writer, plugin_id: str, version: int, *, status: str, handler_types: Sequence[str] | None = None
) -> str | None:
    """Say how the build of a version has ended, unless there is a newer one; answers the archive of the version that ran before."""
    values = {
        "id": plugin_id,
        "version": version,
        "status": status,
        "handler_types": None if handler_types is None else list(handler_types),
    }
    before = await connection.fetch_value(SETTLE, values)
    return None if before is None else str(before)


async def is_on_project(connection: Connection, plugin_id: str, project_id: str) -> bool:
    """Whether a plugin is active on a project that takes changes."""
    return bool(
        await connection.fetch_value(
            """
            select exists (
              select 1
              from plugin_project a join project p on p.id = a.project_id
              where a.plugin_id = :plugin_id
                and a.project_id = :project_id
                and p.deleted_at is null
                and p.archived_at is null
            )
            """,
            {"plugin_id": plugin_id, "project_id": project_id},
        )
    )


async def add_logs(
    connection: Writer,
    plugin_id: str,
    lines: Sequence[tuple[str, str]],
    *,
    kept: int,
    project_id: str | None = None,
    run_id: str | None = None,
    asset_id: str | None = None,
    label_id: str | None = None,
) -> None:
    """Add lines, each with its level, and remove the oldest so that `kept` stay; nothing for a plugin that was deleted."""
    values = {"plugin_id": plugin_id, "project_id": project_id}
    more = {"run_id": run_id, "asset_id": asset_id, "label_id": label_id}
    columns = {"log_types": [line[0] for line in lines], "contents": [line[1] for line in lines]}
    await connection.fetch(ADD_LOGS, {**values, **more, **columns})
    await connection.fetch(TRIM_LOGS, {**values, "kept": kept})


async def logs_of(
    connection: Connection, plugin_id: str, *, project_id: str | None, since: datetime | None, limit: int, skip: int
) -> list[dict[str, Any]]:
    """Lines of a plugin as clients read them, the newest first: of a project, or (None) of its builds."""
    values = {"plugin_id": plugin_id, "project_id": project_id, "since": since, "limit": limit, "skip": skip}
    return [
        {
            "content": row["content"],
            "createdAt": milliseconds(row["created_at"]),
            "logType": row["log_type"],
            "metadata": {"assetId": row["asset_id"], "labelId": row["label_id"]},
            "projectId": row["project_id"],
            "runId": row["run_id"],
        }
        for row in await connection.fetch(LOGS, values)
    ]
