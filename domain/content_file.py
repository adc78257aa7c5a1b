"""Which files become assets of which projects, by the endings of their names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from labelyard.domain.error import BadUserInput

_GEOSPATIAL: Final = frozenset({"tif", "tiff", "jp2", "ntf", "nitf", "r0"})
_VIDEO: Final = frozenset({"mp4", "mkv", "3gp", "avi", "m4v", "mov", "webm"})
ENDINGS: Final[Mapping[str, frozenset[str]]] = {
    "AUDIO": frozenset({"flac", "mp3", "mp4", "wav"}),
    "GEOSPATIAL": _GEOSPATIAL,
    "IMAGE": frozenset({"jpeg", "jpg", "png", "bmp", "gif", "webp", "ico"}) | (_GEOSPATIAL - {"r0"}),
    "LLM_RLHF": frozenset({"json"}),
    "PDF": frozenset({"pdf"}),
    "TEXT": frozenset({"txt", "csv"}),
    "VIDEO": _VIDEO,
    "VIDEO_LEGACY": _VIDEO,
}


def require_ending(name: str, input_type: str) -> None:
    """Refuse a file that a project of this type cannot show; types without a list take any."""
    known = ENDINGS.get(input_type)
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    if known is not None and ending not in known:
        raise BadUserInput(
            f"A project of {input_type} takes files that end in {', '.join(sorted(known))}; {name!r} does not.",
            file=name,
        )
