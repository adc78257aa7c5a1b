"""Statements about features of images: what networks say of the bytes of pictures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from labelyard.storage.database import Connection, Database, Row, Writer

PIECE: Final = 5_000

KEEP = """
insert into image_feature (content_hash, backbone, vector)
select n.content_hash, n.backbone, n.vector
from unnest(:hashes::text[], :backbones::text[], :vectors::bytea[]) n(content_hash, backbone, vector)
on conflict do nothing
"""
READ = """
select f.content_hash, f.vector
from image_feature f
where f.content_hash = any(:hashes) and f.backbone = :backbone
"""
# Files of assets, by their hashes: one of each that has no features yet.
MISSING = """
select distinct on (b.sha256) b.sha256 as content_hash, b.id as blob_id, b.size
from asset a join blob b on b.id = a.content_blob_id
where a.project_id = :project_id
  and b.sha256 = any(:hashes)
  and not exists (select from image_feature f where f.content_hash = b.sha256 and f.backbone = :backbone)
order by b.sha256
"""
# What tells whether the described images of a project are still those that they were.
STATE = """
select count(*)::int as images, count(f.content_hash)::int as described, coalesce(sum(f.position), 0)::text as sum
from (
  select distinct b.sha256
  from asset a join blob b on b.id = a.content_blob_id
  where a.project_id = :project_id
) c
left join image_feature f on f.content_hash = c.sha256 and f.backbone = :backbone
"""
DESCRIBED = """
select distinct f.content_hash
from asset a
join blob b on b.id = a.content_blob_id
join image_feature f on f.content_hash = b.sha256 and f.backbone = :backbone
where a.project_id = :project_id and f.vector <> ''
limit :limit
"""
UNDESCRIBED = """
select b.sha256 as content_hash, min(b.id) as blob_id, min(b.size) as size
from asset a
join blob b on b.id = a.content_blob_id
left join image_feature f on f.content_hash = b.sha256 and f.backbone = :backbone
where a.project_id = :project_id and f.content_hash is null
group by b.sha256
limit :limit
"""
UNHELD = """
delete from image_feature
where (content_hash, backbone) in (
  select f.content_hash, f.backbone
  from image_feature f
  where not exists (select from blob b where b.sha256 = f.content_hash)
  limit :piece for update of f skip locked
)
returning content_hash
"""


async def keep_features(connection: Writer, rows: Sequence[tuple[str, str, bytes]]) -> None:
    """Keep features as (hash of the content, backbone, vector); those that are there already stay."""
    await connection.fetch(
        KEEP,
        {
            "hashes": [row[0] for row in rows],
            "backbones": [row[1] for row in rows],
            "vectors": [row[2] for row in rows],
        },
    )


async def read_features(connection: Connection, backbone: str, hashes: Sequence[str]) -> dict[str, bytes]:
    """The features of contents by their hashes; empty for what is no picture, and none for what has not been looked at."""
    rows = await connection.fetch(READ, {"hashes": list(hashes), "backbone": backbone})
    return {row["content_hash"]: row["vector"] for row in rows}


async def missing_features(connection: Connection, project_id: str, backbone: str, hashes: Sequence[str]) -> list[Row]:
    """Contents of a project's assets without features: their hash, one file each, and its size."""
    return await connection.fetch(MISSING, {"project_id": project_id, "backbone": backbone, "hashes": list(hashes)})


async def gallery_state(connection: Connection, project_id: str, backbone: str) -> Row:
    """How many images a project has, how many of them are described, and a sum that changes with which they are."""
    rows = await connection.fetch(STATE, {"project_id": project_id, "backbone": backbone})
    return rows[0]


async def described_contents(connection: Connection, project_id: str, backbone: str, *, limit: int) -> list[str]:
    """The hashes of a project's images that are described."""
    values = {"project_id": project_id, "backbone": backbone, "limit": limit}
    return [row["content_hash"] for row in await connection.fetch(DESCRIBED, values)]


async def undescribed_contents(connection: Connection, project_id: str, backbone: str, *, limit: int) -> list[Row]:
    """Some of a project's contents that have not been looked at: their hash, one file each, and its size."""
    values = {"project_id": project_id, "backbone": backbone, "limit": limit}
    return await connection.fetch(UNDESCRIBED, values)


async def remove_unheld_features(database: Database) -> int:
    """Remove the features of contents that no file has any more; answers how many."""
    count = 0
    while True:
        async with database.transaction() as connection:
            removed = await connection.fetch(UNHELD, {"piece": PIECE})
        count += len(removed)
        if len(removed) < PIECE:
            return count
