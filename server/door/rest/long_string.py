"""A JSON document while it comes in: its long strings go to a spool, the rest stays in memory.

Files travel inside JSON as base64, so a document of 512 MiB is a few kilobytes around some very long strings. No library was found
that hands out a string value in pieces (ijson and json-stream build each whole), hence this scanner: it knows of JSON only where
strings begin and end. In the rest each long string is replaced by a short one that nobody can guess; the rest is parsed and checked
as every other body.
"""

from __future__ import annotations

import re
import secrets
from typing import Any, Final

from labelyard.domain.error import BadRequest, PayloadTooLarge
from labelyard.server.door.rest.long_text import LongText
from labelyard.storage.spool import Spool

LONG_BYTES: Final = 4096
"""Strings of more bytes, as they are written in the document, go to the spool."""

# Possessive, so that a string of any length is passed without a way back.
_BODY: Final = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+', re.DOTALL)


class LongStrings:
    """Takes a document piece by piece. `rest` is what stays of it; `replace` puts the long strings back after parsing."""

    def __init__(self, spool: Spool, *, most_rest_bytes: int) -> None:
        self._spool = spool
        self._most_rest_bytes = most_rest_bytes
        self._token = secrets.token_hex(16)
        self._found: list[LongText] = []
        self._is_inside = False
        self._is_escaped = False
        self._string = bytearray()
        self._start: int | None = None
        self.rest = bytearray()

    def feed(self, piece: bytes) -> None:
        """Take the next piece."""
        at = 0
        while at < len(piece):
            at = self._inside(piece, at) if self._is_inside else self._outside(piece, at)
        if len(self.rest) + len(self._string) > self._most_rest_bytes:
            raise PayloadTooLarge(
                f"Besides its long strings, a JSON body has at most {self._most_rest_bytes:,} bytes; send fewer items at once.",
                limit=self._most_rest_bytes,
            )

    def replace(self, value: Any) -> Any:
        """The parsed rest with its long strings, as `LongText`."""
        if not self._found:
            return value
        if isinstance(value, str):
            return self._of(value)
        if isinstance(value, list):
            for index, item in enumerate(value):
                value[index] = self.replace(item)
        elif isinstance(value, dict):
            for key, item in value.items():
                if isinstance(self._of(key), LongText):
                    raise BadRequest(f"A key in the body has more than {LONG_BYTES:,} bytes.", limit=LONG_BYTES)
                value[key] = self.replace(item)
        return value

    def _of(self, text: str) -> str | LongText:
        return self._found[int(text[len(self._token) :])] if text.startswith(self._token) else text

    def _outside(self, piece: bytes, at: int) -> int:
        quote = piece.find(b'"', at)
        end = len(piece) if quote < 0 else quote + 1
        self.rest += memoryview(piece)[at:end]
        self._is_inside = quote >= 0
        return end

    def _inside(self, piece: bytes, at: int) -> int:
        start = at
        if self._is_escaped:
            self._is_escaped = False
            at += 1
        match = _BODY.match(piece, at)
        end = match.end() if match is not None else at
        is_closed = end < len(piece) and piece[end : end + 1] == b'"'
        if end < len(piece) and not is_closed:  # a lone backslash at the end of the piece
            self._is_escaped = True
            end = len(piece)
        self._keep(memoryview(piece)[start:end])
        if not is_closed:
            return end
        self._close()
        return end + 1

    def _keep(self, part: memoryview) -> None:
        if self._start is None:
            self._string += part
            if len(self._string) <= LONG_BYTES:
                return
            self._start = self._spool.size
            part = memoryview(bytes(self._string))
            self._string.clear()
        self._spool.write(part)

    def _close(self) -> None:
        if self._start is None:
            self.rest += self._string
        else:
            self.rest += f"{self._token}{len(self._found)}".encode()
            self._found.append(LongText(self._spool.part(self._start)))
        self.rest += b'"'
        self._string.clear()
        self._start = None
        self._is_inside = False
