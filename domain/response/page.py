"""Answers given page by page: page-level jobs, and the location of annotations in a PDF."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from labelyard.domain.document import Path
from labelyard.domain.interface.model import Job
from labelyard.domain.interface.vocabulary import Tool
from labelyard.domain.number import whole_number
from labelyard.domain.response.geometry import RINGS, check_boundary, check_line, check_marker
from labelyard.domain.response.rules import Severity
from labelyard.domain.response.validation_state import Answer, Check, ValidationState, kind_of


def page_level(check: Check) -> Check:
    """Return the check of a page-level task: the plain shape, or an object of page number to plain shape."""

    def check_pages(state: ValidationState, job: Job, answer: Answer, path: Path, is_key: bool) -> bool:
        if not answer or not all(key.isdecimal() for key in answer):
            return check(state, job, answer, path, is_key)
        is_answered = False
        for key, page in answer.items():
            location = (path, key)
            number = whole_number(key)
            if number is None or not 1 <= number < 10**9:
                state.report("PAGE_NUMBER", location, f'pages count from 1, there is no page "{key[:20]}"')
            else:
                _check_range(state, number, location)
            is_answered |= check_page(state, job, page, location, is_key)
        return is_answered

    def check_page(state: ValidationState, job: Job, page: Any, location: Path, is_key: bool) -> bool:
        if page is None:
            return False
        if type(page) is not dict:
            state.report("WRONG_SHAPE", location, f"the answer of a page must be an object, not {kind_of(page)}")
            return False
        return check(state, job, page, location, is_key)

    return check_pages


def _check_range(state: ValidationState, page: int, path: Path) -> None:
    pages = state.asset.pages
    if pages is not None and page > pages:
        state.report("PAGE_OUT_OF_RANGE", path, f"the document has {pages} pages, there is no page {page}")


def check_placements(
    state: ValidationState, annotation: Answer, path: Path, check_shape: Callable[[ValidationState, Answer, Path], None]
) -> None:
    """Check the inner `annotations` of a PDF annotation: pages, and on each the shape."""
    location = (path, "annotations")
    placements = annotation.get("annotations")
    if placements is None or placements == []:
        state.report("GEOMETRY_MISSING", location, "an annotation of a PDF has its pages and outlines here")
        return
    if type(placements) is not list:
        state.report("WRONG_SHAPE", location, f"must be a list, not {kind_of(placements)}")
        return
    for index, placement in enumerate(placements):
        if type(placement) is not dict:
            state.report("WRONG_SHAPE", (location, index), f"must be an object, not {kind_of(placement)}")
            continue
        _check_page_numbers(state, placement, (location, index))
        check_shape(state, placement, (location, index))


def _check_page_numbers(state: ValidationState, placement: Answer, path: Path) -> None:
    listed = placement.get("pageNumberArray")
    location: Path = (path, "pageNumberArray")
    if listed is None:
        if placement.get("pageNumber") is not None:
            _check_page_number(state, placement["pageNumber"], (path, "pageNumber"))
            return
        listed = []
    if type(listed) is not list:
        state.report("WRONG_SHAPE", location, f"must be a list of pages, not {kind_of(listed)}")
        return
    if not listed:
        state.report("PAGE_NUMBER", location, "the page is missing", severity=Severity.HUMAN)
    for index, page in enumerate(listed):
        _check_page_number(state, page, (location, index))


def _check_page_number(state: ValidationState, page: Any, path: Path) -> None:
    if type(page) is not int or page < 1:
        state.report("PAGE_NUMBER", path, f"pages are integers from 1, not {kind_of(page)}")
    else:
        _check_range(state, page, path)


def check_entity_shape(state: ValidationState, placement: Answer, path: Path) -> None:
    """Check the outline of an entity: around it (`boundingPoly`), line by line (`polys`), or both."""
    geometry_keys = [key for key in ("boundingPoly", "polys") if placement.get(key) not in (None, [])]
    if not geometry_keys:
        state.report("GEOMETRY_MISSING", (path, "boundingPoly"), '"boundingPoly" or "polys" must be given')
    for key in geometry_keys:
        check_boundary(state, placement[key], (path, key), RINGS[Tool.POLYGON])


def object_shape(tool: Tool) -> Callable[[ValidationState, Answer, Path], None]:
    """Return the check of a drawn object on its page."""

    def check_shape(state: ValidationState, placement: Answer, path: Path) -> None:
        if tool is Tool.MARKER:
            check_marker(state, placement, path)
        elif tool in {Tool.POLYLINE, Tool.VECTOR}:
            check_line(state, placement, path)
        else:
            # One element for each page or part: several are the rule here, not an exception.
            check_boundary(state, placement.get("boundingPoly"), (path, "boundingPoly"), RINGS[tool])

    return check_shape
