"""Whether a picture is labeled in longitudes and latitudes: the document beside its content says so."""

from __future__ import annotations

import asyncio
from typing import Any, Final

import orjson

from labelyard.domain.error import NotFound
from labelyard.domain.file_url import blob_id_of
from labelyard.storage.blob import Blobs

MAX_DOCUMENT_BYTES: Final = 16 << 20


async def is_on_globe(blobs: Blobs, json_content: str) -> bool:
    """Read the document if it is a file of this server; those of other servers are not fetched, and count as pictures."""
    blob_id = blob_id_of(json_content) if json_content.startswith("http") else None
    if blob_id is None:
        return False
    try:
        if await blobs.size(blob_id) > MAX_DOCUMENT_BYTES:
            return False
        document = b"".join([piece async for piece in blobs.stream(blob_id)])
    except NotFound:
        return False
    return await asyncio.to_thread(_says_so, document)


def _says_so(document: bytes) -> bool:
    try:
        layers: Any = orjson.loads(document)
    except orjson.JSONDecodeError:
        return False
    if not isinstance(layers, list) or not layers or not isinstance(layers[0], dict):
        return False
    first = layers[0]
    return first.get("useClassicCoordinates") is False and "epsg" in first and first["epsg"] != "TiledImage"
