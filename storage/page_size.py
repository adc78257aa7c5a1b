"""Sizes of the pages of PDFs, read by a child process with limits of its own."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Final, Protocol

import structlog

from storage.blob import Blobs
from storage.page_size_child import LENGTH_BYTES

PDF: Final = "application/pdf"
MAX_PDF_BYTES: Final = 256 << 20
MAX_ANSWER_BYTES: Final = 4 << 20
CHILDREN_AT_ONCE: Final = 2
# Far longer than an honest PDF takes, and shorter than clients wait for the answer to an upload.
TIMEOUT_SECONDS: Final = 20.0

_log = structlog.get_logger(__name__)


class StoredFile(Protocol):
    """What must be known of a file that may be a PDF."""

    @property
    def id(self) -> str:
        """Its name in the store."""

    @property
    def media_type(self) -> str:
        """What its first bytes say."""

    @property
    def size(self) -> int:
        """Its bytes."""


class _ChildEnded(Exception):
    """The child gave up: too much time or memory, or it broke."""


class PageSizes:
    """Reads PDFs. What cannot be read, is too large or does not come to its turn in time has no page sizes: None."""

    def __init__(self) -> None:
        self._places = asyncio.Semaphore(CHILDREN_AT_ONCE)

    async def read(
        self, blobs: Blobs, files: Sequence[StoredFile], *, within_seconds: float = TIMEOUT_SECONDS
    ) -> list[str | None]:
        """For each file the sizes of its pages as JSON text, as `Asset.pageResolutions` answers them.

        Files given together are read by one child, for its start costs more than a common PDF.
        """
        found: list[str | None] = [None] * len(files)
        wanted = [place for place, file in enumerate(files) if file.media_type == PDF and file.size <= MAX_PDF_BYTES]
        if not wanted:
            return found
        child: asyncio.subprocess.Process | None = None
        with suppress(TimeoutError):
            async with asyncio.timeout(within_seconds), self._places:
                try:
                    for place in wanted:
                        child = child or await _start()
                        try:
                            found[place] = await _ask(child, blobs, files[place])
                        except _ChildEnded:
                            _log.info("pages_unread", blob_id=files[place].id)
                            await _end(child)
                            child = None
                finally:
                    if child is not None:
                        await asyncio.shield(_end(child))
        return found


async def _start() -> asyncio.subprocess.Process:
    # Isolated and without our environment: nothing but this program decides what is imported, and no secret is inherited.
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-I",
        "-m",
        "storage.page_size_child",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={},
        limit=MAX_ANSWER_BYTES,
    )


async def _ask(child: asyncio.subprocess.Process, blobs: Blobs, file: StoredFile) -> str | None:
    """Give the child a file, and take the line it answers; `null` when it could not read it."""
    stdin, stdout = child.stdin, child.stdout
    if stdin is None or stdout is None:
        raise LookupError("the child has no pipes")
    try:
        stdin.write(file.size.to_bytes(LENGTH_BYTES, "big"))
        async for piece in blobs.stream(file.id):
            stdin.write(piece)
            await stdin.drain()
        answer = (await stdout.readline()).decode().strip()
    except (BrokenPipeError, ConnectionResetError, ValueError) as error:
        raise _ChildEnded from error
    if not answer:
        raise _ChildEnded
    return None if answer == "null" else answer


async def _end(child: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        child.kill()
    await child.wait()
