"""Statements about quality marks: what they are computed from, and writing the results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from labelyard.storage.database import Connection, Row, Writer

ASSETS = """
select a.id, a.project_id, p.organization_id, a.is_used_for_consensus, a.is_honeypot
from asset a join project p on p.id = a.project_id
where a.id = any(:ids) and p.deleted_at is null
"""
PROJECTS = "select id, json_interface, input_type, pixel_labeling from project where id = any(:ids)"
# Answers of an asset that are too large together come without their texts.
LABELS = """
select l.id, l.asset_id, l.author_id, l.label_type, l.is_honeypot,
  case when sum(octet_length(l.json_response)) over (partition by l.asset_id) <= :most_bytes then l.json_response end
    as json_response,
  exists (
    select 1 from project_step s join step_group g on g.id = s.step_group_id
    where s.id = l.step_id and g.group_order > 0
  ) as is_of_later_group
from label l
where l.asset_id = any(:ids) and l.label_type in ('DEFAULT', 'REVIEW', 'INFERENCE')
order by l.position
"""
# Writing marks never waits for a lock while it holds others, so it cannot deadlock: locked rows are left for later.
LOCK_ASSETS = "select id from asset where id = any(:ids) for no key update skip locked"
LOCK_LABELS = "select id from label where id = any(:ids) and asset_id = any(:asset_ids) for no key update skip locked"
WRITE_ASSETS = """
update asset a set consensus_mark = m.consensus, consensus_mark_per_category = m.per_category, honeypot_mark = m.honeypot,
  inference_mark = m.inference, marks_failure = m.failure
from unnest(:ids::text[], :consensus::float[], :per_category::text[], :honeypot::float[], :inference::float[],
  :failures::text[]) m(id, consensus, per_category, honeypot, inference, failure)
where a.id = m.id and (
  a.consensus_mark, a.consensus_mark_per_category, a.honeypot_mark, a.inference_mark, a.marks_failure
) is distinct from (m.consensus, m.per_category, m.honeypot, m.inference, m.failure)
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


async def assets_for_marks(connection: Connection, ids: Sequence[str]) -> list[Row]:
    """Assets of projects that are not deleted."""
    return await connection.fetch(ASSETS, {"ids": list(ids)})


async def projects_for_marks(connection: Connection, ids: Sequence[str]) -> list[Row]:
    """The interfaces that labels are read by."""
    return await connection.fetch(PROJECTS, {"ids": list(ids)})


async def labels_for_marks(connection: Connection, asset_ids: Sequence[str], *, most_bytes: int) -> list[Row]:
    """The labels that marks follow from, in their order; where those of an asset are larger together, without answers."""
    return await connection.fetch(LABELS, {"ids": list(asset_ids), "most_bytes": most_bytes})


async def lock_for_marks(
    connection: Writer, asset_ids: Sequence[str], label_ids: Sequence[str]
) -> tuple[set[str], set[str]]:
    """Lock assets, and labels of these, without waiting; answers those that are locked now."""
    assets = await connection.fetch(LOCK_ASSETS, {"ids": list(asset_ids)})
    locked = [row["id"] for row in assets]
    labels = await connection.fetch(LOCK_LABELS, {"ids": list(label_ids), "asset_ids": locked})
    return set(locked), {row["id"] for row in labels}


async def write_asset_marks(connection: Writer, values: Mapping[str, Any]) -> None:
    """Write the marks of assets, one array for each column."""
    await connection.fetch(WRITE_ASSETS, values)


async def follow_asset_marks(connection: Writer, asset_ids: Sequence[str]) -> None:
    """Let labels carry the consensus marks that their assets, which are locked, have been given."""
    await connection.fetch(FOLLOW_ASSETS, {"ids": list(asset_ids)})


async def write_label_marks(connection: Writer, values: Mapping[str, Any]) -> None:
    """Write the marks of labels, one array for each column."""
    await connection.fetch(WRITE_LABELS, values)
