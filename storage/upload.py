"""The record of uploads: which files there are, what refers to them, and which nobody wants any more.

An asset holds the files of its three columns, and those its labels and its inline JSON name (`asset_file`). A document
holds the files it names (frames of a video), which must have been uploaded before it, so that no two documents hold
each other. A file that nothing holds yet was just uploaded, and stays until it is swept. Who may read files is said in
`storage.file_access`: whoever removes an asset lets go of its files in the same transaction (`forget_blobs`). A
new column that holds files belongs into `storage.file_holder`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from labelyard.domain.error import Conflict, InsufficientStorage
from labelyard.domain.file_url import is_blob_id
from labelyard.storage.database import Writer
from labelyard.storage.file_holder import IS_HELD_BY_NOTHING


class Connection(Protocol):
    """What is used of an asyncpg connection, pooled or not."""

    async def fetch(self, query: str, *args: Any) -> list[Any]:
        """All rows."""

    async def fetchrow(self, query: str, *args: Any) -> Any:
        """The first row, or None."""

    async def fetchval(self, query: str, *args: Any) -> Any:
        """The first column of the first row."""

    async def execute(self, query: str, *args: Any) -> str:
        """Run a statement; its command tag."""

    def transaction(self) -> AbstractAsyncContextManager[Any]:
        """A block that commits when left in order, nested ones as savepoints."""


class ConnectionPool(Protocol):
    """What is used of an asyncpg pool."""

    def acquire(self) -> AbstractAsyncContextManager[Connection]:
        """A connection for the length of a block."""


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
    created_at: datetime


COLUMNS = BlobRow._fields


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


BLOB_ARRAYS = ("ids", "organization_ids", "sizes", "hashes", "media_types", "widths", "heights", "page_resolutions")


async def record_blob(
    connection: Connection, blob: NewBlob, *, parts: Collection[str] = (), max_organization_bytes: int | None = None
) -> None:
    """Enter a file that is safe on disk; entering the same bytes again changes nothing, others are a `Conflict`.

    `parts` are the ids a document names: those of the same organization that are already uploaded become its parts.
    Its commit is not counted (`storage.outcome`): whoever is told that it failed may send the same bytes again.
    """
    async with connection.transaction():
        # Two uploads under one id at once: the primary key lets one in, the other is compared with it.
        is_new = await connection.fetchval(
            """
            insert into blob (id, organization_id, size, sha256, media_type, width, height, page_resolutions)
            values ($1, $2, $3, $4, $5, $6, $7, $8)
            on conflict (id) do nothing
            returning true
            """,
            *blob,
        )
        if not is_new:
            require_same(await find_blob(connection, blob.id), blob.organization_id, blob.size, blob.sha256)
            return
        if max_organization_bytes is not None:
            await _require_room(connection, blob.organization_id, blob.size, max_organization_bytes)
        if parts:
            await connection.execute(
                """
                insert into blob_part (document_id, part_id)
                select $1::text, id
                from blob
                where id = any($2::text[]) and organization_id = $3 and id <> $1
                """,
                blob.id,
                list(set(parts)),
                blob.organization_id,
            )


async def record_new_blobs(
    connection: Writer, blobs: Sequence[NewBlob], *, max_organization_bytes: int | None = None
) -> None:
    """Enter files of one organization under ids that were just made for them, all or none, in one statement."""
    if not blobs:
        return
    await connection.fetch(
        """
        insert into blob (id, organization_id, size, sha256, media_type, width, height, page_resolutions)
        select * from unnest(:ids::text[], :organization_ids::text[], :sizes::bigint[], :hashes::text[], :media_types::text[],
          :widths::int[], :heights::int[], :page_resolutions::text[])
        """,
        dict(zip(BLOB_ARRAYS, (list(column) for column in zip(*blobs, strict=True)), strict=True)),
    )
    if max_organization_bytes is not None:
        size = sum(blob.size for blob in blobs)
        await _require_room(connection.driver, blobs[0].organization_id, size, max_organization_bytes)


async def _require_room(connection: Connection, organization_id: str, size: int, max_organization_bytes: int) -> None:
    """Refuse files, `size` bytes that this transaction has just recorded, when they pass the quota of the organization.

    Where there is not room for a hundred times as much, uploads queue up, or two could pass where only one fits.
    """
    used = await used_bytes(connection, organization_id)
    if used + 100 * size > max_organization_bytes:
        await connection.execute(
            "select pg_advisory_xact_lock(hashtextextended('bytes of ' || $1, 0))", organization_id
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
    used: int = await connection.fetchval(
        "select coalesce(sum(bytes), 0)::bigint from blob_tally where organization_id = $1", organization_id
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
    """Whether the person whom an upload URL was made for is still active."""
    is_active: bool = await connection.fetchval(
        "select exists (select 1 from user_account where id = $1 and organization_id = $2 and activated)",
        user_id,
        organization_id,
    )
    return is_active


async def find_blob(connection: Connection, blob_id: str) -> BlobRow | None:
    """The recorded file, of whatever organization."""
    if not is_blob_id(blob_id):
        return None
    row = await connection.fetchrow(
        f"select {', '.join(COLUMNS)} from blob where id = $1",
        blob_id,
    )
    return None if row is None else BlobRow(*row)


async def recorded_ids(connection: Connection, ids: Collection[str], organization_id: str | None = None) -> set[str]:
    """Those of the ids that are recorded, in one organization or (None) in any."""
    rows = await connection.fetch(
        "select id from blob where id = any($1::text[]) and ($2::text is null or organization_id = $2)",
        list(ids),
        organization_id,
    )
    return {row["id"] for row in rows}


async def orphans(connection: Connection, older_than: datetime, *, limit: int = 1000) -> list[str]:
    """The oldest recorded files that nothing holds, entered before the moment."""
    rows = await connection.fetch(
        f"select id from blob where created_at < $1 and {IS_HELD_BY_NOTHING} order by created_at, id limit $2",
        older_than,
        limit,
    )
    return [row["id"] for row in rows]


async def forget_blobs(connection: Connection, ids: Collection[str]) -> list[str]:
    """Remove the records of those files that nothing holds any more, and of the parts only they named.

    Answers what was removed. The files themselves stay until the sweeper finds them without a record. A record that
    another transaction is just referring to is left alone. Run it in a transaction: it takes several statements.
    """
    forgotten: list[str] = []
    waiting = list(ids)
    while waiting:
        rows = await connection.fetch(
            f"""
            delete from blob
            where id in (
              select id
              from blob
              where id = any($1::text[]) and {IS_HELD_BY_NOTHING}
              for update skip locked
            )
            returning id
            """,
            waiting,
        )
        gone = [row["id"] for row in rows]
        forgotten += gone
        rows = await connection.fetch(
            "delete from blob_part where document_id = any($1::text[]) returning part_id", gone
        )
        waiting = [row["part_id"] for row in rows]
    return forgotten
