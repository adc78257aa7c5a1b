"""The streamed answer of an OpenAI-compatible model: server-sent events, each a piece of the text.

Written here because what exists reads lines and answers of any length: this reader counts what comes in.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Final

import orjson

DATA: Final = b"data:"
DONE: Final = b"[DONE]"


class Unusable(StrEnum):
    """Why the bytes that a model sent are no answer."""

    NOT_JSON = "its answer is not in the form of chat completions"
    CUT = "its answer ended before it was complete"
    TOO_LONG = "its answer is too long"
    EMPTY = "its answer is empty"
    FAILED = "it reported an error instead of an answer"


class UnusableCompletion(Exception):
    """The bytes that a model sent are no answer."""

    def __init__(self, reason: Unusable) -> None:
        super().__init__(reason.value)
        self.reason = reason


class CompletionReader:
    """Takes the bytes of an answer as they come, at most `max_bytes` of them; streamed or, from servers that do not stream, whole."""

    def __init__(self, *, is_stream: bool, max_bytes: int) -> None:
        self._is_stream = is_stream
        self._bytes_left = max_bytes
        self._rest = bytearray()
        self._parts: list[str] = []
        self.is_complete = False

    def feed(self, data: bytes) -> None:
        """Take bytes. Raises `UnusableCompletion` as soon as they cannot become an answer."""
        self._bytes_left -= len(data)
        if self._bytes_left < 0:
            raise UnusableCompletion(Unusable.TOO_LONG)
        self._rest += data
        if not self._is_stream or b"\n" not in data:
            return
        *lines, rest = bytes(self._rest).split(b"\n")
        self._rest = bytearray(rest)
        for line in lines:
            if not self.is_complete:
                self._take_line(line.rstrip(b"\r"))

    def text(self) -> str:
        """The answer, after everything has been fed."""
        if self._is_stream:
            if self._rest and not self.is_complete:
                self._take_line(bytes(self._rest))
        else:
            self._take_whole()
        if not self.is_complete:
            raise UnusableCompletion(Unusable.CUT if self._parts or self._is_stream else Unusable.NOT_JSON)
        text = "".join(self._parts)
        if not text or "\0" in text:
            raise UnusableCompletion(Unusable.EMPTY if not text else Unusable.NOT_JSON)
        return text

    def _take_line(self, line: bytes) -> None:
        if not line.startswith(DATA):
            if line and not line.startswith((b":", b"event:", b"id:", b"retry:")):
                raise UnusableCompletion(Unusable.NOT_JSON)
            return
        data = line[len(DATA) :].strip()
        if data == DONE:
            self.is_complete = True
        elif data:
            self._take_choice(_parsed(data), "delta")

    def _take_whole(self) -> None:
        self._take_choice(_parsed(bytes(self._rest)), "message")
        self.is_complete = True

    def _take_choice(self, event: Any, key: str) -> None:
        """Take the text of the first choice; a streamed one is complete with the event that says why it ended."""
        if not isinstance(event, dict):
            raise UnusableCompletion(Unusable.NOT_JSON)
        if event.get("error"):
            raise UnusableCompletion(Unusable.FAILED)
        choices = event.get("choices")
        if not isinstance(choices, list) or (key == "message" and not choices):
            raise UnusableCompletion(Unusable.NOT_JSON)
        for choice in choices:
            if not isinstance(choice, dict):
                raise UnusableCompletion(Unusable.NOT_JSON)
            if choice.get("index", 0) != 0:
                continue
            part = choice.get(key) or {}
            content = part.get("content") if isinstance(part, dict) else part
            if content is not None and not isinstance(content, str):
                raise UnusableCompletion(Unusable.NOT_JSON)
            self._parts.append(content or "")
            if choice.get("finish_reason"):
                self.is_complete = True


def _parsed(data: bytes) -> Any:
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise UnusableCompletion(Unusable.NOT_JSON) from error
