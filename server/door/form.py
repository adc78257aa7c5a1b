"""Multipart forms, read part by part as they come in."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser

from labelyard.domain.error import BadRequest

FORM: Final = b"multipart/form-data"
MOST_HEADER_BYTES: Final = 8 << 10


class FormReader:
    """A form whose bytes are fed in; subclasses take its parts. What is no form is refused."""

    def __init__(self, boundary: bytes, *, max_size: float = math.inf) -> None:
        self.is_ended = False
        self._header_name = bytearray()
        self._header_value = bytearray()
        with _refused():
            self._parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self.begin,
                    "on_header_field": lambda data, start, end: _grow(self._header_name, data[start:end]),
                    "on_header_value": lambda data, start, end: _grow(self._header_value, data[start:end]),
                    "on_header_end": self._end_header,
                    "on_headers_finished": self.end_headers,
                    "on_part_data": self.data,
                    "on_part_end": self.end_part,
                    "on_end": self._end,
                },
                max_size=max_size,
            )

    def feed(self, piece: bytes) -> None:
        """Take bytes; to be called in a thread."""
        with _refused():
            self._parser.write(piece)

    def finish(self) -> None:
        """Nothing comes any more."""
        with _refused():
            self._parser.finalize()

    def begin(self) -> None:
        """A part begins."""

    def header(self, name: bytes, value: bytes) -> None:
        """A part has a header; `name` is in lower case."""

    def end_headers(self) -> None:
        """What follows is the content of the part."""

    def data(self, data: bytes, start: int, end: int) -> None:
        """Content of the part comes in, from `start` up to `end` of the bytes."""

    def end_part(self) -> None:
        """The part ends."""

    def _end_header(self) -> None:
        self.header(bytes(self._header_name).lower(), bytes(self._header_value))
        self._header_name.clear()
        self._header_value.clear()

    def _end(self) -> None:
        self.is_ended = True


def _grow(buffer: bytearray, piece: bytes) -> None:
    buffer += piece
    if len(buffer) > MOST_HEADER_BYTES:
        raise BadRequest("A header of a part of the form is too long.")


@contextmanager
def _refused() -> Iterator[None]:
    try:
        yield
    except FormParserError:
        raise BadRequest("The body is no multipart form; send the file as its part `file`.") from None
