"""Statements about the queue of a project: the choice of the next asset for a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from labelyard.domain.permission import Actor
from labelyard.storage.asset_lock import ASSIGNEES, HAS_ROOM, IN_FIRST_GROUP, OWN_LABEL, WAITS_FOR_REVIEW
from labelyard.storage.database import Connection, Row, Writer
from labelyard.storage.queue_lane import ASSIGNEE, IN_QUEUE, IS_BEGUN, LANE, NUMBER, NUMBER_OF_ROW, SEVERAL
from labelyard.storage.scope import ITS_PROJECT, VALID_LOCK
from labelyard.storage.workflow import AWAITS_AUTHOR, MAY_WORK

# For the rest of the transaction. The walk is planned once per connection, perhaps before there is any asset, and must not become a
# scan of the table that is good for nothing as soon as there are many.
PLAN_BY_INDEX = "set_config('enable_seqscan', 'off', true)"
QUEUE = f"""
select p.id, p.archived_at, p.should_auto_assign, p.use_honeypot,
  array(
    select sp.id
    from project_step sp
    where sp.project_id = p.id
      and (:in_review::bool is null or (sp.type = 'REVIEW') = :in_review)
      and (
        exists (
          select 1
          from project_user pu
          where pu.project_id = p.id and pu.user_id = :viewer and {MAY_WORK}
        )
        or (:is_organization_admin and not exists (select 1 from step_assignee sa where sa.step_id = sp.id))
      )
  ) as steps,
  p.use_honeypot and (
    select coalesce(bool_or(recent.is_honeypot), false)
    from (
      select (select la.is_honeypot from asset la where la.id = l.asset_id) as is_honeypot
      from label l
      where l.author_id = :viewer and l.project_id = p.id and l.label_type = 'DEFAULT'
      order by l.created_at desc, l.position desc  -- the end of the index `label_author`
      limit 4
    ) recent
  ) as had_honeypot,
  {PLAN_BY_INDEX}
from project p
where p.id = :project_id
"""
OTHER_STEP_LABEL = """exists (
  select 1
  from label l
  where l.asset_id = a.id
    and l.author_id is not distinct from :viewer
    and l.label_type in ('DEFAULT', 'REVIEW')
    and l.step_id is not null
    and l.step_id is distinct from a.current_step_id
  offset 0
)"""
IS_FREE = f"""(
  not exists {ASSIGNEES.format(is_review=WAITS_FOR_REVIEW, more="")}
  or exists {ASSIGNEES.format(is_review=WAITS_FOR_REVIEW, more=" and aa.user_id = :viewer")}
)"""
# What the person may be given of a project `p`. The subqueries are fenced (`offset 0`): each row that is walked looks up its own few
# rows, which costs the same whatever the planner knows of their tables.
# Locks are looked at first: they are what stands in the way of most.
IS_FOR_VIEWER = f"""case
  when not (a.is_used_for_consensus or a.is_honeypot) and exists (
    select 1
    from asset_lock al
    where al.asset_id = a.id and al.user_id <> :viewer and {VALID_LOCK}
    offset 0
  ) then false
  else {IS_FREE}
    and not {OWN_LABEL}
    and {HAS_ROOM}
    and not (p.enforce_step_separation and {OTHER_STEP_LABEL})
end"""
# The queue is walked in lanes, each of which is a range of the index `asset_queue` in the order of the queue: a step or a status,
# whether the asset is begun in consensus, whether it is a honeypot, and who it is assigned to, if to anybody. Of each lane, the first
# that are for the person come in, and the first of all of these are the answer: a walk ends at what it has found.
NUMBER_OF_LANE = NUMBER.format(
    project=":project_id::text",
    lane="lane.name",
    assignee="lot.assignee",
    is_begun="begun.is_begun",
    is_honeypot="kind.is_honeypot",
)
LANES = f"""
select lane.name, lane.is_in_first_group, begun.is_begun, kind.is_honeypot, lot.assignee, {NUMBER_OF_LANE} as number
from (
  select sp.id as name, not exists (select 1 from step_group g where g.id = sp.step_group_id and g.group_order > 0) as
    is_in_first_group
  from project_step sp
  where sp.id = any(:steps)
  union all
  select status, true
  from unnest(:statuses::text[]) status
) lane
cross join (values (false), (true)) begun(is_begun)
cross join (values (false), (true)) kind(is_honeypot)
cross join (values (''), (:viewer::text), ('{SEVERAL}')) lot(assignee)
"""
CANDIDATES = f"""
select found.id
from (
  select a.id, a.priority, a.position, lane.is_begun and lane.is_in_first_group as is_urgent, lane.is_honeypot
  from (select * from project where id = :project_id offset 0) p
  cross join ({LANES} offset 0) lane
  cross join lateral (
    select a.id, a.priority, a.position
    from asset a
    where {NUMBER_OF_ROW.format(row="a")} = lane.number
      and a.project_id = :project_id
      and {LANE.format(row="a")} = lane.name
      and {IS_BEGUN.format(row="a")} = lane.is_begun
      and a.is_honeypot = lane.is_honeypot
      and {ASSIGNEE.format(row="a")} = lane.assignee
      and {IN_QUEUE.format(row="a")}
      and a.id <> all(:seen)
      and {IS_FOR_VIEWER}
    order by a.priority desc, a.position
    limit :limit
  ) a
) found
order by found.priority desc, found.is_urgent desc, found.is_honeypot is distinct from :wants_honeypot::bool, found.position
limit :limit
"""
IN_LANES = """case
  when a.current_step_id is null then a.status = any(:statuses)
  else a.current_step_id = any(:steps)
end"""
# What was sent back to the person comes before everything else; it has an index of its own.
SENT_BACK = f"""
select a.id
from (select * from project where id = :project_id offset 0) p
cross join lateral (
  select a.*
  from asset a
  where a.project_id = :project_id
    and a.sent_back_at is not null
    and {IN_QUEUE.format(row="a")}
    and {IN_LANES}
    and a.id <> all(:seen)
  offset 0
) a
where exists (
    select 1
    from label l
    where l.asset_id = a.id
      and l.author_id is not distinct from :viewer
      and l.label_type = case when a.status = 'TO_REVIEW' then 'REVIEW' else 'DEFAULT' end
      and {AWAITS_AUTHOR}
    offset 0
  )
  and {IS_FOR_VIEWER}
order by a.priority desc,
  (a.is_used_for_consensus and a.status = 'ONGOING' and {IN_FIRST_GROUP.format(asset="a")}) desc,
  a.is_honeypot is distinct from :wants_honeypot::bool, a.position
limit :limit
"""
MAY_BE_NEXT = f"""
select a.id
from asset a {ITS_PROJECT.format(row="a")}
where a.id = any(:candidates)
  and {IN_QUEUE.format(row="a")}
  and {IN_LANES}
  and {IS_FOR_VIEWER}
order by array_position(:candidates::text[], a.id)
limit 1
"""
NEXT = f"""{MAY_BE_NEXT}for no key update of a skip locked
"""
# How many candidates are tried at a time: few at first, because the first one usually is not locked.
BATCHES = (16, 1_000, 100_000)


@dataclass(frozen=True, slots=True)
class Choice:
    """The asset chosen; without one, `is_contended` says that all candidates are locked by other transactions for the moment."""

    asset_id: str | None
    is_contended: bool = False


async def queue_of(connection: Connection, project_id: str, actor: Actor, *, in_review: bool | None) -> Row | None:
    """The settings of a project that decide which asset a person gets next, and the steps that the person works on.

    `had_honeypot` says whether one of the person's last four labels was on a honeypot.
    """
    return await connection.fetch_one(
        QUEUE,
        {
            "project_id": project_id,
            "viewer": actor.user_id,
            "is_organization_admin": actor.is_organization_admin,
            "in_review": in_review,
        },
    )


async def choose_next(
    connection: Writer,
    project_id: str,
    actor: Actor,
    *,
    steps: Sequence[str],
    statuses: Sequence[str],
    seen: Sequence[str],
    wants_honeypot: bool,
) -> Choice:
    """The first asset of a person's queue that no other transaction has locked; it stays locked until this one ends."""
    values = {
        "project_id": project_id,
        "viewer": actor.user_id,
        "steps": list(steps),
        "statuses": list(statuses),
        "seen": list(seen),
        "wants_honeypot": wants_honeypot,
    }
    is_contended = False
    for text in (SENT_BACK, CANDIDATES):
        asked = 0
        for limit in BATCHES:
            rows = await connection.fetch(text, {**values, "limit": limit})
            if candidates := [row["id"] for row in rows[asked:]]:
                among = {**values, "candidates": candidates}
                if (chosen := await connection.fetch_value(NEXT, among)) is not None:
                    return Choice(str(chosen))
                is_contended = is_contended or await connection.fetch_value(MAY_BE_NEXT, among) is not None
            if len(rows) < limit:
                break
            asked = limit
    return Choice(None, is_contended=is_contended)
