"""How long films and sounds are, and how large: read by a child process with limits of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

import orjson
import structlog

from labelyard.domain.playback import Film, film_of
from labelyard.storage.blob import Blobs
from labelyard.storage.child_process import ChildEnded, ChildProcess
from labelyard.storage.page_size import StoredFile

CHILD: Final = "labelyard.storage.film_child"
KINDS: Final = ("video/", "audio/")
MAX_ANSWER_BYTES: Final = 64 << 10
# What is read of one file at most: the heads and the index of hours of film, and no film from end to end.
MAX_READ_BYTES: Final = 128 << 20
CHILDREN_AT_ONCE: Final = 2
TIMEOUT_SECONDS: Final = 20.0

_log = structlog.get_logger(__name__)


class FilmReader:
    """Reads films and sounds. Of what cannot be read or does not come to its turn in time nothing is known: None."""

    def __init__(self) -> None:
        self._slots = asyncio.Semaphore(CHILDREN_AT_ONCE)

    async def read(
        self, blobs: Blobs, files: Sequence[StoredFile], *, within_seconds: float = TIMEOUT_SECONDS
    ) -> list[Film | None]:
        """What the containers of files say. Files given together are read by one child, for its start costs most."""
        films: list[Film | None] = [None] * len(files)
        wanted = [index for index, file in enumerate(files) if file.media_type.startswith(KINDS)]
        if not wanted:
            return films
        child = ChildProcess(CHILD, max_answer_bytes=MAX_ANSWER_BYTES)
        with suppress(TimeoutError):
            async with asyncio.timeout(within_seconds), self._slots:
                try:
                    for index in wanted:
                        try:
                            films[index] = await _film(child, blobs, files[index])
                        except ChildEnded:
                            _log.info("film_unread", blob_id=files[index].id)
                finally:
                    await asyncio.shield(child.end())
        return films


async def _film(child: ChildProcess, blobs: Blobs, file: StoredFile) -> Film | None:
    left = MAX_READ_BYTES

    async def part(start: int, end: int) -> bytes:
        nonlocal left
        end = min(end, start + left, file.size)
        if end <= start:
            return b""
        left -= end - start
        return b"".join([piece async for piece in blobs.stream(file.id, start=start, end=end)])

    values = orjson.loads(await child.ask_for_parts(str(file.size).encode(), part))
    return None if values is None else film_of(values)
