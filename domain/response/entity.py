"""Entities: words of a text, or regions on the pages of a PDF."""

from __future__ import annotations

from typing import Any

from labelyard.domain.document import Path
from labelyard.domain.interface.model import Job
from labelyard.domain.response.annotations import check_annotations, require_category
from labelyard.domain.response.category import Chosen
from labelyard.domain.response.page import check_entity_shape, check_placements
from labelyard.domain.response.validation_state import Answer, ValidationState, kind_of

_PLAIN_TEXT_NODE = "main/[0]"


def check_entities(state: ValidationState, job: Job, answer: Answer, path: Path, is_key: bool) -> bool:
    """Check the entities of a job."""
    return check_annotations(state, job, answer, path, is_key, _check_entity)


def _check_entity(
    state: ValidationState, job: Job, annotation: Answer, path: Path, chosen: Chosen, is_key: bool
) -> bool:
    del is_key
    require_category(state, chosen, path)
    content = annotation.get("content")
    if content is None:
        state.report("CONTENT_MISSING", (path, "content"), "the words of the entity are missing")
    elif type(content) is not str:
        state.report("WRONG_SHAPE", (path, "content"), f"must be a text, not {kind_of(content)}")
    if state.setting.is_pdf:
        check_placements(state, annotation, path, check_entity_shape)
    else:
        _check_offsets(state, annotation, path)
    return False


def _check_offsets(state: ValidationState, annotation: Answer, path: Path) -> None:
    begin: Any = annotation.get("beginOffset")
    end: Any = annotation.get("endOffset")
    if not _is_offset(begin):
        state.report("BAD_OFFSET", (path, "beginOffset"), f"must be an integer from 0, not {kind_of(begin)}")
        return
    nodes = (annotation.get("beginId"), annotation.get("endId"))
    if end is not None:
        if not _is_offset(end):
            state.report("BAD_OFFSET", (path, "endOffset"), f"must be an integer from 0, not {kind_of(end)}")
        elif end <= begin and (None in nodes or nodes[0] == nodes[1]):
            state.report("BAD_OFFSET", (path, "endOffset"), f"must be above beginOffset {begin}, not {end}")
    content, text = annotation.get("content"), state.asset.text
    if text is None or type(content) is not str or nodes[0] not in {None, _PLAIN_TEXT_NODE}:
        return
    if not _stands_at(text, content, begin):
        words = text[begin : begin + len(content)]
        state.report(
            "CONTENT_MISMATCH",
            (path, "content"),
            f"at offset {begin} stands {kind_of(words)}, not {kind_of(content)}",
        )


def _is_offset(value: Any) -> bool:
    return type(value) is int and value >= 0


def _stands_at(text: str, content: str, begin: int) -> bool:
    """Whether the words are there, counting code points or, as browsers do, UTF-16 units."""
    if text.startswith(content, begin):
        return True
    if text.isascii():
        return False
    units = text.encode("utf-16-le", "surrogatepass")
    return units.startswith(content.encode("utf-16-le", "surrogatepass"), 2 * begin)
