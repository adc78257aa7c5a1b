"""Making the thumbnails that are due."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

import structlog

from labelyard.domain.error import ClientError, InsufficientStorage, NotFound
from labelyard.services.app_services import AppServices
from labelyard.storage.blob import new_blob_id
from labelyard.storage.database import Database
from labelyard.storage.thumbnail import ThumbnailMaker, claim_thumbnails, keep_thumbnail, leave_without_thumbnail
from labelyard.storage.upload import NewBlob, record_new_blobs

WEBP: Final = "image/webp"
ROUND: Final = 32

_log = structlog.get_logger("labelyard.thumbnail")


async def make_thumbnails(database: Database, app_services: AppServices, maker: ThumbnailMaker) -> int:
    """Make the thumbnails of up to `ROUND` images; answers how many were claimed.

    What fails for a reason that passes stays claimed, and is due again when the claim has ended.
    """
    claimed = await claim_thumbnails(database, ROUND)
    without: list[str] = []
    for row in claimed:
        if row["organization_id"] is None:
            without.append(row["id"])
            continue
        try:
            picture = await maker.make(app_services.blobs, row["id"], row["size"])
            if picture:
                await _keep(database, app_services, row["id"], row["organization_id"], picture)
            else:
                without.append(row["id"])
        except NotFound:
            without.append(row["id"])  # the bytes are gone: `labelyard verify` says so
        except InsufficientStorage:
            without.append(row["id"])
        except ClientError as error:
            _log.warning("thumbnail not kept", blob_id=row["id"], error=error.message)
    if without:
        _log.info("images without thumbnails", count=len(without))
        await leave_without_thumbnail(database, without)
    return len(claimed)


async def _keep(
    database: Database, app_services: AppServices, source_id: str, organization_id: str, picture: bytes
) -> None:
    """Store a picture as a file, and make it the thumbnail of an image."""
    blob_id = new_blob_id()
    is_kept = False
    try:
        stored = await app_services.blobs.write(blob_id, _once(picture), max_bytes=len(picture))
        blob = NewBlob(blob_id, organization_id, stored.size, stored.sha256, WEBP)
        async with database.transaction() as writer:
            await record_new_blobs(writer, [blob], max_organization_bytes=app_services.max_organization_bytes)
            is_kept = await keep_thumbnail(writer, source_id, blob_id)
            if not is_kept:
                raise _NotWanted
    except _NotWanted:
        pass
    finally:
        if not is_kept:
            await app_services.blobs.delete(blob_id)


class _NotWanted(Exception):
    """The image is gone, or has a thumbnail already."""


async def _once(picture: bytes) -> AsyncIterator[bytes]:
    yield picture
