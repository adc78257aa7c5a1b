"""A child process that answers one request after the other and can be ended at any moment.

For work of unbounded time or memory, or on untrusted data: a thread could not be stopped. The program is a module that
calls `storage.child_program.serve`. It is started by the first request, and again by the first one after its end.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Final

from labelyard.storage.child_program import LENGTH_BYTES, WANTED

# What a child gets of a file at once.
MAX_PART_BYTES: Final = 1 << 20


class ChildEnded(Exception):
    """The child gave up: too much time or memory, or it broke."""


class ChildNotStarted(Exception):
    """The child did not come up, whatever it was to be asked."""


class ChildProcess:
    """One child, for one request at a time; with a niceness it gives way to other processes."""

    def __init__(
        self, module: str, *, max_answer_bytes: int, environment: Mapping[str, str] | None = None, niceness: int = 0
    ) -> None:
        self._module = module
        self._max_answer_bytes = max_answer_bytes
        self._environment = dict(environment or {})
        self._niceness = niceness
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        """The id of the running child; None of one that has ended by itself."""
        process = self._process
        return process.pid if process is not None and process.returncode is None else None

    async def ask(self, request: bytes) -> bytes:
        """The answer to a request; `ChildEnded` when there is none. A caller that stops waiting ends the child."""
        return await self.ask_in_pieces(len(request), _whole(request))

    async def ask_in_pieces(self, size: int, pieces: AsyncIterator[bytes]) -> bytes:
        """The same for a request of `size` bytes that comes in pieces."""
        try:
            return await self._ask(size, pieces)
        except BaseException:
            await asyncio.shield(self.end())
            raise

    async def ask_for_parts(self, request: bytes, part: Callable[[int, int], Awaitable[bytes]]) -> bytes:
        """The answer to a request about a file, of which the child asks for the parts it wants, from and to a place."""
        try:
            reply = await self._ask(len(request), _whole(request))
            while reply[:1] == WANTED:
                start = int.from_bytes(reply[1 : 1 + LENGTH_BYTES], "big")
                end = int.from_bytes(reply[1 + LENGTH_BYTES :], "big")
                sent = await part(start, min(end, start + MAX_PART_BYTES))
                if self.pid is None:
                    raise ChildEnded("the process ended")  # another one would take the part for a request
                reply = await self._ask(len(sent), _whole(sent))
            return reply[1:]
        except BaseException:
            await asyncio.shield(self.end())
            raise

    async def end(self) -> None:
        """End the child, whatever it is doing."""
        process, self._process = self._process, None
        if process is not None:
            with suppress(ProcessLookupError):
                process.kill()
            if process.stdout is not None:
                # What it has written is read away: the end of a process is waited for until its pipes have ended, and one that
                # is too full to be read on never does. Somebody who is reading does it as well.
                with suppress(RuntimeError):
                    await process.stdout.read()
            await process.wait()

    async def _ask(self, size: int, pieces: AsyncIterator[bytes]) -> bytes:
        if self._process is not None and self._process.returncode is not None:
            await self.end()
        process = self._process = self._process or await self._start()
        stdin, stdout = process.stdin, process.stdout
        if stdin is None or stdout is None:
            raise LookupError("the child has no pipes")
        try:
            stdin.write(size.to_bytes(LENGTH_BYTES, "big"))
            async for piece in pieces:
                stdin.write(piece)
                await stdin.drain()
            length = int.from_bytes(await stdout.readexactly(LENGTH_BYTES), "big")
            if length > self._max_answer_bytes:
                raise ChildEnded(f"an answer of {length:,} bytes")
            return await stdout.readexactly(length)
        except (BrokenPipeError, ConnectionResetError, asyncio.IncompleteReadError) as error:
            raise ChildEnded("the process ended") from error

    async def _start(self) -> asyncio.subprocess.Process:
        # Isolated and without our environment: nothing but this program decides what is imported, and no secret is inherited.
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-I",
            "-m",
            self._module,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=self._environment,
        )
        if self._niceness:
            with suppress(ProcessLookupError):  # it has ended at once, which its first request will say
                os.setpriority(os.PRIO_PROCESS, process.pid, self._niceness)
        return process


async def _whole(request: bytes) -> AsyncIterator[bytes]:
    yield request
