"""Warnings: what is stored as sent although it will hardly do what its author expects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labelyard.domain.document import ROOT, Path
from labelyard.domain.interface.model import Job
from labelyard.domain.interface.nesting import Opening
from labelyard.domain.interface.problems import Problems, shown
from labelyard.domain.interface.vocabulary import (
    COLOR,
    NESTABLE,
    SEARCHABLE_NAME,
    UNTYPED,
    USUAL_TOOLS,
    USUAL_TYPES,
    Input,
    MlTask,
)

ANY_CATEGORY = "ANY"
_ENDS = {
    MlTask.NAMED_ENTITIES_RELATION: ("startEntities", "endEntities"),
    MlTask.OBJECT_RELATION: ("startObjects", "endObjects"),
}


def advise(
    jobs: Mapping[str, Job],
    raw_jobs: Mapping[str, Any],
    opened: Mapping[str, tuple[Opening, ...]],
    problems: Problems,
    *,
    input_type: str,
) -> None:
    """Note every warning of an interface that has no error."""
    children = {opening.child for openings in opened.values() for opening in openings}
    ends = {
        key
        for job in jobs.values()
        if job.is_detecting or job.ml_task is MlTask.NAMED_ENTITIES_RECOGNITION
        for key in job.categories
    }
    seen: dict[tuple[str, str], str] = {}
    for name, job in jobs.items():
        raw = raw_jobs[name]
        path: Path = ((ROOT, "jobs"), name)
        _advise_on_nesting(job, raw, path, problems, is_opened=name in children)
        _advise_on_type(job, path, problems, input_type=input_type)
        _advise_on_input(job, path, problems)
        if not SEARCHABLE_NAME.fullmatch(name):
            problems.add("JI56", path, f'the category search cannot reach the name "{shown(name)}"')
        names: set[str] = set()
        for key in job.categories:
            category = raw["content"]["categories"][key]
            location: Path = (((path, "content"), "categories"), key)
            _advise_on_category(key, category, location, problems, seen=seen, names=names)
            if job.ml_task in _ENDS:
                _advise_on_ends(job.ml_task, category, location, problems, known=ends)


def _advise_on_nesting(job: Job, raw: dict[str, Any], path: Path, problems: Problems, *, is_opened: bool) -> None:
    if job.is_child and not is_opened:
        problems.add("JI50", (path, "isChild"), "no category opens this job: it can never be answered")
    for key in ("isChild", "required"):
        if key not in raw:
            problems.add("JI51", (path, key), f'"{key}" is missing: labels parsed by older clients fail')
    if is_opened and job.ml_task not in NESTABLE:
        problems.add("JI57", (path, "mlTask"), f'a job with the task "{job.ml_task}" cannot be nested')


def _advise_on_type(job: Job, path: Path, problems: Problems, *, input_type: str) -> None:
    if input_type in UNTYPED:
        return
    if input_type not in USUAL_TYPES.get(job.ml_task, {input_type}):
        problems.add("JI55", (path, "mlTask"), f'the task "{job.ml_task}" is unusual for assets of type {input_type}')
        return
    usual = USUAL_TOOLS.get(input_type)
    for index, tool in enumerate(job.tools):
        if usual is not None and tool not in usual:
            location = ((path, "tools"), index)
            problems.add("JI55", location, f'the tool "{tool}" is unusual for assets of type {input_type}')


def _advise_on_input(job: Job, path: Path, problems: Problems) -> None:
    location = ((path, "content"), "input")
    if job.is_classifying and job.input is Input.RADIO and len(job.categories) == 1:
        problems.add("JI58", location, "a radio with one category offers no choice")
    if job.is_detecting and job.input is Input.CHECKBOX:
        problems.add("JI58", location, "an object has one category: use radio")


def _advise_on_category(
    key: str,
    category: dict[str, Any],
    path: Path,
    problems: Problems,
    *,
    seen: dict[tuple[str, str], str],
    names: set[str],
) -> None:
    if not SEARCHABLE_NAME.fullmatch(key):
        problems.add("JI56", path, f'the category search cannot reach the name "{shown(key)}"')
    if category["name"] in names:
        problems.add("JI53", (path, "name"), f'the name "{shown(category["name"])}" is used twice in this job')
    names.add(category["name"])
    for attribute in ("id", "shortcut"):
        value = category.get(attribute)
        if not isinstance(value, str) or not value:
            continue
        if (attribute, value) in seen:
            problems.add("JI53", (path, attribute), f'the {attribute} "{shown(value)}" is used twice')
        seen[attribute, value] = key
    color = category.get("color")
    if color is not None and not (isinstance(color, str) and COLOR.fullmatch(color)):
        problems.add("JI54", (path, "color"), f'"{shown(color)}" is not a color of the form #RRGGBB')


def _advise_on_ends(task: MlTask, category: dict[str, Any], path: Path, problems: Problems, *, known: set[str]) -> None:
    for key in _ENDS[task]:
        ends = category.get(key)
        if not isinstance(ends, list):
            problems.add("JI52", (path, key), f'"{key}" is missing: any object is allowed')
            continue
        for index, end in enumerate(ends):
            if end != ANY_CATEGORY and end not in known:
                problems.add("JI52", ((path, key), index), f'no job has a category "{shown(end)}" to link')
