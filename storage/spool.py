"""Bytes of one request that do not stay in memory: a file without a name, gone with the request, and its parts."""

from __future__ import annotations

import asyncio
import os
import tempfile
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from labelyard.domain.error import InsufficientStorage, Unavailable
from labelyard.storage.blob import FULL

PIECE_BYTES: Final = 256 << 10


class Spool:
    """Bytes on disk, written once from the front. `close` gives the room back; the file never had a name."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: int | None = None
        self._lock = threading.Lock()  # so that nobody reads a number that is another file by now
        self.size = 0

    def write(self, piece: bytes | memoryview) -> None:
        """Add bytes; to be called in a thread."""
        try:
            self._write(memoryview(piece))
        except OSError as error:
            if error.errno in FULL:
                raise InsufficientStorage("The disk that bodies are kept on is full; nothing was written.") from error
            raise Unavailable(
                "The folder that bodies are kept in cannot be written just now; try again later."
            ) from error
        self.size += len(piece)

    def _write(self, piece: memoryview) -> None:
        if self._file is None:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self._folder) as file:
                self._file = os.dup(file.fileno())
        while piece:
            piece = piece[os.write(self._file, piece) :]

    def part(self, start: int) -> SpoolPart:
        """What has been written from `start` on."""
        return SpoolPart(self, start, self.size)

    def read(self, start: int, size: int) -> bytes:
        """Bytes from `start` on; to be called in a thread."""
        with self._lock:
            return b"" if self._file is None or size <= 0 else os.pread(self._file, size, start)

    def close(self) -> None:
        """Let the bytes go."""
        with self._lock:
            if self._file is not None:
                os.close(self._file)
                self._file = None


@dataclass(frozen=True, slots=True)
class SpoolPart:
    """Bytes of a spool, from `start` up to `end`."""

    spool: Spool = field(repr=False)
    start: int
    end: int

    @property
    def size(self) -> int:
        """How many bytes."""
        return self.end - self.start

    async def pieces(self) -> AsyncIterator[bytes]:
        """The bytes in order."""
        at = self.start
        while at < self.end:
            piece = await asyncio.to_thread(self.spool.read, at, min(PIECE_BYTES, self.end - at))
            if not piece:
                raise LookupError("a spool was read after its request had ended")
            at += len(piece)
            yield piece
