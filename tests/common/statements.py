"""Hearing the SQL that a test causes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from labelyard.storage.database import Database

_heard: ContextVar[list[str] | None] = ContextVar("heard", default=None)


class QueryRecorder:
    """Records the statements of the block it is entered for, and of no other task: what runs in the background is not heard."""

    def __init__(self, database: Database) -> None:
        database.observe = self._hear

    @contextmanager
    def recording(self) -> Iterator[list[str]]:
        """The texts of the statements that the block runs, in order."""
        texts: list[str] = []
        token = _heard.set(texts)
        try:
            yield texts
        finally:
            _heard.reset(token)

    def _hear(self, text: str) -> None:
        texts = _heard.get()
        if texts is not None:
            texts.append(text)
