"""Descriptions of pictures, computed when they are first needed and kept by the bytes of the picture."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from labelyard.domain.error import BadUserInput, NotFound
from labelyard.services.learning.backbone import NETWORK, SIMPLE, SIZES
from labelyard.services.learning.process import File, Graphs, Reply
from labelyard.storage.blob import Blobs
from labelyard.storage.child_process import ChildEnded
from labelyard.storage.database import Database, Row
from labelyard.storage.image_feature import keep_features

MAX_IMAGE_BYTES: Final = 256 << 20
KEPT_AT_ONCE: Final = 32
BYTES_EACH: Final = 2

Ask = Callable[..., Awaitable[Reply]]
Vectors = Mapping[str, bytes]
"""What is known of a picture, by the name of what has looked at it: 2 bytes a number, of unit length."""


async def describe(ask: Ask, graphs: Graphs, file: File) -> Vectors:
    """The description of a picture; `BadUserInput` for what is none."""
    head, rest = await ask({"op": "describe", "graph": await graphs.path()}, file=file)
    if "error" in head:
        raise BadUserInput(
            "[notAnImage] This is no picture that can be read: send a JPEG, PNG, GIF, WebP, BMP, TIFF or AVIF file.",
            reason=head["error"],
        )
    middle = BYTES_EACH * SIZES[NETWORK]
    return {NETWORK: bytes(rest[:middle]), SIMPLE: bytes(rest[middle:])}


@dataclass(slots=True)
class FeatureMaker:
    """Describes files of assets and keeps what comes of it: pieces of work, so that it can be ended between two pictures."""

    database: Database
    blobs: Blobs
    graphs: Graphs
    ask: Ask

    async def make(
        self,
        contents: Sequence[Row],
        *,
        seen: Callable[[int], Awaitable[None]] | None = None,
        until: float | None = None,
    ) -> int:
        """Describe contents (`content_hash`, `blob_id`, `size`); answers how many of them, before the clock shows `until`.

        `seen` is called with the number of those that are done. What is no picture, or breaks the process, is remembered as such.
        """
        waiting: list[tuple[str, str, bytes]] = []
        done = 0
        try:
            for content in contents:
                if until is not None and time.monotonic() >= until:
                    break
                waiting += await self._rows(content)
                done += 1
                if len(waiting) >= 2 * KEPT_AT_ONCE:
                    await self._keep(waiting)
                if seen is not None:
                    await seen(done)
        finally:
            await self._keep(waiting)
        return done

    async def _rows(self, content: Row) -> list[tuple[str, str, bytes]]:
        vectors: Vectors = {NETWORK: b"", SIMPLE: b""}
        if content["size"] <= MAX_IMAGE_BYTES:
            try:
                file = content["size"], self.blobs.stream(content["blob_id"])
                vectors = await describe(self.ask, self.graphs, file)
            except (BadUserInput, NotFound, ChildEnded):
                pass
        return [(content["content_hash"], backbone, vector) for backbone, vector in vectors.items()]

    async def _keep(self, waiting: list[tuple[str, str, bytes]]) -> None:
        if not waiting:
            return
        async with self.database.aside() as connection:  # of the bytes alone, whatever is asked for
            await keep_features(connection, waiting)
        waiting.clear()
