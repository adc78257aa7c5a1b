"""Talking to the child processes of learning: one that answers whoever asks, and one for each training."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any, Final

import structlog

from labelyard.domain.error import Unavailable
from labelyard.services.learning.backbone import GRAPH_NAME, require_packages
from labelyard.services.learning.message import pack, unpack
from labelyard.storage.child_process import ChildEnded, ChildProcess

log = structlog.get_logger("labelyard.learning")
CHILD: Final = "labelyard.services.learning.child"
GRAPH_CHILD: Final = "labelyard.services.learning.graph_child"
ENVIRONMENT: Final = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
NICENESS = 10
MAX_ANSWER_BYTES: Final = 512 << 20
MAX_GRAPH_ANSWER_BYTES: Final = 4_096
GRAPH_SECONDS: Final = 120.0
# Longer than the child may take of the processor, for it is nice to others.
REQUEST_SECONDS: Final = 60.0
IDLE_SECONDS: Final = 600.0
MOST_WAITING: Final = 32
RETRY_SECONDS: Final = 5


Reply = tuple[dict[str, Any], memoryview]
File = tuple[int, AsyncIterator[bytes]]
"""The size of a file and its pieces, which lie behind the rest of a request."""


def broken() -> Unavailable:
    """The refusal of a request over which the process broke."""
    return Unavailable(
        "The process that looks at pictures broke over this request, and starts anew; try again in a moment.",
        retryAfterSeconds=RETRY_SECONDS,
    )


class LearningProcess:
    """One child process of learning, for one request at a time."""

    def __init__(self) -> None:
        self._child = ChildProcess(CHILD, max_answer_bytes=MAX_ANSWER_BYTES, environment=ENVIRONMENT, niceness=NICENESS)

    @property
    def pid(self) -> int | None:
        """The id of the running child."""
        return self._child.pid

    async def ask(self, head: Mapping[str, Any], *parts: bytes, file: File | None = None) -> Reply:
        """The answer to a request; `ChildEnded` when the child has broken over it, or takes too long."""
        request = pack(head, *parts)
        try:
            async with asyncio.timeout(REQUEST_SECONDS):
                if file is None:
                    return unpack(await self._child.ask(request))
                size, pieces = file
                return unpack(await self._child.ask_in_pieces(len(request) + size, _chained(request, pieces)))
        except TimeoutError as error:
            raise ChildEnded(f"takes more than {REQUEST_SECONDS:g} seconds") from error

    async def end(self) -> None:
        """End the child."""
        await self._child.end()


class Inference:
    """The process that answers whoever asks, one request after the other; started by the first one.

    It ends when nobody has asked for ten minutes, for it takes 200 MB. At most `MOST_WAITING` requests wait for their turn.
    """

    def __init__(self, graphs: Graphs) -> None:
        self.graphs = graphs
        self._process = LearningProcess()
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._used_at = time.monotonic()

    @property
    def pid(self) -> int | None:
        """The id of the process, if there is one."""
        return self._process.pid

    async def ask(self, head: Mapping[str, Any], *parts: bytes, file: File | None = None) -> Reply:
        """The answer to a request; `Unavailable` when too many wait, or when the process broke over this one."""
        try:
            return await self.attempt(head, *parts, file=file)
        except ChildEnded as error:
            raise broken() from error

    async def attempt(self, head: Mapping[str, Any], *parts: bytes, file: File | None = None) -> Reply:
        """The same; `ChildEnded` when the process broke over this request, for those to whom that tells something."""
        require_packages()
        if self._waiting >= MOST_WAITING:
            raise Unavailable(
                f"{MOST_WAITING} requests wait for the process that looks at pictures already; try again in a moment.",
                retryAfterSeconds=RETRY_SECONDS,
            )
        self._waiting += 1
        try:
            async with self._turn:
                return await self._process.ask(head, *parts, file=file)
        finally:
            self._waiting -= 1
            self._used_at = time.monotonic()

    async def rest(self) -> None:
        """End the process when nobody has asked for a while."""
        if self._process.pid is not None and not self._waiting and time.monotonic() - self._used_at > IDLE_SECONDS:
            await self._process.end()

    async def end(self) -> None:
        """End the process."""
        await self._process.end()


class Graphs:
    """The file of the network, made when it is first wanted."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._making = asyncio.Lock()

    async def path(self) -> str:
        """The path of the graph; `Unavailable` when it cannot be made."""
        path = self._folder / GRAPH_NAME
        async with self._making:
            if not await asyncio.to_thread(path.is_file):
                await self._make()
        return str(path)

    async def _make(self) -> None:
        require_packages()
        child = ChildProcess(
            GRAPH_CHILD, max_answer_bytes=MAX_GRAPH_ANSWER_BYTES, environment=ENVIRONMENT, niceness=NICENESS
        )
        failure: bytes | str
        try:
            async with asyncio.timeout(GRAPH_SECONDS):
                failure = await child.ask(f"{self._folder}\n{GRAPH_NAME}".encode())
        except (ChildEnded, TimeoutError) as error:
            failure = str(error) or f"takes more than {GRAPH_SECONDS:g} seconds"
        finally:
            await asyncio.shield(child.end())
        if failure:
            log.error("graph not made", reason=failure if isinstance(failure, str) else failure.decode())
            raise Unavailable(
                "The network that looks at pictures cannot be set up; the log of the server says why.",
                retryAfterSeconds=RETRY_SECONDS,
            )


async def _chained(request: bytes, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield request
    async for piece in pieces:
        yield piece
