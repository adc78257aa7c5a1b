"""The body of an upload: as long as it says, and not slower than a line that works."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator, Mapping
from typing import Final

from starlette.types import Receive

from labelyard.domain.error import BadRequest, ClientError, ErrorCode, PayloadTooLarge
from labelyard.server.edge.body_pace import Pace, PacedReceive, TooSlow

_LENGTH: Final = re.compile(r"[0-9]{1,18}")


class UploadTooSlow(ClientError):
    """The bytes come in slower than the pace of bodies."""

    code = ErrorCode.TIMEOUT


def declared_length(headers: Mapping[str, str], *, max_bytes: int) -> int | None:
    """The `Content-Length`, refused before a byte is read when it passes the limit; None when none is given."""
    length_text = headers.get("content-length")
    if length_text is None:
        return None
    if not _LENGTH.fullmatch(length_text):
        raise BadRequest("Content-Length is not a number of bytes.")
    length = int(length_text)
    if length > max_bytes:
        raise PayloadTooLarge(
            f"The file has {length} bytes; this upload may have {max_bytes}.", limit=max_bytes, size=length
        )
    return length


class UploadBody:
    """The chunks of a request, checked while they pass; to be read once."""

    def __init__(self, receive: Receive, declared: int | None, pace: Pace) -> None:
        self._receive = PacedReceive(receive, pace)
        self._declared = declared

    async def chunks(self) -> AsyncIterator[bytes]:
        """The bytes; raises at the end when there are fewer than declared, and at once when there are more."""
        received = 0
        is_open = True
        while is_open:
            try:
                message = await self._receive()
            except TooSlow as error:
                raise UploadTooSlow(error.message, **error.context) from None
            is_open = message.get("more_body", False)
            chunk: bytes = message.get("body", b"")
            received += len(chunk)
            if self._declared is not None and received > self._declared:
                raise self._wrong_length(received)
            if chunk:
                yield chunk
        if self._declared is not None and received != self._declared:
            raise self._wrong_length(received)

    async def digest(self, *, max_bytes: int) -> tuple[int, str]:
        """Size and SHA-256 of the bytes, keeping none of them."""
        digest = hashlib.sha256()
        size = 0
        async for chunk in self.chunks():
            size += len(chunk)
            if size > max_bytes:
                raise PayloadTooLarge(f"The file is larger than the {max_bytes} bytes this upload may have.")
            if len(chunk) > 65_536:
                await asyncio.to_thread(digest.update, chunk)
            else:
                digest.update(chunk)
        return size, digest.hexdigest()

    def _wrong_length(self, received: int) -> BadRequest:
        return BadRequest(f"Content-Length says {self._declared} bytes, {received} or more arrived.")
