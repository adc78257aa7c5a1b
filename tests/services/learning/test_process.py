"""The process that looks at pictures: what it refuses, what breaks it, and what becomes of those who wait."""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import struct
import zlib
from collections.abc import AsyncIterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from labelyard.domain.error import BadUserInput, NotImplementedOperation, Unavailable
from labelyard.services.learning import backbone, process
from labelyard.services.learning.backbone import GRAPH_NAME, NETWORK, SIMPLE
from labelyard.services.learning.feature import describe
from labelyard.services.learning.process import Graphs, Inference
from tests.common.shapes import picture


@pytest.fixture(scope="module")
async def inference(tmp_path_factory) -> AsyncIterator[Inference]:
    made = Inference(Graphs(tmp_path_factory.mktemp("learning")))
    yield made
    await made.end()


def sent(data: bytes):
    async def pieces():
        yield data

    return len(data), pieces()


async def described(inference: Inference, data: bytes):
    return await describe(inference.ask, inference.graphs, sent(data))


def numbers(vector: bytes) -> list[float]:
    return [value for (value,) in struct.iter_unpack("<e", vector)]


async def test_descriptions_have_unit_length_and_belong_to_the_picture(inference):
    first, again, other = [await described(inference, picture("STAR", seed)) for seed in (1, 1, 2)]
    assert first == again != other
    for name, size in ((NETWORK, 1280), (SIMPLE, 320)):
        vector = numbers(first[name])
        assert len(vector) == size
        assert sum(value * value for value in vector) == pytest.approx(1, abs=0.01)


async def test_pictures_are_seen_as_people_see_them(inference):
    with Image.open(io.BytesIO(picture("ARROW", 3, side=256))) as image:
        upright = image.convert("RGB")
    turned, exif = io.BytesIO(), Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise
    upright.transpose(Image.Transpose.ROTATE_90).save(turned, "PNG", exif=exif)
    plain = io.BytesIO()
    upright.save(plain, "PNG")
    assert await described(inference, turned.getvalue()) == await described(inference, plain.getvalue())


def bomb() -> bytes:
    """A PNG of some bytes that says it has 40,000 × 40,000 pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", 40_000, 40_000, 8, 2, 0, 0, 0)
    rows = zlib.compress(bytes(1 << 20))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def line() -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (20_000, 1)).save(written, "PNG")
    return written.getvalue()


@pytest.mark.parametrize("data", [b"", b"no picture", picture("DISC", 1)[:200], bomb(), line()], ids=len)
async def test_what_is_no_picture_or_too_large_a_one_is_refused(inference, data):
    with pytest.raises(BadUserInput, match="notAnImage"):
        await described(inference, data)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    place=st.integers(0, 400),
    byte=st.integers(0, 255),
    kind=st.sampled_from(["PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP"]),
)
async def test_damaged_pictures_are_described_or_refused_and_never_break_the_process(inference, place, byte, kind):
    data = bytearray(picture("DISC", 1, kind=kind, side=32))
    data[place % len(data)] = byte
    before = inference.pid
    with contextlib.suppress(BadUserInput):
        await described(inference, bytes(data))
    assert before is None or inference.pid == before


async def test_a_crash_is_503_for_the_request_in_flight_and_the_next_one_is_answered(inference):
    await described(inference, picture("RING", 1))
    before = inference.pid
    crashing = asyncio.create_task(inference.ask({"op": "ready"}, file=(8, _endless())))
    await asyncio.sleep(0.05)
    os.kill(inference.pid, 9)
    with pytest.raises(Unavailable, match="broke over this request") as refused:
        await crashing
    assert refused.value.context["retryAfterSeconds"] > 0
    await described(inference, picture("RING", 1))
    assert inference.pid not in (None, before)


async def _endless():
    yield b"half"
    await asyncio.sleep(0.5)


async def test_more_than_so_many_do_not_wait(inference):
    first = asyncio.create_task(inference.ask({"op": "ready"}, file=(8, _endless())))
    await asyncio.sleep(0.02)
    waiting = [asyncio.create_task(inference.ask({"op": "ready"})) for _ in range(process.MOST_WAITING - 1)]
    await asyncio.sleep(0.02)
    with pytest.raises(Unavailable, match="requests wait") as refused:
        await inference.ask({"op": "ready"})
    assert refused.value.context["retryAfterSeconds"] > 0
    first.cancel()
    assert {tuple(head) for head, _ in await asyncio.gather(*waiting)} == {()}


async def test_it_ends_when_nobody_has_asked_for_a_while(inference, monkeypatch):
    await described(inference, picture("RING", 1))
    await inference.rest()
    assert inference.pid is not None
    monkeypatch.setattr(process, "IDLE_SECONDS", -1.0)
    await inference.rest()
    assert inference.pid is None


async def test_the_graph_is_made_once_and_kept_whole(tmp_path):
    graphs = Graphs(tmp_path / "deep" / "learning")
    paths = await asyncio.gather(*(graphs.path() for _ in range(3)))
    (path,) = set(paths)
    folder = tmp_path / "deep" / "learning"
    assert os.listdir(folder) == [GRAPH_NAME]
    kept = os.stat(path)
    assert 18_000_000 < kept.st_size < 19_000_000
    assert await Graphs(folder).path() == path
    assert os.stat(path).st_mtime_ns == kept.st_mtime_ns


async def test_without_its_packages_it_says_which_command_installs_them(inference, monkeypatch):
    monkeypatch.setattr(backbone, "PACKAGES", (*backbone.PACKAGES, "labelyard_of_tomorrow"))
    with pytest.raises(NotImplementedOperation, match=r"labelyard_of_tomorrow.*pip install 'labelyard\[learn\]'"):
        await inference.ask({"op": "ready"})
