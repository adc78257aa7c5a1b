"""An interface that has been checked: the jobs of a project, in the order that numbers the classes of exports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from labelyard.domain.interface.vocabulary import (
    CLASSIFYING,
    DETECTING,
    TRANSCRIBING,
    Input,
    Level,
    MlTask,
    Tool,
)


@dataclass(frozen=True, slots=True)
class PosePoint:
    """One named point of a pose."""

    code: str
    name: str | None = None
    is_mandatory: bool = False
    children: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Category:
    """One class of a job; responses quote `key`, people read `name`.

    `starts` and `ends` are the category keys a relation may join; None and `ANY` allow all.
    """

    key: str
    name: str
    children: tuple[str, ...] = ()
    points: tuple[PosePoint, ...] = ()
    starts: tuple[str, ...] | None = None
    ends: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a comparison."""

    code: str
    name: str
    children: tuple[str, ...] = ()
    is_mutual: bool = False


@dataclass(frozen=True)
class Job:
    """One question of the interface; `input` and `tools` already hold what a missing value means."""

    name: str
    ml_task: MlTask
    tools: tuple[Tool, ...] = ()
    input: Input | None = None
    categories: Mapping[str, Category] = field(default_factory=dict)
    options: Mapping[str, Option] = field(default_factory=dict)
    is_required: bool = False
    is_child: bool = False
    is_visible: bool = True
    is_model: bool = False
    is_oriented: bool = False
    level: Level | None = None
    instruction: str = ""

    @property
    def must_be_answered(self) -> bool:
        """Whether a label without an answer is incomplete, once the job is open."""
        return self.is_required and self.is_visible and not self.is_model

    @property
    def takes_one_category(self) -> bool:
        """Whether an answer, or one annotation, holds at most one category."""
        return self.input in {Input.RADIO, Input.SINGLE_DROPDOWN}

    @property
    def is_classifying(self) -> bool:
        """Answered with categories."""
        return self.ml_task in CLASSIFYING

    @property
    def is_transcribing(self) -> bool:
        """Answered with a text."""
        return self.ml_task in TRANSCRIBING

    @property
    def is_detecting(self) -> bool:
        """Answered with drawn objects."""
        return self.ml_task in DETECTING


@dataclass(frozen=True)
class Interface:
    """The jobs of a project, by name, in order."""

    jobs: Mapping[str, Job] = field(default_factory=dict)

    @cached_property
    def ml_tasks(self) -> tuple[MlTask, ...]:
        """The distinct tasks, in order of first appearance."""
        return tuple(dict.fromkeys(job.ml_task for job in self.jobs.values()))

    def has(self, name: RemovedName) -> bool:
        """Whether the interface has a job, or a category of a job."""
        job = self.jobs.get(name.job)
        return job is not None and (name.category is None or name.category in job.categories)


@dataclass(frozen=True, slots=True)
class RemovedName:
    """A job (`category` None) or one category of a job that a new interface no longer has."""

    job: str
    category: str | None = None

    def __str__(self) -> str:
        return self.job if self.category is None else f"{self.job}.{self.category}"


def removed_names(old: Interface, new: Interface) -> tuple[RemovedName, ...]:
    """Return what the old interface has and the new one lacks, in the old order; a job goes with all its categories."""
    removed: list[RemovedName] = []
    for name, job in old.jobs.items():
        kept = new.jobs.get(name)
        if kept is None:
            removed.append(RemovedName(name))
        removed.extend(RemovedName(name, key) for key in job.categories if kept is None or key not in kept.categories)
    return tuple(removed)
