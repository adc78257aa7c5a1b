"""Statements about which assets are labeled several times."""

from __future__ import annotations

from collections.abc import Sequence

from labelyard.storage.database import Connection, Writer

# The same draw as `domain.workflow.is_drawn`: the first four bytes of a hash, a stable number for each asset.
DRAWN = (
    "(('x' || substr(encode(sha256(convert_to(a.id || ':' || :draw::text, 'UTF8')), 'hex'), 1, 8))::bit(32)::bigint % 100 "
    "< :coverage::int)"
)
REDISTRIBUTE = f"""
update asset a
set is_used_for_consensus = {DRAWN}, updated_at = now()
where a.project_id = :project_id
  and a.status = 'TODO'
  and a.is_used_for_consensus <> {DRAWN}
"""
# What has left the first group of steps is done with its consensus.
BEGUN = """
select a.id
from asset a
where {where}
  and a.status in ('ONGOING', 'LABELED')
  and not a.skipped
  and not exists (
    select 1
    from project_step cs join step_group cg on cg.id = cs.step_group_id
    where cs.id = a.current_step_id and cg.group_order > 0
  )
order by a.id
"""


async def redistribute(connection: Writer, project_id: str, *, draw: str, coverage: int) -> None:
    """Draw anew which of the untouched assets are labeled several times; `coverage` is a percentage."""
    await connection.fetch(REDISTRIBUTE, {"project_id": project_id, "draw": draw, "coverage": coverage})


async def begun_in_consensus(connection: Connection, project_id: str) -> list[str]:
    """Assets in consensus whose state depends on the number of labels they need."""
    where = "a.project_id = :project_id and a.is_used_for_consensus"
    return [row["id"] for row in await connection.fetch(BEGUN.format(where=where), {"project_id": project_id})]


async def begun_of(connection: Connection, asset_ids: Sequence[str]) -> list[str]:
    """Those of the assets whose state depends on whether they are in consensus."""
    rows = await connection.fetch(BEGUN.format(where="a.id = any(:ids)"), {"ids": list(asset_ids)})
    return [row["id"] for row in rows]
