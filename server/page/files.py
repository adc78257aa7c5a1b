"""The files of the page, read once, under the digest of all of them, and compressed."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import PurePosixPath
from typing import Final

import brotli

from labelyard.server.page.comments import without_comments

# Only files of these kinds are served; licences and the list of libraries stay where they are.
MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
# Bare names that modules import, and the files that they mean.
IMPORTS = {
    "preact": "vendor/preact.mjs",
    "preact/hooks": "vendor/hooks.mjs",
    "@preact/signals": "vendor/signals.mjs",
    "@preact/signals-core": "vendor/signals-core.mjs",
    "htm": "vendor/htm.mjs",
}


def _brotli(content: bytes) -> bytes:
    return bytes(brotli.compress(content, mode=brotli.MODE_TEXT, quality=11))


def _gzip(content: bytes) -> bytes:
    return gzip.compress(content, 9, mtime=0)


class PageFile:
    """One file as it is sent: plain, or compressed when that is first asked for."""

    # Brotli is an eighth smaller. Browsers take it over TLS and from the machine itself.
    ENCODINGS: Final = {"br": _brotli, "gzip": _gzip}

    def __init__(self, media_type: str, plain: bytes) -> None:
        self.media_type = media_type
        self.plain = plain
        self._packed: dict[str, bytes] = {}

    async def packed(self, encoding: str) -> bytes:
        """The bytes in one of the encodings. The first time takes milliseconds, beside the event loop."""
        if encoding not in self._packed:
            self._packed[encoding] = await asyncio.to_thread(self.ENCODINGS[encoding], self.plain)
        return self._packed[encoding]


@dataclass(frozen=True, slots=True)
class PageFiles:
    """All files by name, and the digest that changes with any of them."""

    by_name: dict[str, PageFile]
    digest: str

    @property
    def base(self) -> str:
        """The path that the files are under."""
        return f"/page/{self.digest}"

    @property
    def import_map(self) -> str:
        """The text of the import map."""
        return json.dumps({"imports": {name: f"{self.base}/{path}" for name, path in IMPORTS.items()}})


@lru_cache(maxsize=1)
def page_files() -> PageFiles:
    """The files in `static`, as they are sent."""
    by_name: dict[str, PageFile] = {}
    digest = hashlib.sha256()
    for name, content in sorted(_walk(files("labelyard.server.page").joinpath("static"), PurePosixPath())):
        sent = without_comments(name, content)
        digest.update(f"{name}\0{len(sent)}\0".encode() + sent)
        by_name[name] = PageFile(MEDIA_TYPES[PurePosixPath(name).suffix], sent)
    return PageFiles(by_name, digest.hexdigest()[:24])


def _walk(folder: Traversable, path: PurePosixPath) -> Iterator[tuple[str, bytes]]:
    for item in folder.iterdir():
        if item.is_dir():
            yield from _walk(item, path / item.name)
        elif PurePosixPath(item.name).suffix in MEDIA_TYPES:
            yield str(path / item.name), item.read_bytes()
