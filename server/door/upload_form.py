"""An upload that comes as a form, whose part `file` is the file: clients that know signed URLs of forms only send it so."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Final

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.types import Receive

from labelyard.domain.error import BadRequest
from labelyard.server.door.upload_body import UploadBody
from labelyard.server.edge.body_pace import Pace

FILE: Final = b"file"
FORM: Final = b"multipart/form-data"
MOST_HEADER_BYTES: Final = 8 << 10
FORM_BYTES: Final = 64 << 10
"""What a form may have beside its file."""


def boundary_of(headers: Mapping[str, str]) -> bytes | None:
    """What separates the parts of a form; None for a body that is no form."""
    media_type, options = parse_options_header(headers.get("content-type", ""))
    return options.get(b"boundary", b"") if media_type == FORM else None


class UploadForm(UploadBody):
    """The chunks of the file in a form."""

    def __init__(self, receive: Receive, declared: int | None, pace: Pace, boundary: bytes) -> None:
        super().__init__(receive, declared, pace)
        self._boundary = boundary

    async def chunks(self) -> AsyncIterator[bytes]:
        """The bytes of the file; what is no form, or has no file or several, is refused."""
        parts = _Parts()
        try:
            parser = MultipartParser(self._boundary, parts.callbacks())  # type: ignore[arg-type] # a table of functions
            async for chunk in super().chunks():
                await asyncio.to_thread(parser.write, chunk)
                if parts.found:
                    yield b"".join(parts.found)
                    parts.found.clear()
            parser.finalize()
        except FormParserError:
            raise BadRequest("The body is no multipart form; send the file as its part `file`.") from None
        if not parts.is_ended or parts.files != 1:
            raise BadRequest("The multipart form has to have one part `file`, and its end.")


class _Parts:
    """The parts of a form as they come in; what is found of the file waits in `found`."""

    def __init__(self) -> None:
        self.found: list[bytes] = []
        self.files = 0
        self.is_ended = False
        self._is_file = False
        self._header = bytearray()
        self._value = bytearray()
        self._disposition = b""
        self._other = 0

    def callbacks(self) -> Mapping[str, object]:
        """What the parser calls."""
        return {
            "on_header_field": lambda data, start, end: self._grow(self._header, data[start:end]),
            "on_header_value": lambda data, start, end: self._grow(self._value, data[start:end]),
            "on_header_end": self._end_header,
            "on_headers_finished": self._end_headers,
            "on_part_data": self._data,
            "on_end": self._end,
        }

    def _grow(self, buffer: bytearray, piece: bytes) -> None:
        buffer += piece
        if len(buffer) > MOST_HEADER_BYTES:
            raise BadRequest("A header of a part of the form is too long.")

    def _end_header(self) -> None:
        if bytes(self._header).lower() == b"content-disposition":
            self._disposition = bytes(self._value)
        self._header.clear()
        self._value.clear()

    def _end_headers(self) -> None:
        _, options = parse_options_header(self._disposition)
        self._is_file = options.get(b"name") == FILE
        self.files += self._is_file
        self._disposition = b""

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._is_file:
            self.found.append(data[start:end])
            return
        self._other += end - start
        if self._other > FORM_BYTES:
            raise BadRequest("The form has more than a file; send the file alone, as its part `file`.")

    def _end(self) -> None:
        self.is_ended = True
