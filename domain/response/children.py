"""Nested answers: which jobs a chosen category or point opens, and whether the required ones are answered."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from labelyard.domain.document import Path
from labelyard.domain.interface.model import Job
from labelyard.domain.interface.vocabulary import TECHNICAL_ENTRIES
from labelyard.domain.response.category import Chosen
from labelyard.domain.response.validation_state import ValidationState, kind_of


def check_children(
    state: ValidationState, raw: Any, path: Path, allowed: Collection[str] | None, is_key: bool
) -> set[str]:
    """Check one object of nested answers and return the jobs it answers; `allowed` None allows all."""
    answered: set[str] = set()
    if raw is None:
        return answered
    if type(raw) is not dict:
        state.report("WRONG_SHAPE", path, f'"children" must be an object, not {kind_of(raw)}')
        return answered
    for name, answer in raw.items():
        if answer is None or name in TECHNICAL_ENTRIES:
            continue
        location = (path, name)
        job = state.jobs.get(name)
        if job is None:
            state.report("UNKNOWN_JOB", location, f'the interface has no job "{name}"')
        elif state.check_answer(job, answer, location, is_key):
            answered.add(name)
            if allowed is not None and name not in allowed:
                state.report("CHILD_NOT_ALLOWED", location, f'no chosen category opens the job "{name}"')
    return answered


def check_openings(
    state: ValidationState, job: Job, chosen: Chosen, extra: Any, extra_path: Path, is_key: bool, *, at_extra: bool
) -> None:
    """Check the nested answers of chosen categories: inside each category, and in `extra` beside them.

    A missing required job is named inside its category, or in `extra` where `at_extra` says so (annotations).
    """
    allowed = chosen.opened(job)
    answered: set[str] = set()
    for location, raw in chosen.nested:
        answered |= check_children(state, raw, (location, "children"), allowed, is_key)
    answered |= check_children(state, extra, extra_path, allowed, is_key)
    for key, location in zip(chosen.keys, chosen.locations, strict=True):
        require(
            state,
            job,
            key,
            job.categories[key].children,
            extra_path if at_extra else (location, "children"),
            answered,
        )


def require(
    state: ValidationState, job: Job, opener: str, children: Iterable[str], path: Path, answered: Collection[str]
) -> None:
    """Report the required jobs of `children` without an answer."""
    for child in children:
        if state.jobs[child].must_be_answered:
            state.require_child(job, opener, child, (path, child), is_answered=child in answered)
