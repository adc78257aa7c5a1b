"""The archive of an export: entries that are written as they come, or gathered beside it first."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import IO, Final

from labelyard.storage.work_folder import nameless_file

DATE: Final = (1980, 1, 1, 0, 0, 0)  # the contents decide what an archive is, not when it was made


class Archive:
    """A zip file under construction; names of entries are unique and stay inside it."""

    def __init__(self, path: Path) -> None:
        self._zip = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6)
        self._folder = path.parent
        self._names: set[bytes] = set()
        self._begun: IO[bytes] | None = None

    def add(self, name: str, content: bytes) -> None:
        """Add a whole entry."""
        self._zip.writestr(self._entry(name), content)

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """Add an entry of any length piece by piece; meanwhile there is no other."""
        with self._zip.open(self._entry(name), "w", force_zip64=True) as entry:
            yield entry

    def reserve(self, name: str) -> str:
        """The name that an entry gets which is added later, by `begin`."""
        return self._unique(inside(name))

    def begin(self, reserved: str) -> None:
        """Begin an entry that `write` fills, until `end`; it is stored as it is, for pictures and films are compressed already."""
        info = entry_of(reserved)
        info.compress_type = zipfile.ZIP_STORED
        self._begun = self._zip.open(info, "w", force_zip64=True)

    def write(self, piece: bytes) -> None:
        """Add to the entry that has begun."""
        if self._begun is None:
            raise LookupError("no entry has begun")
        self._begun.write(piece)

    def end(self) -> None:
        """End the entry that has begun."""
        begun, self._begun = self._begun, None
        if begun is not None:
            begun.close()

    def part(self) -> IO[bytes]:
        """A file beside the archive for what belongs to an entry that is written later."""
        return nameless_file(self._folder)

    def close(self) -> None:
        """Write the directory of the archive."""
        self._zip.close()

    def _entry(self, name: str) -> zipfile.ZipInfo:
        return entry_of(self.reserve(name))

    def _unique(self, name: str) -> str:
        """The name, with a number where it is taken: two external ids may lead to one name."""
        stem, dot, ending = name.rpartition(".")
        shown, number = name, 1
        while (digest := blake2b(shown.encode("utf-8", "replace"), digest_size=8).digest()) in self._names:
            number += 1
            shown = f"{stem} ({number}){dot}{ending}" if dot else f"{name} ({number})"
        self._names.add(digest)
        return shown


def entry_of(name: str) -> zipfile.ZipInfo:
    """An entry with a name, compressed."""
    info = zipfile.ZipInfo(name, DATE)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o644 << 16
    return info


def inside(name: str) -> str:
    """A name under which nothing is unpacked outside of the folder that somebody chose for it."""
    parts = name.replace("\\", "/").replace("\0", "_").split("/")
    return "/".join("_" if part in ("..", ".") else part for part in parts if part) or "_"
