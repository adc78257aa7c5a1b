"""The two file routes: PUT to a signed URL, GET or HEAD from one.

Signed URLs open without any other credential, and an `Authorization` header sent along is not looked at. Every answer
carries the same guards against a browser taking a stranger's file for a page.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from domain.byte_range import ByteRange, UnsatisfiableRange, parse_range
from domain.error import BadRequest, ErrorCode, Forbidden, NotFound, Refusal
from domain.file_url import BlobIdScanner, replace_file_urls
from domain.media import (
    JSON,
    PLAIN_TEXT,
    content_disposition,
    file_ending,
    image_size,
    media_type,
    servable_type,
)
from server.upload_body import UploadBody, declared_length
from storage.blob import Blobs, StoredBlob
from storage.file_access import readable_blobs
from storage.file_link import FILES_PATH, UPLOAD_PATH, FileGrant, FileLinks
from storage.page_size import PageSizes
from storage.upload import (
    BlobRow,
    ConnectionPool,
    NewBlob,
    find_blob,
    may_upload,
    record_blob,
    recorded_ids,
    require_same,
)
from storage.upload_quota import UploadRoom

MAX_REWRITTEN_BYTES: Final = 16 << 20

_STATUS: Final[Mapping[ErrorCode, int]] = {
    ErrorCode.BAD_REQUEST: 400,
    ErrorCode.UNAUTHENTICATED: 401,
    ErrorCode.FORBIDDEN: 403,
    ErrorCode.NOT_FOUND: 404,
    ErrorCode.TIMEOUT: 408,
    ErrorCode.CONFLICT: 409,
    ErrorCode.PAYLOAD_TOO_LARGE: 413,
    ErrorCode.TOO_MANY_REQUESTS: 429,
    ErrorCode.UNAVAILABLE: 503,
    ErrorCode.INSUFFICIENT_STORAGE: 507,
}

_log = structlog.get_logger(__name__)

Authenticate = Callable[[Mapping[str, str]], Awaitable[str | None]]
"""From request headers to the person whose key is in them, or None."""


def file_routes(
    *,
    blobs: Blobs,
    links: FileLinks,
    pool: ConnectionPool,
    authenticate: Authenticate,
    page_sizes: PageSizes | None = None,
    max_organization_bytes: int | None = None,
    cross_origin_resource_policy: str = "same-site",
    clock: Callable[[], float] = time.time,
) -> list[Route]:
    """The routes under `/api/label/v2`; `max_organization_bytes` None means no quota, `clock` gives Unix seconds."""
    files = _Files(
        blobs=blobs,
        links=links,
        pool=pool,
        authenticate=authenticate,
        page_sizes=page_sizes or PageSizes(),
        max_organization_bytes=max_organization_bytes,
        room=UploadRoom(max_organization_bytes),
        clock=clock,
        guards={
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Cross-Origin-Resource-Policy": cross_origin_resource_policy,
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "private",
        },
    )
    return [
        Route(UPLOAD_PATH, files.upload, methods=["PUT"]),
        Route(FILES_PATH, files.download, methods=["GET", "HEAD"]),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Files:
    blobs: Blobs
    links: FileLinks
    pool: ConnectionPool
    authenticate: Authenticate
    page_sizes: PageSizes
    max_organization_bytes: int | None
    room: UploadRoom
    clock: Callable[[], float]
    guards: Mapping[str, str]

    async def upload(self, request: Request) -> Response:
        """PUT: the file is on disk and recorded when this answers 200; a repeat with the same bytes answers 200 too."""
        try:
            stored_sha256 = await self._upload(request)
        except Refusal as refusal:
            return self._refused(request, refusal)
        except ClientDisconnect:
            # Nobody reads this answer; nothing was kept.
            return self._refused(request, BadRequest("The upload ended before its declared length."))
        return Response(status_code=200, headers={**self.guards, "ETag": f'"{stored_sha256}"'})

    async def download(self, request: Request) -> Response:
        """GET and HEAD, whole or one range."""
        try:
            return await self._download(request)
        except Refusal as refusal:
            return self._refused(request, refusal)

    async def _upload(self, request: Request) -> str:
        grant = self.links.upload_grant(_single_parts(request), now=int(self.clock()))
        if grant is None:
            raise Forbidden("Forbidden")
        length = declared_length(request.headers, max_bytes=grant.max_bytes)
        body = UploadBody(request.stream(), length)
        used = 0
        async with self.pool.acquire() as connection:
            if not await may_upload(connection, grant.user_id, grant.organization_id):
                raise Forbidden("Forbidden")
            existing = await find_blob(connection, grant.blob_id)
            if existing is None:
                # The quota is checked for good when the file is recorded; this spares the disk a hopeless upload.
                used = await self.room.used(connection, grant.organization_id, length or 0)
        if existing is not None:
            size, sha256 = await body.digest(max_bytes=grant.max_bytes)
            require_same(existing, grant.organization_id, size, sha256)
            return sha256
        with self.room.arriving(grant.organization_id, used) as arriving:
            chunks = arriving.counted(body.chunks())
            stored = await self.blobs.write(grant.blob_id, chunks, max_bytes=grant.max_bytes)
            await self._record(grant, stored)
        return stored.sha256

    async def _record(self, grant: FileGrant, stored: StoredBlob) -> None:
        detected = media_type(stored.head)
        width, height = await asyncio.to_thread(_size_of_image, detected, stored.head)
        parts = await self._parts(grant) if detected == JSON else set()
        blob = NewBlob(grant.blob_id, grant.organization_id, stored.size, stored.sha256, detected, width, height)
        (pages,) = await self.page_sizes.read(self.blobs, [blob])
        blob = blob._replace(page_resolutions=pages)
        async with self.pool.acquire() as connection:
            try:
                await record_blob(connection, blob, parts=parts, max_organization_bytes=self.max_organization_bytes)
            except Refusal:
                # Refused for the quota: bytes without a record are of no use. Where other bytes were recorded
                # meanwhile, the file is theirs.
                if await find_blob(connection, blob.id) is None:
                    await self.blobs.delete(blob.id)
                raise

    async def _parts(self, grant: FileGrant) -> set[str]:
        """The uploaded files a document names, of those that its uploader may read."""
        scanner = BlobIdScanner()
        parts: set[str] = set()
        async for piece in self.blobs.stream(grant.blob_id):
            named = await asyncio.to_thread(scanner.feed, piece)
            if named:
                # Only known ids are kept, so that a document full of invented ones fills no memory.
                async with self.pool.acquire() as connection:
                    parts |= (await readable_blobs(connection, set(named), grant.user_id)).keys()
        return parts

    async def _download(self, request: Request) -> Response:
        blob, is_document, user_id = await self._readable(request)
        if is_document and blob.size <= MAX_REWRITTEN_BYTES:
            document = await self._with_fresh_urls(blob, user_id)
            # The URLs in it change from answer to answer: nothing to compare, nothing to continue.
            headers = self._headers(blob, len(document))
            return Response(b"" if request.method == "HEAD" else document, headers=headers)
        return await self._file(request, blob)

    async def _readable(self, request: Request) -> tuple[BlobRow, bool, str]:
        """The file the request may read, whether it is a document whose URLs are to be renewed, and who reads it."""
        parts = _single_parts(request)
        if parts.keys() == {"id"}:
            # The URL that clients build by themselves: the key stands in for the signature.
            blob_id, user_id = parts["id"], await self.authenticate(request.headers)
            if user_id is None:
                raise Forbidden("Forbidden")
        else:
            grant = self.links.download_grant(parts, now=int(self.clock()))
            if grant is None:
                raise Forbidden("Forbidden")
            blob_id, user_id = grant.blob_id, grant.user_id
        async with self.pool.acquire() as connection:
            readable = (await readable_blobs(connection, [blob_id], user_id)).get(blob_id)
        if readable is None:
            raise _no_file()
        return readable.blob, readable.is_json_content and readable.blob.media_type == JSON, user_id

    async def _with_fresh_urls(self, blob: BlobRow, user_id: str) -> bytes:
        """The document with the URLs of its organization's own files signed anew."""
        await self._require_whole(blob)
        document = b"".join([piece async for piece in self.blobs.stream(blob.id)])
        named = await asyncio.to_thread(BlobIdScanner().feed, document)
        async with self.pool.acquire() as connection:
            known = await recorded_ids(connection, set(named), blob.organization_id)
        now = int(self.clock())

        def url_of(blob_id: str) -> str | None:
            if blob_id not in known:
                return None
            return self.links.download_url(
                blob_id=blob_id, organization_id=blob.organization_id, user_id=user_id, now=now
            )

        return await asyncio.to_thread(replace_file_urls, document, url_of)

    async def _file(self, request: Request, blob: BlobRow) -> Response:
        await self._require_whole(blob)
        etag = f'"{blob.sha256}"'
        headers = {**self._headers(blob, blob.size), "ETag": etag, "Accept-Ranges": "bytes"}
        if _names(request.headers.get("if-none-match"), etag):
            del headers["Content-Length"]
            return Response(status_code=304, headers=headers)
        if request.method == "HEAD":
            return Response(headers=headers)
        try:
            part = _range_of(request, blob, etag)
        except UnsatisfiableRange:
            return Response(status_code=416, headers={**self.guards, "Content-Range": f"bytes */{blob.size}"})
        if part is None:
            return StreamingResponse(self.blobs.stream(blob.id), headers=headers)
        headers["Content-Length"] = str(part.end - part.start)
        headers["Content-Range"] = f"bytes {part.start}-{part.end - 1}/{blob.size}"
        return StreamingResponse(
            self.blobs.stream(blob.id, start=part.start, end=part.end), status_code=206, headers=headers
        )

    async def _require_whole(self, blob: BlobRow) -> None:
        """Refuse a file whose bytes are gone or cut: a promised length must not be broken half-way."""
        try:
            size = await self.blobs.size(blob.id)
        except NotFound:
            size = None
        if size != blob.size:
            _log.error("blob_damaged", blob_id=blob.id, recorded_bytes=blob.size, stored_bytes=size)
            raise _no_file()

    def _headers(self, blob: BlobRow, length: int) -> dict[str, str]:
        served = servable_type(blob.media_type)
        return {
            **self.guards,
            "Content-Type": f"{served}; charset=utf-8" if served == PLAIN_TEXT else served,
            "Content-Disposition": content_disposition(served, f"{blob.id}{file_ending(served)}"),
            "Content-Length": str(length),
        }

    def _refused(self, request: Request, refusal: Refusal) -> Response:
        error = {"code": refusal.code.value, "message": refusal.message}
        request_id = request.scope.get("state", {}).get("request_id")
        if request_id is not None:
            error["requestId"] = str(request_id)
        return JSONResponse({"error": error}, _STATUS.get(refusal.code, 400), self.guards)


def _no_file() -> NotFound:
    # One answer for what never was, what is gone, and what belongs to others.
    return NotFound("There is no such file.")


def _single_parts(request: Request) -> dict[str, str]:
    """The query; empty (and so refused) when a part is given twice and it would be unclear which one counts."""
    parts = request.query_params.multi_items()
    single = dict(parts)
    return single if len(single) == len(parts) else {}


def _size_of_image(detected: str, head: bytes) -> tuple[int | None, int | None]:
    size = image_size(head) if detected.startswith("image/") else None
    return size or (None, None)


def _names(header: str | None, etag: str) -> bool:
    if header is None:
        return False
    return any(tag.strip().removeprefix("W/") in {etag, "*"} for tag in header.split(","))


def _range_of(request: Request, blob: BlobRow, etag: str) -> ByteRange | None:
    # `If-Range` with anything but the present tag asks for the whole file.
    if request.headers.get("if-range", etag) != etag:
        return None
    return parse_range(request.headers.get("range"), blob.size)
