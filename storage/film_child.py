"""The program of the child process that reads films and sounds: sizes of files come in, requests for parts and JSON go out.

A stranger's file is parsed here and nowhere else, by a process that may take little and whose end harms nobody. It sees no file: it
asks the parent for the parts it wants, which are few of a film.
"""

from __future__ import annotations

import io
import json
import sys
from typing import Any, Final

from labelyard.storage.child_program import ANSWER, LENGTH_BYTES, WANTED, serve

CPU_SECONDS: Final = 30
MEMORY_BYTES: Final = 1 << 30
PIECE_BYTES: Final = 1 << 18


class AskedFile(io.RawIOBase):
    """A file whose parts the parent sends."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._at = 0

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move; nothing is asked for."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def readinto(self, buffer: Any) -> int:
        """Ask for what fits into the buffer."""
        end = min(self._size, self._at + len(buffer))
        if end <= self._at:
            return 0
        request = WANTED + self._at.to_bytes(LENGTH_BYTES, "big") + end.to_bytes(LENGTH_BYTES, "big")
        sys.stdout.buffer.write(len(request).to_bytes(LENGTH_BYTES, "big") + request)
        sys.stdout.buffer.flush()
        length = int.from_bytes(sys.stdin.buffer.read(LENGTH_BYTES), "big")
        part = sys.stdin.buffer.read(length)
        buffer[: len(part)] = part
        self._at += len(part)
        return len(part)


def film(file: io.RawIOBase) -> dict[str, Any] | None:
    """What the container says of the first picture track, or of the first sound; None of a file that is cut off."""
    from pymediainfo import MediaInfo

    info = MediaInfo.parse(io.BufferedReader(file, PIECE_BYTES), buffer_size=PIECE_BYTES)
    if any(track.istruncated == "Yes" for track in info.general_tracks):
        return None
    for track in info.video_tracks:
        is_turned = float(track.rotation or 0) % 180 == 90
        width, height = (track.height, track.width) if is_turned else (track.width, track.height)
        return {
            "seconds": float(track.duration) / 1000 if track.duration else None,
            "frames": track.frame_count,
            "frames_per_second": track.frame_rate,
            "width": width,
            "height": height,
        }
    for track in info.audio_tracks:
        return {"seconds": float(track.duration) / 1000 if track.duration else None}
    return None


def answer(request: bytes) -> bytes:
    """What is known of a file of that size as JSON, or `null` for what cannot be read."""
    try:
        return ANSWER + json.dumps(film(AskedFile(int(request)))).encode()
    except Exception:
        # The parser fails in many ways on files made to break it, and all of them mean the same.
        return ANSWER + b"null"


if __name__ == "__main__":
    serve(answer, cpu_seconds=CPU_SECONDS, memory_bytes=MEMORY_BYTES)
