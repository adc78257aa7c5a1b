"""What of a store a project takes in, and under which names: plain functions over the keys of objects."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from labelyard.domain.text import MAX_EXTERNAL_ID

DIGEST_CHARACTERS: Final = 32
# Endings of files by the type of the project that they are for; stores list names only, and no types.
IMAGES: Final = frozenset(
    {"jpg", "jpeg", "png", "gif", "webp", "bmp", "tif", "tiff", "avif", "svg", "jp2", "ntf", "nitf"}
)
VIDEOS: Final = frozenset({"mp4", "mov", "webm", "m4v", "avi", "mkv", "mpg", "mpeg", "ogv"})
ENDINGS: Final[Mapping[str, frozenset[str]]] = {
    "IMAGE": IMAGES,
    "GEOSPATIAL": IMAGES,
    "VIDEO": VIDEOS,
    "VIDEO_LEGACY": VIDEOS,
    "PDF": frozenset({"pdf"}),
    "TEXT": frozenset({"txt", "json", "html", "htm", "csv", "xml", "md"}),
    "AUDIO": frozenset({"mp3", "wav", "flac", "ogg", "oga", "m4a", "aac", "opus"}),
    "TIME_SERIES": frozenset({"csv"}),
}
# Types of projects in which a JSON file can describe an asset: rich text, or a picture of several layers.
DESCRIBED: Final = frozenset({"IMAGE", "GEOSPATIAL", "TEXT"})


@dataclass(frozen=True, slots=True)
class KeyFilter:
    """Which keys a connection takes in.

    `allowed` are the paths that the integration is open for; root files count as allowed when `has_root_files` says so. Folders
    are asked only where no prefix is given. A pattern without `*` is what a key begins with; in others, each `*` stands for one or
    more characters.
    """

    input_type: str
    allowed: Sequence[str] = ()
    has_root_files: bool | None = None
    folders: Sequence[str] | None = None
    prefix: str | None = None
    include: Sequence[str] = ()
    exclude: Sequence[str] = ()
    is_json_processed: bool = False

    def takes(self, key: str) -> bool:
        """Whether an object of this name becomes an asset."""
        return self.is_allowed(key) and self.is_chosen(key) and self._is_of_type(key)

    def is_allowed(self, key: str) -> bool:
        """Whether the integration is open for a key."""
        if "/" not in key and self.has_root_files is not None:
            return self.has_root_files
        return not self.allowed or any(is_below(key, path) for path in self.allowed)

    @property
    def listed_prefix(self) -> str:
        """What all keys that are taken begin with: the folder to list, without its last slash; empty for the whole store."""
        if self.prefix is not None:
            return self.prefix.rpartition("/")[0]
        if self.folders is not None and len(self.folders) == 1:
            return self.folders[0].strip("/")
        return ""

    def is_chosen(self, key: str) -> bool:
        """Whether prefix, folders and patterns of the connection take a key."""
        if self.prefix is not None:
            if not key.startswith(self.prefix):
                return False
        elif self.folders is not None and not any(is_below(key, folder) for folder in self.folders):
            return False
        if self.include and not any(is_match(key, pattern) for pattern in self.include):
            return False
        return not any(is_match(key, pattern) for pattern in self.exclude)

    def _is_of_type(self, key: str) -> bool:
        ending = ending_of(key)
        return ending in ENDINGS.get(self.input_type, frozenset()) or self.is_description(key)

    def is_description(self, key: str) -> bool:
        """Whether an object is JSON that describes an asset rather than being one."""
        return self.is_json_processed and self.input_type in DESCRIBED and ending_of(key) == "json"


def ending_of(key: str) -> str:
    """The ending of a file name in lower case, without its dot; empty when there is none."""
    name = key.rpartition("/")[2]
    return name.rpartition(".")[2].lower() if "." in name else ""


def is_below(key: str, path: str) -> bool:
    """Whether a key is a path, or lies in it as a folder."""
    folder = path.strip("/")
    return not folder or key == folder or key.startswith(f"{folder}/")


def is_match(key: str, pattern: str) -> bool:
    """Whether a key matches a pattern, in one pass: each part is taken where it first occurs."""
    first, *parts = pattern.split("*")
    if not key.startswith(first):
        return False
    if not parts:
        return True
    at = len(first)
    for part in parts[:-1]:
        at = key.find(part, at + 1)
        if at < 0 or at > len(key):
            return False
        at += len(part)
    last = parts[-1]
    return len(key) - len(last) > at and key.endswith(last)


def external_id_of(key: str) -> str:
    """The external id of the asset of an object: its key, whose end is replaced by a digest where it is too long for one."""
    if len(key) <= MAX_EXTERNAL_ID:
        return key
    digest = hashlib.sha256(key.encode()).hexdigest()[:DIGEST_CHARACTERS]
    return f"{key[: MAX_EXTERNAL_ID - DIGEST_CHARACTERS - 1]}-{digest}"


def folders_of(keys: Sequence[str], root: str) -> set[str]:
    """All folders that keys lie in, below a root folder and without it."""
    found: set[str] = set()
    start = f"{root}/" if root else ""
    for key in keys:
        folder = key.removeprefix(start).rpartition("/")[0]
        while folder and folder not in found:
            found.add(folder)
            folder = folder.rpartition("/")[0]
    return found


def tree_of(folders: Sequence[str]) -> dict[str, object]:
    """Folders as objects within objects."""
    tree: dict[str, object] = {}
    for folder in sorted(folders):
        at = tree
        for part in folder.split("/"):
            at = at.setdefault(part, {})  # type: ignore[assignment]
    return tree
