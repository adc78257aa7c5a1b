"""What a plugin prints and logs, cut into lines and bounded before it goes to the server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, BinaryIO, Final

import orjson

MAX_LINE_BYTES: Final = 8 * 1024
LEVELS: Final = frozenset({"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"})


class Output:
    """Lines from several streams to one, as JSON; past the limits they are counted and left out.

    `outcome` is what has become of the call, once the program has said so on the stream `channel`; printed lines are none of that.
    """

    def __init__(self, target: BinaryIO, *, bytes_left: int, lines_left: int) -> None:
        self._target = target
        self._bytes_left = bytes_left
        self._lines_left = lines_left
        self._left_out = 0
        self._begun: dict[str, bytearray] = {}
        self.outcome: Mapping[str, Any] | None = None

    def take(self, stream: str, piece: bytes) -> None:
        """Take in what came from a stream."""
        begun = self._begun.setdefault(stream, bytearray())
        *whole, rest = piece.split(b"\n")
        for line in whole:
            self._add(begun, line, stream)
            self._line(stream, bytes(begun))
            begun.clear()
        self._add(begun, rest, stream)

    def close(self, stream: str) -> None:
        """Take in the last line of a stream, which nothing ends."""
        begun = self._begun.pop(stream, None)
        if begun:
            self._line(stream, bytes(begun))

    def flush(self) -> None:
        """Take in the last lines of all streams."""
        for stream in list(self._begun):
            self.close(stream)

    def end(self, ended: Mapping[str, Any]) -> None:
        """Say what has become of the call, behind what was left out."""
        self.flush()
        if self._left_out:
            self._write(
                {"level": "WARNING", "text": f"{self._left_out:,} further bytes were printed and are left out."}
            )
        self._write(ended)

    def _add(self, begun: bytearray, piece: bytes, stream: str) -> None:
        # Messages of the program are lines of JSON that hold texts of the plugin, so they may be longer than one.
        room = (8 * MAX_LINE_BYTES if stream == "channel" else MAX_LINE_BYTES) - len(begun)
        begun += piece[: max(0, room)]
        self._left_out += max(0, len(piece) - max(0, room))

    def _line(self, stream: str, line: bytes) -> None:
        if stream != "channel":
            text = line.decode(errors="replace").rstrip("\r")
            if text.strip():
                self._log(stream, text)
            return
        try:
            message = orjson.loads(line)
        except orjson.JSONDecodeError:
            self._log("WARNING", line.decode(errors="replace"))
            return
        if not isinstance(message, dict):
            return
        if "result" in message:
            self.outcome = {"end": "done", "result": message["result"]}
        elif "error" in message:
            self._log("ERROR", str(message["error"]))
            self.outcome = {"end": "failed", "reason": str(message.get("reason"))[:500]}
        else:
            level = str(message.get("level"))
            self._log(level if level in LEVELS else "INFO", str(message.get("text")))

    def _log(self, level: str, text: str) -> None:
        encoded = text.encode(errors="replace")
        size = min(len(encoded), MAX_LINE_BYTES, max(0, self._bytes_left))
        if self._lines_left <= 0 or not size:
            self._left_out += len(encoded)
            return
        self._lines_left -= 1
        self._bytes_left -= size
        self._left_out += len(encoded) - size
        self._write(
            {"level": level, "text": encoded[:size].decode(errors="ignore").replace("\0", "\N{REPLACEMENT CHARACTER}")}
        )

    def _write(self, message: Mapping[str, Any]) -> None:
        try:
            self._target.write(orjson.dumps(message) + b"\n")
            self._target.flush()
        except BrokenPipeError:
            return
