"""Poses: named points."""

from __future__ import annotations

from typing import Any

from labelyard.domain.document import Path
from labelyard.domain.interface.model import Job, PosePoint
from labelyard.domain.interface.vocabulary import Tool
from labelyard.domain.response.category import Chosen
from labelyard.domain.response.children import check_children, require
from labelyard.domain.response.geometry import check_point
from labelyard.domain.response.validation_state import Answer, ValidationState, kind_of


def is_written_as_marker(job: Job, annotation: Answer) -> bool:
    """Whether an annotation of type `marker` is a pose, as older writers said it."""
    if Tool.POSE not in job.tools:
        return False
    return Tool.MARKER not in job.tools or "points" in annotation or annotation.get("kind") == "POSE_ESTIMATION"


def check_pose(state: ValidationState, job: Job, annotation: Answer, path: Path, chosen: Chosen, is_key: bool) -> None:
    """Check `points`: an empty list is a pose of which nothing is seen."""
    location = (path, "points")
    points = annotation.get("points")
    if points is None:
        state.report("GEOMETRY_MISSING", location, "the points of the pose are missing")
        return
    if type(points) is not list:
        state.report("WRONG_SHAPE", location, f"must be a list of points, not {kind_of(points)}")
        return
    known = {point.code: point for key in chosen.keys for point in job.categories[key].points}
    # A category that declares no points takes any.
    is_closed = chosen.length == len(chosen.keys) > 0 and bool(known)
    seen: set[str] = set()
    placed: set[str] = set()
    for index, item in enumerate(points):
        code = _check_pose_point(state, job, item, (location, index), known if is_closed else None, is_key)
        if code is None:
            continue
        if code in seen:
            state.report("DUPLICATE_POINT", ((location, index), "code"), f'the point "{code}" is given twice')
        seen.add(code)
        if item.get("point") is not None:
            placed.add(code)
    missing = [code for code, point in known.items() if point.is_mandatory and code not in placed]
    if missing:
        state.report("MANDATORY_POINT_MISSING", location, f"mandatory and not given: {', '.join(missing)}")


def _check_pose_point(
    state: ValidationState, job: Job, item: Any, path: Path, known: dict[str, PosePoint] | None, is_key: bool
) -> str | None:
    if type(item) is not dict:
        state.report("WRONG_SHAPE", path, f"a point of a pose must be an object, not {kind_of(item)}")
        return None
    if item.get("point") is not None:
        check_point(state, item["point"], (path, "point"))
    code = item.get("code")
    if type(code) is not str or not code:
        state.report("WRONG_SHAPE", (path, "code"), f"a point of a pose needs its code, not {kind_of(code)}")
        return None
    point = known.get(code) if known is not None else None
    if known is not None and point is None:
        state.report("UNKNOWN_POINT", (path, "code"), f'the category has no point "{code}"')
    children = (path, "children")
    answered = check_children(state, item.get("children"), children, point.children if point else None, is_key)
    if point is not None:
        require(state, job, code, point.children, children, answered)
    return code
