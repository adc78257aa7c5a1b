"""Sizes of PDF pages: what the child process answers, and what it cannot do to the server."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from labelyard.storage import page_size_child
from labelyard.storage.blob import LocalBlobs, new_blob_id
from labelyard.storage.page_size import PDF, PageSizes
from labelyard.storage.upload import NewBlob
from tests.file_samples import pdf


async def stored(blobs: LocalBlobs, body: bytes, media_type: str = PDF) -> NewBlob:
    blob = NewBlob(new_blob_id(), "organization", len(body), "", media_type)

    async def whole() -> AsyncIterator[bytes]:
        yield body

    await blobs.write(blob.id, whole(), max_bytes=1 << 30)
    return blob


async def sizes(tmp_path: Path, *bodies: bytes, media_type: str = PDF, within_seconds: float = 20) -> list[Any]:
    blobs = LocalBlobs(tmp_path / "files")
    files = [await stored(blobs, body, media_type) for body in bodies]
    found = await PageSizes().read(blobs, files, within_seconds=within_seconds)
    return [None if text is None else json.loads(text) for text in found]


def page(number: int, width: float, height: float, rotation: int = 0) -> dict[str, float]:
    return {"pageNumber": number, "width": width, "height": height, "rotation": rotation}


READABLE = {
    "one page": (pdf((595.28, 841.89)), [page(1, 595.28, 841.89)]),
    "pages of two sizes": (pdf((200, 100), (100, 300)), [page(1, 200, 100), page(2, 100, 300)]),
    "turned pages keep their own sides": (pdf((200, 100), rotation=90), [page(1, 200, 100, 90)]),
    "turned back": (pdf((200, 100), rotation=-90), [page(1, 200, 100, 270)]),
    "large units": (pdf((200, 100), unit=2.5), [page(1, 500, 250)]),
    "cut to a part": (pdf((200, 100), crop=(10, 20, 110, 80)), [page(1, 100, 60)]),
    "no pages": (pdf(), []),
}


@pytest.mark.parametrize(("body", "expected"), READABLE.values(), ids=READABLE.keys())
async def test_each_page_is_told(tmp_path: Path, body: bytes, expected: list[dict[str, float]]) -> None:
    assert await sizes(tmp_path, body) == [expected]


UNREADABLE = {
    "no PDF inside": b"%PDF-1.7\nnothing of the kind",
    "cut in two": pdf((200, 100))[:200],
    "a page of no width": pdf((0, 100)),
    "pages that are each other's parents": b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Pages/Kids[2 0 R]/Count 1>>endobj
trailer<</Root 1 0 R>>""",
}


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE.keys())
async def test_what_cannot_be_read_has_no_sizes(tmp_path: Path, body: bytes) -> None:
    assert await sizes(tmp_path, body) == [None]


async def test_other_files_start_no_child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asyncio, "create_subprocess_exec", None)
    assert await sizes(tmp_path, b"words", media_type="text/plain") == [None]
    monkeypatch.setattr("labelyard.storage.page_size.MAX_PDF_BYTES", 5)
    assert await sizes(tmp_path, pdf((200, 100))) == [None]


async def test_a_child_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    started = time.monotonic()
    assert await sizes(tmp_path, pdf((200, 100)), within_seconds=0.01) == [None]
    assert time.monotonic() - started < 25


async def test_files_given_together_are_each_answered(tmp_path: Path) -> None:
    bodies = [pdf((100, 50)), b"%PDF-1.7 broken", pdf((200, 50)), pdf((300, 50))]
    assert await sizes(tmp_path, *bodies) == [[page(1, 100, 50)], None, [page(1, 200, 50)], [page(1, 300, 50)]]


async def test_a_file_that_ends_its_child_leaves_the_others_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("labelyard.storage.page_size.MAX_PDF_BYTES", 1 << 40)
    blobs = LocalBlobs(tmp_path / "files")
    files = [await stored(blobs, pdf((100, 50))) for _ in range(3)]
    # A length beyond the memory of the child: making room for it is its end.
    files[1] = files[1]._replace(size=8 << 30)
    found = await PageSizes().read(blobs, files)
    assert [None if text is None else json.loads(text) for text in found] == [
        [page(1, 100, 50)],
        None,
        [page(1, 100, 50)],
    ]


async def test_readers_at_once_are_all_answered(tmp_path: Path) -> None:
    blobs, reader = LocalBlobs(tmp_path / "files"), PageSizes()
    files = [await stored(blobs, pdf((100 + number, 50))) for number in range(4)]
    found = await asyncio.gather(*(reader.read(blobs, [file]) for file in files))
    assert [json.loads(text or "null")[0]["width"] for (text,) in found] == [100, 101, 102, 103]


def test_more_pages_than_a_document_has_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_size_child, "MAX_PAGES", 2)
    with pytest.raises(ValueError, match="more than 2 pages"):
        page_size_child.page_sizes(pdf((1, 1), (1, 1), (1, 1)))
