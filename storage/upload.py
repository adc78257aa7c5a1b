"""The record of uploads: which files there are, what refers to them, and which nothing holds any more.

An asset holds the files of its three columns, and those its labels and its inline JSON name (`asset_file`). A document
holds the files it names (frames of a video), which must have been uploaded before it, so that no two documents hold
each other. A file that nothing holds yet was just uploaded, and stays until it is swept. `storage.file_access` decides who
may read files. A transaction that removes an asset also forgets its files (`forget_blobs`). New columns that hold files
belong into `storage.file_holder`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from labelyard.domain.error import Conflict, InsufficientStorage
from labelyard.domain.file_url import is_blob_id
from labelyard.domain.playback import Film
from labelyard.storage.database import Connection, Row, Writer
from labelyard.storage.file_holder import IS_HELD_BY_NOTHING
from labelyard.storage.thumbnail import remove_thumbnails


class BlobRow(NamedTuple):
    """A recorded file, the columns of `Blob`: an instance of the table's class takes fifty times as long to make."""

    id: str
    organization_id: str
    size: int
    sha256: str
    media_type: str
    width: int | None
    height: int | None
    page_resolutions: str | None
    playback: str | None
    created_at: datetime


COLUMNS = BlobRow._fields
COLUMN_LIST = ", ".join(COLUMNS)


class NewBlob(NamedTuple):
    """A file that is safe on disk and not yet recorded."""

    id: str
    organization_id: str
    size: int
    sha256: str
    media_type: str
    width: int | None = None
    height: int | None = None
    page_resolutions: str | None = None
    playback: str | None = None


def with_film(blob: NewBlob, film: Film | None) -> NewBlob:
    """The file with what was read of it as a film or a sound, if anything was."""
    if film is None:
        return blob
    known = blob._replace(playback=film.playback.as_text())
    return known._replace(width=film.width, height=film.height) if film.width is not None else known


BLOB_ARRAYS = (
    "ids",
    "organization_ids",
    "sizes",
    "hashes",
    "media_types",
    "widths",
    "heights",
    "page_resolutions",
    "playbacks",
)


INSERT_BLOB = """
insert into blob (id, organization_id, size, sha256, media_type, width, height, page_resolutions, playback)
values (:id, :organization_id, :size, :sha256, :media_type, :width, :height, :page_resolutions, :playback)
on conflict (id) do nothing
returning id
"""
INSERT_PARTS = """
insert into blob_part (document_id, part_id)
select :document_id::text, id
from blob
where id = any(:ids) and organization_id = :organization_id and id <> :document_id
"""
INSERT_NEW_BLOBS = """
insert into blob (id, organization_id, size, sha256, media_type, width, height, page_resolutions, playback)
select *
from unnest(
  :ids::text[], :organization_ids::text[], :sizes::bigint[], :hashes::text[], :media_types::text[],
  :widths::int[], :heights::int[], :page_resolutions::text[], :playbacks::text[]
)
"""
ORPHANS = f"""
select id
from blob
where created_at < :older_than and {IS_HELD_BY_NOTHING}
order by created_at, id
limit :limit
"""
FORGET = f"""
delete from blob
where id in (
  select id
  from blob
  where id = any(:ids) and {IS_HELD_BY_NOTHING}
  for update skip locked
)
returning id
"""


async def record_blob(
    connection: Writer, blob: NewBlob, *, parts: Collection[str] = (), max_organization_bytes: int | None = None
) -> None:
    """Enter a file that is safe on disk; entering the same bytes again changes nothing, others are a `Conflict`.

    `parts` are the ids a document names: those of the same organization that are already uploaded become its parts.
    """
    # Two uploads under one id at once: the primary key lets one in, the other is compared with it.
    if await connection.fetch_value(INSERT_BLOB, blob._asdict()) is None:
        require_same(await find_blob(connection, blob.id), blob.organization_id, blob.size, blob.sha256)
        return
    if max_organization_bytes is not None:
        await _require_room(connection, blob.organization_id, blob.size, max_organization_bytes)
    if parts:
        values = {"document_id": blob.id, "ids": list(set(parts)), "organization_id": blob.organization_id}
        await connection.fetch(INSERT_PARTS, values)


async def record_new_blobs(
    connection: Writer, blobs: Sequence[NewBlob], *, max_organization_bytes: int | None = None
) -> None:
    """Enter files of one organization under ids that were just made for them, all or none, in one statement."""
    if not blobs:
        return
    await connection.fetch(
        INSERT_NEW_BLOBS,
        dict(zip(BLOB_ARRAYS, (list(column) for column in zip(*blobs, strict=True)), strict=True)),
    )
    if max_organization_bytes is not None:
        size = sum(blob.size for blob in blobs)
        await _require_room(connection, blobs[0].organization_id, size, max_organization_bytes)


async def _require_room(connection: Writer, organization_id: str, size: int, max_organization_bytes: int) -> None:
    """Refuse files, `size` bytes that this transaction has just recorded, when they pass the quota of the organization.

    Where there is not room for a hundred times as much, uploads queue up, or two could pass where only one fits.
    """
    used = await used_bytes(connection, organization_id)
    if used + 100 * size > max_organization_bytes:
        await connection.fetch(
            "select pg_advisory_xact_lock(hashtextextended('bytes of ' || :organization_id, 0))",
            {"organization_id": organization_id},
        )
        used = await used_bytes(connection, organization_id)
    if used > max_organization_bytes:
        raise over_quota(max_organization_bytes)


def require_same(existing: BlobRow | None, organization_id: str, size: int, sha256: str) -> None:
    """Refuse bytes that differ from the ones that are recorded under the id."""
    if existing is None or (existing.organization_id, existing.size, existing.sha256) != (
        organization_id,
        size,
        sha256,
    ):
        raise Conflict("Another file was already uploaded here. Ask for a new upload URL.")


async def used_bytes(connection: Connection, organization_id: str) -> int:
    """The bytes of an organization's files (`storage.table.tally.BlobTally`)."""
    used: int = await connection.fetch_value(
        "select coalesce(sum(bytes), 0)::bigint from blob_tally where organization_id = :organization_id",
        {"organization_id": organization_id},
    )
    return used


def over_quota(max_organization_bytes: int) -> InsufficientStorage:
    """The refusal of files that an organization has no room for."""
    return InsufficientStorage(
        f"The files of the organization would take more than its {max_organization_bytes} bytes."
        " Delete assets, or have the quota raised.",
        limit=max_organization_bytes,
    )


async def may_upload(connection: Connection, user_id: str, organization_id: str) -> bool:
    """Whether the person of an upload URL is still active."""
    is_active: bool = await connection.fetch_value(
        """
        select exists (
          select 1
          from user_account
          where id = :user_id and organization_id = :organization_id and activated
        )
        """,
        {"user_id": user_id, "organization_id": organization_id},
    )
    return is_active


def blob_of(row: Row) -> BlobRow:
    """The recorded file in a row that has its columns."""
    return BlobRow(*(row[name] for name in COLUMNS))


async def find_blob(connection: Connection, blob_id: str) -> BlobRow | None:
    """The recorded file, of any organization."""
    if not is_blob_id(blob_id):
        return None
    row = await connection.fetch_one(f"select {COLUMN_LIST} from blob where id = :id", {"id": blob_id})
    return None if row is None else blob_of(row)


async def recorded_ids(connection: Connection, ids: Collection[str], organization_id: str | None = None) -> set[str]:
    """Those of the ids that are recorded, in one organization or (None) in any."""
    rows = await connection.fetch(
        """
        select id
        from blob
        where id = any(:ids) and (:organization_id::text is null or organization_id = :organization_id)
        """,
        {"ids": list(ids), "organization_id": organization_id},
    )
    return {row["id"] for row in rows}


async def orphans(connection: Connection, older_than: datetime, *, limit: int = 1000) -> list[str]:
    """The oldest recorded files that nothing holds, entered before a time."""
    rows = await connection.fetch(ORPHANS, {"older_than": older_than, "limit": limit})
    return [row["id"] for row in rows]


async def forget_blobs(connection: Writer, ids: Collection[str]) -> list[str]:
    """Remove the records of those files that nothing holds any more, of the parts only they named, and of their thumbnails.

    Answers what was removed. The files themselves stay until the sweeper finds them without a record. A record that
    another transaction is just referring to is left alone.
    """
    forgotten: list[str] = []
    remaining = list(ids)
    while remaining:
        rows = await connection.fetch(FORGET, {"ids": remaining})
        removed = [row["id"] for row in rows]
        forgotten += removed
        rows = await connection.fetch(
            "delete from blob_part where document_id = any(:ids) returning part_id", {"ids": removed}
        )
        remaining = [row["part_id"] for row in rows] + await remove_thumbnails(connection, removed)
    return forgotten
