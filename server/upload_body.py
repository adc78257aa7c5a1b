"""The body of an upload: as long as it says, and not slower than a line that works."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator, Mapping
from typing import Final

from domain.error import BadRequest, ErrorCode, PayloadTooLarge, Refusal

GRACE_SECONDS: Final = 10.0
MIN_BYTES_PER_SECOND: Final = 1024

_LENGTH: Final = re.compile(r"[0-9]{1,18}")


class TooSlow(Refusal):
    """The bytes come in slower than 1 KiB a second."""

    code = ErrorCode.TIMEOUT


def declared_length(headers: Mapping[str, str], *, max_bytes: int) -> int | None:
    """The `Content-Length`, refused before a byte is read when it passes the limit; None when none is given."""
    given = headers.get("content-length")
    if given is None:
        return None
    if not _LENGTH.fullmatch(given):
        raise BadRequest("Content-Length is not a number of bytes.")
    length = int(given)
    if length > max_bytes:
        raise PayloadTooLarge(
            f"The file has {length} bytes; this upload may have {max_bytes}.", limit=max_bytes, size=length
        )
    return length


class UploadBody:
    """The chunks of a request, checked while they pass; to be read once."""

    def __init__(self, stream: AsyncIterator[bytes], declared: int | None) -> None:
        self._stream = stream
        self._declared = declared

    async def chunks(self) -> AsyncIterator[bytes]:
        """The bytes; raises at the end when there are fewer than declared, and at once when there are more."""
        loop = asyncio.get_running_loop()
        received = 0
        # Only waiting for the client counts, not what the disk takes meanwhile.
        waited = 0.0
        while True:
            began = loop.time()
            try:
                async with asyncio.timeout(GRACE_SECONDS + received / MIN_BYTES_PER_SECOND - waited):
                    chunk = await anext(self._stream, None)
            except TimeoutError as error:
                raise TooSlow("The upload is slower than 1 KiB a second.") from error
            waited += loop.time() - began
            if chunk is None:
                break
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
