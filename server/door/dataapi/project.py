"""Projects of data tasks: the calls under `/projects`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from labelyard.domain.door.dataapi.input import Input, inputs_of
from labelyard.domain.door.dataapi.output import can_say, output_jobs, output_of
from labelyard.domain.error import NotFound
from labelyard.domain.interface import Interface, parse_interface
from labelyard.domain.interface.model import Job
from labelyard.domain.permission import Action, Actor
from labelyard.server.door.dataapi.door import DOOR, NAME
from labelyard.server.door.dataapi.model import NewProject, ProjectChange
from labelyard.server.door.rest import Answer, Call, created, no_content
from labelyard.services.door.dataapi.project import add_project, change_project, check_callback, check_project
from labelyard.services.door.project import required_project
from labelyard.services.project import delete_project
from labelyard.storage.database import Connection, Row
from labelyard.storage.door_task import count_projects, list_projects
from labelyard.storage.plan.compiler import milliseconds

MOST_LISTED: Final = 1_000
MOST_SKIPPED: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Project:
    """A project of data tasks, whoever made it."""

    row: Row
    record: Mapping[str, Any]
    inputs: list[Input]
    jobs: list[Job]

    @property
    def id(self) -> str:
        """The id in GraphQL."""
        return str(self.row["id"])

    @property
    def number(self) -> int:
        """The id in this door."""
        return int(self.row["number"])

    @property
    def has_consensus(self) -> bool:
        """Whether several workers answer each item."""
        return bool(self.row["min_consensus_size"] > 1 and self.row["consensus_tot_coverage"] > 0)

    def shown(self, actor: Actor) -> dict[str, Any]:
        """The project as a person reads it; where callbacks go is for those who may change it."""
        row, record = self.row, self.record
        may_change = actor.may(Action.CHANGE_PROJECT, self.id)
        return {
            "id": self.number,
            "uid": self.id,
            "title": row["title"],
            "description": record.get("description", ""),
            "public_description": row["description"],
            "language": record.get("language", ""),
            "input_spec": [
                {"name": field.name, "type": field.type, "required": field.is_required} for field in self.inputs
            ],
            "output_spec": [_shown_output(job) for job in self.jobs],
            "answers_per_task": row["min_consensus_size"] if row["consensus_tot_coverage"] else 1,
            "callback_url": record.get("callback_url") if may_change else None,
            "created_at": milliseconds(row["created_at"]),
        }


def _shown_output(job: Job) -> dict[str, Any]:
    output = output_of(job)
    return {
        "name": output.name,
        "type": output.type,
        "required": output.is_required,
        "label": output.label,
        "options": [{"value": value, "label": label} for value, label in output.options],
    }


def project_of(row: Row) -> Project | None:
    """A project from its row; None when data tasks cannot say what it is."""
    interface = parse_interface(row["json_interface"], input_type=row["input_type"]).interface or Interface()
    if not can_say(interface, row["input_type"]):
        return None
    record = orjson.loads(row["record"])
    return Project(row, record, inputs_of(record, row["input_type"]), output_jobs(interface))


async def find_project(connection: Connection, actor: Actor, key: str) -> Project:
    """A project by number or id; `NotFound` for one that the person does not see, or that is none of data tasks."""
    project = project_of(await required_project(connection, NAME, actor, key))
    if project is None:
        raise NotFound(
            f"Project {key[:100]!r} is none of data tasks: those have pictures or texts, and all of their jobs are "
            "classifications or transcriptions.",
            project=key[:100],
        )
    return project


def page_of(call: Call) -> tuple[int, int]:
    """`limit` and `offset`."""
    limit = call.query.number("limit", default=100, least=1, most=MOST_LISTED)
    return limit, call.query.number("offset", default=0, most=MOST_SKIPPED)


@DOOR.get("/projects")
async def list_all(call: Call) -> object:
    """The projects of data tasks that the person sees."""
    limit, offset = page_of(call)
    async with call.reader() as connection:
        total = await count_projects(connection, call.actor)
        rows = await list_projects(connection, call.actor, limit=limit, offset=offset)
    projects = [project for row in rows if (project := project_of(row)) is not None]
    return {"items": [project.shown(call.actor) for project in projects], "total": total}


@DOOR.get("/projects/{id}")
async def read(call: Call) -> object:
    """One project."""
    async with call.reader() as connection:
        return (await find_project(connection, call.actor, call.path["id"])).shown(call.actor)


@DOOR.post("/projects", Action.CREATE_PROJECT)
async def create(call: Call) -> Answer:
    """Make a project; its maker is its administrator."""
    fields = call.read(NewProject).fields()
    if fields.values.get("callback_url") is not None:
        await check_callback(call.services, fields.values["callback_url"])
    new = check_project(call.services, call.actor, fields)
    async with call.transaction() as writer:
        await add_project(writer, call.services, call.actor, new, fields)
        call.has_made(new.id)
        project = await find_project(writer, call.actor, new.id)
    return created(project.shown(call.actor))


@DOOR.patch("/projects/{id}", Action.CHANGE_PROJECT)
async def change(call: Call) -> object:
    """Change some fields of a project."""
    async with call.reader() as connection:
        project = await find_project(connection, call.actor, call.path["id"])
    await call.authorize(project.id)
    fields = call.read(ProjectChange).fields()
    if fields.values.get("callback_url") is not None:
        await check_callback(call.services, fields.values["callback_url"])
    async with call.transaction() as writer:
        await change_project(writer, call.services, project.id, fields)
        return (await find_project(writer, call.actor, project.id)).shown(call.actor)


@DOOR.delete("/projects/{id}", Action.DELETE_PROJECT)
async def delete(call: Call) -> Answer:
    """Delete a project with everything in it."""
    async with call.reader() as connection:
        project = await find_project(connection, call.actor, call.path["id"])
    await call.authorize(project.id)
    async with call.transaction() as writer:
        await delete_project(writer, project.id)
    return no_content()
