"""Zip files of strangers, opened only where their list of members is short: reading that list is what opening one costs."""

from __future__ import annotations

import zipfile
from typing import IO, Any, Final, cast

from labelyard.domain.error import BadUserInput

MOST_LIST_BYTES: Final = 4 << 20
"""Some 10,000 members with long names. `zipfile` reads the list at once, and makes ten times as much of it in memory."""


def open_zip(file: IO[bytes]) -> zipfile.ZipFile:
    """The zip in a file; to be called in a thread. Raises what `zipfile` raises for what is none."""
    archive = zipfile.ZipFile(cast("IO[bytes]", _ShortReads(file)))
    archive.fp = file
    return archive


class _ShortReads:
    """A file of which nothing longer than a list of members is read at once."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def read(self, size: int = -1) -> bytes:
        """At most so many bytes, or all that are left."""
        data = self._file.read(MOST_LIST_BYTES + 1) if not 0 <= size <= MOST_LIST_BYTES else self._file.read(size)
        if len(data) > MOST_LIST_BYTES:
            raise BadUserInput(
                f"The list of members of the zip has more than {MOST_LIST_BYTES:,} bytes; send fewer files, or shorter names."
            )
        return data

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)
