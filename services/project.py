"""Writing projects."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from labelyard.domain.demo import DemoProject, demo_of
from labelyard.domain.error import BadUserInput, Problem
from labelyard.domain.interface import Interface, RemovedName, parse_interface, removed_names
from labelyard.domain.permission import Actor, ProjectRole
from labelyard.domain.project import NO_INPUT_TYPE, description_of, input_type_of, settings_of, title_of
from labelyard.domain.response import retired_names, retired_text
from labelyard.domain.text import MAX_NAME, within
from labelyard.domain.workflow_step import FIRST_GROUP, LABELING_STEP
from labelyard.services.guard import refuse_archived
from labelyard.services.identity import new_id
from labelyard.services.interface import checked_interface
from labelyard.services.member import put_member
from labelyard.services.project_version import keep_version
from labelyard.services.workflow.settling import write_project_settings
from labelyard.services.workflow.step_group import change_groups, checked_name
from labelyard.storage.clock import database_now
from labelyard.storage.database import Connection, Row, Writer
from labelyard.storage.mark_request import request_project_marks
from labelyard.storage.project import (
    LabelUse,
    has_labels,
    insert_project,
    insert_step,
    labels_answering,
    labels_naming,
    lock_project,
    only_first_step_uses_honeypots,
    update_first_step,
)
from labelyard.storage.step_group import insert_group

EMPTY_INTERFACE = '{"jobs":{}}'


@dataclass(frozen=True, slots=True)
class NewProject:
    """A project that has been checked and can be written."""

    id: str
    columns: Mapping[str, Any]
    warnings: Sequence[Problem]
    groups: Sequence[Mapping[str, Any]] = ()
    """The groups of its steps, where it is to have others than the usual one."""
    demo: DemoProject | None = None
    """The demonstration that its assets come from."""


def check_new_project(data: Mapping[str, Any], actor: Actor, *, workflow_version: str) -> NewProject:
    """Check `CreateProjectData`; nothing is written yet."""
    demo = demo_of(str(data["fromDemoProject"])) if "fromDemoProject" in data else None
    if demo is not None:
        data = _as_demo(data, demo)
    if "inputType" not in data:
        raise BadUserInput("A project needs an inputType, such as IMAGE or TEXT.", field="inputType")
    input_type = input_type_of(str(data["inputType"]))
    if data.get("pixelLabeling") and input_type != "GEOSPATIAL":
        raise BadUserInput(
            f"pixelLabeling is for GEOSPATIAL projects; this one is {input_type}.", field="pixelLabeling"
        )
    text = interface_text(data.get("jsonInterface"))
    report = checked_interface(text, input_type=input_type)
    groups = data.get("stepGroups") or ()
    workflow_version = str(data.get("workflowVersion") or ("V3" if groups else workflow_version))
    if groups and workflow_version != "V3":
        raise BadUserInput(
            f"Groups of steps belong to the workflow V3, not {workflow_version}; leave stepGroups out, or workflowVersion.",
            field="stepGroups",
        )
    columns = {
        "organization_id": actor.organization_id,
        "author_id": actor.user_id,
        "title": title_of(data.get("title", "")),
        "description": description_of(data.get("description", "")),
        "input_type": input_type,
        "json_interface": text,
        "ml_tasks": [str(task) for task in report.interface.ml_tasks] if report.interface else [],
        "compliance_tags": [str(tag) for tag in data.get("complianceTags", [])],
        "pixel_labeling": bool(data.get("pixelLabeling")),
        "workflow_version": workflow_version,
        "use_honeypot": bool(data.get("useHoneyPot")),
    }
    return NewProject(new_id(), columns, report.warnings, groups, demo)


def _as_demo(data: Mapping[str, Any], demo: DemoProject) -> dict[str, Any]:
    """`CreateProjectData` with the asset type of a demonstration, and with its interface unless there is another."""
    if "inputType" in data and input_type_of(str(data["inputType"])) != demo.input_type:
        raise BadUserInput(
            f"{data['fromDemoProject']} is a project of type {demo.input_type}, not {data['inputType']}; leave inputType out.",
            field="inputType",
        )
    chosen = interface_text(data.get("jsonInterface"))
    text = orjson.dumps(demo.interface).decode() if chosen == EMPTY_INTERFACE else chosen
    return {**data, "inputType": demo.input_type, "jsonInterface": text}


def empty_project(actor: Actor, *, workflow_version: str) -> NewProject:
    """A project without title and interface, whose asset type is chosen later, as clients until 2.53 created them."""
    columns = {
        "organization_id": actor.organization_id,
        "author_id": actor.user_id,
        "title": "",
        "input_type": NO_INPUT_TYPE,
        "workflow_version": workflow_version,
    }
    return NewProject(new_id(), columns, ())


def interface_text(text: str | None) -> str:
    """The interface as it is kept: the text as sent, or one without jobs when there is none yet."""
    return EMPTY_INTERFACE if text is None or text.strip() in ("", "null", "{}") else text


async def create_project(connection: Writer, actor: Actor, new: NewProject) -> None:
    """Write a project, its two steps – in a group where there are groups –, and its creator as its first administrator."""
    await insert_project(connection, {"id": new.id, **new.columns})
    if new.columns["workflow_version"] != "V1":
        first, *others = new.groups or [{"name": FIRST_GROUP}]
        labeling = within(first.get("stepName") or LABELING_STEP, name="The name of a step", limit=MAX_NAME, least=1)
        every: dict[str, Any] = {"project_id": new.id, "step_group_id": None}
        if new.columns["workflow_version"] == "V3":
            every["step_group_id"] = new_id()
            await insert_group(
                connection,
                identifier=every["step_group_id"],
                project_id=new.id,
                name=checked_name(first["name"]),
                group_order=0,
            )
        await insert_step(connection, {"id": new_id(), **every, "name": labeling, "type": "DEFAULT", "step_order": 0})
        review = {"id": new_id(), **every, "name": "Review", "type": "REVIEW", "step_order": 1, "step_coverage": 0}
        await insert_step(connection, review)
        await change_groups(connection, new.id, creates=others)
    await put_member(connection, project_id=new.id, user_id=actor.user_id, role=ProjectRole.ADMIN)
    if "json_interface" in new.columns:
        await keep_version(connection, new.id)


@dataclass(frozen=True, slots=True)
class ProjectChange:
    """A change of a project that has been checked as far as it can be without reading the project."""

    columns: Mapping[str, Any]
    json_interface: str | None
    archived: bool | None
    changes_more: bool
    """Whether the change sets more than `archived`."""


def check_project_change(data: Mapping[str, Any]) -> ProjectChange:
    """Check `ProjectData`."""
    columns = settings_of(data)
    if "interfaceCategory" in columns:
        columns["interface_category"] = str(columns["interface_category"])
    text = data.get("jsonInterface", data.get("jsonSettings"))
    return ProjectChange(
        columns, None if text is None else interface_text(text), data.get("archived"), bool(data.keys() - {"archived"})
    )


async def update_properties(
    connection: Writer, project_id: str, change: ProjectChange, *, input_type: str | None
) -> list[Problem]:
    """Write a change and answer its warnings. The asset type of a project cannot change once one has been chosen."""
    project = await lock_project(connection, project_id)
    if change.archived is None or (change.archived and change.changes_more):
        refuse_archived(project_id, project["archived_at"])
    values = dict(change.columns)
    chosen = await _chosen_input_type(connection, project, input_type)
    text = change.json_interface if change.json_interface is not None else project["json_interface"]
    warnings: list[Problem] = []
    if chosen != project["input_type"] or text != project["json_interface"]:
        report = checked_interface(text, input_type=chosen)
        warnings.extend(report.warnings)
        interface = report.interface or Interface()
        retired, retirement_warnings = await _retire(connection, project, interface)
        warnings.extend(retirement_warnings)
        values["retired_names"] = retired_text(retired)
        warnings.extend(await _follow_interface(connection, project, interface, input_type=chosen))
        values["input_type"] = chosen
        values["json_interface"] = text
        values["interface_version"] = project["interface_version"] + 1
        values["ml_tasks"] = [str(task) for task in interface.ml_tasks]
    if "review_coverage" in values:
        await update_first_step(
            connection, project_id, step_type="REVIEW", values={"step_coverage": values["review_coverage"]}
        )
    if values.get("use_honeypot"):
        await only_first_step_uses_honeypots(connection, project_id)
    values["archived_at"] = await _archived_at(connection, project["archived_at"], change.archived)
    values["updated_at"] = await database_now(connection)
    await write_project_settings(connection, project, values)
    if "json_interface" in values:
        await keep_version(connection, project_id)
    if values.get("should_relaunch_kpi_computation"):
        await request_project_marks(connection, project_id)
    return warnings


async def _follow_interface(
    connection: Writer, project: Row, interface: Interface, *, input_type: str
) -> list[Problem]:
    """Request all marks anew when labels are read differently from now on, and answer the warning."""
    before = parse_interface(project["json_interface"], input_type=project["input_type"]).interface
    is_read_as_before = before == interface and project["input_type"] == input_type
    if is_read_as_before or not await has_labels(connection, project["id"]):
        return []
    await request_project_marks(connection, project["id"])
    return [
        Problem("MARKS", "jobs", "the quality marks of all labels are being computed anew; they follow within minutes")
    ]


async def _chosen_input_type(connection: Connection, project: Row, wanted: str | None) -> str:
    """The asset type after a change: a project that was created empty takes one, as long as nothing was labeled by none."""
    before: str = project["input_type"]
    chosen = before if wanted is None else input_type_of(wanted)
    if chosen == before:
        return before
    if before != NO_INPUT_TYPE:
        raise BadUserInput(
            f"The asset type of a project cannot change: it is {before}, not {wanted}; create a new project for {wanted}.",
            field="inputType",
        )
    if await has_labels(connection, project["id"]):
        raise BadUserInput(
            f"Project {project['id']} has labels already, so its asset type cannot become {wanted}; delete them first.",
            field="inputType",
        )
    return chosen


async def publish_project(connection: Writer, project_id: str) -> None:
    """Give a project a public token unless it has one."""
    project = await lock_project(connection, project_id)
    refuse_archived(project_id, project["archived_at"])
    if project["public_token"] is None:
        await write_project_settings(connection, project, {"public_token": secrets.token_urlsafe(24)})


async def anonymize_project(connection: Writer, project_id: str, is_anonymized: bool) -> None:
    """Hide the names of people from who labels or reviews in a project, or show them again."""
    project = await lock_project(connection, project_id)
    refuse_archived(project_id, project["archived_at"])
    if project["is_anonymized"] != is_anonymized:
        await write_project_settings(connection, project, {"is_anonymized": is_anonymized})


async def delete_project(connection: Writer, project_id: str) -> None:
    """Take a project out of sight at once; its content is removed in the background."""
    project = await lock_project(connection, project_id)
    await write_project_settings(connection, project, {"deleted_at": await database_now(connection)})


async def _archived_at(connection: Connection, before: Any, wanted: bool | None) -> Any:
    if wanted is None or wanted == (before is not None):
        return before
    return await database_now(connection) if wanted else None


async def _retire(
    connection: Connection, project: Row, interface: Interface
) -> tuple[list[RemovedName], list[Problem]]:
    """The names that the interface no longer has, and one warning for each that goes now and that labels use.

    A name that goes now is retired whether or not labels use it: one that does may be on its way. Names that went before
    stay so as long as a label uses them.
    """
    before = parse_interface(project["json_interface"], input_type=project["input_type"]).interface
    going = removed_names(before, interface) if before else ()
    gone = [name for name in retired_names(project["retired_names"]) if not interface.has(name) and name not in going]
    names = (*going, *gone)
    jobs = [name.job for name in names if name.category is None]
    categories = [f"{name.job}.{name.category}" for name in names if name.category is not None]
    used = {
        **await labels_answering(connection, project["id"], jobs),
        **await labels_naming(connection, project["id"], categories),
    }
    warnings = [_removed_problem(name, used[key]) for name in going if (key := _key(name)) in used]
    return [*going, *(name for name in gone if _key(name) in used)], warnings


def _key(name: RemovedName) -> str:
    return name.job if name.category is None else f"{name.job}.{name.category}"


def _removed_problem(name: RemovedName, use: LabelUse) -> Problem:
    path = f"jobs.{name.job}" + (f".content.categories.{name.category}" if name.category is not None else "")
    return Problem(
        "REMOVED",
        path,
        f"{use.labels} labels use it, the first are {', '.join(use.examples)}; they stay as they are stored, and their "
        "answers are read without it until the interface has it again",
    )
