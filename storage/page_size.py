"""Sizes of the pages of PDFs, read by a child process with limits of its own."""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress
from typing import Final

import structlog

from storage.blob import Blobs

PDF: Final = "application/pdf"
MAX_PDF_BYTES: Final = 256 << 20
MAX_ANSWER_BYTES: Final = 4 << 20
READ_AT_ONCE: Final = 2
# Longer than a page of honest PDFs takes by far, and shorter than clients wait for an upload to be answered.
TIMEOUT_SECONDS: Final = 20.0

_log = structlog.get_logger(__name__)


class PageSizes:
    """Reads PDFs, a few at once. What cannot be read, is too large or takes too long has no page sizes: None."""

    def __init__(self, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self._places = asyncio.Semaphore(READ_AT_ONCE)
        self._timeout_seconds = timeout_seconds

    async def read(self, blobs: Blobs, blob_id: str, *, media_type: str, size: int) -> str | None:
        """The sizes of a file's pages as JSON text, as `Asset.pageResolutions` answers them; None when it is no PDF."""
        if media_type != PDF or size > MAX_PDF_BYTES:
            return None
        async with self._places:
            return await self._ask_child(blobs, blob_id)

    async def _ask_child(self, blobs: Blobs, blob_id: str) -> str | None:
        # Isolated and without our environment: nothing but this program decides what is imported, and no secret is inherited.
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-I",
            "-m",
            "storage.page_size_child",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={},
        )
        try:
            async with asyncio.timeout(self._timeout_seconds):
                _, answer = await asyncio.gather(_feed(child, blobs, blob_id), _answer(child))
                code = await child.wait()
        except TimeoutError:
            answer, code = None, None
        finally:
            if child.returncode is None:
                with suppress(ProcessLookupError):
                    child.kill()
                await child.wait()
        if code != 0 or answer is None:
            _log.info("pages_unread", blob_id=blob_id, exit_code=code)
            return None
        return answer


async def _feed(child: asyncio.subprocess.Process, blobs: Blobs, blob_id: str) -> None:
    stdin = child.stdin
    if stdin is None:
        raise LookupError("the child has no standard input")
    # A child that gave up early reads no further: its exit code tells.
    with suppress(BrokenPipeError, ConnectionResetError):
        async for piece in blobs.stream(blob_id):
            stdin.write(piece)
            await stdin.drain()
        stdin.close()
        await stdin.wait_closed()


async def _answer(child: asyncio.subprocess.Process) -> str | None:
    stdout = child.stdout
    if stdout is None:
        raise LookupError("the child has no standard output")
    answer = b""
    while piece := await stdout.read(1 << 16):
        answer += piece
        if len(answer) > MAX_ANSWER_BYTES:
            child.kill()
            return None
    return answer.decode().strip() or None
