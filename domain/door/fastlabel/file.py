"""What is known of the file that a task is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from labelyard.domain.door.fastlabel.geometry import Size


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture of a sequence, by its name."""

    name: str
    size: Size | None


@dataclass(frozen=True, slots=True)
class File:
    """What is known of the file that annotations are about.

    `frames` counts those of a film, `contents` are the pictures of a sequence, in order; `is_video` says that labels are written
    frame by frame.
    """

    size: Size | None = None
    text: str | None = None
    frames: int | None = None
    contents: Sequence[Picture] = ()
    is_video: bool = False
    is_audio: bool = False

    def size_of(self, frame: int | None) -> Size | None:
        """The size of a frame, from 0, or of the whole file."""
        if not self.contents:
            return self.size
        return self.contents[frame].size if frame is not None and frame < len(self.contents) else None
