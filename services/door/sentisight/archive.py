"""A zip of pictures that was sent: read member by member from the spool of its request, never unpacked.

Refused are archives of too many members, too many bytes, or that grow too much, links, and names that lead out of a folder.
"""

from __future__ import annotations

import asyncio
import io
import stat
import zipfile
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

import filetype

from labelyard.domain.error import BadUserInput
from labelyard.services.asset.content import NewFile
from labelyard.services.door.archive import open_zip
from labelyard.services.export.archive import DATE, inside
from labelyard.storage.random_access import RandomAccess
from labelyard.storage.spool import SpoolPart
from labelyard.storage.work_folder import nameless_file

MOST_MEMBERS: Final = 10_000
MOST_BYTES: Final = 2 << 30
MOST_RATIO: Final = 100
PIECE: Final = 256 << 10
HEAD: Final = 8 << 10


class _SpoolFile(RandomAccess):
    """A part of a spool as a file; to be used in a thread."""

    def __init__(self, part: SpoolPart) -> None:
        super().__init__(part.size)
        self._part = part

    def part(self, start: int, end: int) -> bytes:
        return self._part.spool.read(self._part.start + start, end - start)


@dataclass(frozen=True, slots=True)
class Member:
    """A file of an archive: its path, and the bytes that it says to have."""

    name: str
    size: int


class SentArchive:
    """An archive whose list of members has been checked."""

    def __init__(self, archive: zipfile.ZipFile, members: list[Member]) -> None:
        self._zip = archive
        self._turn = asyncio.Lock()
        self.members = members

    @classmethod
    async def of(cls, part: SpoolPart) -> SentArchive:
        """The archive in a part of a spool."""
        return await asyncio.to_thread(cls._opened, part)

    @classmethod
    def _opened(cls, part: SpoolPart) -> SentArchive:
        try:
            archive = open_zip(io.BufferedReader(_SpoolFile(part), PIECE))
            infos = archive.infolist()
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, EOFError) as error:
            raise BadUserInput(f"The body is no zip file that can be read: {error}.") from error
        if len(infos) > MOST_MEMBERS:
            raise BadUserInput(f"The zip has {len(infos):,} members; it may have {MOST_MEMBERS:,}.")
        if sum(info.file_size for info in infos) > MOST_BYTES:
            raise BadUserInput(f"The zip holds more than {MOST_BYTES >> 30} GiB.")
        members = []
        for info in infos:
            _check(info)
            if not info.is_dir():
                members.append(Member(info.filename, info.file_size))
        names = {member.name for member in members}
        if len(names) < len(members):
            raise BadUserInput("The zip names a member twice.")
        return cls(archive, members)

    async def is_picture(self, member: Member) -> bool:
        """Whether the first bytes of a member are those of a picture."""
        head = await self._read(member, HEAD)
        kind = filetype.guess(head)
        return kind is not None and kind.mime.startswith("image/")

    def file(self, member: Member) -> NewFile:
        """A member, to be stored."""
        return NewFile(lambda: self._pieces(member), "")

    async def content(self, member: Member) -> bytes:
        """A whole member."""
        return await self._read(member, member.size)

    async def _read(self, member: Member, size: int) -> bytes:
        def read() -> bytes:
            try:
                with self._zip.open(member.name) as opened:
                    return opened.read(size)
            except Exception as error:
                # Of archives made to break readers: bad sums, unknown methods, encrypted members, streams that end early.
                raise BadUserInput(f"{member.name[:100]!r} of the zip cannot be read: {error}.") from error

        async with self._turn:
            return await asyncio.to_thread(read)

    async def _pieces(self, member: Member) -> AsyncIterator[bytes]:
        yield await self._read(member, member.size)


async def zip_by_folder(
    work_dir: Path, pictures: AsyncIterator[tuple[str, bytes]], folders: Mapping[str, str]
) -> AsyncIterator[bytes]:
    """A zip with pictures in the folders that their names lead to, written to a file without a name; read piece by piece."""

    def begun() -> tuple[IO[bytes], zipfile.ZipFile]:
        work_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        written = nameless_file(work_dir)
        return written, zipfile.ZipFile(written, "w", zipfile.ZIP_STORED)

    written, made = await asyncio.to_thread(begun)
    async for name, data in pictures:
        entry = f"{inside(folders[name].replace('/', '_'))}/{inside(name)}"
        await asyncio.to_thread(made.writestr, zipfile.ZipInfo(entry, DATE), data)
    await asyncio.to_thread(made.close)
    await asyncio.to_thread(written.seek, 0)

    async def pieces() -> AsyncIterator[bytes]:
        try:
            while piece := await asyncio.to_thread(written.read, PIECE):
                yield piece
        finally:
            written.close()

    return pieces()


def _check(info: zipfile.ZipInfo) -> None:
    name = info.filename
    parts = name.split("/")
    if name.startswith("/") or "\\" in name or ":" in name or ".." in parts or not name.isprintable():
        raise BadUserInput(f"The zip has a member named {name[:100]!r}, which leads out of it.")
    if stat.S_ISLNK(info.external_attr >> 16):
        raise BadUserInput(f"Member {name[:100]!r} of the zip is a link.")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise BadUserInput(
            f"Member {name[:100]!r} of the zip is compressed in a way that is not read here; use Deflate."
        )
    if info.flag_bits & 0x1:
        raise BadUserInput(f"Member {name[:100]!r} of the zip is encrypted.")
    if info.file_size > 1 << 20 and info.file_size > MOST_RATIO * max(1, info.compress_size):
        raise BadUserInput(f"Member {name[:100]!r} of the zip grows by more than {MOST_RATIO} times.")
