"""Statements about where assets stand in the workflow, and about its steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from domain.permission import Actor
from storage.database import Connection, Row
from storage.scope import OWN_PROJECT, viewer_values

LOCK_MINUTES = 30
VALID_LOCK = f"al.renewed_at > now() - interval '{LOCK_MINUTES} minutes'"
LOCK = "select a.id from asset a where a.id = any(:ids) order by a.id for no key update"
# What actions on assets ask: their state, what people have done to them, and the settings of their project.
STANDING = (
    "select a.id, a.external_id, a.project_id, a.status, a.skipped, a.current_step_id, a.step_status, a.is_to_review, "
    "a.is_used_for_consensus, a.sent_back_at, a.priority, p.archived_at, p.can_skip_asset, p.min_consensus_size, "
    "p.review_coverage, "
    "exists (select 1 from label l where l.asset_id = a.id and l.label_type in ('DEFAULT', 'REVIEW')) as has_label, "
    "exists (select 1 from label l where l.asset_id = a.id and l.label_type = 'DEFAULT') as has_default_label, "
    "exists (select 1 from label l where l.asset_id = a.id and l.is_sent_back_to_queue) as is_sent_back, "
    f"exists (select 1 from asset_lock al where al.asset_id = a.id and {VALID_LOCK}) as is_locked "
    f"from asset a join project p on p.id = a.project_id where a.id = any(:ids) and {OWN_PROJECT}"
)


async def standing_of(connection: Connection, ids: Sequence[str], actor: Actor) -> dict[str, Row]:
    """Assets of the person's projects with all that actions ask, locked until the transaction ends.

    Two statements, because one that waits for a lock goes on with the snapshot from before the wait.
    """
    await connection.fetch(LOCK, {"ids": list(ids)})
    rows = await connection.fetch(STANDING, {"ids": list(ids), **viewer_values(actor)})
    return {row["id"]: row for row in rows}


async def steps_of(connection: Connection, project_id: str) -> list[Row]:
    """The steps of a project, in order."""
    return await connection.fetch(
        "select s.* from project_step s where s.project_id = :project_id order by s.step_order",
        {"project_id": project_id},
    )


async def mark_sent_back(connection: Connection, ids: Sequence[str]) -> None:
    """Remember when assets were sent back, and flag the latest label of each person on them."""
    await connection.fetch("update asset set sent_back_at = now() where id = any(:ids)", {"ids": list(ids)})
    await connection.fetch(
        "update label set is_sent_back_to_queue = true where asset_id = any(:ids) and not is_honeypot "
        "and label_type in ('DEFAULT', 'REVIEW') and (is_latest_label_for_user or is_latest_default_label_for_user)",
        {"ids": list(ids)},
    )


async def set_priority(connection: Connection, ids: Sequence[str], priority: int) -> None:
    """Give assets a priority."""
    await connection.fetch(
        "update asset set priority = :priority::int, updated_at = now() where id = any(:ids)",
        {"ids": list(ids), "priority": priority},
    )


async def assign(connection: Connection, ids: Sequence[str], user_ids: Sequence[str]) -> None:
    """Make people the only assignees of assets; whoever has a draft on an asset of theirs stays beside them."""
    values: Mapping[str, Any] = {"ids": list(ids), "users": list(user_ids)}
    await connection.fetch(
        "delete from asset_assignee aa where aa.asset_id = any(:ids) and aa.user_id <> all(:users) and not exists (select 1 "
        "from label l where l.asset_id = aa.asset_id and l.author_id = aa.user_id and l.label_type = 'AUTOSAVE')",
        values,
    )
    await connection.fetch(
        "insert into asset_assignee (asset_id, user_id) select a, u from unnest(:ids::text[]) a, unnest(:users::text[]) u "
        "on conflict do nothing",
        values,
    )
    await connection.fetch("update asset set updated_at = now() where id = any(:ids)", {"ids": list(ids)})


async def set_skip_reason(connection: Connection, asset_id: str, reason: str | None) -> None:
    """Keep why an asset is skipped."""
    await connection.fetch("update asset set skip_reason = :reason where id = :id", {"id": asset_id, "reason": reason})
