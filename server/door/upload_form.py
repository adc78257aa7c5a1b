"""An upload that comes as a form, whose part `file` is the file: clients that know signed URLs of forms only send it so."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Final

from python_multipart.multipart import parse_options_header
from starlette.types import Receive

from labelyard.domain.error import BadRequest
from labelyard.server.door.form import FORM, FormReader
from labelyard.server.door.upload_body import UploadBody
from labelyard.server.edge.body_pace import Pace

FILE: Final = b"file"
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
        parts = _Parts(self._boundary)
        async for chunk in super().chunks():
            await asyncio.to_thread(parts.feed, chunk)
            if parts.found:
                yield b"".join(parts.found)
                parts.found.clear()
        parts.finish()
        if not parts.is_ended or parts.files != 1:
            raise BadRequest("The multipart form has to have one part `file`, and its end.")


class _Parts(FormReader):
    """A form of which only the file is wanted; what is found of it waits in `found`."""

    def __init__(self, boundary: bytes) -> None:
        super().__init__(boundary)
        self.found: list[bytes] = []
        self.files = 0
        self._is_file = False
        self._disposition = b""
        self._other = 0

    def header(self, name: bytes, value: bytes) -> None:
        if name == b"content-disposition":
            self._disposition = value

    def end_headers(self) -> None:
        _, options = parse_options_header(self._disposition)
        self._is_file = options.get(b"name") == FILE
        self.files += self._is_file
        self._disposition = b""

    def data(self, data: bytes, start: int, end: int) -> None:
        if self._is_file:
            self.found.append(data[start:end])
            return
        self._other += end - start
        if self._other > FORM_BYTES:
            raise BadRequest("The form has more than a file; send the file alone, as its part `file`.")
