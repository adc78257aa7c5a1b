"""Statements about the files an asset holds beside its content: answers of file jobs, and what inline JSON names."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from labelyard.storage.database import Connection, Row, Writer
from labelyard.storage.file_holder import HOLDERS
from labelyard.storage.upload import forget_blobs

HOLDERS_OF_ORGANIZATION = f"""
select distinct holder.blob_id, holder.asset_id, holder.project_id
from ({HOLDERS.format(ids=":ids")}) holder join blob on blob.id = holder.blob_id
where blob.organization_id = :organization_id
"""

# What neither a label, the JSON of an asset nor the record of a front door names any more. Ids of files are plain in JSON: nothing
# is escaped.
RELEASE = """
delete from asset_file f using asset a
where f.asset_id = any(:ids) and a.id = f.asset_id and strpos(a.json_content, f.blob_id) = 0
  and not exists (select 1 from door_asset d where d.asset_id = a.id and strpos(d.record::text, f.blob_id) > 0)
  and not exists (select 1 from label l where l.asset_id = a.id and strpos(l.json_response, f.blob_id) > 0)
returning f.blob_id
"""


async def assets_of_files(connection: Connection, ids: Collection[str], organization_id: str) -> list[Row]:
    """Which assets hold which of the recorded files of an organization, as blob id, asset id and project id."""
    return await connection.fetch(HOLDERS_OF_ORGANIZATION, {"ids": list(ids), "organization_id": organization_id})


async def link_files(connection: Writer, pairs: Collection[tuple[str, str]]) -> None:
    """Let assets hold files, as (asset id, blob id); nothing happens to pairs that are there.

    The records of the files are locked first, so that no other transaction forgets one of them meanwhile.
    """
    if not pairs:
        return
    blobs = [blob for _, blob in pairs]
    await connection.fetch("select id from blob where id = any(:ids) order by id for key share", {"ids": blobs})
    await connection.fetch(
        """
        insert into asset_file (asset_id, blob_id)
        select *
        from unnest(:assets::text[], :blobs::text[])
        on conflict do nothing
        """,
        {"assets": [asset for asset, _ in pairs], "blobs": blobs},
    )


async def release_files(connection: Writer, asset_ids: Sequence[str]) -> None:
    """Release the files that nothing on the assets names any more, and forget those that nothing else holds."""
    rows = await connection.fetch(RELEASE, {"ids": list(asset_ids)})
    if rows:
        await forget_blobs(connection, {row["blob_id"] for row in rows})


async def has_file(connection: Connection, asset_id: str, blob_id: str) -> bool:
    """Whether an asset holds a file beside its content."""
    exists = await connection.fetch_value(
        "select exists (select 1 from asset_file where asset_id = :asset_id and blob_id = :blob_id)",
        {"asset_id": asset_id, "blob_id": blob_id},
    )
    return bool(exists)
