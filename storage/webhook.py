"""Statements about webhooks: registering them, what they follow, and how deliveries went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from labelyard.storage.database import Autocommit, Connection, Database, Row, Writer
from labelyard.storage.event import SHOWN

KEPT_DAYS: Final = 30
PIECE: Final = 5_000

INSERT_PLUGIN = """
insert into plugin (id, organization_id, owner_id, name, handler_types, event_matcher, status)
values (:id, :organization_id, :owner_id, :name, :handler_types, :event_matcher, 'ACTIVE')
on conflict (organization_id, name) do nothing
returning id
"""
INSERT_WEBHOOK = "insert into webhook (plugin_id, url, header, secret) values (:id, :url, :header, :secret)"
UPDATE_WEBHOOK = """
with changed as (
  update plugin
  set owner_id = :owner_id, handler_types = :handler_types, event_matcher = :event_matcher, updated_at = now()
  where id = :id
)
update webhook set url = :url, header = :header, failures = 0, paused_until = null where plugin_id = :id
"""
NAMED = """
select p.id, p.name, p.organization_id, w.plugin_id is not null as is_webhook, w.url, w.secret
from plugin p left join webhook w on w.plugin_id = p.id
where p.organization_id = :organization_id and p.name = :name
for update of p
"""
ACTIVATE = """
insert into plugin_project (plugin_id, project_id) values (:plugin_id, :project_id)
on conflict do nothing
returning plugin_id
"""
DEACTIVATE = "delete from plugin_project where plugin_id = :plugin_id and project_id = :project_id returning plugin_id"
PLUGINS = """
select p.id, p.name, p.created_at, p.updated_at, p.event_matcher, array(
  select a.project_id from plugin_project a
  join project j on j.id = a.project_id and j.deleted_at is null
  where a.plugin_id = p.id and (:sees_all::bool or a.project_id = any(:projects::text[]))
  order by a.created_at, a.project_id
) as project_ids
from plugin p
where p.organization_id = :organization_id and (:name::text is null or p.name = :name) and (:id::text is null or p.id = :id)
order by p.position
"""
CURSOR = "select sequence from event_cursor where name = 'dispatch' for update skip locked"
LAST = "select max(sequence) from event_link"
MOVE_CURSOR = "update event_cursor set sequence = :sequence where name = 'dispatch'"
# What happened before a plugin became active is not its business.
FOLLOWED = """
select t.position, t.organization_id, t.project_id, t.asset_id, t.user_id, t.event, p.id as plugin_id, p.handler_types,
  p.event_matcher, w.plugin_id is not null as is_webhook
from event_link c
join event t on t.position = c.position
join plugin_project a on a.project_id = t.project_id and a.created_at <= t.created_at
join plugin p on p.id = a.plugin_id
left join webhook w on w.plugin_id = p.id
where c.sequence > :after and c.sequence <= :until
order by c.sequence, p.position
"""
TO_DELIVER = f"""
select {SHOWN}, p.name, p.owner_id, p.handler_types, p.event_matcher, w.url, w.header, w.secret,
  greatest(extract(epoch from w.paused_until - now()), 0)::float as paused_seconds,
  exists (select 1 from plugin_project a where a.plugin_id = p.id and a.project_id = t.project_id) as is_active
from event t, plugin p join webhook w on w.plugin_id = p.id
where t.position = :position and p.id = :plugin_id and p.organization_id = t.organization_id
"""
LABEL = """
select l.id, l.label_type, l.author_id, l.model_name, l.json_response, l.search, l.seconds_to_label, l.number_of_annotations,
  l.is_sent_back_to_queue, l.is_latest_label_for_user, l.is_latest_default_label_for_user, l.is_latest_review_label_for_user,
  l.client_version, l.version, l.asset_id, l.project_id, l.created_at, l.updated_at
from label l
join project p on p.id = l.project_id and p.deleted_at is null
where l.id = :id
"""
# A receiver that fails again and again is left alone for longer each time.
LOG = """
with logged as (
  insert into webhook_delivery (plugin_id, project_id, event_position, handler, run_id, attempt, status, reason, milliseconds)
  select w.plugin_id, :project_id, :position, :handler, :run_id, :attempt, :status::int, :reason::text, :milliseconds
  from webhook w where w.plugin_id = :plugin_id
)
update webhook set failures = case when :is_done::bool then 0 else failures + 1 end,
  paused_until = case
    when :is_done::bool or failures + 1 < 5 then null
    when failures + 1 >= 100 then now() + interval '1 hour'
    else now() + least(power(2, failures - 4), 300) * interval '1 second'
  end
where plugin_id = :plugin_id
"""
DELIVERIES = """
select d.position, d.event_position, e.event, d.project_id, d.run_id, d.attempt, d.status, d.reason, d.milliseconds, d.created_at
from webhook_delivery d
join plugin p on p.id = d.plugin_id
left join event e on e.position = d.event_position
where p.id = :plugin_id and (not :only_failed::bool or d.status is null or d.status not between 200 and 299)
order by d.position desc limit :limit
"""
DELIVERY = """
select d.position, d.event_position, d.handler, d.plugin_id, d.project_id, p.organization_id, e.asset_id
from webhook_delivery d join plugin p on p.id = d.plugin_id left join event e on e.position = d.event_position
where d.position = :position
"""
# The last attempt of an event decides: what was delivered later is done.
UNDELIVERED = """
select last.position, last.event_position, last.handler, last.plugin_id, last.project_id, p.organization_id, e.asset_id
from (
  select distinct on (d.event_position) d.* from webhook_delivery d
  where d.plugin_id = :plugin_id order by d.event_position, d.position desc
) last
join plugin p on p.id = last.plugin_id
left join event e on e.position = last.event_position
where last.status is null or last.status not between 200 and 299
order by last.event_position
"""
WEBHOOKS = """
select p.id, p.name, o.name as organization, o.id as organization_id, w.url, w.secret, w.failures,
  (select count(*) from plugin_project a where a.plugin_id = p.id) as projects
from webhook w join plugin p on p.id = w.plugin_id join organization o on o.id = p.organization_id
where (:name::text is null or p.name = :name or p.id = :name)
  and (:organization::text is null or o.name = :organization or o.id = :organization)
order by p.position
"""
REMOVE = """
delete from webhook_delivery where position in (
  select position from webhook_delivery
  where created_at < now() - :days * interval '1 day' order by position limit :limit for update skip locked
) returning position
"""


async def insert_webhook(connection: Writer, values: Mapping[str, Any]) -> bool:
    """Register a webhook; False when the name is taken."""
    if not await connection.fetch(INSERT_PLUGIN, values):
        return False
    await connection.fetch(INSERT_WEBHOOK, values)
    return True


async def update_webhook(connection: Writer, values: Mapping[str, Any]) -> None:
    """Change where a webhook is delivered, and what it follows."""
    await connection.fetch(UPDATE_WEBHOOK, values)


async def lock_plugin_named(connection: Writer, organization_id: str, name: str) -> Row | None:
    """A plugin or webhook of an organization, locked until the transaction ends."""
    return await connection.fetch_one(NAMED, {"organization_id": organization_id, "name": name})


async def activate_plugin(connection: Writer, plugin_id: str, project_id: str) -> bool:
    """Have a plugin follow a project; False when it does already."""
    return bool(await connection.fetch(ACTIVATE, {"plugin_id": plugin_id, "project_id": project_id}))


async def deactivate_plugin(connection: Writer, plugin_id: str, project_id: str) -> bool:
    """End that a plugin follows a project; False when it did not."""
    return bool(await connection.fetch(DEACTIVATE, {"plugin_id": plugin_id, "project_id": project_id}))


async def delete_plugin(connection: Writer, plugin_id: str) -> None:
    """Remove a plugin or webhook with all that belongs to it."""
    await connection.fetch("delete from plugin where id = :id", {"id": plugin_id})


async def list_plugins(connection: Connection, values: Mapping[str, Any]) -> list[Row]:
    """Plugins and webhooks of an organization, with the visible projects that they are active on."""
    return await connection.fetch(PLUGINS, values)


async def hold_dispatch(connection: Writer) -> int | None:
    """How far the chain has been followed, held until the transaction ends; None when another process is at it."""
    sequence = await connection.fetch_value(CURSOR)
    return None if sequence is None else int(sequence)


async def followed_events(connection: Writer, *, after: int, most: int) -> tuple[int, list[Row]]:
    """The next events that plugins follow, one row for each plugin, and how far that is."""
    until = min(int(await connection.fetch_value(LAST) or 0), after + most)
    if until <= after:
        return after, []
    return until, await connection.fetch(FOLLOWED, {"after": after, "until": until})


async def move_dispatch(connection: Writer, sequence: int) -> None:
    """Remember how far the chain has been followed."""
    await connection.fetch(MOVE_CURSOR, {"sequence": sequence})


async def event_to_deliver(connection: Connection, plugin_id: str, position: int) -> Row | None:
    """An event with the webhook that it is for; None when that is gone."""
    return await connection.fetch_one(TO_DELIVER, {"plugin_id": plugin_id, "position": position})


async def label_to_deliver(connection: Connection, label_id: str) -> Row | None:
    """A label as it is now; None when it is gone, or its project."""
    return await connection.fetch_one(LABEL, {"id": label_id})


async def log_delivery(connection: Autocommit, values: Mapping[str, Any]) -> None:
    """Keep how an attempt went, and count failures in a row."""
    await connection.write(LOG, values)


async def list_webhooks(
    connection: Connection, name: str | None = None, *, organization: str | None = None
) -> list[Row]:
    """Webhooks by name or id, or all."""
    return await connection.fetch(WEBHOOKS, {"name": name, "organization": organization})


async def list_deliveries(connection: Connection, plugin_id: str, *, only_failed: bool, limit: int) -> list[Row]:
    """Attempts to deliver to a webhook, the newest first."""
    return await connection.fetch(DELIVERIES, {"plugin_id": plugin_id, "only_failed": only_failed, "limit": limit})


async def read_delivery(connection: Connection, position: int) -> Row | None:
    """An attempt by its number."""
    return await connection.fetch_one(DELIVERY, {"position": position})


async def undelivered(connection: Connection, plugin_id: str) -> Sequence[Row]:
    """The last attempts of the events that have not been delivered to a webhook."""
    return await connection.fetch(UNDELIVERED, {"plugin_id": plugin_id})


async def remove_old_deliveries(database: Database, *, days: float = KEPT_DAYS) -> None:
    """Remove attempts of so many days ago, a piece at a time."""
    while True:
        async with database.autocommit() as connection:
            if len(await connection.write(REMOVE, {"days": days, "limit": PIECE})) < PIECE:
                return
