"""What an organization may upload: bytes in all, counted by triggers, and upload URLs in a day."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

from labelyard.domain.error import InsufficientStorage
from labelyard.storage.database import Connection, Writer
from labelyard.storage.upload import over_quota, used_bytes

# One row for each organization and day (UTC); rows of days before go on the way.
COUNT_URLS = """
with past as (
  delete from upload_count
  where organization_id = :organization_id and day < (now() at time zone 'UTC')::date
)
insert into upload_count as c (organization_id, day, urls)
select :organization_id, (now() at time zone 'UTC')::date, :count::int
where :count::int <= :most::int
on conflict (organization_id, day) do update set urls = c.urls + excluded.urls where c.urls + excluded.urls <= :most::int
returning urls
"""


async def count_upload_urls(connection: Writer, organization_id: str, count: int, *, most: int) -> None:
    """Count URLs that are about to be given out; refuse when the organization has had `most` today."""
    values = {"organization_id": organization_id, "count": count, "most": most}
    if count and await connection.fetch_value(COUNT_URLS, values) is None:
        raise InsufficientStorage(
            f"[quotaReached] An organization gets at most {most:,} upload URLs a day (UTC), and these {count:,} would be too "
            "many; go on tomorrow, or have LABELYARD_MAX_UPLOADS_PER_DAY raised.",
            limit=most,
        )


class UploadRoom:
    """The bytes that are just coming in for each organization: they count against its quota before they are recorded."""

    def __init__(self, max_organization_bytes: int | None) -> None:
        self._most = max_organization_bytes
        self._arriving: dict[str, int] = {}

    async def used(self, connection: Connection, organization_id: str, size: int) -> int:
        """The bytes that the organization has recorded; refuse when `size` more are too many."""
        if self._most is None:
            return 0
        used = await used_bytes(connection, organization_id)
        if used + self._arriving.get(organization_id, 0) + size > self._most:
            raise over_quota(self._most)
        return used

    @contextmanager
    def arriving(self, organization_id: str, used: int) -> Iterator[ArrivingBytes]:
        """Count one upload while the block runs; `used` is what `used` answered."""
        upload = ArrivingBytes(self, organization_id, used)
        try:
            yield upload
        finally:
            self.add(organization_id, -upload.size)

    def add(self, organization_id: str, size: int) -> int:
        """Change what is arriving; answers the new sum."""
        total = self._arriving.get(organization_id, 0) + size
        if total:
            self._arriving[organization_id] = total
        else:
            self._arriving.pop(organization_id, None)
        return total

    def refuse_beyond(self, total: int) -> None:
        """Refuse a sum of recorded and arriving bytes that passes the quota."""
        if self._most is not None and total > self._most:
            raise over_quota(self._most)


class ArrivingBytes:
    """The bytes of one upload, counted as they pass."""

    def __init__(self, room: UploadRoom, organization_id: str, used: int) -> None:
        self._room = room
        self._organization_id = organization_id
        self._used = used
        self.size = 0

    async def counted(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """The chunks, until the organization's files and everything that is arriving for it pass the quota."""
        async for chunk in chunks:
            self.size += len(chunk)
            self._room.refuse_beyond(self._used + self._room.add(self._organization_id, len(chunk)))
            yield chunk
