"""Child processes: they answer, end when they are to, and take nobody with them."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import textwrap
import time
from collections.abc import AsyncIterator

import psutil
import pytest

from labelyard.storage.child_process import ChildEnded, ChildProcess

PROGRAM = """
import os, pathlib, sys, time
sys.path.insert(0, {root!r})
from labelyard.storage.child_program import serve

def answer(request):
    word, _, rest = request.partition(b" ")
    if word == b"sleep":
        time.sleep(float(rest))
    elif word == b"spin":
        while True:
            pass
    elif word == b"take":
        bytearray(int(rest))
    elif word == b"die":
        os._exit(3)
    elif word == b"write":
        pathlib.Path(rest.decode()).write_text("words")
    return request.upper()

serve(answer, cpu_seconds=1, memory_bytes=1 << 30)
"""


@pytest.fixture
async def child(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ChildProcess]:
    """A child whose program does as it is told."""
    start = asyncio.create_subprocess_exec
    program = PROGRAM.format(root=os.getcwd())

    async def started(*words: str, **options: object) -> asyncio.subprocess.Process:
        return await start(words[0], "-c", program, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(asyncio, "create_subprocess_exec", started)
    process = ChildProcess("program", max_answer_bytes=1 << 20)
    yield process
    await process.end()


async def gone(pid: int) -> None:
    for _ in range(250):
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return
        await asyncio.sleep(0.02)
    pytest.fail(f"process {pid} is there still")


async def test_it_is_started_by_the_first_request_and_answers_every_one(child: ChildProcess) -> None:
    assert child.pid is None
    assert await child.ask(b"one") == b"ONE"
    first = child.pid
    assert await child.ask(b"x" * 500_000) == b"X" * 500_000
    assert await child.ask(b"") == b""
    assert child.pid == first


@pytest.mark.parametrize("request_", [b"die", b"take 3000000000", b"spin", b"write /tmp/labelyard-no-such-file"])
async def test_after_its_end_the_next_request_has_another(child: ChildProcess, request_: bytes) -> None:
    await child.ask(b"one")
    first = child.pid
    with pytest.raises(ChildEnded):
        await child.ask(request_)
    assert await child.ask(b"two") == b"TWO"
    assert child.pid != first


async def test_kill_9_between_two_requests_is_noticed(child: ChildProcess) -> None:
    await child.ask(b"one")
    pid = child.pid  # None once its end has been noticed
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    await gone(pid)
    try:
        assert await child.ask(b"two") == b"TWO"
    except ChildEnded:  # noticed by the request itself
        assert await child.ask(b"two") == b"TWO"


async def test_who_stops_waiting_ends_it(child: ChildProcess) -> None:
    await child.ask(b"one")
    pid = child.pid
    assert pid is not None
    started = time.monotonic()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await child.ask(b"sleep 30")
    assert time.monotonic() - started < 25
    assert not psutil.pid_exists(pid)
    assert await child.ask(b"two") == b"TWO"


async def test_an_answer_that_is_too_large_is_none(child: ChildProcess) -> None:
    with pytest.raises(ChildEnded, match="an answer of 2,000,000 bytes"):
        await child.ask(b"x" * 2_000_000)


@pytest.mark.parametrize("request_", ["one", "sleep 30"])
async def test_it_dies_with_its_parent(request_: str) -> None:
    """A parent that is killed can end nothing any more."""
    parent = textwrap.dedent(f"""
        import asyncio, sys
        sys.path.insert(0, {os.getcwd()!r})
        from labelyard.storage.child_process import ChildProcess
        start = asyncio.create_subprocess_exec
        async def started(*words, **options):
            return await start(words[0], "-c", {PROGRAM.format(root=os.getcwd())!r}, **options)
        asyncio.create_subprocess_exec = started
        async def main():
            child = ChildProcess("program", max_answer_bytes=100)
            await child.ask(b"hello")
            print(child.pid, flush=True)
            await child.ask({request_.encode()!r})
            await asyncio.sleep(30)
        asyncio.run(main())
    """)
    process = await asyncio.subprocess.create_subprocess_exec(
        sys.executable, "-c", parent, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    pid = int(await process.stdout.readline())
    await asyncio.sleep(0.2)
    assert psutil.pid_exists(pid)
    process.kill()
    await process.wait()
    await gone(pid)


async def test_a_child_whose_answer_nobody_reads_is_ended(child: ChildProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its pipe is full, and the reader has stopped reading."""
    monkeypatch.setattr(child, "_max_answer_bytes", 10)
    for _ in range(5):
        with pytest.raises(ChildEnded, match="an answer of 4,000,000 bytes"):
            async with asyncio.timeout(20):
                await child.ask(b"x" * 4_000_000)
        assert child.pid is None
