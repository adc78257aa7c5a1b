"""Read and check a `jsonInterface`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from labelyard.domain.document import ROOT, Limits, Path, Reason, Unreadable, read
from labelyard.domain.error import Problem
from labelyard.domain.interface.advice import advise
from labelyard.domain.interface.job import read_job
from labelyard.domain.interface.model import Interface, Job
from labelyard.domain.interface.nesting import check_nesting
from labelyard.domain.interface.problems import Problems, shown

INTERFACE_LIMITS = Limits(size_bytes=2**20, depth=32, values=1_000_000)
MAX_JOBS = 200
MAX_CATEGORIES = 5_000

_JOBS: Path = (ROOT, "jobs")


@dataclass(frozen=True, slots=True)
class InterfaceReport:
    """All problems of an interface; `interface` is None when `errors` refuse it."""

    errors: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    interface: Interface | None


def parse_interface(text: str | None, *, input_type: str) -> InterfaceReport:
    """Check an interface for assets of a type; None, `null` and `{}` stand for an interface without jobs."""
    problems = Problems()
    interface = _parse("null" if text is None else text, problems, input_type=input_type)
    return InterfaceReport(tuple(problems.errors), tuple(problems.warnings), None if problems.errors else interface)


def _parse(text: str, problems: Problems, *, input_type: str) -> Interface | None:
    try:
        document = read(text, INTERFACE_LIMITS)
    except Unreadable as unreadable:
        _note_unreadable(unreadable, problems)
        return None
    if document is None or document == {}:
        return Interface()
    if not isinstance(document, dict):
        problems.add("JI02", ROOT, 'the interface must be an object with a key "jobs"')
        return None
    raw_jobs = document.get("jobs")
    if not isinstance(raw_jobs, dict):
        problems.add("JI03", _JOBS, '"jobs" must be an object of job name to job')
        return None
    if _are_too_many(raw_jobs, problems):
        return None
    jobs = {name: read_job(name, raw, (_JOBS, name), problems) for name, raw in raw_jobs.items()}
    opened = check_nesting(raw_jobs, problems)
    for name, raw in raw_jobs.items():
        _check_model(raw, (_JOBS, name), problems, names=jobs)
    if problems.errors:
        return None
    # A child that leaves `isChild` out is one all the same.
    children = {opening.child for openings in opened.values() for opening in openings}
    known: dict[str, Job] = {
        name: replace(job, is_child=True) if name in children else job for name, job in jobs.items() if job is not None
    }
    advise(known, raw_jobs, opened, problems, input_type=input_type)
    return Interface(known)


def _note_unreadable(unreadable: Unreadable, problems: Problems) -> None:
    match unreadable.reason:
        case Reason.NOT_JSON:
            problems.add("JI01", ROOT, f"the interface is not valid JSON: {unreadable.detail}")
        case Reason.TOO_LARGE:
            problems.add("JI20", ROOT, f"the interface is too large: {unreadable.detail}")
        case Reason.DUPLICATE_KEY:
            for location in unreadable.paths:
                problems.add("JI18", location, _twice(location))


def _twice(location: Path) -> str:
    """Describe what is declared twice: a job at `jobs.X`, a category at `jobs.A.content.categories.X`, else a key."""
    steps: list[str | int] = []
    while location:
        location, step = location
        steps.append(step)
    name = steps[0]
    match steps[1:]:
        case ["jobs"]:
            kind = "job"
        case ["categories", "content", _, "jobs"]:
            kind = "category"
        case _:
            kind = "key"
    return f'{kind} "{shown(name)}" is declared twice'


def _are_too_many(raw_jobs: dict[str, Any], problems: Problems) -> bool:
    categories = 0
    for raw in raw_jobs.values():
        content = raw.get("content") if isinstance(raw, dict) else None
        members = content.get("categories") if isinstance(content, dict) else None
        categories += len(members) if isinstance(members, dict) else 0
    if len(raw_jobs) > MAX_JOBS:
        problems.add("JI20", _JOBS, f"the interface is too large: {len(raw_jobs)} jobs, {MAX_JOBS} are possible")
    if categories > MAX_CATEGORIES:
        problems.add(
            "JI20", _JOBS, f"the interface is too large: {categories} categories, {MAX_CATEGORIES} are possible"
        )
    return bool(problems.errors)


def _check_model(raw: Any, path: Path, problems: Problems, *, names: dict[str, Job | None]) -> None:
    models = raw.get("models") if isinstance(raw, dict) else None
    tool = models.get("interactive-segmentation") if isinstance(models, dict) else None
    if not isinstance(tool, dict) or tool.get("job") is None:
        return
    if not isinstance(tool["job"], str) or tool["job"] not in names:
        location = (((path, "models"), "interactive-segmentation"), "job")
        problems.add("JI19", location, f'model job "{shown(tool["job"])}" does not exist')
