"""What one request may read and answer, counted while rows are read and before objects are made of them."""

from __future__ import annotations

from typing import Protocol

from labelyard.domain.error import QueryTooComplex

# Values read, and four more for each row: about 100 MB when rows have become dicts.
MAX_CELLS = 1_000_000
ROW_CELLS = 4
# As many rows as are read of a list, by its number of columns: one more than any budget allows.
MOST_COLUMNS = 200
# Objects that are made of the JSON of a label take as much memory as one value for so many bytes of it.
BYTES_PER_CELL = 24
MOST_ROWS = tuple(MAX_CELLS // (columns + ROW_CELLS) + 1 for columns in range(MOST_COLUMNS + 1))
# What a value takes as a Python object, about.
BYTES_OF_CELL = 100
MAX_ANSWER_BYTES = 64 << 20
REMEDY = "ask for fewer items at once, with `first` and `skip`, or select less of them"


class Memory(Protocol):
    """What an answer may take of the memory for all answers of the process."""

    def reserve(self, size: int) -> None:
        """Take `size` bytes in all; raises where there is no room for them."""

    def release(self) -> None:
        """Take nothing any more."""


class ReadBudget:
    """What is left of the limits of a request.

    `answer_bytes` is what the answer will have at least, as far as it has been read. An object that stands in an answer many
    times counts as often, although it is held once. `memory`, when it is there, is asked for what the answer takes: its values,
    and its text twice, in pieces and as a whole.
    """

    __slots__ = ("answer_bytes", "cells", "max_answer_bytes", "memory", "value_bytes")

    def __init__(self, max_answer_bytes: int = MAX_ANSWER_BYTES, memory: Memory | None = None) -> None:
        self.max_answer_bytes = max_answer_bytes
        self.memory = memory
        self.cells = 0
        self.value_bytes = 0
        self.answer_bytes = 0

    def renewed(self) -> ReadBudget:
        """The budget of the next answer of a subscription."""
        return ReadBudget(self.max_answer_bytes, self.memory)

    @property
    def bytes_left(self) -> int:
        """The length that long values may still have."""
        return self.max_answer_bytes - self.value_bytes

    def take_rows(self, rows: int, columns: int) -> None:
        """Count rows that have been read."""
        self._take_cells(rows * (columns + ROW_CELLS))

    def take_objects(self, size: int) -> None:
        """Count the objects that are about to be made of JSON, by its length."""
        self._take_cells(size // BYTES_PER_CELL)

    def _take_cells(self, cells: int) -> None:
        self.cells += cells
        if self.cells > MAX_CELLS:
            raise QueryTooComplex(
                f"The answer would be made of more than {MAX_CELLS:,} values (max_cells); {REMEDY}.",
                limit=MAX_CELLS,
            )
        self._reserve_memory()

    def take_values(self, size: int) -> None:
        """Count the length of long values that have been read; the first one that is too much has been read as well."""
        self.value_bytes += size
        self._require(self.value_bytes)
        self._reserve_memory()

    def take_answer(self, size: int) -> None:
        """Count the finished objects of a root field."""
        self.answer_bytes += size
        self._require(self.answer_bytes)
        self._reserve_memory()

    def check_answer(self, size: int) -> None:
        """Refuse lists which together are too long to be part of any answer."""
        self._require(self.answer_bytes + size)

    def _reserve_memory(self) -> None:
        if self.memory is not None:
            text_bytes = max(self.value_bytes, self.answer_bytes)
            self.memory.reserve(self.cells * BYTES_OF_CELL + self.value_bytes + 2 * text_bytes)

    def _require(self, size: int) -> None:
        if size > self.max_answer_bytes:
            raise QueryTooComplex(
                f"The answer would have more than {self.max_answer_bytes:,} bytes (max_answer_bytes); {REMEDY}.",
                limit=self.max_answer_bytes,
            )
