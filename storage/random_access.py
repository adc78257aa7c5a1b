"""A file of which parts are read wherever a library wants them, whoever has the bytes."""

from __future__ import annotations

import io
from typing import Any


class RandomAccess(io.RawIOBase):
    """A readable, seekable file of a known size; subclasses say how a part of it is read."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._at = 0

    def part(self, start: int, end: int) -> bytes:
        """The bytes from `start` up to `end`, or fewer."""
        raise NotImplementedError

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move; nothing is read."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def readinto(self, buffer: Any) -> int:
        """Read what fits into the buffer."""
        end = min(self._size, self._at + len(buffer))
        if end <= self._at:
            return 0
        data = self.part(self._at, end)
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)
