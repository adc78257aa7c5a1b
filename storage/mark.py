"""Statements about quality marks: who asks for them, who computes them, and writing what came out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from storage.database import Autocommit, Connection, Row, Writer

# Reviews and inferences are what most labels are never compared with; `label_marking` is the index of just these.
HAS_MARKING_LABEL = "exists (select 1 from label m where m.asset_id = a.id and m.label_type in ('INFERENCE', 'REVIEW'))"
MAY_HAVE_MARKS = f"(a.is_used_for_consensus or a.is_honeypot or {HAS_MARKING_LABEL})"
MAY_HAVE_HAD_MARKS = (
    "(coalesce(a.consensus_mark, a.honeypot_mark, a.inference_mark) is not null "
    f"or a.consensus_mark_per_category is not null or {MAY_HAVE_MARKS})"
)
# A request that is there already becomes a new one: whoever is computing it will find that out and leave it.
AGAIN = "on conflict (asset_id) do update set ticket = default, requested_at = now(), claimed_until = null"
# Sorted, so that two transactions with the same assets wait instead of dying.
REQUEST = f"insert into mark_request (asset_id) select a.id from asset a where {{where}} order by a.id {AGAIN}"

CLAIM = """
update mark_request r set claimed_until = now() + interval '60 seconds'
from (
  select asset_id from mark_request where claimed_until is null or claimed_until < now()
  order by ticket limit :limit for update skip locked
) c
where r.asset_id = c.asset_id returning r.asset_id, r.ticket
"""
ASSETS = (
    "select a.id, a.project_id, a.is_used_for_consensus, a.is_honeypot from asset a join project p on p.id = a.project_id "
    "where a.id = any(:ids) and p.deleted_at is null"
)
PROJECTS = "select id, json_interface, input_type, pixel_labeling from project where id = any(:ids)"
LABELS = (
    "select l.id, l.asset_id, l.author_id, l.label_type, l.is_honeypot, l.json_response, exists (select 1 "
    "from project_step s join step_group g on g.id = s.step_group_id where s.id = l.step_id and g.group_order > 0) "
    "as is_of_later_group from label l where l.asset_id = any(:ids) and l.label_type in ('DEFAULT', 'REVIEW', 'INFERENCE') "
    "order by l.position"
)
# Who writes marks waits for nobody while holding something, so it can stand in nobody's way: what is locked is left for later.
HOLD_ASSETS = "select id from asset where id = any(:ids) for no key update skip locked"
HOLD_LABELS = "select id from label where id = any(:ids) and asset_id = any(:asset_ids) for no key update skip locked"
FINISH = """
delete from mark_request where asset_id in (
  select r.asset_id from mark_request r
  join unnest(:ids::text[], :tickets::bigint[]) c(id, ticket) on c.id = r.asset_id and c.ticket = r.ticket
  for update of r skip locked
) returning asset_id
"""
# A little later, for whoever holds the asset or its labels may take a moment.
RELEASE = """
update mark_request set claimed_until = now() + interval '500 milliseconds' where asset_id in (
  select asset_id from mark_request where ticket = any(:tickets) for update skip locked
)
"""
WRITE_ASSETS = """
update asset a set consensus_mark = m.consensus, consensus_mark_per_category = m.per_category, honeypot_mark = m.honeypot,
  inference_mark = m.inference
from unnest(:ids::text[], :consensus::float[], :per_category::text[], :honeypot::float[], :inference::float[])
  m(id, consensus, per_category, honeypot, inference)
where a.id = m.id and (a.consensus_mark, a.consensus_mark_per_category, a.honeypot_mark, a.inference_mark)
  is distinct from (m.consensus, m.per_category, m.honeypot, m.inference)
"""
WRITE_LABELS = """
update label l set consensus_mark = m.consensus, asset_consensus_mark = m.asset_consensus, honeypot_mark = m.honeypot,
  inference_mark = m.inference, review_score = m.review
from unnest(:ids::text[], :consensus::float[], :asset_consensus::float[], :honeypot::float[], :inference::float[],
  :review::float[]) m(id, consensus, asset_consensus, honeypot, inference, review)
where l.id = m.id and (l.consensus_mark, l.asset_consensus_mark, l.honeypot_mark, l.inference_mark, l.review_score)
  is distinct from (m.consensus, m.asset_consensus, m.honeypot, m.inference, m.review)
"""

# A mark of an asset that somebody set by hand counts for its labelers like a computed one.
FOLLOW_ASSETS = """
update label l set asset_consensus_mark = case when a.is_used_for_consensus then a.consensus_mark end
from asset a where a.id = any(:ids) and l.asset_id = a.id and l.is_latest_default_label_for_user
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
    """Ask for all marks of a project anew."""
    where = f"a.project_id = :project_id and {MAY_HAVE_HAD_MARKS}"
    await connection.fetch(REQUEST.format(where=where), {"project_id": project_id})


async def claim_requests(connection: Writer | Autocommit, *, limit: int) -> dict[str, int]:
    """The oldest requests that nobody is working on, as tickets by asset id."""
    return {row["asset_id"]: row["ticket"] for row in await connection.write(CLAIM, {"limit": limit})}


async def assets_for_marks(connection: Connection, ids: Sequence[str]) -> list[Row]:
    """Assets of projects that are not deleted."""
    return await connection.fetch(ASSETS, {"ids": list(ids)})


async def projects_for_marks(connection: Connection, ids: Sequence[str]) -> list[Row]:
    """The interfaces that labels are read by."""
    return await connection.fetch(PROJECTS, {"ids": list(ids)})


async def labels_for_marks(connection: Connection, asset_ids: Sequence[str]) -> list[Row]:
    """The labels that marks follow from, in their order."""
    return await connection.fetch(LABELS, {"ids": list(asset_ids)})


async def hold_for_marks(
    connection: Writer, asset_ids: Sequence[str], label_ids: Sequence[str]
) -> tuple[set[str], set[str]]:
    """Lock assets, and labels of these, without waiting; answers those that are locked now."""
    assets = await connection.fetch(HOLD_ASSETS, {"ids": list(asset_ids)})
    held = [row["id"] for row in assets]
    labels = await connection.fetch(HOLD_LABELS, {"ids": list(label_ids), "asset_ids": held})
    return set(held), {row["id"] for row in labels}


async def finish_requests(connection: Writer, tickets: Mapping[str, int]) -> set[str]:
    """Drop requests that are still the same, and answer their assets: what has been computed for them may be written."""
    values = {"ids": list(tickets), "tickets": list(tickets.values())}
    return {row["asset_id"] for row in await connection.fetch(FINISH, values)}


async def release_requests(connection: Writer, tickets: Sequence[int]) -> None:
    """Give requests back, to be tried again."""
    await connection.fetch(RELEASE, {"tickets": list(tickets)})


async def write_asset_marks(connection: Writer, values: Mapping[str, Any]) -> None:
    """Write the marks of assets, one array for each column."""
    await connection.fetch(WRITE_ASSETS, values)


async def follow_asset_marks(connection: Writer, asset_ids: Sequence[str]) -> None:
    """Let labels carry the consensus marks that their assets, which are locked, have been given."""
    await connection.fetch(FOLLOW_ASSETS, {"ids": list(asset_ids)})


async def write_label_marks(connection: Writer, values: Mapping[str, Any]) -> None:
    """Write the marks of labels, one array for each column."""
    await connection.fetch(WRITE_LABELS, values)
