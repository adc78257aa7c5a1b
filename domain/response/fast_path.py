"""A fast path for plain labels: classifications, texts and drawn objects without anything unusual.

It accepts only what the rules accept without a problem (but for missing required jobs) and counts the same; everything
else it leaves to the rules. Ten thousand small labels take it in a few hundredths of a second.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any, NamedTuple, TypeAlias

from labelyard.domain.document import ROOT, render
from labelyard.domain.error import Problem
from labelyard.domain.interface.model import Job
from labelyard.domain.interface.vocabulary import Input, MlTask, Tool
from labelyard.domain.response.geometry import BOUNDS_TOLERANCE, MAX_POINTS
from labelyard.domain.response.validation_state import Answer, Setting, required_message

_UNUSUAL = -1

QuickAnswer: TypeAlias = "Callable[[Any, _Counts], int]"
"""Returns the number of annotations of an answer (at least 1), or `_UNUSUAL`."""


class Tally(NamedTuple):
    """The counts of a plain label."""

    number_of_annotations: int
    search: dict[str, int]
    warnings: tuple[Problem, ...]
    without_mid: list[Answer]
    number_of_keys: int
    """The number of object keys seen, never more than there are: a text with as many colons repeats none."""


_as_tally = partial(tuple.__new__, Tally)


class _Counts:
    """What has been seen of one label so far."""

    __slots__ = ("keys", "mids", "search", "without_mid")

    def __init__(self) -> None:
        self.search: dict[str, int] = {}
        self.mids: list[str] = []
        self.without_mid: list[Answer] = []
        self.keys = 0


class QuickCheck:
    """The compiled quick check of one interface; labels of videos and conversations never take it."""

    def __init__(self, setting: Setting) -> None:
        jobs = setting.interface.jobs
        self._answers: dict[str, QuickAnswer] = {}
        for name, job in jobs.items():
            fast_path = _compile(job, self._answers, jobs, setting)
            if fast_path is not None:
                self._answers[name] = fast_path
        is_served = not setting.is_video and not setting.is_llm
        self._roots = {
            name: fast_path for name, fast_path in self._answers.items() if is_served and not jobs[name].is_child
        }
        self._required = tuple(
            (name, Problem("REQUIRED_JOB_MISSING", render((ROOT, name)), required_message(name)))
            for name, job in jobs.items()
            if job.must_be_answered and not job.is_child
        )
        self._is_served = is_served

    def check(self, root: Any, *, may_miss_required: bool) -> Tally | None:
        """Return the counts of a plain label, None for every other one."""
        if type(root) is not dict or not self._is_served:
            return None
        counts = _Counts()
        counts.keys = len(root)
        total = 0
        roots = self._roots
        for name, answer in root.items():
            fast_path = roots.get(name)
            number = fast_path(answer, counts) if fast_path is not None else _UNUSUAL
            if number == _UNUSUAL:
                return None
            total += number
        if len(counts.mids) > 1 and len(set(counts.mids)) < len(counts.mids):
            return None
        missing: tuple[Problem, ...] = ()
        if self._required:
            missing = tuple([problem for name, problem in self._required if name not in root])
            if missing and not may_miss_required:
                return None
        return _as_tally((total, counts.search, missing, counts.without_mid, counts.keys))


def _compile(
    job: Job, answers: Mapping[str, QuickAnswer], jobs: Mapping[str, Job], setting: Setting
) -> QuickAnswer | None:
    match job.ml_task:
        case MlTask.CLASSIFICATION:
            return _classification(job, answers, jobs)
        case MlTask.TRANSCRIPTION if job.input is not Input.NUMBER and job.input is not Input.DATE:
            return _transcription
        case MlTask.OBJECT_DETECTION if not setting.is_pdf and Tool.POSE not in job.tools:
            return _detection(job, answers, jobs, has_fractions=setting.has_fractions)
        case _:
            return None


def _transcription(answer: Any, counts: _Counts) -> int:
    if type(answer) is dict and len(answer) == 1:
        text = answer.get("text")
        if type(text) is str and text:
            counts.keys += 1
            return 1
    return _UNUSUAL


class _Openable(NamedTuple):
    """The nested jobs of one category: those it opens, and those of them that are required."""

    children: frozenset[str]
    required: tuple[str, ...]


def _openable(job: Job, jobs: Mapping[str, Job]) -> dict[str, _Openable]:
    return {
        key: _Openable(
            frozenset(category.children), tuple(child for child in category.children if jobs[child].must_be_answered)
        )
        for key, category in job.categories.items()
    }


def _nested(children: Any, openable: Collection[str], answers: Mapping[str, QuickAnswer], counts: _Counts) -> int:
    """Return the number of annotations in nested answers; 0 when there are none."""
    if type(children) is not dict:
        return _UNUSUAL
    total = 0
    counts.keys += len(children)
    for name, answer in children.items():
        fast_path = answers.get(name) if name in openable else None
        number = fast_path(answer, counts) if fast_path is not None else _UNUSUAL
        if number == _UNUSUAL:
            return _UNUSUAL
        total += number
    return total


def _classification(job: Job, answers: Mapping[str, QuickAnswer], jobs: Mapping[str, Job]) -> QuickAnswer:
    names = {key: f"{job.name}.{key}" for key in job.categories}
    openable = _openable(job, jobs)
    is_single = job.takes_one_category

    def check(answer: Any, counts: _Counts) -> int:
        if type(answer) is not dict or len(answer) != 1:
            return _UNUSUAL
        categories = answer.get("categories")
        if type(categories) is not list or not categories or (is_single and len(categories) > 1):
            return _UNUSUAL
        total = keys = 1
        search = counts.search
        chosen: set[str] = set()
        for item in categories:
            if type(item) is not dict:
                return _UNUSUAL
            key = item.get("name")
            if type(key) is not str or key not in names or key in chosen:
                return _UNUSUAL
            chosen.add(key)
            keys += len(item)
            if "confidence" in item:
                confidence = item["confidence"]
                if type(confidence) is not int and type(confidence) is not float:
                    return _UNUSUAL
            children = item.get("children")
            opened, required = openable[key]
            if children is not None:
                number = _nested(children, opened, answers, counts)
                if number == _UNUSUAL:
                    return _UNUSUAL
                total += number
            if required and (children is None or not all(child in children for child in required)):
                return _UNUSUAL
            name = names[key]
            search[name] = search.get(name, 0) + 1
        counts.keys += keys
        return total

    return check


def _detection(
    job: Job, answers: Mapping[str, QuickAnswer], jobs: Mapping[str, Job], *, has_fractions: bool
) -> QuickAnswer:
    names = {key: f"{job.name}.{key}" for key in job.categories}
    openable = _openable(job, jobs)
    shapes = {tool.value: _SHAPES[tool] for tool in job.tools if tool in _SHAPES}
    default = Tool.RECTANGLE.value if Tool.RECTANGLE in job.tools else None
    low, high = (-BOUNDS_TOLERANCE, 1 + BOUNDS_TOLERANCE) if has_fractions else (float("-inf"), float("inf"))

    def check(answer: Any, counts: _Counts) -> int:
        if type(answer) is not dict:
            return _UNUSUAL
        annotations = answer.get("annotations")
        if type(annotations) is not list or not annotations:
            return _UNUSUAL
        total = 0
        keys = len(answer)
        search = counts.search
        for annotation in annotations:
            if type(annotation) is not dict:
                return _UNUSUAL
            written = annotation.get("type", default)
            shape = shapes.get(written) if type(written) is str else None
            item = _only_category(annotation)
            if shape is None or item is None:
                return _UNUSUAL
            key = item["name"]
            keys_of_shape = shape(annotation, low, high)
            if key not in names or not keys_of_shape:
                return _UNUSUAL
            keys += len(annotation) + len(item) + keys_of_shape
            total += 1
            children = annotation.get("children")
            opened, required = openable[key]
            if children:
                number = _nested(children, opened, answers, counts)
                if number == _UNUSUAL:
                    return _UNUSUAL
                total += number
            elif children is not None and type(children) is not dict:
                return _UNUSUAL
            if required and (not children or not all(child in children for child in required)):
                return _UNUSUAL
            mid = annotation.get("mid")
            if mid is None:
                counts.without_mid.append(annotation)
            elif type(mid) is str and mid:
                counts.mids.append(mid)
            else:
                return _UNUSUAL
            name = names[key]
            search[name] = search.get(name, 0) + 1
        counts.keys += keys
        return total

    return check


def _only_category(annotation: Answer) -> Answer | None:
    """Return the one category of an annotation, when nothing but a confidence stands beside its name."""
    categories = annotation.get("categories")
    if type(categories) is not list or len(categories) != 1:
        return None
    item = categories[0]
    if type(item) is not dict or type(item.get("name")) is not str:
        return None
    if len(item) > 1:
        if "confidence" in item and type(item["confidence"]) is not int and type(item["confidence"]) is not float:
            return None
        if item.get("children") is not None and item["children"] != {}:
            return None
    return item


# The shapes return the number of keys they saw, 0 for one that is not plain.


def _points(points: list[Any], low: float, high: float) -> int:
    try:
        for point in points:
            x = point["x"]
            y = point["y"]
            if type(x) is not float and type(x) is not int:
                return 0
            if type(y) is not float and type(y) is not int:
                return 0
            if not (low <= x <= high and low <= y <= high):
                return 0
    except (KeyError, TypeError):
        return 0
    return 2 * len(points)


def _ring_of(annotation: Answer) -> list[Any] | None:
    boundary = annotation.get("boundingPoly")
    if type(boundary) is not list or len(boundary) != 1 or type(boundary[0]) is not dict:
        return None
    vertices = boundary[0].get("normalizedVertices")
    # Closed rings are counted differently, which the rules know.
    return vertices if type(vertices) is list and vertices and vertices[0] != vertices[-1] else None


def _rectangle(annotation: Answer, low: float, high: float) -> int:
    ring = _ring_of(annotation)
    keys = _points(ring, low, high) if ring is not None and len(ring) == 4 else 0
    return keys and keys + 1


def _outline(annotation: Answer, low: float, high: float) -> int:
    ring = _ring_of(annotation)
    keys = _points(ring, low, high) if ring is not None and 3 <= len(ring) <= MAX_POINTS else 0
    return keys and keys + 1


def _line(annotation: Answer, low: float, high: float) -> int:
    points = annotation.get("polyline")
    return _points(points, low, high) if type(points) is list and 2 <= len(points) <= MAX_POINTS else 0


def _marker(annotation: Answer, low: float, high: float) -> int:
    return _points([annotation.get("point")], low, high)


_SHAPES: Mapping[Tool, Callable[[Answer, float, float], int]] = {
    Tool.RECTANGLE: _rectangle,
    Tool.POLYGON: _outline,
    Tool.MARKER: _marker,
    Tool.POLYLINE: _line,
    Tool.VECTOR: _line,
}
