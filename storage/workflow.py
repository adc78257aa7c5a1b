"""Statements about the workflow: the states of assets, its steps, and their assignees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from labelyard.domain.permission import Actor
from labelyard.storage.database import Connection, Row, Writer
from labelyard.storage.scope import ITS_PROJECT, MAY_TOUCH, OWN_PROJECT, VALID_LOCK, viewer_values

# In workflows with steps, an asset that a person has locked to label it is shown as IN_PROGRESS in its step, and so as ONGOING.
# This is computed, not stored, and ends with the lock. Conditions on the row come first, so that few locks are looked up.
LABELER_LOCK = f"al.lock_type = 'DEFAULT' and {VALID_LOCK}"
IS_WAITING = (
    "{row}.current_step_id is not null and {row}.status in ('TODO', 'ONGOING') "
    "and {row}.step_status in ('TO_DO', 'PARTIALLY_DONE', 'REWORK')"
)
IS_OPENED = f"{IS_WAITING} and exists (select 1 from asset_lock al where al.asset_id = {{row}}.id and {LABELER_LOCK})"
STATUS = f"case when {{row}}.status = 'TODO' and {IS_OPENED} then 'ONGOING' else {{row}}.status end"
STEP_STATUS = f"case when {IS_OPENED} then 'IN_PROGRESS' else {{row}}.step_status end"
# Rows are locked in one order, so that two batches with the same assets wait for one another instead of ending in a deadlock.
LOCK = "select a.id from asset a where a.id = any(:ids) order by a.id for no key update"
# What actions on assets ask: their state, what people have done to them, and the settings of their project.
STANDING = f"""
select a.id, a.external_id, a.project_id, a.status, a.skipped, a.current_step_id, a.step_status, a.is_to_review,
  a.is_used_for_consensus, a.sent_back_at, a.priority, p.archived_at, p.can_skip_asset, p.min_consensus_size,
  p.review_coverage,
  exists (select 1 from label l where l.asset_id = a.id and l.label_type in ('DEFAULT', 'REVIEW')) as has_label,
  exists (select 1 from label l where l.asset_id = a.id and l.label_type = 'DEFAULT') as has_default_label,
  exists (select 1 from label l where l.asset_id = a.id and l.is_sent_back_to_queue) as is_sent_back,
  exists (select 1 from asset_lock al where al.asset_id = a.id and {VALID_LOCK}) as is_locked,
  {MAY_TOUCH.format(r="a")} as is_theirs
from asset a {ITS_PROJECT.format(row="a")}
where a.id = any(:ids) and {OWN_PROJECT}
"""


async def standing_of(connection: Writer, ids: Sequence[str], actor: Actor) -> dict[str, Row]:
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


async def record_send_back(connection: Writer, ids: Sequence[str]) -> None:
    """Remember when assets were sent back to the step where they are, and flag what is to be done again."""
    await connection.fetch(
        "update asset set sent_back_at = now(), sent_back_step_id = current_step_id where id = any(:ids)",
        {"ids": list(ids)},
    )
    await flag_sent_back(connection, ids)


# Of the labels `l` of an asset `a` that was sent back: those from before, but for the steps that it need not pass again.
TO_REDO = """
    l.created_at <= a.sent_back_at
    and not l.is_honeypot
    and not exists (
      select 1
      from project_step s
      join project_step t on t.id = a.current_step_id
      where s.id = l.step_id and s.step_order < t.step_order
        and (t.type = 'REVIEW' or s.step_group_id is distinct from t.step_group_id)
    )"""
FLAG_SENT_BACK = f"""
update label l set is_sent_back_to_queue = true
from asset a
where a.id = l.asset_id
  and l.asset_id = any(:ids)
  and l.label_type in ('DEFAULT', 'REVIEW')
  and (l.is_latest_label_for_user or l.is_latest_default_label_for_user)
  and not l.is_sent_back_to_queue
  and {TO_REDO}
  and not exists (
    select 1
    from label done
    where done.asset_id = a.id and done.label_type = 'DEFAULT' and done.created_at > a.sent_back_at
  )"""
# Whether the author of such a label `l` still has to do it again: the asset waits for that, and they have not.
AWAITS_AUTHOR = f"""
    {TO_REDO}
    and case when a.current_step_id is null then a.status in ('TODO', 'ONGOING')
      else a.step_status <> 'DONE' and coalesce(a.sent_back_step_id, a.current_step_id) = a.current_step_id end
    and not exists (
      select 1
      from label done
      where done.asset_id = a.id and done.author_id = l.author_id and done.label_type = l.label_type
        and done.step_id is not distinct from l.step_id and done.created_at > a.sent_back_at
    )"""


async def flag_sent_back(connection: Writer, ids: Sequence[str]) -> None:
    """Flag the latest label of each person on assets that wait in the step they were sent back to: not labels since then, nor
    those of steps before. A DEFAULT label since then has ended that.
    """
    await connection.fetch(FLAG_SENT_BACK, {"ids": list(ids)})


async def set_priority(connection: Writer, ids: Sequence[str], priority: int) -> None:
    """Give assets a priority."""
    await connection.fetch(
        "update asset set priority = :priority::int, updated_at = now() where id = any(:ids)",
        {"ids": list(ids), "priority": priority},
    )


async def assign(connection: Writer, ids: Sequence[str], user_ids: Sequence[str]) -> None:
    """Make people the only assignees of assets, beside former assignees who have a draft on the asset."""
    values: Mapping[str, Any] = {"ids": list(ids), "users": list(user_ids)}
    await connection.fetch(
        """
        delete from asset_assignee aa
        where aa.asset_id = any(:ids)
          and aa.user_id <> all(:users)
          and not exists (
            select 1
            from label l
            where l.asset_id = aa.asset_id and l.author_id = aa.user_id and l.label_type = 'AUTOSAVE'
          )
        """,
        values,
    )
    await connection.fetch(
        """
        insert into asset_assignee (asset_id, user_id)
        select a, u
        from unnest(:ids::text[]) a, unnest(:users::text[]) u
        on conflict do nothing
        """,
        values,
    )
    await connection.fetch("update asset set updated_at = now() where id = any(:ids)", {"ids": list(ids)})


async def set_skip_reason(connection: Writer, asset_id: str, reason: str | None) -> None:
    """Keep why an asset is skipped."""
    await connection.fetch("update asset set skip_reason = :reason where id = :id", {"id": asset_id, "reason": reason})


# Whether a membership `pu` may work on a step `sp`: its assignees, or everybody whose role allows it when it has none.
MAY_WORK = """pu.deleted_at is null
and (sp.type = 'DEFAULT' or pu.role <> 'LABELER')
and (
  exists (select 1 from step_assignee sa where sa.step_id = sp.id and sa.user_id = pu.user_id)
  or not exists (
    select 1
    from step_assignee sa
    join project_user su
      on su.user_id = sa.user_id
        and su.project_id = sp.project_id
        and su.deleted_at is null
        and (sp.type = 'DEFAULT' or su.role <> 'LABELER')
    where sa.step_id = sp.id
  )
)"""


async def member_roles(connection: Connection, project_id: str, user_ids: Sequence[str]) -> dict[str, str]:
    """The roles of those of the users who are members of a project."""
    rows = await connection.fetch(
        """
        select user_id, role
        from project_user
        where project_id = :project_id and deleted_at is null and user_id = any(:ids)
        """,
        {"project_id": project_id, "ids": list(user_ids)},
    )
    return {row["user_id"]: row["role"] for row in rows}


async def write_steps(connection: Writer, project_id: str, steps: Sequence[Mapping[str, Any]]) -> None:
    """Make these the steps of a project, in this order; assets have left the steps that are not among them."""
    ids = [step["id"] for step in steps]
    values: dict[str, Any] = {"project_id": project_id, "ids": ids}
    await connection.fetch("delete from project_step where project_id = :project_id and id <> all(:ids)", values)
    # Two steps cannot share a place, not even while they swap.
    await connection.fetch(
        "update project_step set step_order = step_order + 1000000 where project_id = :project_id", values
    )
    for name in ("name", "type", "step_coverage", "use_honeypot", "send_back_step_id", "step_group_id"):
        values[name] = [step[name] for step in steps]
    await connection.fetch(
        """
        insert into project_step (
          id, project_id, step_order, name, type, step_coverage, use_honeypot, step_group_id
        )
        select n.id, :project_id, n.ordinal - 1, n.name, n.type, n.coverage, n.honeypot, n.group_id
        from unnest(
          :ids::text[], :name::text[], :type::text[], :step_coverage::int[], :use_honeypot::bool[],
          :step_group_id::text[]
        ) with ordinality n(id, name, type, coverage, honeypot, group_id, ordinal)
        on conflict (id) do update set
          step_order = excluded.step_order, name = excluded.name, step_coverage = excluded.step_coverage,
          use_honeypot = excluded.use_honeypot, step_group_id = excluded.step_group_id
        """,
        values,
    )
    await connection.fetch(
        """
        update project_step s
        set send_back_step_id = n.target
        from unnest(:ids::text[], :send_back_step_id::text[]) n(id, target)
        where s.id = n.id and s.send_back_step_id is distinct from n.target
        """,
        values,
    )


async def replace_step_assignees(connection: Writer, pairs: Sequence[tuple[str, str]], steps: Sequence[str]) -> None:
    """Make the given (step, user) pairs the only assignees of the steps."""
    await connection.fetch("delete from step_assignee where step_id = any(:steps)", {"steps": list(steps)})
    await connection.fetch(
        "insert into step_assignee (step_id, user_id) select * from unnest(:steps::text[], :users::text[])",
        {"steps": [step for step, _ in pairs], "users": [user for _, user in pairs]},
    )


async def standings_in(connection: Connection, project_id: str, step_id: str) -> list[Row]:
    """The different states that assets of a step are in."""
    return await connection.fetch(
        "select distinct step_status, status, skipped from asset where project_id = :project_id and current_step_id = :id",
        {"project_id": project_id, "id": step_id},
    )


async def leave_step(
    connection: Writer, project_id: str, step_id: str, moves: Sequence[tuple[Row, Mapping[str, Any]]]
) -> None:
    """Move all assets of a step, state by state."""
    await connection.fetch(
        """
        update asset a
        set current_step_id = m.step_id, step_status = m.new_step_status, status = m.new_status,
          updated_at = now()
        from unnest(
          :step_statuses::text[], :statuses::text[], :step_ids::text[], :new_step_statuses::text[],
          :new_statuses::text[]
        ) m(step_status, status, step_id, new_step_status, new_status)
        where a.project_id = :project_id
          and a.current_step_id = :id
          and a.step_status is not distinct from m.step_status
          and a.status = m.status
        """,
        {
            "project_id": project_id,
            "id": step_id,
            "step_statuses": [row["step_status"] for row, _ in moves],
            "statuses": [row["status"] for row, _ in moves],
            "step_ids": [new["step_id"] for _, new in moves],
            "new_step_statuses": [new["step_status"] for _, new in moves],
            "new_statuses": [new["status"] for _, new in moves],
        },
    )
