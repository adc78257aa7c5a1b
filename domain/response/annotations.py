"""What all lists of annotations share: mids, categories, nested answers and counts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from labelyard.domain.document import Path
from labelyard.domain.interface.model import Job
from labelyard.domain.response.category import Chosen, check_categories
from labelyard.domain.response.children import check_openings
from labelyard.domain.response.validation_state import Answer, KnownAnnotation, ValidationState, kind_of

CheckShape: TypeAlias = Callable[[ValidationState, Job, Answer, Path, Chosen, bool], bool]
"""Checks what is particular to the task in one annotation (last: in a key frame); True for a part of a mask."""


def check_annotations(
    state: ValidationState, job: Job, answer: Answer, path: Path, is_key: bool, check_shape: CheckShape
) -> bool:
    """Check an `annotations` list."""
    annotations = answer.get("annotations")
    location = (path, "annotations")
    if annotations is None:
        return False
    if type(annotations) is not list:
        state.report("WRONG_SHAPE", location, f'"annotations" must be a list, not {kind_of(annotations)}')
        return False
    for index, annotation in enumerate(annotations):
        if type(annotation) is dict:
            _check_annotation(state, job, annotation, (location, index), is_key, check_shape)
        else:
            state.report(
                "WRONG_SHAPE", (location, index), f"an annotation must be an object, not {kind_of(annotation)}"
            )
    return bool(annotations)


def _check_annotation(
    state: ValidationState, job: Job, annotation: Answer, path: Path, is_key: bool, check_shape: CheckShape
) -> None:
    if state.is_framed:
        is_key = state.read_key_frame(annotation, path, is_key)
    mid = _check_mid(state, annotation, path)
    chosen = check_categories(state, job, annotation.get("categories"), (path, "categories"))
    keys = tuple(chosen.keys)
    outer, state.subject = state.subject, mid if mid is not None else id(annotation)
    is_mask = check_shape(state, job, annotation, path, chosen, is_key)
    if mid is not None:
        state.register(mid, KnownAnnotation(job.name, keys, is_mask), (path, "mid"))
    check_openings(state, job, chosen, annotation.get("children"), (path, "children"), is_key, at_extra=True)
    state.subject = outer
    state.count_annotation(job, keys, mid, is_key)


def _check_mid(state: ValidationState, annotation: Answer, path: Path) -> str | None:
    mid: Any = annotation.get("mid")
    if mid is None:
        state.without_mid.append(annotation)
        return None
    if type(mid) is not str or not mid:
        state.report("BAD_MID", (path, "mid"), f"must be a non-empty text, not {kind_of(mid)}")
        return None
    return mid


def require_category(state: ValidationState, chosen: Chosen, path: Path) -> None:
    """Report an annotation without a category."""
    if not chosen.length:
        state.report("CATEGORY_REQUIRED", (path, "categories"), "an annotation needs a category")
