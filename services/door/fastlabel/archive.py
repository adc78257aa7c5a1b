"""Archives that were uploaded: read entry by entry, bounded before anything is unpacked."""

from __future__ import annotations

import asyncio
import zipfile
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from labelyard.domain.error import BadUserInput, NotFound
from labelyard.domain.permission import Actor
from labelyard.services.app_services import AppServices
from labelyard.services.asset.content import NewFile
from labelyard.services.door.archive import open_zip
from labelyard.storage.database import Database
from labelyard.storage.file_access import takeable_blobs
from labelyard.storage.upload import BlobRow
from labelyard.storage.work_folder import nameless_file

MOST_ENTRIES: Final = 10_000
MOST_BYTES: Final = 4 << 30
MOST_NAME: Final = 1_000
PIECE_BYTES: Final = 256 << 10
METHODS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
"""What is unpacked: LZMA takes as much memory as an archive says, and both others fail in ways of their own."""


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file that was sent to a signed URL, and what it is called."""

    blob: BlobRow
    name: str

    @property
    def stem(self) -> str:
        """Its name without the ending."""
        return self.name.rpartition(".")[0] or self.name


def file_key(blob_id: str, name: str) -> str:
    """What a client quotes of a file that it uploads."""
    return f"{blob_id}/{name}"


async def uploaded_file(database: Database, actor: Actor, key: str) -> UploadedFile:
    """The file of a key, which the person has uploaded."""
    blob_id, separator, name = key.partition("/")
    async with database.reader() as connection:
        blob = (await takeable_blobs(connection, {blob_id}, actor.user_id)).get(blob_id)
    if blob is None or not separator or not name:
        raise NotFound(
            f"Nothing has been uploaded under the fileKey {key[:100]!r}; send the file first.", fileKey=key[:100]
        )
    return UploadedFile(blob, name)


class SentArchive:
    """The entries of a zip file, by their paths."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._entries = {entry.filename: entry for entry in archive.infolist() if is_file(entry)}

    @property
    def paths(self) -> list[str]:
        """The paths of the files in it, in order of their names."""
        return sorted(self._entries)

    def file(self, path: str) -> NewFile:
        """A file in it, to be unpacked while it is stored."""
        return NewFile(lambda: self._pieces(path), "")

    async def text(self, path: str, *, most_bytes: int) -> str:
        """A text in it."""
        collected = bytearray()
        async for piece in self._pieces(path):
            collected += piece
            if len(collected) > most_bytes:
                raise BadUserInput(f"{path} in the archive has at most {most_bytes:,} bytes.", field="fileKey")
        try:
            return collected.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise BadUserInput(f"{path} in the archive is no text in UTF-8.", field="fileKey") from error

    async def _pieces(self, path: str) -> AsyncIterator[bytes]:
        try:
            source = await asyncio.to_thread(self._archive.open, self._entries[path])
            size = 0
            with source:
                while piece := await asyncio.to_thread(source.read, PIECE_BYTES):
                    size += len(piece)
                    if size > self._entries[path].file_size:
                        raise BadUserInput(f"{path} in the archive is longer than it says.", field="fileKey")
                    yield piece
        except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError) as error:
            raise BadUserInput(f"{path} in the archive cannot be read: {error}.", field="fileKey") from error


def is_file(entry: zipfile.ZipInfo) -> bool:
    """Whether an entry is a file that somebody has put there: no folder, and nothing that systems add."""
    parts = entry.filename.split("/")
    return not entry.is_dir() and "__MACOSX" not in parts and not parts[-1].startswith(".")


@asynccontextmanager
async def opened_archive(app_services: AppServices, upload: UploadedFile) -> AsyncIterator[SentArchive]:
    """A zip file that was uploaded; refused when it is none, or would unpack to too much."""
    app_services.work_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    with nameless_file(app_services.work_dir) as file:
        async for piece in app_services.blobs.stream(upload.blob.id):
            await asyncio.to_thread(file.write, piece)
        try:
            archive = await asyncio.to_thread(open_zip, file)
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
            raise BadUserInput(f"{upload.name} is no zip file: {error}.", field="fileKey") from error
        with archive:
            _check(archive.infolist(), upload.name)
            yield SentArchive(archive)


def _check(entries: list[zipfile.ZipInfo], name: str) -> None:
    if len(entries) > MOST_ENTRIES:
        raise BadUserInput(f"{name} has at most {MOST_ENTRIES:,} entries, not {len(entries):,}.", field="fileKey")
    size = sum(entry.file_size for entry in entries)
    if size > MOST_BYTES:
        raise BadUserInput(f"{name} unpacks to at most {MOST_BYTES >> 30} GiB, not {size:,} bytes.", field="fileKey")
    for entry in entries:
        if is_odd(entry):
            raise BadUserInput(f"{name} has an entry whose name cannot be: {entry.filename[:100]!r}.", field="fileKey")
        if entry.compress_type not in METHODS:
            raise BadUserInput(
                f"{entry.filename[:100]!r} in {name} is compressed in a way that is not read here; use Deflate, as `zip` does.",
                field="fileKey",
            )


def is_odd(entry: zipfile.ZipInfo) -> bool:
    """Whether the name of an entry leads elsewhere, or is not the only way to write its path."""
    parts = entry.filename.removesuffix("/").split("/")
    return not parts[0] or not {"", ".", ".."}.isdisjoint(parts) or len(entry.filename) > MOST_NAME
