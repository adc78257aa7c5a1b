"""The state of one check: what was found, counted and left to be checked at the end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

from labelyard.domain.document import ROOT, Path, render
from labelyard.domain.error import Problem
from labelyard.domain.interface import Interface, Job, MlTask
from labelyard.domain.interface.vocabulary import LLM_TYPES, VIDEO_TYPES
from labelyard.domain.response.rules import RESPONSE_RULES, Severity

# A response of a million bad points must not become a million sentences.
MAX_PROBLEMS = 1_000

Answer: TypeAlias = dict[str, Any]
Check: TypeAlias = "Callable[[ValidationState, Job, Answer, Path, bool], bool]"
"""Checks the answer of one job and says whether it answers anything; the last argument is "in a key frame"."""


@dataclass(frozen=True, slots=True)
class AssetFacts:
    """What is known of the asset; None is unknown and checks nothing.

    `text` is plain text. `chat_items` holds the ids and the external ids of the messages, `rounds` is how many of them are of users.
    """

    text: str | None = None
    pages: int | None = None
    frames: int | None = None
    chat_items: frozenset[str] | None = None
    rounds: int | None = None


class FileAnswer(NamedTuple):
    """The answer of a file job: the id of the file, and where in the response the answer stands."""

    file_id: str
    path: str


@dataclass(frozen=True, slots=True)
class Setting:
    """What all labels of a project version share."""

    interface: Interface
    input_type: str
    has_fractions: bool
    """Coordinates are fractions of the asset, not longitude and latitude."""
    checks: Mapping[MlTask, Check]

    @property
    def is_video(self) -> bool:
        """Answers are given frame by frame."""
        return self.input_type in VIDEO_TYPES

    @property
    def is_llm(self) -> bool:
        """Answers of several chat items are merged, categories may be plain strings."""
        return self.input_type in LLM_TYPES

    @property
    def is_pdf(self) -> bool:
        """Geometry is given page by page."""
        return self.input_type == "PDF"


@dataclass(frozen=True, slots=True)
class KnownAnnotation:
    """What relations and repeated mids need to know of an annotation."""

    job: str
    categories: tuple[str, ...]
    is_mask: bool


@dataclass(frozen=True, slots=True)
class End:
    """One end of a relation: the annotation it names and the categories that may stand there (None: all)."""

    mid: str
    path: Path
    allowed: frozenset[str] | None


class ValidationState:
    """Collects while the checks walk through one response."""

    def __init__(self, setting: Setting, asset: AssetFacts, *, is_human: bool, is_strict: bool) -> None:
        self.setting = setting
        self.jobs = setting.interface.jobs
        self.is_llm = setting.is_llm
        self.asset = asset
        self.errors: list[Problem] = []
        self.warnings: list[Problem] = []
        self._refusing = {Severity.ALWAYS}
        if is_human:
            self._refusing |= {Severity.HUMAN, Severity.STRICT} if is_strict else {Severity.HUMAN}
        self.number_of_annotations = 0
        self.search: dict[str, int] = {}
        self.answered: set[str] = set()
        self.files: list[FileAnswer] = []
        self.without_mid: list[Answer] = []
        self.null_confidences: list[Answer] = []
        self.is_framed = False
        self.subject: object = None
        """In frames, what a nested answer belongs to: the mid of its object."""
        self._open: dict[tuple[object, ...], Path] = {}
        self._open_answered: set[tuple[object, ...]] = set()
        self._tracked: dict[str, set[object]] = {}
        self._annotations: dict[str, KnownAnnotation] = {}
        self._ends: list[End] = []

    def report(self, code: str, path: Path, message: str, *, severity: Severity | None = None) -> None:
        """Note a problem; its severity, the label type and strictness say whether it refuses the label."""
        is_refusing = (severity or RESPONSE_RULES[code].severity) in self._refusing
        problems = self.errors if is_refusing else self.warnings
        if len(problems) < MAX_PROBLEMS:
            problems.append(Problem(code, render(path), message))

    def check_answer(self, job: Job, answer: Any, path: Path, is_key: bool) -> bool:
        """Check the answer of a job wherever it stands, and say whether it answers anything."""
        if answer is None:
            return False
        if type(answer) is not dict:
            code = "FILE_ANSWER" if job.ml_task is MlTask.FILE else "WRONG_SHAPE"
            self.report(code, path, f"an answer must be an object, not {kind_of(answer)}")
            return False
        if self.is_framed:
            is_key = self.read_key_frame(answer, path, is_key)
        return self.setting.checks[job.ml_task](self, job, answer, path, is_key)

    def read_key_frame(self, answer: Answer, path: Path, is_key: bool) -> bool:
        """Return `isKeyFrame` of an answer in a frame; what leaves it out is as its surroundings."""
        own = answer.get("isKeyFrame")
        if own is None:
            return is_key
        if type(own) is not bool:
            self.report("IS_KEY_FRAME", (path, "isKeyFrame"), f"must be true or false, not {kind_of(own)}")
            return is_key
        return own

    def count_choice(self, job: Job, keys: list[str], is_key: bool) -> None:
        """Count a classification: one annotation, and each ticked category."""
        if not is_key:
            return
        self.number_of_annotations += 1
        for key in keys:
            name = f"{job.name}.{key}"
            self.search[name] = self.search.get(name, 0) + 1

    def count_annotation(self, job: Job, keys: tuple[str, ...], mid: str | None, is_key: bool) -> None:
        """Count an annotation; in frames the search counts objects, that is distinct mids, over all frames."""
        if is_key:
            self.number_of_annotations += 1
        for key in dict.fromkeys(keys):
            name = f"{job.name}.{key}"
            if self.is_framed:
                # An annotation without mid is an object of its own.
                self._tracked.setdefault(name, set()).add(mid if mid is not None else object())
            else:
                self.search[name] = self.search.get(name, 0) + 1

    def register(self, mid: str, annotation: KnownAnnotation, path: Path) -> None:
        """Remember an annotation under its mid; only parts of one mask may share a mid."""
        former = self._annotations.setdefault(mid, annotation)
        if former is not annotation and not (annotation.is_mask and former == annotation):
            self.report("DUPLICATE_MID", path, f'the mid "{mid}" is used by another annotation')

    def link(self, end: End) -> None:
        """Remember the end of a relation until all annotations are known."""
        self._ends.append(end)

    def check_links(self) -> None:
        """Close a frame, or the label: the ends of relations are looked up, mids begin anew."""
        for end in self._ends:
            target = self._annotations.get(end.mid)
            if target is None:
                where = "frame" if self.is_framed else "label"
                self.report("RELATION_UNKNOWN_MID", end.path, f'no annotation of this {where} has the mid "{end.mid}"')
            elif end.allowed is not None and not end.allowed.intersection(target.categories):
                named = ", ".join(target.categories) or "no category"
                allowed = ", ".join(sorted(end.allowed))
                self.report("RELATION_CATEGORY", end.path, f'"{end.mid}" is {named}, allowed here: {allowed}')
        self._ends = []
        self._annotations = {}

    def require_child(self, opener: Job, category: str, child: str, path: Path, *, is_answered: bool) -> None:
        """Demand a nested required job that a category opened; in a video one frame answering is enough."""
        if not self.is_framed:
            if not is_answered:
                self.report_missing(path, child)
            return
        opening = (self.subject, opener.name, category, child)
        if is_answered:
            self._open_answered.add(opening)
        else:
            self._open.setdefault(opening, path)

    def finish(self) -> None:
        """Report what only the whole response shows: required jobs nobody answered."""
        for opening, path in self._open.items():
            if opening not in self._open_answered:
                self.report_missing(path, str(opening[-1]))
        for name, job in self.jobs.items():
            if job.must_be_answered and not job.is_child and name not in self.answered:
                self.report_missing((ROOT, name), name)
        for name, mids in self._tracked.items():
            self.search[name] = self.search.get(name, 0) + len(mids)

    def report_missing(self, path: Path, name: str) -> None:
        """Report a required job without answer."""
        self.report("REQUIRED_JOB_MISSING", path, required_message(name))


def required_message(name: str) -> str:
    """Say that a required job has no answer."""
    return f'the job "{name}" is required and has no answer'


def kind_of(value: Any) -> str:
    """Name the JSON kind of a value, and a scalar itself, for messages."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case dict():
            return "an object"
        case list():
            return "a list"
        case str():
            return f'the text "{value}"' if len(value) <= 60 else f'the text "{value[:59]}…"'
        case _:
            return f"the number {value}"
