"""Answers of a door. A plain value is answered with 200 as JSON; these are for everything else."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from labelyard.domain.error import NotImplementedOperation


@dataclass(frozen=True, slots=True)
class Answer:
    """A status with a JSON value, or with bytes or a stream of a media type."""

    content: Any = None
    status: int = 200
    media_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_json(self) -> bool:
        """Whether the content is a value to be written as JSON."""
        return not isinstance(self.content, bytes | AsyncIterator) and self.status != 204


def created(content: Any) -> Answer:
    """201 with JSON."""
    return Answer(content, 201)


def no_content() -> Answer:
    """204."""
    return Answer(None, 204)


def file(content: bytes | AsyncIterator[bytes], media_type: str, *, name: str | None = None) -> Answer:
    """200 with bytes, whole or as they come; `name` has a browser save them. A stream is read when the request is over."""
    headers = {} if name is None else {"Content-Disposition": f'attachment; filename="{name}"'}
    return Answer(content, media_type=media_type, headers=headers)


def not_offered(sentence: str) -> NoReturn:
    """501 for what this server does not have; the sentence says what, and what to do instead."""
    raise NotImplementedOperation(sentence)
