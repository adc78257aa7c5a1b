"""Statements about locks on assets, and about what keeps people from labeling them."""

from __future__ import annotations

from collections.abc import Sequence

from labelyard.storage.database import Connection, Database, Row, Writer
from labelyard.storage.scope import ITS_PROJECT, LOCK_MINUTES, OWN_ASSET, VALID_LOCK
from labelyard.storage.workflow import MAY_WORK

# What a person has submitted in the step where the asset `a` is, since it was last sent back.
OWN_LABEL = """exists (
  select 1
  from label l
  where l.asset_id = a.id
    and l.author_id is not distinct from :viewer
    and not l.is_honeypot
    and l.label_type = case when a.status = 'TO_REVIEW' then 'REVIEW' else 'DEFAULT' end
    and l.step_id is not distinct from a.current_step_id
    and (a.sent_back_at is null or l.created_at > a.sent_back_at)
  offset 0
)"""
# Whether one more person may work on the asset: one at a time, in consensus as many as labels are missing, and on a honeypot
# any number of labelers, both in the first group of steps only; one person reviews it.
IN_FIRST_GROUP = """not exists (
  select 1
  from project_step cs join step_group cg on cg.id = cs.step_group_id
  where cs.id = {asset}.current_step_id and cg.group_order > 0
  offset 0
)"""
IS_SHARED = f"(a.is_used_for_consensus and a.status in ('TODO', 'ONGOING') and {IN_FIRST_GROUP.format(asset='a')})"
IS_OPEN = f"(a.is_honeypot and a.status in ('TODO', 'ONGOING') and {IN_FIRST_GROUP.format(asset='a')})"
HAS_ROOM = f"""(
  {IS_OPEN}
  or (select count(*) from asset_lock al where al.asset_id = a.id and al.user_id <> :viewer and {VALID_LOCK})
    + case
      when {IS_SHARED} then (
        select count(distinct l.author_id)
        from label l
        where l.asset_id = a.id
          and l.author_id <> :viewer
          and l.label_type = 'DEFAULT'
          and (a.sent_back_at is null or l.created_at > a.sent_back_at)
      )
      else 0
    end
    < case when {IS_SHARED} then p.min_consensus_size else 1 end
)"""
# The assignees who count: an asset is assigned to labelers for labeling and to reviewers for review, and the assignees for the
# one do not restrict the other. Members who may do both count for both.
ASSIGNEES = """(
  select 1
  from asset_assignee aa
  left join project_user au on au.user_id = aa.user_id and au.project_id = a.project_id
  where aa.asset_id = a.id
    and coalesce(au.role, '') <> case when {is_review} then 'LABELER' else 'REVIEWER' end{more}
  offset 0
)"""
WAITS_FOR_REVIEW = "a.status = 'TO_REVIEW'"
# Runs after the asset's row has been locked, so that it sees what others have done since the asset was chosen.
TAKE = f"""
insert into asset_lock (id, project_id, asset_id, user_id, lock_type)
select :id, a.project_id, a.id, :viewer,
  case when a.status in ('TO_REVIEW', 'REVIEWED') then 'REVIEW' else 'DEFAULT' end
from asset a {ITS_PROJECT.format(row="a")}
where a.id = :asset_id and {HAS_ROOM}
on conflict (asset_id, user_id) do update set renewed_at = now(), lock_type = excluded.lock_type
returning id
"""
KNOWN = f"""
select {OWN_ASSET.format(asset=":id")}
  or exists (select 1 from asset_lock held where held.asset_id = :id and held.user_id = :viewer)
"""
EXPIRED_AT_ONCE = 10_000
# For a day it is known who had an asset open. Passes over a lock that is being renewed.
REMOVE_EXPIRED = f"""
delete from asset_lock where id in (
  select al.id
  from asset_lock al
  where al.renewed_at < now() - interval '1 day'
  order by al.renewed_at limit {EXPIRED_AT_ONCE} for update skip locked
)
returning id
"""
# What stands in the way of labels. `sp` is the step that a label of the type is made in: the one named, else the asset's own if
# it fits the type, else the first of its group that does.
REVIEWS = f"case when :label_type::text = 'AUTOSAVE' then {WAITS_FOR_REVIEW} else :label_type::text = 'REVIEW' end"
SITUATIONS = f"""
select a.id, a.external_id, a.status, {IS_SHARED} as is_shared,
  exists {ASSIGNEES.format(is_review=REVIEWS, more="")}
    and not exists {ASSIGNEES.format(is_review=REVIEWS, more=" and aa.user_id = :viewer")} as is_assigned_to_others,
  not {IS_OPEN} and not {IS_SHARED}
    and exists (select 1 from asset_lock al where al.asset_id = a.id and al.user_id <> :viewer and {VALID_LOCK})
    and not exists (
      select 1
      from asset_lock al
      where al.asset_id = a.id and al.user_id = :viewer and {VALID_LOCK}
    ) as is_locked_by_others,
  case
    when sp.id is not null then exists (
      select 1
      from project_user pu
      where pu.project_id = p.id and pu.user_id = :viewer and {MAY_WORK}
    )
  end as is_step_assignee,
  sp.id is not null and sp.step_group_id is distinct from own.step_group_id as is_of_other_group,
  a.is_honeypot and exists (
    select 1
    from asset_lock al
    where al.asset_id = a.id and al.user_id = :viewer and {VALID_LOCK}
  ) as is_open_honeypot,
  {OWN_LABEL} as has_own_label,
  p.enforce_step_separation and exists (
    select 1
    from label l
    where l.asset_id = a.id
      and l.author_id is not distinct from :viewer
      and l.label_type in ('DEFAULT', 'REVIEW')
      and case
        when l.step_id is null or sp.id is null then (l.label_type = 'REVIEW') <> (:label_type::text = 'REVIEW')
        else l.step_id <> sp.id
      end
  ) as worked_on_other_step
from asset a {ITS_PROJECT.format(row="a")}
left join project_step own on own.id = a.current_step_id
left join lateral (
  select s.*
  from project_step s
  where s.project_id = p.id
    and case
      when :step_id::text is not null then s.id = :step_id
      when :label_type::text = 'AUTOSAVE' then s.id = a.current_step_id
      else (s.type = 'REVIEW') = (:label_type::text = 'REVIEW') and s.step_group_id is not distinct from
      own.step_group_id
    end
  order by s.id is distinct from a.current_step_id, s.step_order
  limit 1
) sp
  on true
where a.id = any(:ids)
"""


async def labeling_contexts_of(
    connection: Connection, asset_ids: Sequence[str], user_id: str, label_type: str, step_id: str | None
) -> list[Row]:
    """What there is about assets and a person who submits labels of a type on them, in a step if one is named."""
    values = {"ids": list(asset_ids), "viewer": user_id, "label_type": label_type, "step_id": step_id}
    return await connection.fetch(SITUATIONS, values)


async def has_known_asset(connection: Connection, asset_id: str, user_id: str) -> bool:
    """Whether a labeler sees an asset of their project, or had it open until their lock expired, within the last day."""
    return bool(await connection.fetch_value(KNOWN, {"id": asset_id, "viewer": user_id}))


async def hold_for_locking(connection: Writer, asset_id: str) -> Row | None:
    """Status and project of an asset, whose row stays locked until the transaction ends: `TAKE` needs that."""
    return await connection.fetch_one(
        "select status, project_id from asset where id = :id for no key update", {"id": asset_id}
    )


async def take_lock(connection: Writer, lock_id: str, asset_id: str, user_id: str) -> str | None:
    """Lock an asset for a person, or renew the lock, and answer its id; None when no room was left by those who came first."""
    values = {"id": lock_id, "asset_id": asset_id, "viewer": user_id}
    taken = await connection.fetch_value(TAKE, values)
    return None if taken is None else str(taken)


async def holders(connection: Connection, asset_id: str, user_id: str) -> list[Row]:
    """Who besides a person has an asset open, and until when, as ISO 8601 in UTC; who is to end first comes first."""
    return await connection.fetch(
        f"""
        select al.user_id,
          to_char(al.renewed_at at time zone 'UTC' + interval '{LOCK_MINUTES} minutes', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as until
        from asset_lock al
        where al.asset_id = :asset_id and al.user_id <> :viewer and {VALID_LOCK}
        order by al.renewed_at
        """,
        {"asset_id": asset_id, "viewer": user_id},
    )


async def add_assignee(connection: Writer, asset_id: str, user_id: str) -> None:
    """Assign an asset to a person beside others."""
    await connection.fetch(
        "insert into asset_assignee (asset_id, user_id) values (:asset_id, :user_id) on conflict do nothing",
        {"asset_id": asset_id, "user_id": user_id},
    )


async def release_locks(connection: Writer, asset_ids: Sequence[str], *, user_id: str | None) -> None:
    """End the locks on assets: of a person, or of everybody when none is named."""
    await connection.fetch(
        "delete from asset_lock where asset_id = any(:ids) and (:user_id::text is null or user_id = :user_id)",
        {"ids": list(asset_ids), "user_id": user_id},
    )


async def release_own_locks(connection: Writer, pairs: Sequence[tuple[str, str]]) -> None:
    """End the locks of people on assets, given as (asset, person)."""
    await connection.fetch(
        """
        delete from asset_lock al
        using unnest(:assets::text[], :people::text[]) o(asset_id, user_id)
        where al.asset_id = o.asset_id and al.user_id = o.user_id
        """,
        {"assets": [asset_id for asset_id, _ in pairs], "people": [user_id for _, user_id in pairs]},
    )


async def release_locks_of(connection: Writer, user_id: str, project_id: str | None = None) -> None:
    """End the locks of a person: in a project, or everywhere."""
    await connection.fetch(
        "delete from asset_lock where user_id = :user_id and (:project_id::text is null or project_id = :project_id)",
        {"user_id": user_id, "project_id": project_id},
    )


async def remove_expired_locks(database: Database) -> int:
    """Remove locks that count no longer, up to `EXPIRED_AT_ONCE`; answers how many."""
    async with database.autocommit() as connection:
        return len(await connection.write(REMOVE_EXPIRED))
