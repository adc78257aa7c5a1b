"""Following the chain of events on behalf of plugins."""

from __future__ import annotations

from typing import Any, Final

from labelyard.storage.database import Connection, Row, Writer
from labelyard.storage.event import as_event

CURSOR: Final = "select sequence from plugin_cursor for update skip locked"
LAST: Final = "select max(sequence) from event where sequence is not null"
# What happened before a plugin became active is not its business.
FOLLOWED: Final = """
select t.position, t.organization_id, t.project_id, t.asset_id, t.label_id, t.user_id, t.event, t.origin, p.id as plugin_id,
  p.handler_types, p.event_matcher
from event t
join plugin_project a on a.project_id = t.project_id and a.created_at <= t.created_at
join plugin p on p.id = a.plugin_id and p.built_version is not null
where t.sequence > :after and t.sequence <= :until
order by t.sequence, p.position
"""
EVENT: Final = """
select t.position, t.created_at, t.organization_id, t.project_id, t.user_id, t.event, t.asset_id, t.label_id, t.payload
from event t where t.position = :position
"""
LABEL: Final = """
select id, label_type, author_id, model_name, json_response, search, seconds_to_label, number_of_annotations,
  is_sent_back_to_queue, is_latest_label_for_user, is_latest_default_label_for_user, is_latest_review_label_for_user, version,
  created_at, updated_at
from label where id = :id
"""


async def hold_cursor(connection: Writer) -> int | None:
    """How far the chain has been followed, held until the transaction ends; None when another process is at it."""
    sequence = await connection.fetch_value(CURSOR)
    return None if sequence is None else int(sequence)


async def follow_events(connection: Writer, *, after: int, most: int) -> tuple[int, list[Row]]:
    """How far the next `most` events reach, and those of them that plugins are active for, a row for each plugin."""
    last = int(await connection.fetch_value(LAST) or 0)
    until = min(last, after + most)
    if until <= after:
        return after, []
    return until, await connection.fetch(FOLLOWED, {"after": after, "until": until})


async def move_cursor(connection: Writer, sequence: int) -> None:
    """Remember how far the chain has been followed."""
    await connection.fetch("update plugin_cursor set sequence = :sequence", {"sequence": sequence})


async def event_at(connection: Connection, position: int) -> dict[str, Any] | None:
    """An event as clients read it."""
    row = await connection.fetch_one(EVENT, {"position": position})
    return None if row is None else as_event(row)


async def label_for_plugin(connection: Connection, label_id: str) -> Row | None:
    """A label as it is now; None when it is gone."""
    return await connection.fetch_one(LABEL, {"id": label_id})
