"""Answers that name jobs or categories which the interface no longer has: stored as they were given, left out when read.

Clients index the interface by what a label names, and fail on what they do not find there.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from labelyard.domain.interface.model import RemovedName
from labelyard.domain.interface.vocabulary import ASSET_LEVEL

_PARTS = frozenset({"categories", "annotations", "children", "points"})
_ENDS = ("startObjects", "endObjects", "startEntities", "endEntities")


@dataclass(frozen=True, slots=True)
class Retired:
    """The names that an interface had and no longer has; a category goes with the job it was of."""

    jobs: frozenset[str]
    categories: frozenset[tuple[str, str]]
    tokens: tuple[str, ...]
    """The names as JSON texts, one of which occurs in every text that is concerned, unless it is written with an escape."""


def retired_text(names: Iterable[RemovedName]) -> str | None:
    """The names as a project stores them; None for none."""
    listed = [[name.job, name.category] for name in names]
    return json.dumps(listed, ensure_ascii=False) if listed else None


def retired_names(text: str | None) -> list[RemovedName]:
    """The names that a project stores."""
    return [RemovedName(job, category) for job, category in json.loads(text)] if text else []


@lru_cache(maxsize=256)
def retired_of(text: str) -> Retired:
    """The stored names, to read answers by."""
    names = retired_names(text)
    tokens = dict.fromkeys(json.dumps(name.category or name.job, ensure_ascii=False) for name in names)
    return Retired(
        frozenset(name.job for name in names if name.category is None),
        frozenset((name.job, name.category) for name in names if name.category is not None),
        tuple(tokens),
    )


def without_retired(text: str, retired: Retired) -> str:
    """The response without what the interface no longer has, its other answers in order; the same text when there is nothing."""
    if "\\u" not in text and not any(token in text for token in retired.tokens):
        return text
    before = json.loads(text)
    after = _Reader(retired).response(before)
    return text if after == before else json.dumps(after, ensure_ascii=False, separators=(",", ":"))


class _Reader:
    """Walks through one response."""

    def __init__(self, retired: Retired) -> None:
        self._retired = retired
        self._gone: set[str] = set()

    def response(self, response: Any) -> Any:
        """The response: frames, or jobs."""
        if not isinstance(response, dict):
            return response
        if any(key.isdecimal() for key in response):
            return {key: self._part(value) for key, value in response.items()}
        if ASSET_LEVEL in response:
            return {**self._part(response), ASSET_LEVEL: self._part(response[ASSET_LEVEL])}
        return self._part(response)

    def _part(self, jobs: Any) -> Any:
        """A frame or a whole response, in which relations link annotations."""
        self._gone = set()
        return self._without_loose_relations(self._jobs(jobs))

    def _jobs(self, jobs: Any) -> Any:
        if not isinstance(jobs, dict):
            return jobs
        kept = {}
        for name, answer in jobs.items():
            if name in self._retired.jobs:
                self._forget(answer)
                continue
            read = self._answer(name, answer)
            if read is not None or answer is None:
                kept[name] = read
        return kept

    def _answer(self, job: str, answer: Any) -> Any:
        """The answer of a job, or None when all of it goes."""
        if isinstance(answer, list):
            return self._list(job, answer) or (None if answer else answer)
        if not isinstance(answer, dict):
            return answer
        if not _PARTS & answer.keys():
            return self._by_key(job, answer)
        kept = dict(answer)
        if isinstance(answer.get("categories"), list):
            kept["categories"] = [
                self._opened(category)
                for category in answer["categories"]
                if (job, _name_of(category)) not in self._retired.categories
            ]
            if answer["categories"] and not kept["categories"]:
                self._forget(answer)
                return None
        if isinstance(answer.get("annotations"), list):
            kept["annotations"] = self._list(job, answer["annotations"])
        if isinstance(answer.get("points"), list):
            kept["points"] = [self._opened(point) for point in answer["points"]]
        return self._opened(kept)

    def _list(self, job: str, answers: list[Any]) -> list[Any]:
        read = [(before, self._answer(job, before)) for before in answers]
        return [now for before, now in read if now is not None or before is None]

    def _by_key(self, job: str, answers: dict[str, Any]) -> Any:
        """Page by page, or by the items of a conversation; any other answer without categories stays as it is."""
        read = {key: self._answer(job, before) for key, before in answers.items()}
        kept = {key: now for key, now in read.items() if now is not None or answers[key] is None}
        return kept if kept or not answers else None

    def _opened(self, opener: Any) -> Any:
        """A category, annotation or point with the nested jobs that are left."""
        if not isinstance(opener, dict) or "children" not in opener:
            return opener
        return {**opener, "children": self._jobs(opener["children"])}

    def _forget(self, answer: Any) -> None:
        """Remember the annotations that go, for relations that end at them."""
        for annotation in answer.get("annotations") or [answer] if isinstance(answer, dict) else ():
            if isinstance(annotation, dict) and isinstance(annotation.get("mid"), str):
                self._gone.add(annotation["mid"])

    def _without_loose_relations(self, jobs: Any) -> Any:
        if not self._gone or not isinstance(jobs, dict):
            return jobs
        return {
            name: {**answer, "annotations": [one for one in answer["annotations"] if not self._is_loose(one)]}
            if isinstance(answer, dict) and isinstance(answer.get("annotations"), list)
            else answer
            for name, answer in jobs.items()
        }

    def _is_loose(self, annotation: Any) -> bool:
        """Whether one end of a relation has nothing left to link."""
        ends = [annotation[key] for key in _ENDS if isinstance(annotation, dict) and annotation.get(key)]
        return any(isinstance(end, list) and all(_mid_of(item) in self._gone for item in end) for end in ends)


def _name_of(category: Any) -> str | None:
    name = category.get("name") if isinstance(category, dict) else category
    return name if isinstance(name, str) else None


def _mid_of(item: Any) -> Any:
    return item.get("mid") if isinstance(item, dict) else item
