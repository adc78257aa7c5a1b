"""Classes of the FastLabel door: written into the interface of their project."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import orjson

from labelyard.domain.door.fastlabel.annotation_class import AnnotationClass, Ontology
from labelyard.domain.door.fastlabel.class_edit import (
    EditedClass,
    sent_class,
    with_changed_class,
    with_class,
    with_whole_file_class,
    without_class,
)
from labelyard.domain.door.fastlabel.project_type import Kind
from labelyard.domain.door.fastlabel.renaming import renamed
from labelyard.domain.door.fastlabel.time import text_of_time
from labelyard.domain.door.fastlabel.value import shown
from labelyard.domain.error import BadUserInput, NotFound
from labelyard.domain.permission import Actor
from labelyard.services.door.fastlabel.project import FastLabelProject, ontology, project_of, put_record
from labelyard.services.identity import new_id
from labelyard.services.project import check_project_change, update_properties
from labelyard.storage.clock import database_now
from labelyard.storage.database import Database, Writer
from labelyard.storage.door import (
    ClassRecord,
    class_records,
    find_class,
    put_asset_records,
    put_class_records,
    remove_class_records,
)
from labelyard.storage.fastlabel import DOOR
from labelyard.storage.fastlabel.project import project_by_id
from labelyard.storage.fastlabel.renaming import labels_to_rename, records_to_rename, rename_labels
from labelyard.storage.project import lock_project


async def classes_with_ids(database: Database, project: FastLabelProject) -> Ontology:
    """The classes of a project, each with an id: those that were made elsewhere get one when they are first asked for."""
    async with database.reader() as connection:
        known = await ontology(connection, project)
    unknown = [one for one in known.classes if not one.id]
    if not unknown:
        return known
    # They stay whatever becomes of the request, which only reads.
    async with database.aside() as writer:
        now = text_of_time(await database_now(writer))
        details = {"createdAt": now, "updatedAt": now}
        await put_class_records(
            writer, DOOR, project.id, [ClassRecord(new_id(), one.job, one.value, details) for one in unknown]
        )
        return await ontology(writer, project)


async def found_class(database: Database, actor: Actor, class_id: str) -> tuple[str, ClassRecord]:
    """The project of a class and its record."""
    async with database.reader() as connection:
        found = await find_class(connection, DOOR, actor, class_id)
    if found is None:
        raise unknown_class(class_id)
    return found


def unknown_class(class_id: str) -> NotFound:
    """The refusal of a class that does not exist or is somebody else's."""
    return NotFound(f"There is no annotation {class_id[:100]!r} that you may see.", annotationId=class_id[:100])


async def locked_project(writer: Writer, actor: Actor, project_id: str) -> FastLabelProject:
    """A project, locked against other changes of its classes until the transaction ends."""
    await lock_project(writer, project_id)
    row = await project_by_id(writer, actor, project_id)
    if row is None:
        raise NotFound(f"There is no project {project_id!r} that you may see.", projectId=project_id)
    return project_of(row)


async def add_class(writer: Writer, actor: Actor, project_id: str, body: Mapping[str, Any]) -> str:
    """Add a class of a type and answer its id."""
    project = await locked_project(writer, actor, project_id)
    known = await ontology(writer, project)
    kind = _kind_of(body.get("type"), project)
    sent = sent_class(body)
    if kind is Kind.CLASSIFICATION:
        edited = with_whole_file_class(project.interface, known, sent)
    else:
        edited = with_class(
            project.interface,
            known,
            kind,
            sent,
            is_text=project.input_type == "TEXT",
            is_audio=project.input_type == "AUDIO",
        )
    return await _write(writer, project, edited, None)


async def add_classification(writer: Writer, actor: Actor, project_id: str, body: Mapping[str, Any]) -> str:
    """Add the class of a classification project and answer its id."""
    return await add_class(writer, actor, project_id, {**body, "type": Kind.CLASSIFICATION.value, "value": None})


async def change_class(writer: Writer, actor: Actor, project_id: str, class_id: str, body: Mapping[str, Any]) -> str:
    """Change what was sent of a class, in stored labels too where its value changes; answers its id."""
    project = await locked_project(writer, actor, project_id)
    known = await ontology(writer, project)
    before = known.by_id(class_id)
    if before is None:
        raise unknown_class(class_id)
    record = next(one for one in await class_records(writer, DOOR, project.id) if one.id == class_id)
    edited = with_changed_class(project.interface, known, before, sent_class(body), record.record)
    if edited.category != before.value:
        # The record keeps its id under the new name.
        await remove_class_records(writer, DOOR, project.id, [class_id])
    await _write(writer, project, edited, record)
    if edited.category != before.value and before.job:
        await _rename(writer, project, before, edited.category)
    return class_id


async def remove_class(writer: Writer, actor: Actor, project_id: str, class_id: str) -> None:
    """Take a class out of the interface; what was labeled with it stays as it is stored."""
    project = await locked_project(writer, actor, project_id)
    before = (await ontology(writer, project)).by_id(class_id)
    if before is None:
        raise unknown_class(class_id)
    await _write_interface(writer, project, without_class(project.interface, before))
    await remove_class_records(writer, DOOR, project.id, [class_id])


def _kind_of(sent: Any, project: FastLabelProject) -> Kind:
    kinds = project.kind.kinds
    kind = next((kind for kind in kinds if kind.value == sent), None)
    if kind is None:
        raise BadUserInput(
            f"type is one of {', '.join(kinds)} in a project of the type {project.kind.name}, not {shown(sent)}.",
            field="type",
        )
    return kind


async def _write(writer: Writer, project: FastLabelProject, edited: EditedClass, record: ClassRecord | None) -> str:
    """Write the interface and what is kept beside it."""
    await _write_interface(writer, project, edited.interface)
    now = text_of_time(await database_now(writer))
    created = record.record["createdAt"] if record is not None else now
    details = {**edited.details, "createdAt": created, "updatedAt": now}
    identifier = record.id if record is not None else new_id()
    await put_class_records(writer, DOOR, project.id, [ClassRecord(identifier, edited.job, edited.category, details)])
    return identifier


async def _write_interface(writer: Writer, project: FastLabelProject, interface: Mapping[str, Any]) -> None:
    text = json.dumps(interface, ensure_ascii=False, separators=(",", ":"))
    if project.kind.is_verbatim:
        await put_record(writer, project.id, {**project.record, "interface": text}, project.slug)
    else:
        change = check_project_change({"jsonInterface": text})
        await update_properties(writer, project.id, change, input_type=None)


async def _rename(writer: Writer, project: FastLabelProject, before: AnnotationClass, value: str) -> None:
    """Give a class its new value in all that was labeled with it, in batches."""
    if project.kind.is_verbatim:
        await _rename_records(writer, project, before, value)
        return
    old, new, after = f"{before.job}.{before.value}", f"{before.job}.{value}", 0
    while rows := await labels_to_rename(writer, project.id, old, after=after):
        responses, searches = {}, []
        for row in rows:
            root = json.loads(row["json_response"])
            changed = renamed(root, before.job, before.value, value)
            responses[row["id"]] = json.dumps(changed, ensure_ascii=False, separators=(",", ":"))
            search = {new if name == old else name: count for name, count in orjson.loads(row["search"]).items()}
            searches.append(orjson.dumps(search).decode())
        await rename_labels(writer, responses, searches)
        after = rows[-1]["position"]


async def _rename_records(writer: Writer, project: FastLabelProject, before: AnnotationClass, value: str) -> None:
    after = ""
    while rows := await records_to_rename(writer, project.id, before.kind.value, before.value, after=after):
        records = {}
        for row in rows:
            record = orjson.loads(row["record"])
            record["annotations"] = [
                {**one, "value": value}
                if one.get("type") == before.kind.value and one.get("value") == before.value
                else one
                for one in record["annotations"]
            ]
            records[row["asset_id"]] = record
        await put_asset_records(writer, DOOR, project.id, records)
        after = rows[-1]["asset_id"]
