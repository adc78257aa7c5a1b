"""Making and changing projects of data tasks."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from labelyard.domain.door.dataapi.input import Input
from labelyard.domain.door.dataapi.output import Output, interface_of
from labelyard.domain.error import BadUserInput, Conflict
from labelyard.domain.permission import Actor
from labelyard.services.app_services import AppServices
from labelyard.services.outgoing.client import AddressRefused
from labelyard.services.project import (
    NewProject,
    check_new_project,
    check_project_change,
    create_project,
    update_properties,
)
from labelyard.services.workflow.settling import write_project_settings
from labelyard.storage.database import Writer
from labelyard.storage.door import locked_record, put_project_record
from labelyard.storage.door_task import DOOR, has_assets
from labelyard.storage.project import lock_project

RECORDED = ("description", "language", "callback_url")
"""Fields that are kept in the record of the project as they are sent."""


@dataclass(frozen=True, slots=True)
class ProjectFields:
    """The fields of a project that are sent, by name; those that are absent are None in lists and missing in `values`."""

    values: Mapping[str, Any]
    inputs: Sequence[Input] | None = None
    outputs: Sequence[Output] | None = None


async def check_callback(app_services: AppServices, url: str) -> None:
    """Refuse a callback to an address that the server may not call."""
    try:
        await app_services.outgoing.check(url)
    except AddressRefused as refused:
        what = f"is not called by this server: {refused.reason}"
        raise BadUserInput(f"callback_url {what}.", field="callback_url", fields={"callback_url": what}) from None


def check_project(app_services: AppServices, actor: Actor, fields: ProjectFields) -> NewProject:
    """Check a new project; nothing is written yet."""
    data = {
        "title": fields.values["title"],
        "description": fields.values.get("public_description", ""),
        "inputType": _input_type(fields.inputs or ()),
        "jsonInterface": orjson.dumps(interface_of(fields.outputs or ())).decode(),
    }
    return check_new_project(data, actor, workflow_version=app_services.workflow_version)


async def add_project(
    writer: Writer, app_services: AppServices, actor: Actor, new: NewProject, fields: ProjectFields
) -> None:
    """Write a checked project with what a data task says of it beside."""
    await create_project(writer, actor, new)
    consensus = _consensus(fields.values)
    if consensus:
        await write_project_settings(writer, await lock_project(writer, new.id), consensus)
    await put_project_record(writer, DOOR, new.id, _record(app_services, new.id, {}, fields))


async def change_project(writer: Writer, app_services: AppServices, project_id: str, fields: ProjectFields) -> None:
    """Change what is sent of a project; input and output fields only while there is no task."""
    before = await locked_record(writer, DOOR, project_id)
    has_specs = fields.inputs is not None or fields.outputs is not None
    if has_specs and await has_assets(writer, project_id):
        raise Conflict(
            "input_spec and output_spec can be changed only while the project has no task; make a new project.",
            project=project_id,
        )
    data: dict[str, Any] = {
        name: fields.values[key]
        for key, name in (("title", "title"), ("public_description", "description"))
        if key in fields.values
    }
    if fields.outputs is not None:
        data["jsonInterface"] = orjson.dumps(interface_of(fields.outputs)).decode()
    if "answers_per_task" in fields.values:
        size = fields.values["answers_per_task"]
        data |= {"minConsensusSize": size, "consensusTotCoverage": 100 if size > 1 else 0}
    if data or fields.inputs is not None:
        input_type = None if fields.inputs is None else _input_type(fields.inputs)
        await update_properties(writer, project_id, check_project_change(data), input_type=input_type)
    await put_project_record(writer, DOOR, project_id, _record(app_services, project_id, before, fields))


def callback_purpose(project_id: str) -> str:
    """What the secret of callbacks is sealed for."""
    return f"callback of data tasks:{project_id}"


def _input_type(inputs: Sequence[Input]) -> str:
    return "IMAGE" if any(field.type == "image" for field in inputs) else "TEXT"


def _consensus(values: Mapping[str, Any]) -> dict[str, int]:
    size = values.get("answers_per_task", 1)
    return {"min_consensus_size": size, "consensus_tot_coverage": 100} if size > 1 else {}


def _record(
    app_services: AppServices, project_id: str, before: Mapping[str, Any], fields: ProjectFields
) -> dict[str, Any]:
    """The record of a project after a change; keys whose value is null are left out."""
    record = {**before, **{name: fields.values[name] for name in RECORDED if name in fields.values}}
    if fields.inputs is not None:
        record["input_spec"] = [
            {"name": field.name, "type": field.type, "required": field.is_required} for field in fields.inputs
        ]
    if "callback_secret" in fields.values:
        secret = fields.values["callback_secret"]
        record["callback_secret"] = (
            None
            if secret is None
            else base64.b64encode(app_services.credentials.seal(secret, callback_purpose(project_id))).decode()
        )
    if record.get("callback_url") and not record.get("callback_secret"):
        what = "is missing: callbacks are signed with it"
        raise BadUserInput(f"callback_secret {what}.", field="callback_secret", fields={"callback_secret": what})
    return {name: value for name, value in record.items() if value is not None}
