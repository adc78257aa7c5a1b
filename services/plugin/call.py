"""Calling a plugin: the process that watches over it, and what it says."""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import orjson

from labelyard.services.plugin.settings import PluginSettings

SUPERVISOR: Final = "labelyard.services.plugin.supervisor"
PROGRAM: Final = Path(__file__).with_name("program.py")
OUTPUT_BYTES: Final = 256 * 1024
OUTPUT_LINES: Final = 1_000
PROCESSES: Final = 32
# A process maps far more than it uses.
LEAST_ADDRESS_BYTES: Final = 4 * 1024**3
GRACE_SECONDS: Final = 15.0
MAX_MESSAGE_BYTES: Final = 1024**2


@dataclass(slots=True)
class CallOutcome:
    """How a call has ended: the result, or a reason why there is none, and the lines that were logged, each with its level."""

    reason: str | None = None
    result: Any = None
    lines: list[tuple[str, str]] = field(default_factory=list)


async def call_plugin(settings: PluginSettings, *, python: Path, request: Mapping[str, Any]) -> CallOutcome:
    """Have a plugin do what a request says, in a process of its own that is gone with all its children when this returns."""
    settings.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    directory = await asyncio.to_thread(tempfile.mkdtemp, prefix="run-", dir=settings.directory)
    try:
        return await _call(settings, python, Path(directory), request)
    finally:
        await asyncio.shield(asyncio.to_thread(shutil.rmtree, directory, ignore_errors=True))


async def _call(settings: PluginSettings, python: Path, directory: Path, request: Mapping[str, Any]) -> CallOutcome:
    order = {
        "python": str(python),
        "program": str(PROGRAM),
        "directory": str(directory),
        "environment": environment_of(directory),
        "seconds": settings.run_seconds,
        "memoryBytes": settings.memory_bytes,
        "addressBytes": max(LEAST_ADDRESS_BYTES, 2 * settings.memory_bytes),
        "processes": PROCESSES,
        "outputBytes": OUTPUT_BYTES,
        "outputLines": OUTPUT_LINES,
        "request": request,
    }
    # As with every child: isolated and without our environment, so that no secret is inherited.
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-I",
        "-m",
        SUPERVISOR,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={},
        limit=MAX_MESSAGE_BYTES,
    )
    outcome = CallOutcome(reason="the process that watches over the call ended without a word")
    try:
        async with asyncio.timeout(settings.run_seconds + GRACE_SECONDS):
            await _converse(process, orjson.dumps(order), outcome)
    except TimeoutError:
        outcome.reason = f"it takes more than {settings.run_seconds:g} seconds"
    finally:
        await asyncio.shield(_end(process))
    return outcome


async def _converse(process: asyncio.subprocess.Process, order: bytes, outcome: CallOutcome) -> None:
    stdin, stdout = process.stdin, process.stdout
    if stdin is None or stdout is None:
        raise LookupError("the child has no pipes")
    with suppress(BrokenPipeError, ConnectionResetError):
        stdin.write(order + b"\n")
        await stdin.drain()
    while line := await stdout.readline():
        message = orjson.loads(line)
        if "end" not in message:
            outcome.lines.append((message["level"], message["text"]))
        elif message["end"] == "done":
            outcome.reason, outcome.result = None, message["result"]
        else:
            outcome.reason = message["reason"]


async def _end(process: asyncio.subprocess.Process) -> None:
    """End the process that watches: closing its input makes it end all that the plugin has started, which takes it a moment."""
    if process.stdin is not None:
        process.stdin.close()
    try:
        async with asyncio.timeout(GRACE_SECONDS):
            await process.wait()
    except TimeoutError:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def environment_of(directory: Path) -> dict[str, str]:
    """The whole environment of a plugin: nothing of the server's."""
    return {
        "HOME": str(directory),
        "TMPDIR": str(directory),
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        # Bars of progress are for people.
        "TQDM_DISABLE": "1",
        "NO_PROXY": "127.0.0.1,localhost",
        # Libraries for numbers start a thread for each core, and map memory for each.
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
    }
