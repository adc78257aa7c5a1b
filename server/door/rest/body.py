"""The body of a request to a door: JSON in memory, JSON with files in it, or a file as it is or in a form.

Files never are in memory: they go to a spool as they come in (`storage.spool`).
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final

from python_multipart.multipart import parse_options_header
from starlette.types import Receive, Scope

from labelyard.domain.error import BadRequest, BadUserInput, PayloadTooLarge, UnsupportedMediaType
from labelyard.server.door.form import FORM, FormReader
from labelyard.server.door.rest.long_string import LongStrings
from labelyard.server.door.upload_body import declared_length
from labelyard.server.edge.body import MIB, BodyLimits, parse_value
from labelyard.server.edge.body_pace import Pace, PacedReceive
from labelyard.server.edge.body_room import BodyReservation
from labelyard.services.asset.content import NewFile
from labelyard.storage.spool import Spool, SpoolPart

MOST_BYTES: Final = 512 * MIB
MOST_REST_BYTES: Final = 32 * MIB
MOST_FIELDS: Final = 100
MOST_FIELD_BYTES: Final = 64 << 10
LIMITS: Final = BodyLimits()
_FEED_BYTES: Final = 512 << 10
_JSON: Final = b"application/json"


class Sent(Enum):
    """What the body of a request to a route is."""

    NOTHING = "nothing"
    """Whatever is sent is not read."""
    JSON = "JSON"
    """JSON of at most 32 MiB, or nothing."""
    FILES = "JSON with files"
    """JSON of at most 512 MiB; its strings of more than 4 KiB are `LongText`."""
    UPLOAD = "a file"
    """A file of at most 512 MiB as it is, or as the part `file` of a form; or JSON with files, where the media type says so."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was sent: its name where a form gives one, and the media type that it is said to have."""

    part: SpoolPart
    name: str | None
    declared: str

    def new_file(self, *, name: str, most_bytes: int) -> NewFile:
        """The file, to be stored; refused under `name` when it is empty or has more bytes."""
        if not 0 < self.part.size <= most_bytes:
            what = f"has {self.part.size:,} bytes; it may have 1 to {most_bytes:,}"
            raise BadUserInput(f"{name} {what}.", field=name, fields={name: what})
        return NewFile(self.part.pieces, self.declared)


@dataclass(frozen=True, slots=True)
class Body:
    """What was sent: a JSON value, or a file with the fields of its form. `digest` is the SHA-256 of the bytes, if asked for."""

    json: Any = None
    is_json: bool = False
    upload: Upload | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyReader:
    """Reads one body. Memory is taken from `memory`, room on the disk from `disk`."""

    scope: Scope
    receive: Receive
    memory: BodyReservation
    disk: BodyReservation
    spool: Spool
    needs_digest: bool
    pace: Pace = field(default_factory=Pace)

    async def read(self, sent: Sent) -> Body:
        """The body, as its route takes it."""
        if sent is Sent.NOTHING:
            return Body()
        headers = {name.decode("latin-1"): value for name, value in self.scope["headers"]}
        if headers.get("content-encoding", b"identity").lower() != b"identity":
            raise UnsupportedMediaType("Content-Encoding is not served here; send the body as it is.")
        # Refused before a byte is read; what really comes is counted anyway.
        declared_length(
            {"content-length": headers["content-length"].decode("latin-1")} if "content-length" in headers else {},
            max_bytes=MOST_REST_BYTES if sent is Sent.JSON else MOST_BYTES,
        )
        media_type, options = parse_options_header(headers.get("content-type", b""))
        if sent is Sent.UPLOAD and media_type == FORM:
            return await self._form(options.get(b"boundary", b""))
        if sent is Sent.UPLOAD and media_type != _JSON:
            return await self._file(media_type.decode("latin-1"))
        if media_type not in (_JSON, b"") or options.get(b"charset", b"utf-8").lower() not in (b"utf-8", b"utf8"):
            raise UnsupportedMediaType(
                f"The media type {headers['content-type'].decode('latin-1')[:200]!r} is not served here. "
                "Send JSON with 'Content-Type: application/json'."
            )
        return await (self._small() if sent is Sent.JSON else self._large())

    async def _chunks(self, digest: Any, most_bytes: int) -> AsyncIterator[bytes]:
        """The bytes in pieces worth a thread each, counted and hashed."""
        receive = PacedReceive(self.receive, self.pace)
        waiting, size, is_open = bytearray(), 0, True
        while is_open:
            message = await receive()
            is_open = message.get("more_body", False)
            waiting += message.get("body", b"")
            if size + len(waiting) > most_bytes:
                raise PayloadTooLarge(
                    f"The body is larger than {most_bytes:,} bytes; send less in one request.", limit=most_bytes
                )
            if waiting and (len(waiting) >= _FEED_BYTES or not is_open):
                piece = bytes(waiting)
                waiting.clear()
                size += len(piece)
                if self.needs_digest:
                    await asyncio.to_thread(digest.update, piece)
                yield piece

    async def _small(self) -> Body:
        digest, collected = hashlib.sha256(), bytearray()
        async for piece in self._chunks(digest, MOST_REST_BYTES):
            self.memory.add(len(piece))
            collected += piece
        self.memory.is_whole = True
        return await self._parsed(collected, None, digest)

    async def _large(self) -> Body:
        digest, strings, kept = hashlib.sha256(), LongStrings(self.spool, most_rest_bytes=MOST_REST_BYTES), 0
        async for piece in self._chunks(digest, MOST_BYTES):
            before = self.spool.size
            await asyncio.to_thread(strings.feed, piece)
            self.disk.add(self.spool.size - before)
            self.memory.add(len(strings.rest) - kept)
            kept = len(strings.rest)
        self.memory.is_whole = self.disk.is_whole = True
        return await self._parsed(strings.rest, strings, digest)

    async def _parsed(self, text: bytearray, strings: LongStrings | None, digest: Any) -> Body:
        if not text.strip():
            return Body(digest=digest.hexdigest())

        def parse() -> Any:
            value = parse_value(text, LIMITS)
            return value if strings is None else strings.replace(value)

        value = await asyncio.to_thread(parse) if len(text) >= LIMITS.thread_from_bytes else parse()
        return Body(json=value, is_json=True, digest=digest.hexdigest())

    async def _file(self, declared: str) -> Body:
        digest = hashlib.sha256()
        async for piece in self._chunks(digest, MOST_BYTES):
            self.disk.add(len(piece))
            await asyncio.to_thread(self.spool.write, piece)
        self.disk.is_whole = True
        return Body(upload=Upload(self.spool.part(0), None, declared), digest=digest.hexdigest())

    async def _form(self, boundary: bytes) -> Body:
        digest, form = hashlib.sha256(), _Form(self.spool, boundary)
        async for piece in self._chunks(digest, MOST_BYTES):
            before = self.spool.size
            await asyncio.to_thread(form.feed, piece)
            self.disk.add(self.spool.size - before)
        form.finish()
        if not form.is_ended:
            raise BadRequest("The multipart form ends too early. Send it whole.")
        self.disk.is_whole = True
        return Body(upload=form.upload, fields=form.fields, digest=digest.hexdigest())


class _Form(FormReader):
    """A form whose part `file` goes to the spool; others are fields."""

    def __init__(self, spool: Spool, boundary: bytes) -> None:
        super().__init__(boundary, max_size=MOST_BYTES)
        self._spool = spool
        self._headers: dict[bytes, bytes] = {}
        self._name = ""
        self._start: int | None = None
        self._field = bytearray()
        self.fields: dict[str, str] = {}
        self.upload: Upload | None = None

    def begin(self) -> None:
        self._headers.clear()
        self._field.clear()

    def header(self, name: bytes, value: bytes) -> None:
        self._headers[name] = value
        if len(self._headers) > MOST_FIELDS:
            raise BadRequest("A part of the form has too many headers.")

    def end_headers(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        self._name = options.get(b"name", b"").decode("utf-8", "replace")
        self._start = self._spool.size if b"filename" in options or self._name == "file" else None
        if self._start is not None:
            if self.upload is not None:
                raise BadRequest("The form has more than one file. Send one in each request.")
            name = options.get(b"filename", b"").decode("utf-8", "replace") or None
            declared = self._headers.get(b"content-type", b"").decode("latin-1")
            self.upload = Upload(self._spool.part(self._start), name, declared)
        elif len(self.fields) >= MOST_FIELDS:
            raise BadRequest(f"The form has more than {MOST_FIELDS} fields.")

    def data(self, data: bytes, start: int, end: int) -> None:
        if self._start is not None:
            self._spool.write(memoryview(data)[start:end])
            return
        self._field += data[start:end]
        if len(self._field) > MOST_FIELD_BYTES:
            raise BadRequest(f"A field of the form has more than {MOST_FIELD_BYTES:,} bytes.")

    def end_part(self) -> None:
        if self._start is None:
            self.fields[self._name] = bytes(self._field).decode("utf-8", "replace")
        elif self.upload is not None:
            self.upload = Upload(self._spool.part(self._start), self.upload.name, self.upload.declared)
