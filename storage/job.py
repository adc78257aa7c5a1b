"""Statements about jobs: adding and reading them, taking and keeping them, and what becomes of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from labelyard.storage.database import Autocommit, Connection, Database, Row, Writer

CHANNEL: Final = "labelyard_job"
"""Notifications of new jobs, without a payload, and of jobs to be cancelled, with their ids."""

KEPT_DAYS: Final = 7
PIECE: Final = 5_000

INSERT = """
insert into job (id, kind, organization_id, project_id, created_by, payload, key, run_at)
select n.id, n.kind, n.organization_id, n.project_id, n.created_by, n.payload, n.key,
  now() + n.delay_seconds * interval '1 second'
from unnest(
  :ids::text[], :kinds::text[], :organization_ids::text[], :project_ids::text[], :created_by::text[], :payloads::text[],
  :keys::text[], :delays::float[]
) with ordinality n(id, kind, organization_id, project_id, created_by, payload, key, delay_seconds, ordinal)
order by n.ordinal
"""
NOTIFY = f"select pg_notify('{CHANNEL}', :payload)"

# Organizations take turns: the job that an organization with fewer running and chosen ones waits for comes first. The walk over
# organizations jumps from one to the next in the index. Jobs with an earlier unfinished one of the same key wait for it.
CLAIM = """
with recursive waiting as (
  (select organization_id from job where status = 'QUEUED' order by organization_id limit 1)
  union all
  select (
    select j.organization_id from job j
    where j.status = 'QUEUED' and j.organization_id > w.organization_id
    order by j.organization_id limit 1
  )
  from waiting w where w.organization_id is not null
), kind as (
  select * from unnest(:kinds::text[], :leases::float[], :attempts::int[], :slots::int[])
    k(name, lease_seconds, attempts, slots)
), own as (
  select organization_id, count(*) as running from job
  where status = 'RUNNING' and worker_id = :worker_id group by organization_id
), candidate as (
  select c.id, c.kind, c.run_at, c.position, c.ordinal + coalesce(o.running, 0) as turn
  from waiting w
  left join own o on o.organization_id = w.organization_id
  cross join lateral (
    select d.id, d.kind, d.run_at, d.position, row_number() over (order by d.run_at, d.position) as ordinal
    from (
      select j.id, j.kind, j.run_at, j.position from job j
      where j.status = 'QUEUED' and j.organization_id = w.organization_id and j.run_at <= now()
        and j.kind = any(:kinds)
        and (j.key is null or not exists (
          select 1 from job e
          where e.key = j.key and e.key is not null and e.status in ('QUEUED', 'RUNNING')
            and (e.position < j.position or e.status = 'RUNNING')
        ))
      order by j.run_at, j.position limit :limit
    ) d
  ) c
), ranked as (
  select c.*, row_number() over (partition by c.kind order by c.turn, c.run_at, c.position) as of_kind
  from candidate c where c.turn <= :most_of_organization
), chosen as (
  select r.id, r.turn, r.run_at, r.position, k.lease_seconds, k.attempts
  from ranked r join kind k on k.name = r.kind
  where r.of_kind <= k.slots
), taken as (
  select j.id, c.lease_seconds, c.attempts
  from chosen c join job j on j.id = c.id
  where j.status = 'QUEUED'
  order by c.turn, c.run_at, c.position limit :limit for update of j skip locked
)
update job j set status = 'RUNNING', worker_id = :worker_id, claims = j.claims + 1, max_failures = t.attempts,
  lease_until = now() + t.lease_seconds * interval '1 second', started_at = coalesce(j.started_at, now())
from taken t where j.id = t.id
returning j.id, j.kind, j.organization_id, j.project_id, j.created_by, j.payload, j.claims, j.failures, j.done, j.total, j.state
"""
EXTEND = """
update job set lease_until = now() + :lease_seconds * interval '1 second'
where id = :id and worker_id = :worker_id and claims = :claims and status = 'RUNNING'
returning is_cancel_requested
"""
REPORT = """
update job set done = :done, total = :total, state = coalesce(:state::text, state),
  failures = case when :state::text is null then failures else 0 end
where id = :id and worker_id = :worker_id and claims = :claims and status = 'RUNNING'
returning is_cancel_requested
"""
HOLD = """
select id
from job
where id = :id and worker_id = :worker_id and claims = :claims and status = 'RUNNING'
for share
"""
# A job that failed once too often is parked; one that is asked to be cancelled does not run again.
FINISH = """
update job set worker_id = null, lease_until = null, done = :done, total = :total, reason = :reason, result = :result,
  failures = failures + :failed::int,
  status = next.status,
  run_at = case when next.status = 'QUEUED' then now() + :wait_seconds::float * interval '1 second' else run_at end,
  finished_at = case when next.status = 'QUEUED' then null else now() end
from (
  select id as job_id, case
    when :status::text <> 'QUEUED' then :status::text
    when is_cancel_requested then 'CANCELLED'
    when failures + :failed::int >= max_failures and :failed::int > 0 then 'PARKED'
    else 'QUEUED'
  end as status
  from job where id = :id
) next
where id = next.job_id and id = :id and worker_id = :worker_id and claims = :claims and job.status = 'RUNNING'
returning next.status
"""
# What a worker still holds at its end goes back as it was taken.
RELEASE = """
update job set worker_id = null, lease_until = null, run_at = now(),
  status = case when is_cancel_requested then 'CANCELLED' else 'QUEUED' end,
  finished_at = case when is_cancel_requested then now() end
where worker_id = :worker_id and status = 'RUNNING'
"""
# Nothing has been heard of the worker for the time of a lease.
RETURN_LOST = """
update job set worker_id = null, lease_until = null, failures = failures + 1, reason = :reason, run_at = now(),
  status = l.status, finished_at = case when l.status = 'QUEUED' then null else now() end
from (
  select id as job_id, case
    when is_cancel_requested then 'CANCELLED' when failures + 1 >= max_failures then 'PARKED' else 'QUEUED'
  end as status
  from job where status = 'RUNNING' and lease_until < now()
  for update skip locked
) l
where id = l.job_id returning id, kind, job.status
"""
CANCEL = """
update job set is_cancel_requested = true,
  status = case when status = 'QUEUED' then 'CANCELLED' else status end,
  finished_at = case when status = 'QUEUED' then now() end
where id = :id and status in ('QUEUED', 'RUNNING')
returning status
"""
RETRY = """
update job set status = 'QUEUED', run_at = now(), failures = 0, is_cancel_requested = false, finished_at = null, reason = null
where id = :id and status in ('PARKED', 'CANCELLED')
returning id
"""
STATE = "select status, done, total, reason, result from job where id = :id"
SHOWN = (
    "id, kind, status, organization_id, project_id, created_by, key, created_at, run_at, started_at, finished_at, failures, "
    "done, total, reason"
)
LIST = f"""
select {SHOWN} from job
where (:status::text is null or status = :status) and (:kind::text is null or kind = :kind)
order by position desc limit :limit
"""
SHOW = f"select {SHOWN}, payload, state, result, lease_until from job where id = :id"
OF_PROJECT = """
select j.id, j.status, j.created_at, j.started_at, j.finished_at, j.done, j.reason, j.payload, j.result,
  concat_ws(' ', u.firstname, u.lastname) as user_name
from job j left join user_account u on u.id = j.created_by
where j.project_id = :project_id and j.kind = :kind and (:id::text is null or j.id = :id::text)
order by j.position
offset :offset
limit :limit
"""
REMOVE = """
delete from job where id in (
  select id from job where finished_at < now() - :days * interval '1 day' limit :limit for update skip locked
) returning id
"""


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job to be added."""

    id: str
    kind: str
    organization_id: str
    project_id: str | None
    created_by: str | None
    payload: str
    key: str | None
    delay_seconds: float


@dataclass(frozen=True, slots=True)
class JobClaim:
    """A job that a worker has taken: the statements of one that has lost it find no row."""

    id: str
    worker_id: str
    claims: int

    def values(self, **more: Any) -> dict[str, Any]:
        """Values of the statements about it."""
        return {"id": self.id, "worker_id": self.worker_id, "claims": self.claims, **more}


async def insert_jobs(connection: Writer, jobs: Sequence[JobRow]) -> None:
    """Add jobs in order, and wake the workers when the transaction is committed."""
    await connection.fetch(
        INSERT,
        {
            "ids": [job.id for job in jobs],
            "kinds": [job.kind for job in jobs],
            "organization_ids": [job.organization_id for job in jobs],
            "project_ids": [job.project_id for job in jobs],
            "created_by": [job.created_by for job in jobs],
            "payloads": [job.payload for job in jobs],
            "keys": [job.key for job in jobs],
            "delays": [job.delay_seconds for job in jobs],
        },
    )
    await connection.fetch(NOTIFY, {"payload": ""})


async def claim_jobs(
    connection: Autocommit, *, worker_id: str, limit: int, most_of_organization: int, kinds: Sequence[Mapping[str, Any]]
) -> list[Row]:
    """Take jobs that are due; each of `kinds` has `name`, `lease_seconds`, `attempts` and `slots`."""
    return await connection.write(
        CLAIM,
        {
            "worker_id": worker_id,
            "limit": limit,
            "most_of_organization": most_of_organization,
            "kinds": [kind["name"] for kind in kinds],
            "leases": [kind["lease_seconds"] for kind in kinds],
            "attempts": [kind["attempts"] for kind in kinds],
            "slots": [kind["slots"] for kind in kinds],
        },
    )


async def extend_lease(connection: Autocommit, claim: JobClaim, *, lease_seconds: float) -> bool | None:
    """Keep a job for so many seconds more; answers whether it is asked to be cancelled, None when it is lost."""
    rows = await connection.write(EXTEND, claim.values(lease_seconds=lease_seconds))
    return bool(rows[0][0]) if rows else None


async def report_job(
    connection: Autocommit, claim: JobClaim, *, done: int, total: int | None, state: str | None = None
) -> bool | None:
    """Write how far a job is, and its state if one is given; answers as `extend_lease` does."""
    rows = await connection.write(REPORT, claim.values(done=done, total=total, state=state))
    return bool(rows[0][0]) if rows else None


async def hold_job(connection: Writer, claim: JobClaim) -> bool:
    """Whether the job still is the worker's; if so it stays that until the transaction ends."""
    return await connection.fetch_value(HOLD, claim.values()) is not None


async def finish_job(
    connection: Autocommit,
    claim: JobClaim,
    *,
    status: str,
    done: int,
    total: int | None,
    reason: str | None = None,
    result: str | None = None,
    has_failed: bool = False,
    wait_seconds: float = 0.0,
) -> str | None:
    """Say what has become of a job, QUEUED to have it run again; answers the status it has now, None when it was lost."""
    rows = await connection.write(
        FINISH,
        claim.values(
            status=status,
            done=done,
            total=total,
            reason=reason,
            result=result,
            failed=int(has_failed),
            wait_seconds=wait_seconds,
        ),
    )
    return str(rows[0][0]) if rows else None


async def release_jobs(connection: Autocommit, worker_id: str) -> None:
    """Give back whatever a worker holds."""
    await connection.write(RELEASE, {"worker_id": worker_id})


async def return_lost_jobs(connection: Autocommit, reason: str) -> list[Row]:
    """Queue jobs whose lease has run out, or park those that have failed too often."""
    return await connection.write(RETURN_LOST, {"reason": reason})


async def cancel_job(connection: Writer, job_id: str) -> str | None:
    """Cancel a queued job, or ask the worker of a running one to end; answers the status, None where there is nothing to end."""
    status = await connection.fetch_value(CANCEL, {"id": job_id})
    if status == "RUNNING":
        await connection.fetch(NOTIFY, {"payload": job_id})
    return None if status is None else str(status)


async def retry_job(connection: Writer, job_id: str) -> bool:
    """Queue a parked or cancelled job again, as if it had never failed; says whether it was one."""
    is_queued = await connection.fetch_value(RETRY, {"id": job_id}) is not None
    if is_queued:
        await connection.fetch(NOTIFY, {"payload": ""})
    return is_queued


async def read_job_state(connection: Connection, job_id: str) -> Row | None:
    """Status, progress, reason and result of a job."""
    return await connection.fetch_one(STATE, {"id": job_id})


async def list_jobs(connection: Connection, *, status: str | None, kind: str | None, limit: int) -> list[Row]:
    """Jobs, the newest first."""
    return await connection.fetch(LIST, {"status": status, "kind": kind, "limit": limit})


async def jobs_of_project(
    connection: Connection, project_id: str, kind: str, *, job_id: str | None = None, offset: int = 0, limit: int = 1
) -> list[Row]:
    """A page of the jobs of a kind of a project that the person is known to see, or one of them; the oldest first."""
    values = {"project_id": project_id, "kind": kind, "id": job_id, "offset": offset, "limit": limit}
    return await connection.fetch(OF_PROJECT, values)


async def read_job(connection: Connection, job_id: str) -> Row | None:
    """All that an operator may want to know of a job."""
    return await connection.fetch_one(SHOW, {"id": job_id})


async def remove_finished_jobs(database: Database, *, days: float = KEPT_DAYS) -> None:
    """Remove jobs that ended so many days ago, a piece at a time."""
    while True:
        async with database.autocommit() as connection:
            if len(await connection.write(REMOVE, {"days": days, "limit": PIECE})) < PIECE:
                return
