"""Bytes under generated names: the port, and its keeper on a local disk."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import re
import secrets
import stat
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol

import aiofiles

from labelyard.domain.error import BadUserInput, Conflict, InsufficientStorage, NotFound, PayloadTooLarge
from labelyard.domain.file_url import is_blob_id

PIECE_BYTES: Final = 1 << 20
HEAD_BYTES: Final = 256 << 10
_READ_BYTES: Final = 256 << 10

FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
_ABSENT: Final = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP})
_NO_HARD_LINKS: Final = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS})
_UNFINISHED: Final = re.compile(r"\..+\.part")


def new_blob_id() -> str:
    """An id nobody can guess: 128 random bits."""
    return secrets.token_hex(16)


@dataclass(frozen=True, slots=True)
class StoredBlob:
    """What was written: its size, its SHA-256 in hexadecimal, and its first bytes (256 KiB at most)."""

    size: int
    sha256: str
    head: bytes


class Blobs(Protocol):
    """Where files are kept. An id that was never issued reads as one that does not exist: `NotFound`."""

    async def write(self, blob_id: str, chunks: AsyncIterator[bytes], *, max_bytes: int) -> StoredBlob:
        """Keep the bytes, durably, once this returns; nothing of them when it raises.

        The same bytes again are fine; others under the same id raise `Conflict`, more than `max_bytes` raise
        `PayloadTooLarge`, a full disk `InsufficientStorage`. What `chunks` raises passes through.
        """

    def stream(self, blob_id: str, *, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """The bytes from `start` up to `end` (excluded; None for all), in pieces of at most 1 MiB."""

    async def size(self, blob_id: str) -> int:
        """The size in bytes."""

    async def exists(self, blob_id: str) -> bool:
        """Whether there is a file under the id."""

    async def delete(self, blob_id: str) -> None:
        """Remove the file; one that is not there is no error."""

    def list_older_than(self, moment: datetime) -> AsyncIterator[str]:
        """The ids of the files written before the moment, in no order."""

    async def is_ready(self) -> bool:
        """Whether files can be read and written at all."""

    async def discard_unfinished(self, older_than: datetime) -> int:
        """Remove what interrupted writes left behind before the moment, and say how many pieces that were."""


async def pieces_of(path: Path) -> AsyncIterator[bytes]:
    """The bytes of a file of the operator's, which may lie anywhere, in pieces of at most 1 MiB."""
    try:
        async with aiofiles.open(path, "rb") as file:
            while piece := await file.read(PIECE_BYTES):
                yield piece
    except OSError as error:
        raise BadUserInput(f"{str(path)!r} cannot be read ({error.strerror or error}).", file=str(path)) from error


async def write_new_file(path: Path, pieces: AsyncIterator[bytes]) -> int:
    """Write a file of the operator's that is not there yet, whole or not at all; answers its size."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    size = 0
    try:
        async with aiofiles.open(part, "xb") as file:
            async for piece in pieces:
                size += len(piece)
                await file.write(piece)
        await asyncio.to_thread(part.rename, path)
    except OSError as error:
        raise BadUserInput(f"{str(path)!r} cannot be written ({error.strerror or error}).", file=str(path)) from error
    finally:
        with suppress(OSError):
            await asyncio.to_thread(part.unlink, missing_ok=True)
    return size


class LocalBlobs:
    """Files under one directory, sharded by the end of their ids, never reached through a symbolic link."""

    def __init__(self, root: Path) -> None:
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._root = root.resolve(strict=True)

    async def write(self, blob_id: str, chunks: AsyncIterator[bytes], *, max_bytes: int) -> StoredBlob:
        """See `Blobs.write`: into a file beside the final one, synced, then linked to its name if that is free."""
        path = self._path(blob_id)
        unfinished = path.with_name(f".{blob_id}.{secrets.token_hex(8)}.part")
        try:
            await asyncio.to_thread(self._make_shard, path.parent)
            stored = await _copy(chunks, unfinished, max_bytes)
            is_new = await asyncio.to_thread(_publish, unfinished, path)
        except OSError as error:
            if error.errno in FULL:
                raise InsufficientStorage(
                    "The disk that holds the files is full; nothing was stored. Free space on it and upload again."
                ) from error
            raise
        finally:
            # Shielded: a client that has left must not leave its half file behind.
            await asyncio.shield(asyncio.to_thread(unfinished.unlink, missing_ok=True))
        if not is_new:
            await self._require_same(blob_id, stored)
        return stored

    async def stream(self, blob_id: str, *, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """See `Blobs.stream`."""
        path = self._path(blob_id)
        try:
            file = await aiofiles.open(path, "rb", opener=_open_without_links)
        except OSError as error:
            if error.errno in _ABSENT:
                raise _not_found(blob_id) from error
            raise
        try:
            await file.seek(start)
            left = None if end is None else end - start
            while left is None or left > 0:
                piece = await file.read(_READ_BYTES if left is None else min(_READ_BYTES, left))
                if not piece:
                    return
                if left is not None:
                    left -= len(piece)
                yield piece
        finally:
            await asyncio.shield(file.close())

    async def size(self, blob_id: str) -> int:
        """See `Blobs.size`."""
        path = self._path(blob_id)
        return await asyncio.to_thread(_size_of, path, blob_id)

    async def exists(self, blob_id: str) -> bool:
        """See `Blobs.exists`."""
        try:
            await self.size(blob_id)
        except NotFound:
            return False
        return True

    async def delete(self, blob_id: str) -> None:
        """See `Blobs.delete`."""
        path = self._path(blob_id)
        await asyncio.to_thread(_remove, path)

    async def list_older_than(self, moment: datetime) -> AsyncIterator[str]:
        """See `Blobs.list_older_than`; one shard is read at a time."""
        for shard in await asyncio.to_thread(self._shards):
            for name in await asyncio.to_thread(_names_older_than, shard, moment.timestamp()):
                if is_blob_id(name):
                    yield name

    async def is_ready(self) -> bool:
        """See `Blobs.is_ready`: the directory may have been unmounted or removed."""
        return await asyncio.to_thread(os.access, self._root, os.R_OK | os.W_OK | os.X_OK)

    async def discard_unfinished(self, older_than: datetime) -> int:
        """See `Blobs.discard_unfinished`."""
        count = 0
        for shard in await asyncio.to_thread(self._shards):
            for name in await asyncio.to_thread(_names_older_than, shard, older_than.timestamp()):
                if _UNFINISHED.fullmatch(name):
                    await asyncio.to_thread(_remove, shard / name)
                    count += 1
        return count

    def _path(self, blob_id: str) -> Path:
        # The form alone keeps every path inside the root: no dot, no slash, no capital.
        if not is_blob_id(blob_id):
            raise _not_found(blob_id)
        return self._root / blob_id[-2:] / blob_id

    def _make_shard(self, shard: Path) -> None:
        try:
            shard.mkdir(mode=0o700)
        except FileExistsError:
            _require_no_links(shard)
        else:
            _sync_directory(self._root)

    def _shards(self) -> list[Path]:
        with os.scandir(self._root) as entries:
            return [Path(entry.path) for entry in entries if entry.is_dir(follow_symlinks=False)]

    async def _require_same(self, blob_id: str, uploaded: StoredBlob) -> None:
        if await self.size(blob_id) == uploaded.size:
            digest = hashlib.sha256()
            async for piece in self.stream(blob_id):
                await asyncio.to_thread(digest.update, piece)
            if digest.hexdigest() == uploaded.sha256:
                return
        raise Conflict("Another file was already uploaded here. Ask for a new upload URL.")


def _not_found(blob_id: str) -> NotFound:
    return NotFound(f"There is no file {blob_id[:64]!r}.")


async def _copy(chunks: AsyncIterator[bytes], unfinished: Path, max_bytes: int) -> StoredBlob:
    """Write the chunks to a new file and sync it; each byte is counted before it is kept."""
    digest = hashlib.sha256()
    head = bytearray()
    size = 0
    async with aiofiles.open(unfinished, "xb", opener=_open_without_links) as file:

        async def keep(piece: bytes) -> None:
            # Both leave the event loop free, and the one does not wait for the other.
            await asyncio.gather(file.write(piece), asyncio.to_thread(digest.update, piece))

        waiting = bytearray()
        async for chunk in chunks:
            size += len(chunk)
            if size > max_bytes:
                raise PayloadTooLarge(
                    f"The file is larger than the {max_bytes} bytes this upload may have.", limit=max_bytes
                )
            if len(head) < HEAD_BYTES:
                head += chunk[: HEAD_BYTES - len(head)]
            # A chunk may be of any size: what is held and handed on is not.
            for at in range(0, len(chunk), PIECE_BYTES):
                waiting += chunk[at : at + PIECE_BYTES]
                if len(waiting) >= PIECE_BYTES:
                    await keep(bytes(waiting[:PIECE_BYTES]))
                    del waiting[:PIECE_BYTES]
        if waiting:
            await keep(bytes(waiting))
        await file.flush()
        await asyncio.to_thread(os.fsync, file.fileno())
    return StoredBlob(size, digest.hexdigest(), bytes(head))


def _publish(unfinished: Path, path: Path) -> bool:
    """Give the finished file its name, for good; False when the name is taken.

    A hard link, unlike a rename, never replaces: of two uploads at once under one id, one is first.
    """
    try:
        os.link(unfinished, path, follow_symlinks=False)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in _NO_HARD_LINKS:
            raise
        if path.exists():
            return False
        unfinished.rename(path)
    unfinished.unlink(missing_ok=True)
    _sync_directory(path.parent)
    return True


def _require_no_links(directory: Path) -> None:
    if os.path.realpath(directory) != str(directory):
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(directory))


def _open_without_links(name: str, flags: int) -> int:
    _require_no_links(Path(name).parent)
    return os.open(name, flags | getattr(os, "O_NOFOLLOW", 0), 0o600)


def _sync_directory(directory: Path) -> None:
    # Windows neither opens nor needs to sync directories.
    if os.name == "nt":
        return
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _size_of(path: Path, blob_id: str) -> int:
    try:
        _require_no_links(path.parent)
        status = path.lstat()
    except OSError as error:
        if error.errno in _ABSENT:
            raise _not_found(blob_id) from error
        raise
    if not stat.S_ISREG(status.st_mode):
        raise _not_found(blob_id)
    return status.st_size


def _remove(path: Path) -> None:
    try:
        _require_no_links(path.parent)
        path.unlink()
    except OSError as error:
        if error.errno not in _ABSENT:
            raise


def _names_older_than(shard: Path, timestamp: float) -> list[str]:
    names = []
    with os.scandir(shard) as entries:
        for entry in entries:
            try:
                status = entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue  # finished or removed since it was listed
            if stat.S_ISREG(status.st_mode) and status.st_mtime < timestamp:
                names.append(entry.name)
    return names
