"""Connecting projects to cloud storage, and asking for comparisons and for what they found to be applied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson

from labelyard.domain.data_connection import ENDINGS, KeyFilter
from labelyard.domain.data_integration import MAX_PATH, Platform, paths_of
from labelyard.domain.error import BadUserInput, Conflict, NotFound
from labelyard.domain.metadata import PROCESSING, read_metadata
from labelyard.domain.permission import Action, Actor
from labelyard.domain.text import within
from labelyard.services.data_integration.writing import key_filter, unknown_integration
from labelyard.services.guard import refuse_archived, require_to_write
from labelyard.services.identity import new_id
from labelyard.services.job.queue import NewJob, enqueue
from labelyard.storage import data_connection as rows
from labelyard.storage.data_integration import hold_integration, visible_integration
from labelyard.storage.database import Row, Writer
from labelyard.storage.event import record_event
from labelyard.storage.project import lock_project

MAX_CONNECTIONS: Final = 100
MAX_LISTED: Final = 100_000
MAX_KEY: Final = 1_024
ADD, REMOVE = "ADD", "REMOVE"


async def add_connection(connection: Writer, actor: Actor, data: Mapping[str, Any]) -> str:
    """Connect a project in which the person has the right to; answers the id of the connection."""
    project_id, integration_id = data["projectId"], data["integrationId"]
    project = await lock_project(connection, project_id)
    refuse_archived(project_id, project["archived_at"])
    integration = await visible_integration(connection, integration_id, actor)
    if integration is None or await hold_integration(connection, integration_id, actor.organization_id) is None:
        raise unknown_integration(integration_id)
    if integration["allowed_projects"] and project_id not in integration["allowed_projects"]:
        raise unknown_integration(integration_id)
    if project["input_type"] not in ENDINGS:
        raise BadUserInput(
            f"Projects of type {project['input_type']} take no assets from cloud storage.", projectId=project_id
        )
    if await rows.count_connections(connection, project_id) >= MAX_CONNECTIONS:
        raise Conflict(f"[quotaReached] A project has at most {MAX_CONNECTIONS} connections.", limit=MAX_CONNECTIONS)
    lists = {
        column: paths_of(data[name], field=name)
        for name, column in (("selectedFolders", "selected_folders"), ("include", "include"), ("exclude", "exclude"))
        if name in data
    }
    prefix = within(data["prefix"], name="`prefix`", limit=MAX_PATH) if data.get("prefix") else None
    identifier = new_id()
    values = {
        "id": identifier,
        "project_id": project_id,
        "integration_id": integration_id,
        "prefix": prefix,
        "is_json_processing_enabled": bool(data.get("isJsonProcessingEnabled")),
        **lists,
    }
    await rows.insert_connection(connection, values)
    await record_event(
        connection,
        "assetStorage.connection.created",
        organization_id=actor.organization_id,
        project_id=project_id,
        payload={"connectionId": identifier, "integrationId": integration_id},
    )
    return identifier


async def start_comparison(
    connection: Writer, actor: Actor, connection_id: str, listed: Mapping[str, Any] | None
) -> str:
    """Have a store compared with its project, unless that is going on; `listed` is what the client has found in it."""
    row = await _own(connection, actor, connection_id)
    if row["is_checking"]:
        return connection_id
    if listed is not None:
        await _take_listing(connection, row, listed["blobPaths"])
    await _enqueue(connection, actor, row, rows.COMPARISON, {"isListed": listed is not None})
    return connection_id


async def start_application(
    connection: Writer, actor: Actor, connection_id: str, difference: str, processing_parameters: str | None
) -> str:
    """Have the differences of a type applied that the last comparison found."""
    row = await _own(connection, actor, connection_id)
    metadata = "{}"
    if processing_parameters:
        metadata = _metadata(processing_parameters)
    if row["is_checking"]:
        raise Conflict(
            "[isChecking] The store is being compared with the project; wait until `isChecking` is false.",
            dataConnectionId=connection_id,
        )
    waiting = row["added"] if difference == ADD else row["removed"]
    if waiting and not await rows.is_applying(connection, connection_id, difference):
        await _enqueue(connection, actor, row, rows.APPLICATION, {"type": difference, "metadata": metadata})
    return connection_id


def _metadata(processing_parameters: str) -> str:
    """The metadata of assets that are to be processed in a way."""
    try:
        parameters = orjson.loads(processing_parameters)
    except orjson.JSONDecodeError:
        parameters = None
    if not isinstance(parameters, dict):
        raise BadUserInput("`processingParameters` is the text of a JSON object.", field="processingParameters")
    return read_metadata(orjson.dumps({PROCESSING: parameters}).decode()).text


def filter_of(row: Row) -> KeyFilter:
    """Which keys a connection takes in."""
    return key_filter(
        row,
        input_type=row["input_type"],
        folders=row["selected_folders"],
        prefix=row["prefix"],
        include=tuple(row["include"] or ()),
        exclude=tuple(row["exclude"] or ()),
        is_json_processed=row["is_json_processing_enabled"],
    )


def unknown_connection(identifier: str) -> NotFound:
    """The refusal of a connection that does not exist or is somebody else's."""
    return NotFound(
        f"[notFound] No connection {identifier!r} is visible to you; dataConnections lists those of a project.",
        dataConnectionId=identifier,
    )


async def _own(connection: Writer, actor: Actor, connection_id: str) -> Row:
    row = await rows.lock_connection(connection, connection_id, actor)
    if row is None:
        raise unknown_connection(connection_id)
    require_to_write(actor, Action.CONNECT_STORAGE, row)
    return row


async def _take_listing(connection: Writer, row: Row, keys: Sequence[str]) -> None:
    """Keep what a client has found; the comparison asks the filters of the connection as it does of what it finds by itself."""
    taken = await rows.taken_connection(connection, row["id"])
    if taken is None or taken["platform"] != Platform.AZURE.value:
        raise BadUserInput(
            "Only containers on Azure are listed by clients; leave `data` out and the server lists the store.",
            field="data",
        )
    if len(keys) > MAX_LISTED:
        raise BadUserInput(
            f"`blobPaths` has at most {MAX_LISTED:,} entries, not {len(keys):,}; leave `data` out and the server lists the store.",
            field="data.blobPaths",
            limit=MAX_LISTED,
        )
    for key in keys:
        within(key, name="An entry of `blobPaths`", limit=MAX_KEY, least=1)
        if "\0" in key:
            raise BadUserInput("An entry of `blobPaths` holds a NUL character.", field="data.blobPaths")
    filters = filter_of(taken)
    chosen = [key for key in keys if filters.is_allowed(key) and filters.is_chosen(key)]
    await rows.clear_listing(connection, row["id"])
    await rows.add_to_listing(connection, row["id"], chosen)


async def _enqueue(connection: Writer, actor: Actor, row: Row, kind: str, payload: Mapping[str, Any]) -> None:
    job = NewJob(
        kind,
        row["organization_id"],
        row["project_id"],
        actor.user_id,
        {"connectionId": row["id"], **payload},
        key=rows.job_key(row["id"]),
    )
    await enqueue(connection, job)
