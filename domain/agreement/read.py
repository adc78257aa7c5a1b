"""Reading labels into comparable form. Jobs that the interface does not have are left out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from labelyard.domain.agreement.answer import (
    WHOLE,
    Answer,
    Answers,
    Choice,
    Drawing,
    Drawn,
    LabelAnswers,
    Link,
    Links,
    Location,
    Preference,
    Ranking,
    Written,
)
from labelyard.domain.agreement.geometry import entity_shape, object_shape, points_of, pose_points
from labelyard.domain.agreement.outline import Point
from labelyard.domain.agreement.shape import Area, united
from labelyard.domain.interface.model import Interface, Job
from labelyard.domain.interface.vocabulary import ASSET_LEVEL, LLM_TYPES, VIDEO_TYPES, Level, MlTask, Tool
from labelyard.domain.number import whole_number
from labelyard.domain.response.detection import tool_of

_AnswersByJob = defaultdict[str, dict[Location, Answer]]


class LabelReader:
    """Reads labels of one version of an interface; holds nothing of them, so threads may share it.

    `has_fractions` says that coordinates are fractions of the asset.
    """

    def __init__(self, interface: Interface, *, input_type: str, has_fractions: bool = True) -> None:
        self._jobs = interface.jobs
        self._is_video = input_type in VIDEO_TYPES
        self._is_llm = input_type in LLM_TYPES
        self._is_pdf = input_type == "PDF"
        self._has_fractions = has_fractions

    def read(self, root: Any) -> LabelAnswers:
        """The answers of a `jsonResponse` that has been parsed."""
        answers_by_job: _AnswersByJob = defaultdict(dict)
        if isinstance(root, dict):
            for location, answers in self._locations(root):
                self._read_jobs(answers, location, answers_by_job)
        extent = None if self._has_fractions else _extent(root)
        return LabelAnswers(dict(answers_by_job), extent)

    def _locations(self, root: dict[str, Any]) -> Iterator[tuple[Location, Any]]:
        """What stands frame by frame, round by round, or for the whole asset."""
        whole = {}
        for key, value in root.items():
            frame = whole_number(key) if self._is_video else None
            if frame is not None:
                yield frame, value
            elif self._is_video and key == ASSET_LEVEL:
                yield WHOLE, value
            elif self._is_llm and key in set(Level) and key not in self._jobs:
                yield from _conversed(Level(key), value)
            else:
                whole[key] = value
        yield WHOLE, whole

    def _read_jobs(self, answers: Any, location: Location, answers_by_job: _AnswersByJob) -> None:
        for name, answer in answers.items() if isinstance(answers, dict) else ():
            job = self._jobs.get(name)
            if job is None or not isinstance(answer, dict):
                continue
            pages = _pages(answer) if job.ml_task in _PAGED else None
            if pages:
                for page, value in pages.items():
                    self._read_job(job, value, page, answers_by_job)
            else:
                self._read_job(job, answer, location, answers_by_job)

    def _read_job(self, job: Job, raw: Any, location: Location, answers_by_job: _AnswersByJob) -> None:
        read = _READERS.get(job.ml_task)
        answer = read(self, job, raw) if read is not None and isinstance(raw, dict) else None
        if answer is not None:
            answers_by_job[job.name][location] = answer

    def nested(self, *sources: Any) -> Answers:
        """The answers of nested jobs, from all locations where they may stand."""
        answers_by_job: _AnswersByJob = defaultdict(dict)
        for source in sources:
            self._read_jobs(source, WHOLE, answers_by_job)
        return dict(answers_by_job)

    def read_choice(self, job: Job, raw: dict[str, Any]) -> Choice | None:
        """A classification; answers beside its categories belong to those that open them, else to all."""
        chosen = _chosen(job, raw)
        if not chosen:
            return None
        beside = _mapping(raw.get("children"))
        opened = {key: _opens(job, key) for key in chosen}
        anywhere = set().union(*opened.values())
        categories = {
            key: self.nested(
                {name: value for name, value in beside.items() if name in opened[key] or name not in anywhere}, own
            )
            for key, own in chosen.items()
        }
        return Choice(categories, job.takes_one_category)

    def read_text(self, job: Job, raw: dict[str, Any]) -> Written | None:
        """A transcription."""
        text = raw.get("text")
        return Written(text, job.input) if isinstance(text, str) and text else None

    def read_preference(self, job: Job, raw: dict[str, Any]) -> Preference | None:
        """A comparison; the better one stands first, unless the option is mutual."""
        choice = _mapping(raw.get("choice")) or raw
        written = choice.get("code")
        if not isinstance(written, str):
            return None
        code = next((key for key, option in job.options.items() if written in (key, option.name)), written)
        is_mutual = code in job.options and job.options[code].is_mutual
        winner = None if is_mutual or choice.get("firstId") is None else str(choice["firstId"])
        return Preference(code, winner, self.nested(raw.get("children")))

    def read_ranking(self, _job: Job, raw: dict[str, Any]) -> Ranking | None:
        """A ranking."""
        orders = raw.get("orders")
        ranks: dict[str, int] = {}
        for order in orders if isinstance(orders, list) else []:
            if (
                isinstance(order, dict)
                and isinstance(order.get("rank"), int)
                and isinstance(order.get("elements"), list)
            ):
                ranks.update((str(element), order["rank"]) for element in order["elements"])
        return Ranking(ranks) if ranks else None

    def read_objects(self, job: Job, raw: dict[str, Any]) -> Drawing | None:
        """Drawn objects; masks that share job, categories and mid are one object."""
        items: list[Drawn] = []
        masks: dict[tuple[str, frozenset[str]], int] = {}
        for item in _annotations(raw):
            tool = tool_of(job, item)
            drawn = self._drawn(job, item, object_shape(item, tool, is_pdf=self._is_pdf))
            key = (drawn.mid or "", drawn.categories)
            if tool is Tool.SEMANTIC and drawn.mid and key in masks:
                items[masks[key]] = _merged(items[masks[key]], drawn)
                continue
            masks[key] = len(items)
            items.append(drawn)
        return Drawing(tuple(items)) if items else None

    def read_entities(self, job: Job, raw: dict[str, Any]) -> Drawing | None:
        """Entities."""
        items = [self._drawn(job, item, entity_shape(item, is_pdf=self._is_pdf)) for item in _annotations(raw)]
        return Drawing(tuple(items)) if items else None

    def read_links(self, job: Job, raw: dict[str, Any]) -> Links | None:
        """Relations."""
        links = []
        for item in _annotations(raw):
            chosen = _chosen(job, item)
            starts = _mids(item, "startEntities") | _mids(item, "startObjects")
            ends = _mids(item, "endEntities") | _mids(item, "endObjects")
            links.append(Link(frozenset(chosen), starts, ends, self.nested(item.get("children"), *chosen.values())))
        return Links(tuple(links)) if links else None

    def _drawn(self, job: Job, item: dict[str, Any], shape: Any) -> Drawn:
        chosen = _chosen(job, item)
        nested: _AnswersByJob = defaultdict(dict)
        for source in (item.get("children"), *chosen.values()):
            self._read_jobs(source, WHOLE, nested)
        for point in pose_points(item):
            self._read_jobs(point.get("children"), point["code"], nested)
        mid = item.get("mid")
        return Drawn(mid if isinstance(mid, str) else None, frozenset(chosen), shape, dict(nested))


_Reader = Callable[[LabelReader, Job, dict[str, Any]], Answer | None]
_PAGED = frozenset({MlTask.PAGE_LEVEL_CLASSIFICATION, MlTask.PAGE_LEVEL_TRANSCRIPTION})
# Files, and what has no public shape, are left out.
_READERS: Mapping[MlTask, _Reader] = {
    MlTask.CLASSIFICATION: LabelReader.read_choice,
    MlTask.PAGE_LEVEL_CLASSIFICATION: LabelReader.read_choice,
    MlTask.TRANSCRIPTION: LabelReader.read_text,
    MlTask.PAGE_LEVEL_TRANSCRIPTION: LabelReader.read_text,
    MlTask.SPEECH_TO_TEXT: LabelReader.read_text,
    MlTask.OBJECT_DETECTION: LabelReader.read_objects,
    MlTask.POSE_ESTIMATION: LabelReader.read_objects,
    MlTask.NAMED_ENTITIES_RECOGNITION: LabelReader.read_entities,
    MlTask.NAMED_ENTITIES_RELATION: LabelReader.read_links,
    MlTask.OBJECT_RELATION: LabelReader.read_links,
    MlTask.COMPARISON: LabelReader.read_preference,
    MlTask.RANKING: LabelReader.read_ranking,
}


def _conversed(level: Level, answers: Any) -> Iterator[tuple[Location, Any]]:
    """The answers of one level of a conversation, by chat item or round."""
    if level is Level.CONVERSATION:
        yield WHOLE, answers
        return
    for name, by_item in answers.items() if isinstance(answers, dict) else ():
        for item, answer in by_item.items() if isinstance(by_item, dict) else ():
            yield f"{level}:{item}", {name: answer}


def _chosen(job: Job, raw: dict[str, Any]) -> dict[str, Any]:
    """What is nested under each category, by its key; conversations name categories by plain strings or display names."""
    chosen: dict[str, Any] = {}
    listed = raw.get("categories")
    for item in listed if isinstance(listed, list) else []:
        name = item.get("name") if isinstance(item, dict) else item
        if not isinstance(name, str):
            continue
        key = name if name in job.categories else _key_of(job, name)
        chosen[key] = (item.get("children") if isinstance(item, dict) else None) or chosen.get(key)
    return chosen


def _key_of(job: Job, name: str) -> str:
    return next((key for key, category in job.categories.items() if category.name == name), name)


def _opens(job: Job, key: str) -> set[str]:
    return set(job.categories[key].children) if key in job.categories else set()


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _annotations(raw: dict[str, Any]) -> list[dict[str, Any]]:
    listed = raw.get("annotations")
    return [item for item in listed if isinstance(item, dict)] if isinstance(listed, list) else []


def _mids(item: dict[str, Any], key: str) -> frozenset[str]:
    ends = item.get(key)
    return frozenset(
        end["mid"]
        for end in (ends if isinstance(ends, list) else [])
        if isinstance(end, dict) and isinstance(end.get("mid"), str)
    )


def _merged(first: Drawn, other: Drawn) -> Drawn:
    """Two parts of one mask; nested answers of the first part that has some."""
    shapes = [part.shape for part in (first, other) if isinstance(part.shape, Area)]
    shape = united(shapes) if shapes else first.shape
    return Drawn(first.mid, first.categories, shape, {**other.nested, **first.nested})


def _extent(root: Any) -> tuple[float, float, float, float] | None:
    """The box around all points, wherever they stand."""
    points: list[Point] = []
    waiting = [root]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            points.extend(points_of(value))
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
    if not points:
        return None
    across, down = [x for x, _ in points], [y for _, y in points]
    return min(across), min(down), max(across), max(down)


def _pages(answer: dict[str, Any]) -> dict[int, Any] | None:
    """An answer by the numbers of pages; None for one that is not written so."""
    pages = {number: value for key, value in answer.items() if (number := whole_number(key)) is not None}
    return pages if len(pages) == len(answer) else None
