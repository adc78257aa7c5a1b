"""Rows of folders, CSV and JSON Lines files, one at a time: what is read may be far larger than memory."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import IO, Any, Final

from labelyard.domain.document import Limits, Unreadable, read
from labelyard.domain.error import BadUserInput

MAX_ROW_BYTES: Final = 17 << 20  # an answer of the largest size, and what is around it
ROW_LIMITS: Final = Limits(size_bytes=MAX_ROW_BYTES, depth=70, values=1_100_000)
CSV_ENDINGS: Final = frozenset({".csv"})
JSON_LINES_ENDINGS: Final = frozenset({".jsonl", ".ndjson"})


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A row as it stands in a source: `location` names it, `position` is how much of the source lies before its end."""

    location: str
    values: Mapping[str, Any]
    position: int
    problem: str | None = None


def folder_rows(folder: Path) -> Iterator[SourceRow]:
    """The files of a folder and the folders in it by name; those that begin with a dot are left out."""
    count = 0
    for directory, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if name.startswith("."):
                continue
            count += 1
            inside = (Path(directory) / name).relative_to(folder).as_posix()
            problem = None if _is_text(inside) else "the name of the file is not UTF-8"
            yield SourceRow(inside, {"file": inside, "externalId": inside}, count, problem)


def count_files(folder: Path) -> int:
    """How many rows `folder_rows` has."""
    return sum(1 for _ in folder_rows(folder))


def json_rows(path: Path) -> Iterator[SourceRow]:
    """The objects of a JSON Lines file; empty lines are left out."""
    with _opened(path) as file:
        number = 0
        while line := file.readline(MAX_ROW_BYTES + 1):
            number += 1
            is_cut = len(line) > MAX_ROW_BYTES
            while is_cut and not line.endswith(b"\n") and (line := file.readline(MAX_ROW_BYTES)):
                pass
            location = f"line {number}"
            if is_cut:
                yield SourceRow(location, {}, file.tell(), f"it has more than {MAX_ROW_BYTES >> 20} MiB")
            elif line.strip():
                yield _json_row(location, line, file.tell())


def _json_row(location: str, line: bytes, position: int) -> SourceRow:
    try:
        value = read(line.removeprefix(b"\xef\xbb\xbf").decode(), ROW_LIMITS)
    except UnicodeDecodeError:
        return SourceRow(location, {}, position, "it is not UTF-8")
    except Unreadable as error:
        return SourceRow(location, {}, position, f"it is not a JSON object that can be read: {error}")
    if not isinstance(value, dict):
        return SourceRow(location, {}, position, "it is not a JSON object")
    return SourceRow(location, value, position)


def csv_rows(path: Path) -> Iterator[SourceRow]:
    """The rows of a CSV file by the names in its first line; empty cells are left out."""
    csv.field_size_limit(MAX_ROW_BYTES)
    with _opened(path) as file:
        reader = csv.reader(_lines(file), strict=True)
        try:
            names = next(reader, None)
        except csv.Error as error:
            raise BadUserInput(f"{str(path)!r} is not a CSV file: {error}.") from error
        if not names or len(set(names)) < len(names) or not all(map(_is_text, names)):
            raise BadUserInput(
                f"The first line of {str(path)!r} names the columns, each once, in UTF-8, as `externalId,content`; "
                f"it is {names!r}."
            )
        while True:
            location = f"line {reader.line_num + 1}"
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                # Where the next row begins cannot be known.
                yield SourceRow(location, {}, file.tell(), f"it is not CSV: {error}; nothing behind it was read")
                return
            yield from _csv_row(location, names, cells, file.tell())


def _csv_row(location: str, names: list[str], cells: list[str], position: int) -> Iterator[SourceRow]:
    if not cells:
        return
    problem = None
    if len(cells) != len(names):
        problem = f"it has {len(cells)} cells, and the first line names {len(names)} columns"
    elif not all(map(_is_text, cells)):
        problem = "it is not UTF-8, or holds NUL"
    yield SourceRow(location, {name: cell for name, cell in zip(names, cells, strict=False) if cell}, position, problem)


def _lines(file: IO[bytes]) -> Iterator[str]:
    """Lines of text, with what is no UTF-8 in a form that `_is_text` finds again."""
    is_first = True
    while line := file.readline(MAX_ROW_BYTES):
        yield (line.removeprefix(b"\xef\xbb\xbf") if is_first else line).decode("utf-8", "surrogateescape")
        is_first = False


def _is_text(text: str) -> bool:
    """Whether a text can be stored: Unicode without NUL."""
    return "\0" not in text and text.encode("utf-8", "replace").decode() == text


def _opened(path: Path) -> IO[bytes]:
    try:
        return path.open("rb")
    except OSError as error:
        raise BadUserInput(f"{str(path)!r} cannot be read ({error.strerror}).") from error


class Seen:
    """Which names were there before, as digests: a million of them take some tens of megabytes."""

    def __init__(self) -> None:
        self._digests: set[int] = set()

    def is_new(self, name: str) -> bool:
        """Whether the name comes for the first time."""
        digest = int.from_bytes(blake2b(name.encode(), digest_size=8).digest())
        if digest in self._digests:
            return False
        self._digests.add(digest)
        return True
