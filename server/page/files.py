"""The files of the page, read and compressed once, under the digest of all of them."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import PurePosixPath

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


@dataclass(frozen=True, slots=True)
class PageFile:
    """One file as it is sent."""

    media_type: str
    plain: bytes
    compressed: bytes


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


def compressed(content: bytes) -> bytes:
    """The bytes as gzip, the same on every machine."""
    return gzip.compress(content, 9, mtime=0)


@lru_cache(maxsize=1)
def page_files() -> PageFiles:
    """The files in `static`."""
    contents = dict(sorted(_walk(files("labelyard.server.page").joinpath("static"), PurePosixPath())))
    digest = hashlib.sha256()
    for name, content in contents.items():
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    by_name = {
        name: PageFile(MEDIA_TYPES[PurePosixPath(name).suffix], content, compressed(content))
        for name, content in contents.items()
    }
    return PageFiles(by_name, digest.hexdigest()[:24])


def _walk(folder: Traversable, path: PurePosixPath) -> Iterator[tuple[str, bytes]]:
    for item in folder.iterdir():
        if item.is_dir():
            yield from _walk(item, path / item.name)
        elif PurePosixPath(item.name).suffix in MEDIA_TYPES:
            yield str(path / item.name), item.read_bytes()
