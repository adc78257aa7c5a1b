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
from labelyard.storage.random_access import RandomAccess

CPU_SECONDS: Final = 30
MEMORY_BYTES: Final = 1 << 30
PIECE_BYTES: Final = 1 << 18


class AskedFile(RandomAccess):
    """A file whose parts the parent sends."""

    def part(self, start: int, end: int) -> bytes:
        """Ask for a part."""
        request = WANTED + start.to_bytes(LENGTH_BYTES, "big") + end.to_bytes(LENGTH_BYTES, "big")
        sys.stdout.buffer.write(len(request).to_bytes(LENGTH_BYTES, "big") + request)
        sys.stdout.buffer.flush()
        return sys.stdin.buffer.read(int.from_bytes(sys.stdin.buffer.read(LENGTH_BYTES), "big"))


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
