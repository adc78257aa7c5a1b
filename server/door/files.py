"""Files over HTTP: PUT to a signed URL, GET or HEAD from one.

Signed URLs open without any other credential, and an `Authorization` header sent along is not looked at. Every answer
carries the same guards against a browser taking a stranger's file for a page.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import structlog
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from labelyard.domain.byte_range import ByteRange, UnsatisfiableRange, parse_range
from labelyard.domain.error import Conflict, Forbidden, InsufficientStorage, NotFound, Unavailable
from labelyard.domain.file_url import BlobIdScanner, replace_file_urls
from labelyard.domain.media import (
    JSON,
    PLAIN_TEXT,
    content_disposition,
    file_ending,
    image_size,
    media_type,
    recorded_media_type,
    servable_type,
)
from labelyard.domain.playback import Playback, listed_frames
from labelyard.server.door.signed_url import SignedUrlDoor, guards_of, no_file, single_parts
from labelyard.server.door.upload_body import UploadBody, declared_length
from labelyard.server.door.upload_form import FORM_BYTES, UploadForm, boundary_of
from labelyard.server.edge.asked_address import AskedAddresses
from labelyard.server.edge.authentication import Callers
from labelyard.server.edge.body import check_headers
from labelyard.server.edge.body_pace import Pace
from labelyard.server.edge.exchange import Caller, Exchange
from labelyard.server.edge.pipeline import Pipeline
from labelyard.storage.blob import Blobs, StoredBlob
from labelyard.storage.database import Database
from labelyard.storage.file_access import readable_blobs, takeable_blobs
from labelyard.storage.file_link import FILES_PATH, UPLOAD_PATH, FileGrant, FileLinks
from labelyard.storage.film import FilmReader
from labelyard.storage.page_size import PageSizes
from labelyard.storage.upload import (
    BlobRow,
    NewBlob,
    find_blob,
    may_upload,
    record_blob,
    recorded_ids,
    require_same,
    with_film,
)
from labelyard.storage.upload_quota import UploadRoom

MAX_REWRITTEN_BYTES: Final = 16 << 20
# Documents of some ten thousand frames; of longer ones the number of frames is not known.
MAX_COUNTED_BYTES: Final = 4 << 20

_log = structlog.get_logger(__name__)


def file_routes(
    *,
    pipeline: Pipeline,
    callers: Callers,
    blobs: Blobs,
    links: FileLinks,
    addresses: AskedAddresses | None = None,
    database: Database,
    page_sizes: PageSizes | None = None,
    film_reader: FilmReader | None = None,
    max_organization_bytes: int | None = None,
    cross_origin_resource_policy: str = "same-site",
    clock: Callable[[], float] = time.time,
    pace: Pace | None = None,
) -> list[Route]:
    """The routes under `/api/label/v2`; `max_organization_bytes` None means no quota, `clock` gives Unix seconds."""
    files = _Files(
        pipeline=pipeline,
        callers=callers,
        blobs=blobs,
        links=links,
        addresses=addresses or AskedAddresses([links.public_url]),
        database=database,
        pace=pace or Pace(),
        page_sizes=page_sizes or PageSizes(),
        film_reader=film_reader or FilmReader(),
        max_organization_bytes=max_organization_bytes,
        room=UploadRoom(max_organization_bytes),
        clock=clock,
        guards=guards_of(cross_origin_resource_policy),
    )
    return [
        Route(UPLOAD_PATH, files.upload, methods=["PUT"]),
        Route(FILES_PATH, files.download, methods=["GET", "HEAD"]),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Files:
    pipeline: Pipeline
    callers: Callers
    blobs: Blobs
    links: FileLinks
    addresses: AskedAddresses
    database: Database
    pace: Pace
    page_sizes: PageSizes
    film_reader: FilmReader
    max_organization_bytes: int | None
    room: UploadRoom
    clock: Callable[[], float]
    guards: Mapping[str, str]

    async def upload(self, request: Request) -> Response:
        """PUT: the file is on disk and recorded when this answers 200; a repeat with the same bytes answers 200 too."""
        return await _Upload(self, request).answer(self.pipeline)

    async def download(self, request: Request) -> Response:
        """GET and HEAD, whole or one range."""
        return await _Download(self, request).answer(self.pipeline)

    async def store(self, request: Request, grant: FileGrant) -> str:
        """Keep and record the body; answers its SHA-256."""
        boundary = boundary_of(request.headers)
        if boundary is None:
            length = declared_length(request.headers, max_bytes=grant.max_bytes)
            body = UploadBody(request.receive, length, self.pace)
        else:
            length = declared_length(request.headers, max_bytes=grant.max_bytes + FORM_BYTES)
            body = UploadForm(request.receive, length, self.pace, boundary)
        used = 0
        async with self.database.reader() as connection:
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
            try:
                stored = await self.blobs.write(
                    grant.blob_id, arriving.counted(body.chunks()), max_bytes=grant.max_bytes
                )
            except OSError as error:
                _log.error("files_not_writable", error=str(error))
                raise _storage_away() from error
            declared = request.headers.get("content-type", "") if boundary is None else ""
            await self._record(grant, stored, declared=declared)
        return stored.sha256

    async def _record(self, grant: FileGrant, stored: StoredBlob, *, declared: str) -> None:
        detected = recorded_media_type(stored.head, declared=declared, is_cut=stored.size > len(stored.head))
        width, height = await asyncio.to_thread(_size_of_image, detected, stored.head)
        is_document = media_type(stored.head) == JSON
        parts = await self._parts(grant) if is_document else set()
        blob = NewBlob(grant.blob_id, grant.organization_id, stored.size, stored.sha256, detected, width, height)
        (pages,) = await self.page_sizes.read(self.blobs, [blob])
        (film,) = await self.film_reader.read(self.blobs, [blob])
        blob = with_film(blob._replace(page_resolutions=pages), film)
        if is_document and stored.size <= MAX_COUNTED_BYTES:
            listed = await self._listed_frames(grant.blob_id)
            blob = blob._replace(playback=listed.as_text() if listed is not None else None)
        try:
            # When it is unknown whether the record was committed, the client may send the same bytes again.
            async with self.database.aside() as connection:
                await record_blob(connection, blob, parts=parts, max_organization_bytes=self.max_organization_bytes)
        except (Conflict, InsufficientStorage):
            # Refused for the quota: bytes without a record are of no use. Where other bytes were recorded meanwhile,
            # the file is theirs.
            async with self.database.reader() as connection:
                is_recorded = await find_blob(connection, blob.id) is not None
            if not is_recorded:
                await self.blobs.delete(blob.id)
            raise

    async def _listed_frames(self, blob_id: str) -> Playback | None:
        """How many entries a document has: frames, where it is that of a video."""
        document = b"".join([piece async for piece in self.blobs.stream(blob_id)])
        return await asyncio.to_thread(listed_frames, document)

    async def _parts(self, grant: FileGrant) -> set[str]:
        """The uploaded files a document names, of those that its uploader may take."""
        scanner = BlobIdScanner()
        parts: set[str] = set()
        async for piece in self.blobs.stream(grant.blob_id):
            named = await asyncio.to_thread(scanner.feed, piece)
            if named:
                # Only known ids are kept, so that a document full of invented ones fills no memory.
                async with self.database.reader() as connection:
                    parts |= (await takeable_blobs(connection, set(named), grant.user_id)).keys()
        return parts

    async def serve(self, request: Request, blob_id: str, user_id: str) -> Response:
        """The file, or the part of it that is asked for."""
        blob, is_document = await self._readable(blob_id, user_id)
        if is_document and blob.size <= MAX_REWRITTEN_BYTES:
            document = await self._with_fresh_urls(blob, user_id, self.addresses.of(request.scope))
            # The URLs in it change from answer to answer: nothing to compare, nothing to continue.
            headers = self._headers(blob, len(document))
            return Response(b"" if request.method == "HEAD" else document, headers=headers)
        return await self._file(request, blob)

    async def _readable(self, blob_id: str, user_id: str) -> tuple[BlobRow, bool]:
        """The file, if the person may read it, and whether it is a document whose URLs are to be renewed."""
        async with self.database.reader() as connection:
            readable = (await readable_blobs(connection, [blob_id], user_id)).get(blob_id)
        if readable is None:
            raise no_file()
        # Clients declare JSON a text.
        is_document = readable.is_json_content and readable.blob.media_type in (JSON, PLAIN_TEXT)
        return readable.blob, is_document

    async def _with_fresh_urls(self, blob: BlobRow, user_id: str, asked_at: str | None) -> bytes:
        """The document with the URLs of its organization's own files signed anew."""
        await self._require_whole(blob)
        document = b"".join([piece async for piece in self.blobs.stream(blob.id)])
        named = await asyncio.to_thread(BlobIdScanner().feed, document)
        async with self.database.reader() as connection:
            known = await recorded_ids(connection, set(named), blob.organization_id)
        now, links = int(self.clock()), self.links.at(asked_at)

        def url_of(blob_id: str) -> str | None:
            if blob_id not in known:
                return None
            return links.download_url(blob_id=blob_id, organization_id=blob.organization_id, user_id=user_id, now=now)

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
            if not await self.blobs.is_ready():
                raise _storage_away() from None
        if size != blob.size:
            _log.error("blob_damaged", blob_id=blob.id, recorded_bytes=blob.size, stored_bytes=size)
            raise no_file()

    def _headers(self, blob: BlobRow, length: int) -> dict[str, str]:
        served = servable_type(blob.media_type)
        return {
            **self.guards,
            "Content-Type": f"{served}; charset=utf-8" if served == PLAIN_TEXT else served,
            "Content-Disposition": content_disposition(served, f"{blob.id}{file_ending(served)}"),
            "Content-Length": str(length),
        }


class _FileDoor(SignedUrlDoor):
    def __init__(self, files: _Files, request: Request) -> None:
        super().__init__(request, files.guards)
        self._files = files


class _Upload(_FileDoor):
    name = "upload"

    def find_grant(self, parts: Mapping[str, str]) -> FileGrant | None:
        return self._files.links.upload_grant(parts, now=int(self._files.clock()))

    async def perform(self, exchange: Exchange, _measured: None) -> Response:
        sha256 = await self._files.store(self._request, self._grant)
        headers = {**self._files.guards, "ETag": f'"{sha256}"', "X-Request-Id": exchange.request_id}
        return Response(status_code=200, headers=headers)


class _Download(_FileDoor):
    name = "download"
    _blob_id: str
    _user_id: str

    def find_grant(self, parts: Mapping[str, str]) -> FileGrant | None:
        return self._files.links.download_grant(parts, now=int(self._files.clock()))

    async def identify(self, exchange: Exchange) -> Caller | None:
        parts = single_parts(self._request)
        if parts.keys() == {"id"}:
            return await self._identify_by_key(exchange, parts["id"])
        caller = await super().identify(exchange)
        if caller is not None:
            self._blob_id, self._user_id = self._grant.blob_id, self._grant.user_id
        return caller

    async def _identify_by_key(self, exchange: Exchange, blob_id: str) -> Caller | None:
        """The caller of the URL that clients build by themselves: the key stands in for the signature."""
        check_headers(self._request.scope)
        found = await self._files.callers.find(self._request.headers.get("authorization"), exchange.address)
        if found is None or found.actor is None:
            return None
        self._blob_id, self._user_id = blob_id, found.actor.user_id
        return Caller(found.key, found.organization_id)

    async def perform(self, exchange: Exchange, _measured: None) -> Response:
        response = await self._files.serve(self._request, self._blob_id, self._user_id)
        response.headers["X-Request-Id"] = exchange.request_id
        return response


def _storage_away() -> Unavailable:
    return Unavailable("The files directory of the server cannot be used just now; try again in a moment.")


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
