"""How long films are: what the child process answers, and what it cannot do to the server."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from labelyard.domain.playback import Film, Playback
from labelyard.storage.blob import LocalBlobs, new_blob_id
from labelyard.storage.child_process import ChildProcess
from labelyard.storage.film import CHILD, FilmReader
from labelyard.storage.upload import NewBlob
from tests.video_samples import FRAMES, FRAMES_PER_SECOND, HEIGHT, HOSTILE, TURNED, WIDTH, mp4, webm

PLAYBACK = Playback(seconds=2, frames=FRAMES, frames_per_second=FRAMES_PER_SECOND)
FILM = Film(PLAYBACK, WIDTH, HEIGHT)


async def stored(blobs: LocalBlobs, body: bytes, media_type: str = "video/mp4") -> NewBlob:
    blob = NewBlob(new_blob_id(), "organization", len(body), "", media_type)

    async def whole() -> AsyncIterator[bytes]:
        yield body

    await blobs.write(blob.id, whole(), max_bytes=1 << 30)
    return blob


async def films(
    tmp_path: Path, *bodies: bytes, media_type: str = "video/mp4", within_seconds: float = 20
) -> list[Film | None]:
    blobs = LocalBlobs(tmp_path / "files")
    files = [await stored(blobs, body, media_type) for body in bodies]
    return await FilmReader().read(blobs, files, within_seconds=within_seconds)


@pytest.mark.parametrize(
    ("body", "expected"),
    {
        "MP4": (mp4(), FILM),
        "QuickTime": (mp4(brand=b"qt  "), FILM),
        "WebM": (webm(), FILM),
        "a telephone held upright": (mp4(matrix=TURNED), Film(PLAYBACK, HEIGHT, WIDTH)),
        "ten minutes": (mp4(frames=15_000), Film(Playback(600, 15_000, 25), WIDTH, HEIGHT)),
    }.values(),
    ids=["MP4", "QuickTime", "WebM", "turned", "ten minutes"],
)
async def test_the_container_says_how_long_a_film_is(tmp_path: Path, body: bytes, expected: Film) -> None:
    assert await films(tmp_path, body) == [expected]


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE.keys())
async def test_of_a_broken_film_nothing_is_known(tmp_path: Path, body: bytes) -> None:
    assert await films(tmp_path, body) == [None]


async def test_films_given_together_are_each_answered(tmp_path: Path) -> None:
    assert await films(tmp_path, mp4(), HOSTILE["cut in its index"], mp4()) == [FILM, None, FILM]


async def test_little_is_read_of_a_large_film(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A film of 40 MB in frames whose index is at the beginning, and a limit of 4 MiB on what is read."""
    monkeypatch.setattr("labelyard.storage.film.MAX_READ_BYTES", 4 << 20)
    head, mdat = mp4()[: -FRAMES - 8], b"\x01" * (40 << 20)
    body = head + (len(mdat) + 8).to_bytes(4, "big") + b"mdat" + mdat
    assert await films(tmp_path, body) == [FILM]


async def test_other_files_start_no_child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asyncio, "create_subprocess_exec", None)
    assert await films(tmp_path, b"words", media_type="text/plain") == [None]


async def test_a_child_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    started = time.monotonic()
    assert await films(tmp_path, mp4(), within_seconds=0.01) == [None]
    assert time.monotonic() - started < 15


@pytest.mark.parametrize(
    "greed", ["bytearray(3 << 30)", "while True: pass", "import os; os._exit(3)"], ids=["memory", "time", "end"]
)
async def test_a_child_that_takes_too_much_is_ended_and_the_next_film_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, greed: str
) -> None:
    """The parser is replaced by what a parser does that a film has taken in; the limits are those of the program."""
    start = asyncio.create_subprocess_exec
    greedy = f"""
from labelyard.storage import film_child
from labelyard.storage.child_program import serve
def film(file):
    {greed}
def answer(request):
    return b"!" + repr(film(film_child.AskedFile(int(request)))).encode()
serve(answer, cpu_seconds=1, memory_bytes=film_child.MEMORY_BYTES)
"""

    async def started(*words: str, **options: object) -> asyncio.subprocess.Process:
        return await start(words[0], "-I", "-c", greedy, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(asyncio, "create_subprocess_exec", started)
    begun = time.monotonic()
    assert await films(tmp_path, mp4()) == [None]
    assert time.monotonic() - begun < 15
    monkeypatch.setattr(asyncio, "create_subprocess_exec", start)
    assert await films(tmp_path, mp4()) == [FILM]


async def test_parts_of_a_file_go_to_no_other_process() -> None:
    child = ChildProcess(CHILD, max_answer_bytes=1 << 16)

    async def part(_start: int, _end: int) -> bytes:
        await child.end()
        return b"12"

    with pytest.raises(Exception, match="ended"):
        await child.ask_for_parts(b"1000", part)
    assert child.pid is None
