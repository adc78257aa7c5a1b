"""Strings of JSON bodies that did not stay in memory, and the texts and files that strings hold, long or not."""

from __future__ import annotations

import asyncio
import base64
import binascii
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

import orjson

from labelyard.domain.error import BadUserInput
from labelyard.services.asset.content import NewFile
from labelyard.storage.spool import SpoolPart

_WHOLE: Final = re.compile(rb"(?:[^\\]++|\\[^u]|\\u[0-9a-fA-F]{4})*+", re.DOTALL)
_HALF_PAIR: Final = re.compile(rb"\\u[dD][89abAB][0-9a-fA-F]{2}\Z")
_DATA_URI: Final = re.compile(r"data:([^,]{0,200}?);base64,", re.IGNORECASE)
# Longer than any beginning of a data URI.
_BEGINNING: Final = 512
_BLANKS: Final = bytes(range(33))


@dataclass(frozen=True, slots=True)
class LongText:
    """A string of a JSON body that was too long to be kept in memory."""

    part: SpoolPart

    async def text(self, *, name: str, most_bytes: int) -> str:
        """The whole text; `name` is what an error calls it."""
        if self.part.size > 6 * most_bytes:  # an escape is six characters long
            raise _too_long(name, most_bytes)
        pieces = [piece async for piece in self.pieces(name)]
        if sum(map(len, pieces)) > most_bytes:
            raise _too_long(name, most_bytes)
        return b"".join(pieces).decode()

    async def pieces(self, name: str) -> AsyncIterator[bytes]:
        """The text as UTF-8, without the escapes of JSON."""
        waiting = b""
        async for piece in self.part.pieces():
            waiting += piece
            whole = _whole_length(waiting)
            yield _unescaped(waiting[:whole], name)
            waiting = waiting[whole:]
        if waiting:
            yield _unescaped(waiting, name)


async def text_of(value: str | LongText, *, name: str, most_bytes: int) -> str:
    """A text of at most so many bytes of UTF-8, wherever it is."""
    if isinstance(value, LongText):
        return await value.text(name=name, most_bytes=most_bytes)
    if len(value) > most_bytes or len(value.encode()) > most_bytes:
        raise _too_long(name, most_bytes)
    return value


def file_of(value: str | LongText, *, name: str, most_bytes: int) -> NewFile:
    """The file that a text holds as base64, bare or in a data URI, to be decoded while it is stored.

    What is wrong with it (no base64, more than `most_bytes` decoded, nothing at all) is raised while it is read, under `name`.
    """
    return NewFile(lambda: _decoded(value, name, most_bytes), "")


def text_file_of(value: LongText, *, name: str, most_bytes: int) -> NewFile:
    """A long text as a file of UTF-8, to be stored without being in memory; refused while it is read, under `name`."""
    return NewFile(lambda: _text_pieces(value, name, most_bytes), "text/plain")


async def _text_pieces(value: LongText, name: str, most_bytes: int) -> AsyncIterator[bytes]:
    size = 0
    async for piece in value.pieces(name):
        size += len(piece)
        if size > most_bytes:
            raise _too_long(name, most_bytes)
        if b"\0" in piece:
            what = "cannot hold a NUL character"
            raise BadUserInput(f"{name} {what}.", field=name, fields={name: what})
        yield piece


async def _decoded(value: str | LongText, name: str, most_bytes: int) -> AsyncIterator[bytes]:
    size, waiting, is_begun, is_padded = 0, b"", False, False
    async for piece in _utf8_of(value, name):
        waiting += piece
        if not is_begun:
            if len(waiting) < _BEGINNING and waiting is not piece:
                continue
            waiting, is_begun = _without_beginning(waiting, name), True
        waiting = await asyncio.to_thread(waiting.translate, None, _BLANKS)
        if is_padded and waiting:
            raise _no_base64(name)
        end = len(waiting) // 4 * 4
        data = await asyncio.to_thread(_decoded_piece, waiting[:end], name)
        is_padded = waiting[:end].endswith(b"=")
        waiting = waiting[end:]
        size += len(data)
        if size > most_bytes:
            raise BadUserInput(
                f"{name} is larger than {most_bytes:,} bytes.",
                field=name,
                fields={name: f"is larger than {most_bytes:,} bytes"},
            )
        if data:
            yield data
    if waiting:
        data = _decoded_piece(waiting + b"=" * (-len(waiting) % 4), name) if not is_padded else b""
        size += len(data)
        if not data:
            raise _no_base64(name)
        yield data
    if not size:
        raise BadUserInput(f"{name} holds no file.", field=name, fields={name: "holds no file"})


async def _utf8_of(value: str | LongText, name: str) -> AsyncIterator[bytes]:
    if isinstance(value, LongText):
        async for piece in value.pieces(name):
            yield piece
        return
    try:
        yield value.encode("ascii")
    except UnicodeEncodeError:
        raise _no_base64(name) from None


def _without_beginning(text: bytes, name: str) -> bytes:
    """The base64 behind the beginning of a data URI."""
    beginning = text[:_BEGINNING].lstrip().decode("latin-1")
    if beginning[:5].lower() != "data:":
        return text
    match = _DATA_URI.match(beginning)
    if match is None:
        raise BadUserInput(
            f"{name} is a data URI without base64; send it as data:image/png;base64,…",
            field=name,
            fields={name: "is a data URI without base64"},
        )
    return text.lstrip()[match.end() :]


def _decoded_piece(piece: bytes, name: str) -> bytes:
    try:
        return base64.b64decode(piece, validate=True)
    except (binascii.Error, ValueError):
        raise _no_base64(name) from None


def _no_base64(name: str) -> BadUserInput:
    return BadUserInput(
        f"{name} is not base64; send the bytes of the file in base64.", field=name, fields={name: "is not base64"}
    )


def _too_long(name: str, most_bytes: int) -> BadUserInput:
    return BadUserInput(
        f"{name} is longer than {most_bytes:,} bytes.",
        field=name,
        fields={name: f"is longer than {most_bytes:,} bytes"},
    )


def _whole_length(text: bytes) -> int:
    """How much of the inside of a JSON string can be decoded by itself: no escape, pair or character is cut."""
    match = _WHOLE.match(text)
    end = match.end() if match is not None else 0
    if len(text) - end > 6:
        return len(text)  # not an escape that goes on: it is broken, and decoding says so
    half = _HALF_PAIR.search(text, max(0, end - 6), end)
    if half is not None:
        return half.start()
    for back in range(1, min(4, end) + 1):
        byte = text[end - back]
        if byte < 0x80:
            return end
        if byte >= 0xC0:
            return end if back >= (2 if byte < 0xE0 else 3 if byte < 0xF0 else 4) else end - back
    return end


def _unescaped(text: bytes, name: str) -> bytes:
    if b"\\" not in text and text.isascii() and not _CONTROL.search(text):
        return text
    try:
        decoded: str = orjson.loads(b'"' + text + b'"')
    except orjson.JSONDecodeError as error:
        raise BadUserInput(
            f"{name} is not valid JSON in UTF-8: {error.msg}.", field=name, fields={name: "is not valid JSON in UTF-8"}
        ) from None
    return decoded.encode()


_CONTROL: Final = re.compile(rb"[\x00-\x1f]")
