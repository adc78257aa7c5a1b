"""The content of an asset: a URL or a text to keep, or bytes to store as a file."""

from __future__ import annotations

import asyncio
import base64
import binascii
import re
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from typing import Any, Final, NamedTuple

import orjson

from labelyard.domain.document import is_absent
from labelyard.domain.error import BadUserInput, ClientError, Forbidden, NotFound, Unavailable
from labelyard.domain.file_url import blob_id_of
from labelyard.domain.media import image_size, recorded_media_type
from labelyard.domain.permission import Actor
from labelyard.domain.playback import Playback, playback_of
from labelyard.services.apart import apart
from labelyard.services.app_services import AppServices
from labelyard.storage.blob import new_blob_id
from labelyard.storage.database import Database
from labelyard.storage.file_access import readable_blobs, takeable_blobs
from labelyard.storage.film import KINDS as FILMS
from labelyard.storage.upload import BlobRow, NewBlob, record_new_blobs, with_film

WRITTEN_AT_ONCE = 8
DATA_URI = re.compile(r"data:([^,]{0,200}?);base64,", re.IGNORECASE)


class Inlined(NamedTuple):
    """Bytes written into the import itself, in base64, and the media type they were declared to be."""

    encoded: str
    declared: str


class NewFile(NamedTuple):
    """Bytes to keep as a file, read piece by piece, and the media type they were declared to be."""

    pieces: Callable[[], AsyncIterator[bytes]]
    declared: str

    @classmethod
    def of(cls, data: bytes, declared: str) -> NewFile:
        """A file of bytes that are in memory."""
        return cls(lambda: _once(data), declared)


class Content(NamedTuple):
    """Where the content of an asset stands: in a text column or in a blob, with its size in pixels, the sizes of its
    pages and how long it plays when known.
    """

    text: str
    blob_id: str | None
    resolution: str | None = None
    page_resolutions: str | None = None
    playback: Playback | None = None


NO_CONTENT: Final = Content("", None)


async def store_contents(
    database: Database, app_services: AppServices, actor: Actor, texts: Sequence[str], *, is_long: bool = False
) -> list[Content]:
    """Recognise uploads that the person may take, keep inlined bytes as files, and leave URLs and texts as they are. Nothing is
    ever fetched.

    Runs before the transaction: a file that no asset refers to in the end is swept away.
    """
    contents, uploads, inlined = await apart(is_long, _recognised, texts)
    if uploads:
        async with database.reader() as connection:
            rows = await takeable_blobs(connection, set(uploads.values()), actor.user_id)
            missing = set(uploads.values()) - rows.keys()
            readable = await readable_blobs(connection, missing, actor.user_id) if missing else {}
        for index, blob_id in uploads.items():
            if blob_id in readable:
                raise Forbidden(
                    f"[accessDenied] File {blob_id} is one of a project whose assets you may not change, so it cannot be taken from "
                    "there; upload one of your own.",
                    index=index,
                )
            if blob_id in missing:
                raise NotFound(
                    f"[notFound] Nothing has been uploaded to {texts[index].partition('?')[0]}?…&id={blob_id}; "
                    "PUT the file there first.",
                    index=index,
                )
            contents[index] = _content_of(rows[blob_id])
    if inlined:
        files = await asyncio.to_thread(lambda: [_decoded(one) for one in inlined.values()])
        stored = await store_files(database, app_services, actor.organization_id, files)
        for index, blob in zip(inlined, stored, strict=True):
            contents[index] = _content_of(blob)
    return [content for content in contents if content is not None]


def _recognised(texts: Sequence[str]) -> tuple[list[Content | None], dict[int, str], dict[int, Inlined]]:
    """The contents that are kept as they are; the ids of uploads and the inlined bytes, by index."""
    uploads: dict[int, str] = {}
    inlined: dict[int, Inlined] = {}
    if not any(texts):
        return [NO_CONTENT] * len(texts), uploads, inlined
    contents: list[Content | None] = [Content(text, None) for text in texts]
    for index, text in enumerate(texts):
        if "id=" not in text and text[:5] != "data:":
            continue
        if text.startswith("data:") and (match := DATA_URI.match(text)):
            inlined[index] = Inlined(text[match.end() :], match[1])
        elif blob_id := _upload_in(text):
            uploads[index] = blob_id
        else:
            continue
        contents[index] = None
    return contents, uploads, inlined


def _upload_in(text: str) -> str | None:
    """The id of the stored file that a content names; only texts that look like a URL name one."""
    return blob_id_of(text) if text.startswith(("http://", "https://")) and "id=" in text else None


async def store_files(
    database: Database,
    app_services: AppServices,
    organization_id: str,
    files: Sequence[NewFile],
    *,
    at_once: int = WRITTEN_AT_ONCE,
) -> list[NewBlob]:
    """Keep bytes as files, several at a time for the disk's sake, and record them at once."""
    ids = [new_blob_id() for _ in files]
    write_slots = asyncio.Semaphore(at_once)

    async def write(blob_id: str, file: NewFile) -> NewBlob:
        async with write_slots:
            stored = await app_services.blobs.write(blob_id, file.pieces(), max_bytes=app_services.max_upload_bytes)
        width, height = image_size(stored.head) or (None, None)
        # Of what the client says of their type, only that it is a text is believed, if it is one.
        detected = recorded_media_type(stored.head, declared=file.declared, is_cut=stored.size > len(stored.head))
        return NewBlob(blob_id, organization_id, stored.size, stored.sha256, detected, width, height)

    try:
        written = await _all_of([write(blob_id, file) for blob_id, file in zip(ids, files, strict=True)])
        pages = await app_services.page_sizes.read(
            app_services.blobs, written, within_seconds=app_services.inlined_pages_seconds
        )
        films = await app_services.film_reader.read(
            app_services.blobs, written, within_seconds=app_services.inlined_pages_seconds
        )
        blobs = [
            with_film(blob._replace(page_resolutions=sizes), film)
            for blob, sizes, film in zip(written, pages, films, strict=True)
        ]
        async with database.aside() as connection:
            await record_new_blobs(connection, blobs, max_organization_bytes=app_services.max_organization_bytes)
    except Unavailable:
        raise  # may have been recorded; otherwise they are swept away
    except ClientError:
        # Over the quota, or the disk is full: bytes without a record are of no use.
        for blob_id in ids:
            await app_services.blobs.delete(blob_id)
        raise
    return blobs


async def _all_of(writes: Sequence[Coroutine[Any, Any, NewBlob]]) -> list[NewBlob]:
    """What all writes answer; when one fails, none goes on behind its back."""
    tasks = [asyncio.create_task(one) for one in writes]
    try:
        return await asyncio.gather(*tasks)
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise


async def _once(whole: bytes) -> AsyncIterator[bytes]:
    yield whole


def _decoded(inlined: Inlined) -> NewFile:
    try:
        return NewFile.of(base64.b64decode(inlined.encoded, validate=True), inlined.declared)
    except (binascii.Error, ValueError) as error:
        raise BadUserInput(f"A data: URI does not hold base64: {error}.") from error


def _content_of(blob: BlobRow | NewBlob) -> Content:
    playback = playback_of(blob.playback) if blob.media_type.startswith(FILMS) else None
    return Content("", blob.id, _resolution(blob.width, blob.height), blob.page_resolutions, playback)


def _resolution(width: int | None, height: int | None) -> str | None:
    if width is None or height is None:
        return None
    return orjson.dumps({"width": width, "height": height}).decode()


def json_content_of(text: str) -> str:
    """A `jsonContent` that is no upload: a URL, JSON text, or nothing."""
    if is_absent(text):
        return ""
    if text and not text.startswith(("http://", "https://")):
        try:
            value: Any = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            raise BadUserInput(f"jsonContent is neither a URL nor JSON: {error}.", field="jsonContent") from error
        if not isinstance(value, dict | list):
            raise BadUserInput("jsonContent is a JSON object or list.", field="jsonContent")
    return text
