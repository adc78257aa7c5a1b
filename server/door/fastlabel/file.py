"""Files that are uploaded by link, and what is imported from them."""

from __future__ import annotations

from typing import Any, Final

import orjson

from labelyard.domain.door.fastlabel.family import FAMILIES
from labelyard.domain.door.fastlabel.sent_task import sent_task, task_name_of
from labelyard.domain.door.fastlabel.value import text_of
from labelyard.domain.error import BadUserInput, NotFound
from labelyard.domain.permission import Action
from labelyard.server.door.fastlabel.door import DOOR, page_of, project_named
from labelyard.server.door.fastlabel.task import task_query
from labelyard.server.door.rest import Call
from labelyard.services.door.asset import DoorAsset, check_door_assets
from labelyard.services.door.fastlabel.archive import UploadedFile, file_key, uploaded_file
from labelyard.services.door.fastlabel.importing import (
    note_import,
    put_appendix,
    put_contents,
    stored_appendix,
    stored_entries,
    tasks_named,
)
from labelyard.services.door.fastlabel.project import require_family
from labelyard.services.door.fastlabel.task import first_metadata, make_task
from labelyard.storage.blob import new_blob_id
from labelyard.storage.fastlabel.project import history_by_id
from labelyard.storage.fastlabel.task import TaskQuery, listed_appendix
from labelyard.storage.file_link import FILES_PATH

MAX_FILE_NAME: Final = 500
MAX_KEY: Final = 1_000
MOST_APPENDIX: Final = 10_000
ZIP: Final = "application/zip"


@DOOR.get("/files", Action.CHANGE_ASSETS)
async def upload_link(call: Call) -> object:
    """Where to send a file, and what to quote of it."""
    await project_named(call, call.query.required("project"))
    name = text_of(call.query.required("fileName"), "fileName", limit=MAX_FILE_NAME)
    blob_id = new_blob_id()
    url = call.services.links.upload_url(
        blob_id=blob_id,
        organization_id=call.actor.organization_id,
        user_id=call.actor.user_id,
        now=call.services.now(),
    )
    return {"url": url, "name": file_key(blob_id, name)}


@DOOR.post("/tasks/dicom", Action.CHANGE_ASSETS)
async def create_dicom(call: Call) -> object:
    """Make a task of an archive of DICOM files; its name is that of the archive."""
    project = await project_named(call, call.object.get("project", ""))
    family = FAMILIES["dicom"]
    require_family(project, family)
    sent = sent_task(call.object, family.field)
    upload = await _upload(call)
    if upload.blob.media_type != ZIP:
        raise BadUserInput(f"{upload.name} is no zip file, but {upload.blob.media_type}.", field="fileKey")
    url = f"{call.services.links.public_url}{FILES_PATH}?id={upload.blob.id}"
    asset = DoorAsset(task_name_of(upload.name), content=url, metadata=first_metadata(sent))
    checked = await check_door_assets(call.database, call.services, call.actor, project.id, [asset])
    async with call.transaction() as writer:
        task_id = await make_task(writer, call.services, call.actor, project, family, checked, sent, None, None)
        history = await note_import(writer, call.actor, project.id, kind="dicom", name=upload.name, count=1)
    return {**history, "taskId": task_id}


@DOOR.post("/contents/imports/robotics-contents/batch", Action.CHANGE_ASSETS)
async def import_robotics(call: Call) -> object:
    """Make the files of an archive the contents of the task that it is named after."""
    project = await project_named(call, call.object.get("project", ""))
    require_family(project, FAMILIES["robotics"])
    upload = await _upload(call)
    ids = await tasks_named(call.database, project, [upload.stem])
    files = await stored_entries(call.database, call.services, call.actor, upload)
    async with call.transaction() as writer:
        await put_contents(writer, project, ids[upload.stem], files)
        return await note_import(writer, call.actor, project.id, kind="robotics", name=upload.name, count=len(files))


@DOOR.post("/contents/imports/appendix/batch", Action.CHANGE_ASSETS)
async def import_appendix(call: Call) -> object:
    """Keep the pictures of an archive beside the tasks that its folders are named after."""
    project = await project_named(call, call.object.get("project", ""))
    upload = await _upload(call)
    appendix = await stored_appendix(call.database, call.services, call.actor, upload)
    ids = await tasks_named(call.database, project, list(appendix.by_task))
    async with call.transaction() as writer:
        await put_appendix(writer, project, ids, appendix)
        return await note_import(
            writer, call.actor, project.id, kind="appendix", name=upload.name, count=appendix.count
        )


@DOOR.get("/tasks/appendix")
async def task_appendix(call: Call) -> object:
    """The pictures beside the tasks of a project."""
    project = await project_named(call, call.query.required("project"), Action.READ_PROJECT)
    return await _appendix(call, TaskQuery(project.id, name=call.query.text("taskName")))


@DOOR.get("/contents/export/appendix")
async def appendix_of_filtered(call: Call) -> object:
    """The pictures beside the tasks that filters leave."""
    project = await project_named(call, call.query.required("project"), Action.READ_PROJECT)
    return await _appendix(call, task_query(call, project))


@DOOR.get("/tasks/import/histories")
async def histories(call: Call) -> object:
    """What was imported into a project, the newest first."""
    project = await project_named(call, call.query.required("project"), Action.READ_PROJECT)
    offset, limit = page_of(call)
    found = list(reversed(project.record.get("histories") or []))
    return found[offset : offset + limit]


@DOOR.get("/tasks/import/histories/{id}")
async def history(call: Call) -> object:
    """One import."""
    identifier = call.path["id"]
    async with call.reader() as connection:
        found = await history_by_id(connection, call.actor, identifier)
    if found is not None:
        return orjson.loads(found["history"])
    raise NotFound(f"There is no import {identifier[:100]!r} that you may see.", id=identifier[:100])


async def _upload(call: Call) -> UploadedFile:
    key = text_of(call.object.get("fileKey"), "fileKey", limit=MAX_KEY, least=1)
    return await uploaded_file(call.database, call.actor, key)


async def _appendix(call: Call, query: TaskQuery) -> list[dict[str, Any]]:
    offset, limit = page_of(call, most=MOST_APPENDIX)
    async with call.reader() as connection:
        rows = await listed_appendix(connection, call.actor, query, offset=offset, limit=limit)
    shapes = []
    for row in rows:
        picture = orjson.loads(row["picture"])
        url = call.services.links.download_url(
            blob_id=picture.pop("blob"),
            organization_id=call.actor.organization_id,
            user_id=call.actor.user_id,
            now=call.services.now(),
        )
        shapes.append({**picture, "imageFileName": picture["name"], "url": url})
    return shapes
