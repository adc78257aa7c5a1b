"""Making an archive: the server hands assets to a child process, which writes the file."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import orjson

from labelyard.domain.export import ExportOptions
from labelyard.services.job.handler import GiveUp
from labelyard.storage.child_process import ChildEnded, ChildProcess
from labelyard.storage.job import JobClaim
from labelyard.storage.work_folder import fresh_folder, remove_folder, remove_former_folders

CHILD: Final = "labelyard.services.export.child"
ARCHIVE: Final = "export.zip"
MAX_ANSWER_BYTES: Final = 64 << 20  # the names of the frames of a film
FOLDER: Final = "exports"


class Conversion:
    """One archive under construction, in a folder of its own that goes with it.

    A worker that was silent for too long may still work on a job that another one has taken: each run has its folder.
    """

    def __init__(self, work_dir: Path, claim: JobClaim) -> None:
        self._folder = work_dir / FOLDER / f"{claim.id}.{claim.claims}"
        self._child = ChildProcess(CHILD, max_answer_bytes=MAX_ANSWER_BYTES)

    @property
    def archive(self) -> Path:
        """The finished archive."""
        return self._folder / ARCHIVE

    async def __aenter__(self) -> Conversion:
        await asyncio.to_thread(remove_former_folders, self._folder)
        await asyncio.to_thread(fresh_folder, self._folder)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.shield(self._end())

    async def begin(self, project: Mapping[str, Any], options: ExportOptions) -> None:
        """Start with what is known of the project."""
        begin = {"folder": str(self._folder), "project": dict(project), "options": options.as_json()}
        await self._ask(b"begin", orjson.dumps(begin))

    async def add(self, lines: bytes) -> list[tuple[str, str]]:
        """Add assets, one a line of JSON; answers the files that go with them, each with the name that `add_file` takes."""
        return [(blob_id, name) for blob_id, name in await self._ask(b"add", lines) or ()]

    async def add_file(self, name: str, pieces: AsyncIterator[bytes]) -> None:
        """Add a file that comes in pieces."""
        await self._ask(b"file", name.encode())
        async for piece in pieces:
            await self._ask(b"piece", piece)
        await self._ask(b"end", b"")

    async def finish(self) -> None:
        """Write the end of the archive."""
        await self._ask(b"finish", b"")

    async def _ask(self, word: bytes, rest: bytes) -> Any:
        try:
            answer = orjson.loads(await self._child.ask(word + b"\n" + rest))
        except ChildEnded as error:
            raise ConversionBroke("The process that converts labels ended without a word.") from error
        if not isinstance(answer, dict):
            return answer
        if answer["isFinal"]:
            raise GiveUp(answer["text"])
        raise ConversionBroke(answer["text"])

    async def _end(self) -> None:
        await self._child.end()
        await asyncio.to_thread(remove_folder, self._folder)


class ConversionBroke(Exception):
    """The conversion failed for a reason that another attempt may not meet."""
