"""Check one job and read it into the model."""

from __future__ import annotations

from typing import Any, TypeVar

from labelyard.domain.document import Path
from labelyard.domain.interface.category import read_categories, read_options
from labelyard.domain.interface.model import Job
from labelyard.domain.interface.problems import Problems, shown
from labelyard.domain.interface.vocabulary import (
    CLASSIFYING,
    NEEDING_CATEGORIES,
    RELATING,
    RESERVED_JOB_NAMES,
    TRANSCRIBING,
    Input,
    Level,
    MlTask,
    Tool,
)

_FLAGS = ("required", "isChild", "isVisible", "isModel")
_FIXED_TOOLS = {MlTask.POSE_ESTIMATION: (Tool.POSE,)}
_Member = TypeVar("_Member", MlTask, Tool, Input, Level)


def is_job_name(name: str) -> bool:
    """Whether responses could use the name: frames are numbers, technical entries have names of their own."""
    return bool(name) and name not in RESERVED_JOB_NAMES and not name.isdecimal()


def read_job(name: str, raw: Any, path: Path, problems: Problems) -> Job | None:
    """Note the problems of a job and return the job; None when too little of it can be read."""
    if not is_job_name(name):
        problems.add("JI05", path, f'"{name}" cannot be the name of a job')
    if not isinstance(raw, dict):
        problems.add("JI04", path, "a job must be an object")
        return None
    task = _read_task(raw, path, problems)
    level = _member(Level, raw.get("level"))
    if raw.get("level") is not None and level is None:
        problems.add("JI16", (path, "level"), f'"{shown(raw["level"])}" is not a level; levels are {_listed(Level)}')
    _check_flags(raw, path, problems)
    content = raw.get("content")
    if content is not None and not isinstance(content, dict):
        problems.add("JI07", (path, "content"), '"content" must be an object')
    content = content if isinstance(content, dict) else {}
    entered = _read_input(content, (path, "content"), problems, task=task)
    if task is None:
        return None
    tools = _read_tools(task, raw, path, problems)
    categories = read_categories(
        content.get("categories"),
        ((path, "content"), "categories"),
        problems,
        is_needed=task in NEEDING_CATEGORIES,
        has_points=Tool.POSE in tools,
    )
    options = read_options(
        content.get("options"), ((path, "content"), "options"), problems, is_needed=task is MlTask.COMPARISON
    )
    if task in RELATING and not categories:
        problems.add("JI52", ((path, "content"), "categories"), "without categories this relation can link nothing")
    return Job(
        name=name,
        ml_task=task,
        tools=tools,
        input=entered if entered is not None and _is_usable(entered, task) else _default_input(task),
        categories=categories,
        options=options,
        is_required=raw.get("required") in (True, 1),
        is_child=raw.get("isChild") in (True, 1),
        is_visible=raw.get("isVisible", True) in (True, 1),
        is_model=raw.get("isModel") in (True, 1),
        is_oriented=raw.get("isOriented") in (True, 1),
        level=level,
        instruction=raw["instruction"] if isinstance(raw.get("instruction"), str) else "",
    )


def _member(kind: type[_Member], value: Any) -> _Member | None:
    try:
        return kind(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _listed(kind: type[MlTask] | type[Tool] | type[Input] | type[Level]) -> str:
    return ", ".join(kind)


def _read_task(raw: dict[str, Any], path: Path, problems: Problems) -> MlTask | None:
    value = raw.get("mlTask")
    task = _member(MlTask, value)
    if value is None:
        problems.add("JI06", (path, "mlTask"), '"mlTask" is missing')
    elif task is None:
        problems.add("JI06", (path, "mlTask"), f'"{shown(value)}" is not a known task; tasks are {_listed(MlTask)}')
    return task


def _check_flags(raw: dict[str, Any], path: Path, problems: Problems) -> None:
    for key in _FLAGS:
        if key in raw and not (isinstance(raw[key], bool) or (type(raw[key]) is int and raw[key] in (0, 1))):
            problems.add("JI17", (path, key), f'"{key}" must be true/false or 0/1')


def _read_input(content: dict[str, Any], path: Path, problems: Problems, *, task: MlTask | None) -> Input | None:
    value = content.get("input")
    entered = _member(Input, value)
    if entered is Input.SELECT and task not in {MlTask.RANKING, None}:
        problems.add("JI10", (path, "input"), f'the input "select" is for rankings only; inputs are {_listed(Input)}')
    elif value is not None and entered is None:
        problems.add("JI10", (path, "input"), f'"{shown(value)}" is not a known input; inputs are {_listed(Input)}')
    return entered


def _is_usable(entered: Input, task: MlTask) -> bool:
    """Older transcriptions say `radio`, which means a text field."""
    is_textual = entered in {Input.TEXT_FIELD, Input.NUMBER, Input.DATE, Input.MARKDOWN}
    return is_textual if task in TRANSCRIBING else not is_textual


def _default_input(task: MlTask) -> Input | None:
    if task in TRANSCRIBING:
        return Input.TEXT_FIELD
    return Input.RADIO if task in NEEDING_CATEGORIES | RELATING | CLASSIFYING else None


def _read_tools(task: MlTask, raw: dict[str, Any], path: Path, problems: Problems) -> tuple[Tool, ...]:
    value = raw.get("tools")
    if task is not MlTask.OBJECT_DETECTION and (task not in _FIXED_TOOLS or not value):
        return _FIXED_TOOLS.get(task, ())
    location = (path, "tools")
    if not isinstance(value, list) or not value:
        problems.add("JI09", location, f'this task needs "tools", a list of {_listed(Tool)}')
        return ()
    tools: list[Tool] = []
    for index, item in enumerate(value):
        tool = _member(Tool, item)
        if tool is None:
            problems.add("JI09", (location, index), f'"{shown(item)}" is not a known tool; tools are {_listed(Tool)}')
        else:
            tools.append(tool)
    return tuple(dict.fromkeys(tools))
