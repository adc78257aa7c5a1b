"""What all lists of annotations share: mids, categories, nested answers and counts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from labelyard.domain.document import Path
from labelyard.domain.interface.model import Job
from labelyard.domain.response.category import Chosen, check_categories
from labelyard.domain.response.children import check_openings
from labelyard.domain.response.reading import Answer, Marked, Reading, kind_of

CheckShape: TypeAlias = Callable[[Reading, Job, Answer, Path, Chosen, bool], bool]
"""Checks what is particular to the task in one annotation (last: in a key frame); True for a part of a mask."""


def check_annotations(
    reading: Reading, job: Job, answer: Answer, path: Path, is_key: bool, check_shape: CheckShape
) -> bool:
    """Check an `annotations` list."""
    annotations = answer.get("annotations")
    place = (path, "annotations")
    if annotations is None:
        return False
    if type(annotations) is not list:
        reading.report("WRONG_SHAPE", place, f'"annotations" must be a list, not {kind_of(annotations)}')
        return False
    for index, annotation in enumerate(annotations):
        if type(annotation) is dict:
            _check_annotation(reading, job, annotation, (place, index), is_key, check_shape)
        else:
            reading.report("WRONG_SHAPE", (place, index), f"an annotation must be an object, not {kind_of(annotation)}")
    return bool(annotations)


def _check_annotation(
    reading: Reading, job: Job, annotation: Answer, path: Path, is_key: bool, check_shape: CheckShape
) -> None:
    if reading.is_framed:
        is_key = reading.read_key_frame(annotation, path, is_key)
    mid = _check_mid(reading, annotation, path)
    chosen = check_categories(reading, job, annotation.get("categories"), (path, "categories"))
    keys = tuple(chosen.keys)
    outer, reading.subject = reading.subject, mid if mid is not None else id(annotation)
    is_mask = check_shape(reading, job, annotation, path, chosen, is_key)
    if mid is not None:
        reading.mark(mid, Marked(job.name, keys, is_mask), (path, "mid"))
    check_openings(reading, job, chosen, annotation.get("children"), (path, "children"), is_key, at_extra=True)
    reading.subject = outer
    reading.count_annotation(job, keys, mid, is_key)


def _check_mid(reading: Reading, annotation: Answer, path: Path) -> str | None:
    mid: Any = annotation.get("mid")
    if mid is None:
        reading.without_mid.append(annotation)
        return None
    if type(mid) is not str or not mid:
        reading.report("BAD_MID", (path, "mid"), f"must be a non-empty text, not {kind_of(mid)}")
        return None
    return mid


def require_category(reading: Reading, chosen: Chosen, path: Path) -> None:
    """Demand that an annotation has a category."""
    if not chosen.length:
        reading.report("CATEGORY_REQUIRED", (path, "categories"), "an annotation needs a category")
