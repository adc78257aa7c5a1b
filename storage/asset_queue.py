"""Statements about the queue of a project: the choice of the next asset for a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from labelyard.domain.permission import Actor
from labelyard.storage.asset_lock import ASSIGNEES, HAS_ROOM, IN_FIRST_GROUP, OWN_LABEL, WAITS_FOR_REVIEW
from labelyard.storage.database import Connection, Row, Writer
from labelyard.storage.scope import ITS_PROJECT
from labelyard.storage.workflow import AWAITS_AUTHOR, MAY_WORK

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
  (
    select coalesce(bool_or(recent.is_honeypot), false)
    from (
      select la.is_honeypot
      from label l join asset la on la.id = l.asset_id
      where l.author_id = :viewer and l.project_id = p.id and l.label_type = 'DEFAULT'
      order by l.position desc
      limit 4
    ) recent
  ) as had_honeypot
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
)"""
IS_FREE = f"""(
  not exists {ASSIGNEES.format(is_review=WAITS_FOR_REVIEW, more="")}
  or exists {ASSIGNEES.format(is_review=WAITS_FOR_REVIEW, more=" and aa.user_id = :viewer")}
)"""
# Candidates are sorted by their own columns; the conditions on the person, which cost far more than the sorting, are evaluated
# for the first of them only, and once more on the row that is locked.
CANDIDATES = f"""
select c.id
from asset c
where c.project_id = :project_id
  and not c.skipped
  and c.id <> all(:seen)
  and case
    when c.current_step_id is null then c.status = any(:statuses)
    else c.current_step_id = any(:steps) and c.step_status in ('TO_DO', 'REWORK', 'IN_PROGRESS', 'PARTIALLY_DONE')
  end
  and {{condition}}
order by c.priority desc,
  (c.is_used_for_consensus and c.status = 'ONGOING' and {IN_FIRST_GROUP.format(asset="c")}) desc,
  c.is_honeypot is distinct from :wants_honeypot::bool, c.position
limit :limit
"""
MAY_BE_NEXT = f"""
select a.id
from asset a {ITS_PROJECT.format(row="a")}
where a.id = any(:candidates)
  and not a.skipped
  and case
    when a.current_step_id is null then a.status = any(:statuses)
    else a.current_step_id = any(:steps) and a.step_status in ('TO_DO', 'REWORK', 'IN_PROGRESS', 'PARTIALLY_DONE')
  end
  and {IS_FREE}
  and not {OWN_LABEL}
  and {HAS_ROOM}
  and not (p.enforce_step_separation and {OTHER_STEP_LABEL})
order by array_position(:candidates::text[], a.id)
limit 1
"""
NEXT = f"""{MAY_BE_NEXT}for no key update of a skip locked
"""
SENT_BACK_TO_VIEWER = f"""c.sent_back_at is not null
and exists (
  select 1
  from asset a join label l on l.asset_id = a.id
  where a.id = c.id
    and l.author_id is not distinct from :viewer
    and l.label_type = case when a.status = 'TO_REVIEW' then 'REVIEW' else 'DEFAULT' end
    and {AWAITS_AUTHOR}
)"""
SENT_BACK = CANDIDATES.format(condition=SENT_BACK_TO_VIEWER)
ALL = CANDIDATES.format(condition="true")
# How many candidates are examined at a time: few at first, because the first one usually fits.
BATCHES = (100, 1_000, 10_000, 100_000)


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
    for text in (SENT_BACK, ALL):
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
