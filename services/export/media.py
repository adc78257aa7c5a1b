"""The files of assets that an export takes along: which they are, for whom, and what they are called."""

from __future__ import annotations

import asyncio
import mimetypes
from collections.abc import AsyncIterator, Collection, Mapping
from pathlib import PurePosixPath
from typing import Any, Final

import orjson

from labelyard.domain.error import NotFound
from labelyard.domain.file_url import blob_id_of
from labelyard.domain.media import file_ending
from labelyard.services.job.handler import GiveUp, RetryLater
from labelyard.storage.blob import Blobs
from labelyard.storage.database import Database
from labelyard.storage.file_access import ReadableBlob, readable_blobs

MAX_DOCUMENT_BYTES: Final = 16 << 20
LOOKED_UP_AT_ONCE: Final = 1_000
PIECE_BYTES: Final = 1 << 20
RETRY_SECONDS: Final = 1.0
KNOWN_ENDINGS: Final = frozenset(mimetypes.types_map)


class Media:
    """The files of the assets of an export, as far as the person may read them; files of other servers are not fetched."""

    def __init__(
        self, database: Database, blobs: Blobs, *, user_id: str, input_type: str, most_bytes: int | None
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._user_id = user_id
        self._input_type = input_type
        self._most_bytes = most_bytes
        self._bytes = 0

    async def noted(self, assets: list[dict[str, Any]]) -> AsyncIterator[dict[str, Any]]:
        """The assets, each with the files that go with it, as `files`: the child names them where the asset is exported at all."""
        is_map = self._input_type == "GEOSPATIAL"  # layers in formats that no reader of labels takes
        keys = () if is_map else ("content", "jsonContent")
        readable = await self._readable({id_ for asset in assets for key in keys if (id_ := _blob_id(asset[key]))})
        for asset in assets:
            await self._note(asset, readable)
            yield asset

    async def pieces(self, blob_id: str) -> AsyncIterator[bytes]:
        """The bytes of a file, a part of a MiB at once."""
        try:
            async for piece in self._blobs.stream(blob_id):
                self._bytes += len(piece)
                if self._most_bytes is not None and self._bytes > self._most_bytes:
                    raise GiveUp("The files are more than the organization may keep; export fewer assets at once.")
                for start in range(0, len(piece), PIECE_BYTES):
                    yield piece[start : start + PIECE_BYTES]
        except NotFound as error:  # its asset was deleted meanwhile, and is not met again
            raise RetryLater(RETRY_SECONDS, error.message) from error

    async def _note(self, asset: dict[str, Any], readable: Mapping[str, ReadableBlob]) -> None:
        name = asset["externalId"]
        document = readable.get(_blob_id(asset["jsonContent"]) or "")
        if self._input_type == "TEXT" and document is not None:
            asset["files"] = {"jsonContent": [document.blob.id, _name(name, ".json")]}
            return
        if self._input_type == "VIDEO":
            frames = _frames(_parsed(asset["jsonContent"]) if document is None else await self._document(document))
            if frames:
                asset["files"] = {"frames": await self._of_frames(name, frames)}
                return
        elif self._input_type == "IMAGE" and document is not None:
            asset["jsonContent"] = await self._document(document) or asset["jsonContent"]
        own = readable.get(_blob_id(asset["content"]) or "")
        if own is not None:
            ending = file_ending(own.blob.media_type)
            asset["files"] = {"content": [own.blob.id, _name(name, ending)]}

    async def _of_frames(self, external_id: str, urls: list[str]) -> list[list[str | None]]:
        """Each frame with its name; the address itself of one that the person may not read here, or that lies elsewhere."""
        readable: dict[str, ReadableBlob] = {}
        for start in range(0, len(urls), LOOKED_UP_AT_ONCE):
            readable |= await self._readable(
                {id_ for url in urls[start : start + LOOKED_UP_AT_ONCE] if (id_ := _blob_id(url))}
            )
        width = len(str(len(urls)))
        return [
            [blob_id, f"{external_id}_{str(number).zfill(width)}.jpg"]
            if (blob_id := _blob_id(url)) in readable
            else [None, url]
            for number, url in enumerate(urls, 1)
        ]

    async def _document(self, document: ReadableBlob) -> Any:
        """A JSON document beside an asset; None for one that is none, or too long."""
        if document.blob.size > MAX_DOCUMENT_BYTES:
            return None
        text = b"".join([piece async for piece in self.pieces(document.blob.id)])
        return await asyncio.to_thread(_parsed, text)

    async def _readable(self, blob_ids: Collection[str]) -> dict[str, ReadableBlob]:
        if not blob_ids:
            return {}
        async with self._database.reader() as connection:
            return await readable_blobs(connection, blob_ids, self._user_id)


def _blob_id(url: Any) -> str | None:
    return blob_id_of(url) if isinstance(url, str) and url.startswith("http") else None


def _parsed(text: Any) -> Any:
    """JSON text as what it says; None for anything else."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None


def _name(external_id: str, ending: str) -> str:
    """The name of a file: the external id, with the ending of its type where it has none that is known."""
    return external_id if PurePosixPath(external_id).suffix.lower() in KNOWN_ENDINGS else f"{external_id}{ending}"


def _frames(document: Any) -> list[str]:
    """The addresses of the frames of a film, in order; empty when the document is of another kind."""
    urls = list(document.values()) if isinstance(document, dict) else document
    return urls if isinstance(urls, list) and all(isinstance(url, str) for url in urls) else []
