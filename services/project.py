"""Writing projects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from domain.error import BadUserInput, Problem
from domain.interface import Interface, RemovedName, parse_interface, removed_names
from domain.permission import Actor, ProjectRole
from domain.project import NO_INPUT_TYPE, description_of, input_type_of, settings_of, title_of
from domain.workflow import CONSENSUS
from domain.workflow_step import FIRST_GROUP, LABELING_STEP
from services.guard import refuse_archived
from services.identity import new_id
from services.interface import checked_interface
from services.member import put_member
from services.settling import settle_states
from storage.consensus import begun_in_consensus, redistribute
from storage.database import Connection, Row, Writer
from storage.mark import request_project_marks
from storage.project import (
    has_labels,
    insert_project,
    insert_step,
    labels_answering,
    labels_naming,
    lock_project,
    only_first_step_uses_honeypots,
    update_first_step,
    update_project,
)
from storage.step_group import insert_group

EMPTY_INTERFACE = '{"jobs":{}}'


@dataclass(frozen=True, slots=True)
class NewProject:
    """A project that has been checked and can be written."""

    id: str
    columns: Mapping[str, Any]
    warnings: Sequence[Problem]


def check_new_project(data: Mapping[str, Any], actor: Actor, *, workflow_version: str) -> NewProject:
    """Check `CreateProjectData`; nothing is written yet."""
    if "fromDemoProject" in data:
        raise BadUserInput(
            f"Demo projects such as {data['fromDemoProject']} are not bundled with this server; give inputType and jsonInterface.",
            fromDemoProject=str(data["fromDemoProject"]),
        )
    if "inputType" not in data:
        raise BadUserInput("A project needs an inputType, such as IMAGE or TEXT.", field="inputType")
    input_type = input_type_of(str(data["inputType"]))
    if data.get("pixelLabeling") and input_type != "GEOSPATIAL":
        raise BadUserInput(
            f"pixelLabeling is for GEOSPATIAL projects; this one is {input_type}.", field="pixelLabeling"
        )
    text = interface_text(data.get("jsonInterface"))
    report = checked_interface(text, input_type=input_type)
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
    return NewProject(new_id(), columns, report.warnings)


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
        every: dict[str, Any] = {"project_id": new.id, "step_group_id": None}
        if new.columns["workflow_version"] == "V3":
            every["step_group_id"] = new_id()
            await insert_group(
                connection, identifier=every["step_group_id"], project_id=new.id, name=FIRST_GROUP, place=0
            )
        await insert_step(
            connection, {"id": new_id(), **every, "name": LABELING_STEP, "type": "DEFAULT", "step_order": 0}
        )
        review = {"id": new_id(), **every, "name": "Review", "type": "REVIEW", "step_order": 1, "step_coverage": 0}
        await insert_step(connection, review)
    await put_member(connection, project_id=new.id, user_id=actor.user_id, role=ProjectRole.ADMIN)


@dataclass(frozen=True, slots=True)
class ProjectChange:
    """A change of a project that has been checked as far as it can be without reading the project."""

    columns: Mapping[str, Any]
    json_interface: str | None
    archived: bool | None
    changes_more: bool
    """Whether anything else than the archive is said."""


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
        warnings.extend(await _warn_of_removed(connection, project, interface))
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
    values["updated_at"] = await connection.fetch_value("select now()")
    await update_project(connection, project_id, values)
    await _follow_quality(connection, project, values)
    return warnings


async def _follow_quality(connection: Writer, project: Row, values: Mapping[str, Any]) -> None:
    """Assets follow the share that is labeled several times, and the number of labels that these need."""
    project_id = project["id"]
    coverage = values.get("consensus_tot_coverage", project["consensus_tot_coverage"])
    if coverage != project["consensus_tot_coverage"]:
        await redistribute(connection, project_id, draw=CONSENSUS, coverage=int(coverage))
    if values.get("min_consensus_size", project["min_consensus_size"]) != project["min_consensus_size"]:
        await settle_states(connection, project_id, await begun_in_consensus(connection, project_id))
    if values.get("should_relaunch_kpi_computation"):
        await request_project_marks(connection, project_id)


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


async def delete_project(connection: Writer, project_id: str) -> None:
    """Take a project out of sight at once; its content is removed in the background."""
    await lock_project(connection, project_id)
    await update_project(connection, project_id, {"deleted_at": await connection.fetch_value("select now()")})


async def _archived_at(connection: Connection, before: Any, wanted: bool | None) -> Any:
    if wanted is None or wanted == (before is not None):
        return before
    return await connection.fetch_value("select now()") if wanted else None


async def _warn_of_removed(connection: Connection, project: Any, interface: Interface) -> list[Problem]:
    """One warning for each job or category that goes and that labels use, with the number of labels."""
    before = parse_interface(project["json_interface"], input_type=project["input_type"]).interface
    removed = removed_names(before, interface) if before else ()
    jobs = [name.job for name in removed if name.category is None]
    categories = [f"{name.job}.{name.category}" for name in removed if name.category is not None]
    used = {
        **await labels_answering(connection, project["id"], jobs),
        **await labels_naming(connection, project["id"], categories),
    }
    return [_removed_problem(name, used[key]) for name in removed if (key := _key(name)) in used]


def _key(name: RemovedName) -> str:
    return name.job if name.category is None else f"{name.job}.{name.category}"


def _removed_problem(name: RemovedName, labels: int) -> Problem:
    path = f"jobs.{name.job}" + (f".content.categories.{name.category}" if name.category is not None else "")
    return Problem(
        "REMOVED", path, f"{labels} labels use it; they stay as they are, and clients may fail to parse them"
    )
