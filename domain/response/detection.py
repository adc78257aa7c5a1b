"""Drawn objects: which tool made them, and the geometry that belongs to it."""

from __future__ import annotations

from labelyard.domain.document import Path
from labelyard.domain.interface.model import Job
from labelyard.domain.interface.vocabulary import Tool
from labelyard.domain.response.annotations import check_annotations, require_category
from labelyard.domain.response.category import Chosen
from labelyard.domain.response.geometry import check_line, check_marker, check_outline
from labelyard.domain.response.page import check_placements, object_shape
from labelyard.domain.response.pose import check_pose, is_written_as_marker
from labelyard.domain.response.validation_state import Answer, ValidationState, kind_of

GEOMETRY_KEYS = {
    Tool.RECTANGLE: "boundingPoly",
    Tool.POLYGON: "boundingPoly",
    Tool.SEMANTIC: "boundingPoly",
    Tool.MARKER: "point",
    Tool.POLYLINE: "polyline",
    Tool.VECTOR: "polyline",
    Tool.POSE: "points",
}


def check_detection(state: ValidationState, job: Job, answer: Answer, path: Path, is_key: bool) -> bool:
    """Check the objects of a job."""
    return check_annotations(state, job, answer, path, is_key, _check_object)


def _check_object(
    state: ValidationState, job: Job, annotation: Answer, path: Path, chosen: Chosen, is_key: bool
) -> bool:
    tool = tool_of(job, annotation)
    if tool is None:
        _report_type(state, job, annotation, path)
    if tool is Tool.RANGE:
        # Segments have no public shape: they are kept as sent.
        return False
    require_category(state, chosen, path)
    if tool is Tool.POSE:
        check_pose(state, job, annotation, path, chosen, is_key)
    elif tool is not None and state.setting.is_pdf:
        check_placements(state, annotation, path, object_shape(tool))
    elif tool is Tool.MARKER:
        check_marker(state, annotation, path)
    elif tool in {Tool.POLYLINE, Tool.VECTOR}:
        check_line(state, annotation, path)
    elif tool is not None:
        check_outline(state, annotation, path, tool)
    return tool is Tool.SEMANTIC


def tool_of(job: Job, annotation: Answer) -> Tool | None:
    """Return the tool of an annotation; None when its `type` is not one of the job.

    Without a type it is a rectangle where the job draws some, else the tool whose geometry is there.
    """
    written = annotation.get("type")
    if written is not None:
        if written == Tool.MARKER and is_written_as_marker(job, annotation):
            return Tool.POSE
        return next((tool for tool in job.tools if tool.value == written), None)
    if Tool.RECTANGLE in job.tools:
        return Tool.RECTANGLE
    candidates = [tool for tool in job.tools if tool in GEOMETRY_KEYS and annotation.get(GEOMETRY_KEYS[tool])]
    return candidates[0] if candidates else next(iter(job.tools), None)


def _report_type(state: ValidationState, job: Job, annotation: Answer, path: Path) -> None:
    written = annotation.get("type")
    location = (path, "type")
    allowed = ", ".join(job.tools)
    if written not in set(Tool):
        state.report("TYPE_UNKNOWN", location, f"{kind_of(written)} is not a tool; this job draws: {allowed}")
    else:
        state.report("TYPE_NOT_ALLOWED", location, f'the tool "{written}" is not one of this job: {allowed}')
