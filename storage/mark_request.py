"""Statements about requests to compute quality marks: adding, claiming, finishing and releasing them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from labelyard.storage.database import Autocommit, Writer

# Reviews and inferences are what most labels are never compared with; `label_marking` is the index of just these.
HAS_MARKING_LABEL = "exists (select 1 from label m where m.asset_id = a.id and m.label_type in ('INFERENCE', 'REVIEW'))"
MAY_HAVE_MARKS = f"(a.is_used_for_consensus or a.is_honeypot or {HAS_MARKING_LABEL})"
MAY_HAVE_HAD_MARKS = (
    "(coalesce(a.consensus_mark, a.honeypot_mark, a.inference_mark) is not null "
    f"or a.consensus_mark_per_category is not null or {MAY_HAVE_MARKS})"
)
# A request that exists becomes a new one: a process that is computing the old one finds another ticket and drops its result.
ON_CONFLICT_REQUEUE = """
on conflict (asset_id) do update set
  ticket = default, requested_at = now(), claimed_until = null, is_slow = false, attempts = 0"""
# Sorted, so that two transactions with the same assets wait for one another instead of ending in a deadlock.
REQUEST = f"""
insert into mark_request (asset_id)
select a.id
from asset a
where {{where}}
order by a.id
{ON_CONFLICT_REQUEUE}
"""

REQUEST_PROJECT = """
insert into project_mark_request (project_id) values (:project_id)
on conflict (project_id) do update set after_position = 0, requested_at = now()
"""
# The next assets of the oldest project asked for, unless it is being changed; one without any left is done, and its flag says so.
SPREAD = f"""
with taken as (
  select r.project_id, r.after_position
  from project_mark_request r join project p on p.id = r.project_id
  order by r.requested_at limit 1 for no key update skip locked
), slice as (
  select a.id, a.position from asset a, taken t
  where a.project_id = t.project_id and a.position > t.after_position
  order by a.position limit :limit
), asked as (
  insert into mark_request (asset_id)
  select a.id from asset a join slice s on s.id = a.id
  where {MAY_HAVE_HAD_MARKS} and (
    coalesce(a.consensus_mark, a.honeypot_mark, a.inference_mark) is not null
    or exists (select 1 from label l where l.asset_id = a.id)
  )
  order by a.id {ON_CONFLICT_REQUEUE}
), moved as (
  update project_mark_request r set after_position = (select max(position) from slice)
  from taken t where r.project_id = t.project_id and exists (select 1 from slice)
), ended as (
  delete from project_mark_request r
  using taken t where r.project_id = t.project_id and not exists (select 1 from slice)
), told as (
  update project p set should_relaunch_kpi_computation = false
  from taken t
  where p.id = t.project_id and p.should_relaunch_kpi_computation and not exists (select 1 from slice)
)
select count(*) from taken
"""

CLAIM = """
update mark_request r set claimed_until = now() + :seconds * interval '1 second'
from (
  select asset_id from mark_request
  where is_slow = :is_slow and (claimed_until is null or claimed_until < now())
  order by ticket limit :limit for update skip locked
) c
where r.asset_id = c.asset_id returning r.asset_id, r.ticket, r.attempts
"""
FINISH = """
delete from mark_request where asset_id in (
  select r.asset_id from mark_request r
  join unnest(:ids::text[], :tickets::bigint[]) c(id, ticket) on c.id = r.asset_id and c.ticket = r.ticket
  for update of r skip locked
) returning asset_id
"""
RELEASE = """
update mark_request r set claimed_until = now() + c.wait * interval '1 millisecond', is_slow = r.is_slow or c.is_slow,
  attempts = r.attempts + c.failed
from (
  select r.asset_id, g.wait, g.is_slow, g.failed from mark_request r
  join unnest(:ids::text[], :tickets::bigint[], :waits::int[], :slow::bool[], :failed::int[])
    g(id, ticket, wait, is_slow, failed) on g.id = r.asset_id and g.ticket = r.ticket
  for update of r {skip}
) c
where r.asset_id = c.asset_id returning r.asset_id
"""


async def request_marks(connection: Writer, asset_ids: Sequence[str]) -> None:
    """Ask for the marks of assets whose labels have changed, as far as they have or had any."""
    where = f"a.id = any(:ids) and {MAY_HAVE_HAD_MARKS}"
    await connection.fetch(REQUEST.format(where=where), {"ids": list(asset_ids)})


async def request_labeled_marks(connection: Writer, asset_ids: Sequence[str]) -> None:
    """Ask for the marks of assets that have just joined or left consensus or honeypots; those without labels have none."""
    where = "a.id = any(:ids) and exists (select 1 from label l where l.asset_id = a.id)"
    await connection.fetch(REQUEST.format(where=where), {"ids": list(asset_ids)})


async def request_project_marks(connection: Writer, project_id: str) -> None:
    """Ask for all marks of a project anew: a row for the project, which the background turns into requests for its assets."""
    await connection.fetch(REQUEST_PROJECT, {"project_id": project_id})


async def spread_project_requests(connection: Autocommit, *, limit: int) -> bool:
    """Turn the oldest request for a project into requests for its next assets; says whether there was one."""
    rows = await connection.write(SPREAD, {"limit": limit})
    return bool(rows[0][0])


class Claim(NamedTuple):
    """A request that has been taken, and how often its marks took too long before."""

    ticket: int
    attempts: int


async def claim_requests(
    connection: Writer | Autocommit, *, limit: int, seconds: float = 60.0, is_slow: bool = False
) -> dict[str, Claim]:
    """Claim the oldest requests that no process is working on, for so many seconds; answers them by asset id."""
    rows = await connection.write(CLAIM, {"limit": limit, "seconds": seconds, "is_slow": is_slow})
    return {row["asset_id"]: Claim(row["ticket"], row["attempts"]) for row in rows}


async def finish_requests(connection: Writer, tickets: Mapping[str, int]) -> set[str]:
    """Drop requests that are still the same, and answer their assets: what has been computed for them may be written."""
    values = {"ids": list(tickets), "tickets": list(tickets.values())}
    return {row["asset_id"] for row in await connection.fetch(FINISH, values)}


class Release(NamedTuple):
    """A request to be given back: until when it waits, whether it is slow from now on, and whether it took too long."""

    asset_id: str
    ticket: int
    wait_milliseconds: int = 0
    is_slow: bool = False
    has_failed: bool = False


async def release_requests(
    connection: Writer | Autocommit, releases: Sequence[Release], *, is_waiting: bool = False
) -> set[str]:
    """Give requests back, and answer the assets of those that were. Locked ones are passed over unless `is_waiting`.

    To wait for more than one row at a time could end in a deadlock.
    """
    values = {
        "ids": [release.asset_id for release in releases],
        "tickets": [release.ticket for release in releases],
        "waits": [release.wait_milliseconds for release in releases],
        "slow": [release.is_slow for release in releases],
        "failed": [int(release.has_failed) for release in releases],
    }
    rows = await connection.write(RELEASE.format(skip="" if is_waiting else "skip locked"), values)
    return {row["asset_id"] for row in rows}
