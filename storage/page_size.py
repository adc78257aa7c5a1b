"""Sizes of the pages of PDFs, read by a child process with limits of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Final, Protocol

import structlog

from labelyard.storage.blob import Blobs
from labelyard.storage.child_process import ChildEnded, ChildProcess

PDF: Final = "application/pdf"
CHILD: Final = "labelyard.storage.page_size_child"
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


class PageSizes:
    """Reads PDFs. What cannot be read, is too large or does not come to its turn in time has no page sizes: None."""

    def __init__(self) -> None:
        self._slots = asyncio.Semaphore(CHILDREN_AT_ONCE)

    async def read(
        self, blobs: Blobs, files: Sequence[StoredFile], *, within_seconds: float = TIMEOUT_SECONDS
    ) -> list[str | None]:
        """For each file the sizes of its pages as JSON text, as `Asset.pageResolutions` answers them.

        Files given together are read by one child, for its start costs more than a common PDF.
        """
        sizes: list[str | None] = [None] * len(files)
        wanted = [index for index, file in enumerate(files) if file.media_type == PDF and file.size <= MAX_PDF_BYTES]
        if not wanted:
            return sizes
        child = ChildProcess(CHILD, max_answer_bytes=MAX_ANSWER_BYTES)
        with suppress(TimeoutError):
            async with asyncio.timeout(within_seconds), self._slots:
                try:
                    for index in wanted:
                        file = files[index]
                        try:
                            answer = await child.ask_in_pieces(file.size, blobs.stream(file.id))
                        except ChildEnded:
                            _log.info("pages_unread", blob_id=file.id)
                        else:
                            sizes[index] = None if answer == b"null" else answer.decode()
                finally:
                    await asyncio.shield(child.end())
        return sizes
