"""Projects of the FastLabel door."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import asyncpg
import orjson

from labelyard.domain.door.fastlabel.annotation_class import ClassRecord, Ontology, ontology_of
from labelyard.domain.door.fastlabel.family import Family, serves
from labelyard.domain.door.fastlabel.project_type import ProjectType, derived_type, project_type_of
from labelyard.domain.door.fastlabel.slug import slug_of, slug_of_title
from labelyard.domain.door.fastlabel.time import text_of_time, time_of
from labelyard.domain.door.fastlabel.value import flag_of, optional_text_of, text_of, whole_of, word_of
from labelyard.domain.error import BadUserInput, Conflict, NotFound
from labelyard.domain.permission import Actor
from labelyard.domain.text import MAX_TITLE
from labelyard.services.identity import new_id as new_class_id
from labelyard.services.project import (
    EMPTY_INTERFACE,
    check_new_project,
    check_project_change,
    create_project,
    update_properties,
)
from labelyard.services.project_copy import copy_project
from labelyard.storage.database import Connection, Database, Row, Writer
from labelyard.storage.door import ClassRecord as StoredClass
from labelyard.storage.door import class_records, put_class_records, put_project_record
from labelyard.storage.fastlabel import DOOR
from labelyard.storage.fastlabel.project import (
    insert_slugs,
    listed_projects,
    project_by_id,
    project_by_slug,
    projects_without_slug,
    taken_slugs,
)

WORKFLOWS: Final = ("two_step", "three_step")
CODES: Final = ("externalCode1", "externalCode2", "externalCode3")
MAX_CODE: Final = 1_000
MOST_JOBS: Final = 1_000_000
ATTEMPTS: Final = 3


@dataclass(frozen=True, slots=True)
class FastLabelProject:
    """A project of the person, with what this door keeps of it."""

    id: str
    slug: str
    title: str
    kind: ProjectType
    input_type: str
    interface_text: str
    interface_version: int
    organization_id: str
    record: Mapping[str, Any]
    times: tuple[Any, Any]

    @property
    def interface(self) -> Mapping[str, Any]:
        """The jobs that its classes are in; those of a verbatim project are the door's own."""
        text = self.record.get("interface", EMPTY_INTERFACE) if self.kind.is_verbatim else self.interface_text
        parsed: Mapping[str, Any] = json.loads(text)
        return parsed

    @property
    def has_three_steps(self) -> bool:
        """Whether tasks are approved after they were reviewed."""
        return self.record.get("workflow") == "three_step"

    @property
    def shape(self) -> dict[str, Any]:
        """The project as it is answered."""
        record = self.record
        return {
            "id": self.id,
            "type": self.kind.name,
            "slug": self.slug,
            "name": self.title,
            "isPixel": record.get("isPixel", False),
            "jobSize": record.get("jobSize", 10),
            "status": "active",
            "workflow": record.get("workflow", "two_step"),
            "externalWorkflow": record.get("externalWorkflow", "two_step"),
            **{code: record.get(code) for code in CODES},
            "createdAt": text_of_time(self.times[0]),
            "updatedAt": text_of_time(self.times[1]),
        }


def project_of(row: Row) -> FastLabelProject:
    """A project from a row of `storage.fastlabel.project`."""
    record = orjson.loads(row["record"])
    kind = project_type_of(record["type"]) if "type" in record else None
    if kind is None:
        classes = ontology_of(orjson.loads(row["json_interface"]), ())
        kind = derived_type(row["input_type"], classes.kinds, has_frames=row["has_frames"])
    if kind is None:
        raise LookupError("rows are of asset types that this door serves")
    return FastLabelProject(
        id=row["id"],
        slug=row["slug"] or "",
        title=row["title"],
        kind=kind,
        input_type=row["input_type"],
        interface_text=row["json_interface"],
        interface_version=row["interface_version"],
        organization_id=row["organization_id"],
        record=record,
        times=(row["created_at"], row["updated_at"]),
    )


async def list_projects(
    database: Database, actor: Actor, *, slug: str | None, offset: int, limit: int
) -> list[FastLabelProject]:
    """A page of the projects of the person. Those that were made elsewhere are named when they are first asked for."""
    await name_projects(database, actor.organization_id)
    async with database.reader() as connection:
        return [
            project_of(row) for row in await listed_projects(connection, actor, slug=slug, offset=offset, limit=limit)
        ]


async def required_by_slug(database: Database, actor: Actor, slug: str) -> FastLabelProject:
    """A project of the person by its slug."""
    async with database.reader() as connection:
        row = await project_by_slug(connection, actor, slug)
    if row is None and await name_projects(database, actor.organization_id):
        async with database.reader() as connection:
            row = await project_by_slug(connection, actor, slug)
    if row is None:
        raise NotFound(f"There is no project with the slug {slug[:100]!r} that you may see.", slug=slug[:100])
    return project_of(row)


async def required_by_id(database: Database, actor: Actor, project_id: str) -> FastLabelProject:
    """A project of the person by its id."""
    async with database.reader() as connection:
        row = await project_by_id(connection, actor, project_id)
    if row is not None and row["slug"] is None and await name_projects(database, actor.organization_id):
        async with database.reader() as connection:
            row = await project_by_id(connection, actor, project_id)
    if row is None:
        raise NotFound(f"There is no project {project_id[:100]!r} that you may see.", projectId=project_id[:100])
    return project_of(row)


async def name_projects(database: Database, organization_id: str) -> bool:
    """Give slugs to the projects of an organization that have none; answers whether there were any.

    They are named in the order of their creation, whoever asks, so that a slug does not depend on who sees which projects.
    """
    async with database.reader() as connection:
        unnamed = await projects_without_slug(connection, organization_id)
    if not unnamed:
        return False
    for _ in range(ATTEMPTS):
        # It stays whatever becomes of the request, which may only read.
        async with database.aside() as writer:
            unnamed = await projects_without_slug(writer, organization_id)
            taken = await taken_slugs(writer, organization_id)
            slugs: dict[str, str] = {}
            for row in unnamed:
                slugs[row["id"]] = slug_of_title(row["title"], taken.__contains__)
                taken.add(slugs[row["id"]])
            await insert_slugs(writer, organization_id, slugs)
        # Another request may have named some at the same moment.
        async with database.reader() as connection:
            if not await projects_without_slug(connection, organization_id):
                break
    return True


def require_family(project: FastLabelProject, family: Family) -> None:
    """Refuse tasks of a family that a project does not have."""
    if not serves(family, project.kind):
        raise BadUserInput(
            f"Project {project.slug!r} is of the type {project.kind.name}; its tasks are at tasks/{project.kind.family}, "
            f"not at tasks/{family.route}.",
            project=project.slug,
        )


# Writing


@dataclass(frozen=True, slots=True)
class SentProject:
    """What a client says of a project; what it leaves out is not there."""

    name: str | None
    slug: str | None
    record: Mapping[str, Any]


def sent_project(body: Mapping[str, Any]) -> SentProject:
    """What a body says of a project."""
    record: dict[str, Any] = {}
    for name in ("workflow", "externalWorkflow"):
        if body.get(name) is not None:
            record[name] = word_of(body[name], name, WORKFLOWS)
    if body.get("isPixel") is not None:
        record["isPixel"] = flag_of(body["isPixel"], "isPixel")
    if body.get("jobSize") is not None:
        record["jobSize"] = whole_of(body["jobSize"], "jobSize", least=1, most=MOST_JOBS)
    return SentProject(
        name=None if body.get("name") is None else text_of(body["name"], "name", limit=MAX_TITLE, least=1),
        slug=None if body.get("slug") is None else slug_of(body["slug"]),
        record=record,
    )


async def make_project(writer: Writer, actor: Actor, body: Mapping[str, Any], *, workflow_version: str) -> str:
    """Make a project of a type, without classes, and answer its id."""
    kind = project_type_of(body.get("type"))
    sent = sent_project(body)
    if sent.name is None or sent.slug is None:
        missing = "name" if sent.name is None else "slug"
        raise BadUserInput(f"A project needs a {missing}.", field=missing)
    data = {"title": sent.name, "inputType": kind.input_type, "jsonInterface": EMPTY_INTERFACE}
    new = check_new_project(data, actor, workflow_version=workflow_version)
    await create_project(writer, actor, new)
    await put_record(writer, new.id, {"type": kind.name, **sent.record}, sent.slug)
    return new.id


async def change_project(writer: Writer, project: FastLabelProject, body: Mapping[str, Any]) -> None:
    """Change what was sent of a project."""
    sent = sent_project(body)
    if sent.name is not None:
        change = check_project_change({"title": sent.name})
        await update_properties(writer, project.id, change, input_type=None)
    record = {**project.record, **sent.record}
    if record != project.record or sent.slug not in (None, project.slug):
        await put_record(writer, project.id, record, sent.slug or project.slug)


async def set_codes(writer: Writer, project: FastLabelProject, body: Mapping[str, Any]) -> None:
    """Set the external codes of a project; one that is not sent stays."""
    codes = {code: optional_text_of(body[code], code, limit=MAX_CODE) for code in CODES if code in body}
    await put_record(writer, project.id, {**project.record, **codes}, project.slug)


async def duplicate_project(writer: Writer, actor: Actor, project: FastLabelProject, body: Mapping[str, Any]) -> str:
    """Copy a project with its classes, settings and members, without its tasks; answers the id of the copy."""
    sent = sent_project(body)
    new_id = await copy_project(writer, actor, project.id, with_assets=False, with_members=True)
    change = check_project_change({"title": sent.name or project.title})
    await update_properties(writer, new_id, change, input_type=None)
    slug = sent.slug
    if slug is None:
        taken = await taken_slugs(writer, actor.organization_id)
        slug = slug_of_title(project.slug, taken.__contains__)
    kept = {name: value for name, value in project.record.items() if name not in CODES}
    await put_record(writer, new_id, {"type": project.kind.name, **kept}, slug)
    records = await class_records(writer, DOOR, project.id)
    copies = [StoredClass(new_class_id(), one.job, one.category, one.record) for one in records]
    await put_class_records(writer, DOOR, new_id, copies)
    return new_id


async def put_record(writer: Writer, project_id: str, record: Mapping[str, Any], slug: str) -> None:
    """Write the record of a project; a slug that the organization has already is refused."""
    try:
        await put_project_record(writer, DOOR, project_id, record, slug=slug)
    except asyncpg.UniqueViolationError as error:
        raise Conflict(f"The slug {slug!r} is that of another project; choose another one.", slug=slug) from error


# Classes


async def ontology(connection: Connection, project: FastLabelProject) -> Ontology:
    """The classes of a project."""
    return ontology_of(project.interface, class_details(await class_records(connection, DOOR, project.id)))


def class_details(records: Sequence[StoredClass]) -> list[ClassRecord]:
    """What is kept of classes, from records."""
    return [
        ClassRecord(
            id=one.id,
            job=one.job,
            category=one.category,
            details=one.record,
            created_at=time_of(one.record["createdAt"]),
            updated_at=time_of(one.record["updatedAt"]),
        )
        for one in records
    ]
