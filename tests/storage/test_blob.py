import asyncio
import errno
import hashlib
import os
import random
import string
import time
from collections.abc import AsyncIterator, Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelyard.domain.error import Conflict, InsufficientStorage, NotFound, PayloadTooLarge
from labelyard.domain.file_url import is_blob_id
from labelyard.storage.blob import HEAD_BYTES, PIECE_BYTES, LocalBlobs, new_blob_id

LIMIT = 10 << 20


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "blobs"


@pytest.fixture
def blobs(root: Path) -> LocalBlobs:
    return LocalBlobs(root)


async def chunks_of(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


async def read(blobs: LocalBlobs, blob_id: str, **span: Any) -> bytes:
    return b"".join([piece async for piece in blobs.stream(blob_id, **span)])


def files_in(root: Path) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if not path.is_dir())


def hostile_ids() -> list[str]:
    """More than five hundred names that would leave the root, or alias another file, if they became paths."""
    targets = ["etc/passwd", "x", "0123456789abcdef0123456789abcdef", "..", "", "con", "nul.txt"]
    climbs = [
        "../",
        "..\\",
        "%2e%2e/",
        "..%2f",
        "....//",
        "/",
        "//",
        "\\\\host\\",
        "C:\\",
        "./",
        "~/",
        "\0/",
        "..\0/",
        "\n../",
    ]
    names = [climb * depth + target for climb in climbs for depth in (1, 2, 3, 4, 8) for target in targets]
    good = "0123456789abcdef0123456789abcdef"
    names += [good[:at] + letter + good[at:] for at in (0, 8, 32) for letter in "./\\\0\n :*?\"<>|%&$'`é\u202e\ud800"]
    return [*names, good.upper(), good[:15], good * 3, ".", "-" + good, f".{good}.part"]


@pytest.mark.parametrize(
    "chunks",
    [[], [b""], [b"hello"], [b"a" * PIECE_BYTES], [b"a" * (3 * PIECE_BYTES + 1)], [b"ab", b"", b"c" * 100_000] * 9],
    ids=["none", "empty", "small", "one piece", "one great chunk", "many"],
)
async def test_what_is_written_is_read_back(blobs: LocalBlobs, root: Path, chunks: list[bytes]) -> None:
    blob_id, whole = new_blob_id(), b"".join(chunks)
    stored = await blobs.write(blob_id, chunks_of(*chunks), max_bytes=LIMIT)
    assert (stored.size, stored.sha256) == (len(whole), hashlib.sha256(whole).hexdigest())
    assert stored.head == whole[:HEAD_BYTES]
    assert await read(blobs, blob_id) == whole
    assert await blobs.size(blob_id) == len(whole)
    assert await blobs.exists(blob_id)
    assert files_in(root) == [f"{blob_id[-2:]}/{blob_id}"]
    assert (root / blob_id[-2:] / blob_id).stat().st_mode & 0o777 == 0o600


@given(st.integers(0, 999), st.integers(0, 1200))
async def test_any_part_can_be_read(tmp_path_factory: pytest.TempPathFactory, start: int, end: int) -> None:
    blobs, whole = LocalBlobs(tmp_path_factory.mktemp("part")), bytes(i % 251 for i in range(1000))
    blob_id = new_blob_id()
    await blobs.write(blob_id, chunks_of(whole), max_bytes=LIMIT)
    assert await read(blobs, blob_id, start=start, end=end) == whole[start:end]


async def test_pieces_are_at_most_a_mebibyte(blobs: LocalBlobs) -> None:
    blob_id = new_blob_id()
    await blobs.write(blob_id, chunks_of(b"a" * (5 << 20)), max_bytes=LIMIT)
    assert max([len(piece) async for piece in blobs.stream(blob_id)]) <= PIECE_BYTES


async def test_the_same_bytes_may_come_again_and_others_may_not(blobs: LocalBlobs, root: Path) -> None:
    blob_id = new_blob_id()
    first = await blobs.write(blob_id, chunks_of(b"hello"), max_bytes=LIMIT)
    assert await blobs.write(blob_id, chunks_of(b"hel", b"lo"), max_bytes=LIMIT) == first
    for other in (b"hellO", b"hello!", b""):
        with pytest.raises(Conflict):
            await blobs.write(blob_id, chunks_of(other), max_bytes=LIMIT)
    assert await read(blobs, blob_id) == b"hello"
    assert len(files_in(root)) == 1


async def test_of_many_uploads_at_once_one_wins_whole(blobs: LocalBlobs, root: Path) -> None:
    blob_id = new_blob_id()
    bodies = [bytes([65 + at]) * 300_000 for at in range(6)]
    written = await asyncio.gather(
        *(blobs.write(blob_id, chunks_of(body), max_bytes=LIMIT) for body in bodies), return_exceptions=True
    )
    assert sum(isinstance(result, Conflict) for result in written) == 5
    winner = next(at for at, result in enumerate(written) if not isinstance(result, Conflict))
    assert await read(blobs, blob_id) == bodies[winner]
    assert len(files_in(root)) == 1


async def test_more_than_the_limit_is_refused_and_nothing_kept(blobs: LocalBlobs, root: Path) -> None:
    with pytest.raises(PayloadTooLarge, match="10 bytes"):
        await blobs.write(new_blob_id(), chunks_of(b"a" * 10, b"b"), max_bytes=10)
    assert files_in(root) == []


@pytest.mark.parametrize("error", [ValueError("broken"), asyncio.CancelledError()], ids=["error", "cancelled"])
async def test_an_upload_that_breaks_off_leaves_nothing(blobs: LocalBlobs, root: Path, error: BaseException) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"a" * (2 << 20)
        raise error

    with pytest.raises(type(error)):
        await blobs.write(new_blob_id(), broken(), max_bytes=LIMIT)
    assert files_in(root) == []


def failing(error: int) -> Callable[..., Any]:
    def fail(*_: object, **__: object) -> None:
        raise OSError(error, os.strerror(error))

    return fail


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EDQUOT], ids=["disk", "quota"])
@pytest.mark.parametrize("where", ["os.fsync", "os.link", "os.open", "pathlib.Path.mkdir"])
async def test_a_full_disk_is_said_and_leaves_nothing(
    blobs: LocalBlobs, root: Path, monkeypatch: pytest.MonkeyPatch, error: int, where: str
) -> None:
    blob_id = new_blob_id()
    with monkeypatch.context() as patch:
        patch.setattr(where, failing(error))
        with pytest.raises(InsufficientStorage, match="disk"):
            await blobs.write(blob_id, chunks_of(b"a" * 100_000), max_bytes=LIMIT)
    assert files_in(root) == []
    assert not await blobs.exists(blob_id)
    await blobs.write(blob_id, chunks_of(b"there is room again"), max_bytes=LIMIT)
    assert await read(blobs, blob_id) == b"there is room again"


async def test_a_disk_that_fills_up_while_writing_leaves_nothing(
    blobs: LocalBlobs, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class FullAfterOne:
        def __init__(self, file: Any) -> None:
            self._file, self._calls = file, 0

        async def write(self, piece: bytes) -> None:
            self._calls += 1
            if self._calls > 1:
                raise OSError(errno.ENOSPC, "full")
            await self._file.write(piece)

        def __getattr__(self, name: str) -> Any:
            return getattr(self._file, name)

        async def __aenter__(self) -> "FullAfterOne":
            return self

        async def __aexit__(self, *_: object) -> None:
            await self._file.close()

    from labelyard.storage import blob as module

    original = module.aiofiles.open

    class Opening:
        def __init__(self, *args: Any, **options: Any) -> None:
            self._opening = original(*args, **options)

        async def __aenter__(self) -> FullAfterOne:
            self._file = FullAfterOne(await self._opening)
            return self._file

        async def __aexit__(self, *_: object) -> None:
            await self._file.close()

    monkeypatch.setattr(module.aiofiles, "open", Opening)
    with pytest.raises(InsufficientStorage):
        await blobs.write(new_blob_id(), chunks_of(b"a" * (3 << 20)), max_bytes=LIMIT)
    assert files_in(root) == []


async def test_a_file_system_without_hard_links_will_do(
    blobs: LocalBlobs, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.link", failing(errno.EPERM))
    blob_id = new_blob_id()
    await blobs.write(blob_id, chunks_of(b"hello"), max_bytes=LIMIT)
    await blobs.write(blob_id, chunks_of(b"hello"), max_bytes=LIMIT)
    with pytest.raises(Conflict):
        await blobs.write(blob_id, chunks_of(b"other"), max_bytes=LIMIT)
    assert await read(blobs, blob_id) == b"hello"
    assert len(files_in(root)) == 1


async def test_data_is_synced_before_the_name_and_the_directory_after(
    blobs: LocalBlobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    sync, link = os.fsync, os.link

    def noted_sync(descriptor: int) -> None:
        steps.append("sync directory" if os.path.isdir(f"/proc/self/fd/{descriptor}") else "sync data")
        sync(descriptor)

    def noted_link(*args: Any, **options: Any) -> None:
        steps.append("name")
        link(*args, **options)

    monkeypatch.setattr("os.fsync", noted_sync)
    monkeypatch.setattr("os.link", noted_link)
    await blobs.write(new_blob_id(), chunks_of(b"hello"), max_bytes=LIMIT)
    assert steps == ["sync directory", "sync data", "name", "sync directory"]  # the first: a new shard


async def test_no_name_leaves_the_root(blobs: LocalBlobs, root: Path, tmp_path: Path) -> None:
    names = hostile_ids()
    letters = random.Random(7)
    names += ["".join(letters.choices(string.printable, k=letters.randint(1, 40))) for _ in range(200)]
    assert len(set(names)) >= 500
    before = files_in(tmp_path)
    for name in set(names):
        assert not is_blob_id(name)
        with pytest.raises(NotFound):
            await blobs.write(name, chunks_of(b"x"), max_bytes=LIMIT)
        with pytest.raises(NotFound):
            await read(blobs, name)
        with pytest.raises(NotFound):
            await blobs.size(name)
        with pytest.raises(NotFound):
            await blobs.delete(name)
        assert not await blobs.exists(name)
    assert files_in(tmp_path) == before == []
    assert os.listdir(root) == []


async def test_links_are_not_followed(blobs: LocalBlobs, root: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    secret, shard_id, file_id = outside / new_blob_id(), "0" * 30 + "aa", "0" * 30 + "bb"
    secret.write_bytes(b"secret")
    (outside / shard_id).write_bytes(b"secret")
    (root / "aa").symlink_to(outside)
    (root / "bb").mkdir()
    (root / "bb" / file_id).symlink_to(secret)
    for blob_id in (shard_id, file_id):
        assert not await blobs.exists(blob_id)
        with pytest.raises(NotFound):
            await read(blobs, blob_id)
    with pytest.raises(OSError, match="symbolic links"):
        await blobs.write("1" * 30 + "aa", chunks_of(b"x"), max_bytes=LIMIT)
    await blobs.delete(shard_id)
    assert [blob_id async for blob_id in blobs.list_older_than(datetime.now(UTC) + timedelta(hours=1))] == []
    assert sorted(path.name for path in outside.iterdir()) == sorted([secret.name, shard_id])


async def test_a_root_behind_a_link_is_fine(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    blobs, blob_id = LocalBlobs(tmp_path / "link"), new_blob_id()
    await blobs.write(blob_id, chunks_of(b"hello"), max_bytes=LIMIT)
    assert await read(blobs, blob_id) == b"hello"


async def test_a_deleted_file_is_gone_and_deleting_it_again_is_no_error(blobs: LocalBlobs) -> None:
    blob_id = new_blob_id()
    await blobs.write(blob_id, chunks_of(b"hello"), max_bytes=LIMIT)
    await blobs.delete(blob_id)
    await blobs.delete(blob_id)
    assert not await blobs.exists(blob_id)
    with pytest.raises(NotFound):
        await read(blobs, blob_id)


async def test_old_files_are_listed_and_old_leftovers_discarded(blobs: LocalBlobs, root: Path) -> None:
    old, young = new_blob_id(), new_blob_id()
    for blob_id in (old, young):
        await blobs.write(blob_id, chunks_of(b"hello"), max_bytes=LIMIT)
    leftovers = [root / old[-2:] / f".{old}.0011.part", root / young[-2:] / f".{young}.0011.part"]
    for path in leftovers:
        path.write_bytes(b"half")
    two_days_ago = time.time() - 2 * 86400
    for path in (root / old[-2:] / old, leftovers[0]):
        os.utime(path, (two_days_ago, two_days_ago))
    yesterday = datetime.now(UTC) - timedelta(days=1)
    assert [blob_id async for blob_id in blobs.list_older_than(yesterday)] == [old]
    assert await blobs.discard_unfinished(yesterday) == 1
    assert [path.exists() for path in leftovers] == [False, True]


def all_distinct(ids: Iterable[str]) -> bool:
    seen = list(ids)
    return len(set(seen)) == len(seen)


def test_ids_are_of_the_right_form_and_never_the_same() -> None:
    ids = [new_blob_id() for _ in range(1000)]
    assert all(map(is_blob_id, ids))
    assert all_distinct(ids)
