"""The interface of a project as the first clients wrote it: as the project's tool."""

from __future__ import annotations

from typing import Any

import orjson

from labelyard.domain.error import BadUserInput, Conflict, NotFound, Problem
from labelyard.services.interface import checked_interface
from labelyard.services.project import EMPTY_INTERFACE, check_project_change, interface_text, update_properties
from labelyard.storage.database import Row, Writer
from labelyard.storage.project import lock_project


async def add_to_tool(connection: Writer, project_id: str, settings: str, category: str | None) -> list[Problem]:
    """Add the jobs of settings to the interface of a project, and answer what is odd about it; no job is overwritten."""
    project = await lock_project(connection, project_id)
    added = _document(interface_text(settings), project)
    text = settings
    if _has_tool(project):
        before = orjson.loads(project["json_interface"])
        taken = [name for name in added["jobs"] if name in before["jobs"]]
        if taken:
            raise Conflict(
                f"[jobTaken] The interface of project {project_id} has a job {taken[0]!r} already; change it with updateTool, "
                "or give the new job another name.",
                jobs=taken,
            )
        text = orjson.dumps({**before, "jobs": {**before["jobs"], **added["jobs"]}}).decode()
    return await _write(connection, project_id, text, category)


async def change_tool(connection: Writer, project_id: str, settings: str | None, category: str | None) -> list[Problem]:
    """Replace the interface of a project that has one, and answer what is odd about it."""
    project = await lock_project(connection, project_id)
    _require_tool(project)
    if settings is not None:
        _document(interface_text(settings), project)
    return await _write(connection, project_id, settings, category)


async def remove_tool(connection: Writer, project_id: str) -> list[Problem]:
    """Leave a project without jobs, and answer which labels use those that go. The labels stay."""
    _require_tool(await lock_project(connection, project_id))
    return await _write(connection, project_id, EMPTY_INTERFACE, None)


async def _write(connection: Writer, project_id: str, text: str | None, category: str | None) -> list[Problem]:
    data = {"jsonInterface": text, "interfaceCategory": category}
    change = check_project_change({name: value for name, value in data.items() if value is not None})
    return await update_properties(connection, project_id, change, input_type=None)


def _document(text: str, project: Row) -> Any:
    """Settings as a document with at least one job."""
    checked_interface(text, input_type=project["input_type"])
    document = orjson.loads(text)
    if not document.get("jobs"):
        raise BadUserInput(
            'The settings of a tool have at least one job, as {"jobs": {…}}; deleteFromTools removes all jobs.',
            field="jsonSettings",
        )
    return document


def _has_tool(project: Row) -> bool:
    return bool(project["ml_tasks"])


def _require_tool(project: Row) -> None:
    if not _has_tool(project):
        raise NotFound(
            f"[notFound] Project {project['id']} has no tool; add one with appendToTools.", toolID=project["id"]
        )
