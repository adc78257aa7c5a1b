"""Tasks of all families, by one table of families."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

import orjson

from labelyard.domain.door.fastlabel.family import FAMILIES, Carries, Family, family_of
from labelyard.domain.door.fastlabel.file import File, Picture
from labelyard.domain.door.fastlabel.geometry import Size
from labelyard.domain.door.fastlabel.sent_task import MAX_TAG, SentTask, sent_task, task_name_of
from labelyard.domain.door.fastlabel.task_status import EXTERNAL_WORDS, WORDS
from labelyard.domain.door.fastlabel.value import list_of, object_of, shown, text_of
from labelyard.domain.error import BadUserInput, NotFound
from labelyard.domain.permission import Action
from labelyard.domain.playback import playback_of
from labelyard.server.door.fastlabel.door import DOOR, MOST_LISTED, page_of, project_named, with_texts
from labelyard.server.door.rest import Answer, Call, LongText, Sent, file_of, no_content
from labelyard.services.asset.content import NewFile
from labelyard.services.asset.deletion import remove_assets
from labelyard.services.door.asset import DoorAsset, check_door_assets, file_url, store_door_files
from labelyard.services.door.fastlabel.project import FastLabelProject, ontology, require_family, required_by_id
from labelyard.services.door.fastlabel.task import (
    change_task,
    first_metadata,
    make_task,
    read_labels,
    remove_labels,
)
from labelyard.services.door.fastlabel.task_read import TaskReader, file_of_row, parts_of
from labelyard.services.identity import new_id
from labelyard.storage.database import Connection, Row
from labelyard.storage.fastlabel.task import (
    TaskQuery,
    count_tasks,
    held_blobs,
    listed_tasks,
    task_by_id,
    task_names,
)
from labelyard.storage.upload import NewBlob

MOST_FILTER_TAGS: Final = 10
MOST_TEXT_BYTES: Final = 2 << 20
Handler = Callable[[Call], Awaitable[object]]


def task_query(call: Call, project: FastLabelProject) -> TaskQuery:
    """The filters of a list of tasks."""
    tags = [tag for tag in call.query.all("tags") if tag]
    if len(tags) > MOST_FILTER_TAGS:
        raise BadUserInput(f"tags filters by at most {MOST_FILTER_TAGS} tags, not {len(tags)}.", field="tags")
    return TaskQuery(
        project_id=project.id,
        status=call.query.one_of("status", WORDS),
        external_status=call.query.one_of("externalStatus", EXTERNAL_WORDS),
        tags=[text_of(tag, "tags", limit=MAX_TAG) for tag in tags],
        name=call.query.text("taskName"),
    )


async def found_task(call: Call, connection: Connection) -> Row:
    """The task of the path, as far as the person sees it."""
    row = await task_by_id(connection, call.actor, call.path["id"])
    if row is None:
        raise unknown_task(call.path["id"])
    return row


def unknown_task(task_id: str) -> NotFound:
    """The refusal of a task that does not exist, or is somebody else's."""
    return NotFound(f"There is no task {task_id[:100]!r} that you may see.", taskId=task_id[:100])


@DOOR.get("/tasks/count")
async def count(call: Call) -> object:
    """How many tasks there are."""
    project = await project_named(call, call.query.required("project"), Action.READ_PROJECT)
    async with call.reader() as connection:
        return await count_tasks(connection, call.actor, task_query(call, project))


@DOOR.get("/tasks/map/id-name")
async def names(call: Call) -> object:
    """Names by ids."""
    project = await project_named(call, call.query.required("project"), Action.READ_PROJECT)
    offset, limit = page_of(call, usual=MOST_LISTED)
    async with call.reader() as connection:
        return await task_names(connection, call.actor, project.id, offset=offset, limit=limit)


@DOOR.put("/tasks/{id}", Action.READ_PROJECT)
async def change_any(call: Call) -> object:
    """Change what tasks of all families have."""
    async with call.reader() as connection:
        row = await found_task(call, connection)
    project = await required_by_id(call.database, call.actor, row["project_id"])
    body = {name: value for name, value in call.object.items() if name not in ("annotations", "attributes")}
    return await _change(call, project, family_of(project.kind), row, body)


@DOOR.delete("/tasks/{id}", Action.CHANGE_ASSETS)
async def delete(call: Call) -> Answer:
    """Delete a task with everything on it."""
    async with call.reader() as connection:
        row = await found_task(call, connection)
    await call.authorize(row["project_id"])
    async with call.transaction() as writer:
        await remove_assets(writer, call.actor, [row["id"]])
    return no_content()


@DOOR.delete("/tasks/{id}/task-annotations", Action.READ_PROJECT)
async def delete_annotations(call: Call) -> Answer:
    """Take everything that is labeled from a task: an empty label of the same type stands for it."""
    async with call.reader() as connection:
        row = await found_task(call, connection)
    project = await required_by_id(call.database, call.actor, row["project_id"])
    await call.authorize(project.id)
    async with call.transaction() as writer:
        await remove_labels(writer, call.services, call.actor, project, family_of(project.kind), row["id"])
    return no_content()


# Families


def _declare(family: Family) -> None:
    """Declare the routes of a family."""
    path = f"/tasks/{family.route}"
    DOOR.get(path)(_lister(family))
    DOOR.get(f"{path}/{{id}}")(_finder(family))
    DOOR.put(f"{path}/{{id}}", Action.READ_PROJECT, sent=Sent.FILES)(_changer(family))
    # Those of DICOM are made of an uploaded archive, and those of video with audio elsewhere.
    if family.route not in ("dicom", "multi-modal-video-audio"):
        DOOR.post(path, Action.CHANGE_ASSETS, sent=Sent.FILES)(_maker(family))


def _lister(family: Family) -> Handler:
    async def tasks(call: Call) -> object:
        """The tasks of a project that filters leave."""
        project = await project_named(call, call.query.required("project"), Action.READ_PROJECT)
        require_family(project, family)
        offset, limit = page_of(call, most=family.most_listed)
        async with call.reader() as connection:
            rows = await listed_tasks(connection, call.actor, task_query(call, project), offset=offset, limit=limit)
            reader = TaskReader(call.services, call.actor, project, family)
            return await reader.shapes(connection, rows, call.context.budget)

    return tasks


def _finder(family: Family) -> Handler:
    async def task(call: Call) -> object:
        """One task."""
        async with call.reader() as connection:
            row = await found_task(call, connection)
        project = await _of_family(call, row, family)
        async with call.reader() as connection:
            (shape,) = await TaskReader(call.services, call.actor, project, family).shapes(
                connection, [row], call.context.budget
            )
        return shape

    return task


async def _of_family(call: Call, row: Row, family: Family) -> FastLabelProject:
    """The project of a task, whose tasks are of a family; a task of another one is not there."""
    project = await required_by_id(call.database, call.actor, row["project_id"])
    if family_of(project.kind).base != family.base:
        raise NotFound(
            f"Task {row['id']!r} is one of tasks/{project.kind.family}, not of tasks/{family.route}.", taskId=row["id"]
        )
    return project


def _changer(family: Family) -> Handler:
    async def change(call: Call) -> object:
        """Change a task; annotations or attributes replace those that are there."""
        async with call.reader() as connection:
            row = await found_task(call, connection)
        project = await _of_family(call, row, family)
        return await _change(call, project, family, row, await with_texts(call.object))

    return change


async def _change(call: Call, project: FastLabelProject, family: Family, row: Row, body: Mapping[str, Any]) -> object:
    await call.authorize(project.id)
    sent = sent_task(body, family.field)
    async with call.reader() as connection:
        known = await ontology(connection, project)
        file = await _file_of(connection, row, family)
    if file.text is None and family.base == "text" and "annotations" in sent.given:
        file = File(text=await _text_of(call, row["content_blob_id"]))
    labels = read_labels(sent, family, known, file)
    async with call.transaction() as writer:
        await change_task(writer, call.services, call.actor, project, family, row["id"], sent, labels, known, file)
    return row["id"]


async def _file_of(connection: Connection, row: Row, family: Family) -> File:
    """What is known of the file of a task."""
    pictures: list[Picture] = []
    if family.has_contents:
        parts = parts_of(row, orjson.loads(row["record"]))
        blobs = await held_blobs(connection, [part.blob_id for part in parts if part.blob_id])
        pictures = [Picture(part.name, _size(blobs.get(part.blob_id or ""))) for part in parts]
    return file_of_row(row, family, pictures)


def _size(blob: Row | NewBlob | None) -> Size | None:
    if blob is None:
        return None
    width, height = (blob.width, blob.height) if isinstance(blob, NewBlob) else (blob["width"], blob["height"])
    return Size(width, height) if width and height else None


async def _text_of(call: Call, blob_id: str | None) -> str | None:
    """The text of a stored file, where it is one."""
    if blob_id is None:
        return None
    collected = bytearray()
    async for piece in call.services.blobs.stream(blob_id):
        collected += piece
        if len(collected) > MOST_TEXT_BYTES:
            return None
    try:
        return collected.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None


# Making


def _maker(family: Family) -> Handler:
    async def create(call: Call) -> object:
        """Make a task of the files that are sent."""
        body = call.object
        project = await project_named(call, await with_texts(body.get("project", "")))
        require_family(project, family)
        files: dict[str, Any] = {name: body[name] for name in ("file", "contents") if name in body}
        rest = await with_texts({name: value for name, value in body.items() if name not in files})
        sent = sent_task(rest, family.field)
        name = task_name_of(rest.get("name"))
        async with call.reader() as connection:
            known = await ontology(connection, project)
        return await _make(call, project, family, name, files, sent, known)

    return create


async def _make(  # what a task is made of
    call: Call,
    project: FastLabelProject,
    family: Family,
    name: str,
    files: Mapping[str, Any],
    sent: SentTask,
    known: Any,
) -> str:
    names, new = await _sent_files(family, files)
    blobs = await _stored(call, family, names, new)
    contents = None
    asset = DoorAsset(name, metadata=first_metadata(sent))
    if family.carries is Carries.FILE:
        asset = DoorAsset(name, content=file_url(call.services, blobs[0]), metadata=first_metadata(sent))
    elif family.carries is Carries.CONTENTS:
        contents = [{"id": new_id(), "name": one, "blob": blob.id} for one, blob in zip(names, blobs, strict=True)]
        frames = {str(place): file_url(call.services, blob) for place, blob in enumerate(blobs)}
        asset = DoorAsset(name, metadata=first_metadata(sent), json_content=orjson.dumps(frames).decode())
    elif family.route == "robotics":
        contents = []
    file = await _new_file(call, family, names, blobs)
    labels = read_labels(sent, family, known, file)
    checked = await check_door_assets(call.database, call.services, call.actor, project.id, [asset])
    async with call.transaction() as writer:
        return await make_task(writer, call.services, call.actor, project, family, checked, sent, labels, contents)


async def _sent_files(family: Family, files: Mapping[str, Any]) -> tuple[list[str], list[NewFile]]:
    """The names and files that a body carries, the files of a sequence in the order of their names."""
    if family.carries is Carries.FILE:
        file = files.get("file")
        if not isinstance(file, str | LongText):
            raise BadUserInput(f"file is the file in base64, not {shown(file)}.", field="file")
        return ["file"], [file_of(file, name="file", most_bytes=family.most_bytes)]
    if family.carries is not Carries.CONTENTS:
        return [], []
    named: dict[str, NewFile] = {}
    for index, item in enumerate(list_of(files.get("contents"), "contents", limit=family.most_files)):
        what = f"contents[{index}]"
        given = object_of(item, what)
        name = text_of(await with_texts(given.get("name")), f"{what}.name", limit=1_000, least=1)
        if not isinstance(given.get("file"), str | LongText):
            raise BadUserInput(f"{what}.file is the file in base64.", field=f"{what}.file")
        if name in named:
            raise BadUserInput(f"contents has the name {name!r} twice.", field=f"{what}.name")
        named[name] = file_of(given["file"], name=f"{what}.file", most_bytes=family.most_bytes)
    if not named:
        raise BadUserInput("contents has at least one file: [{name, file}].", field="contents")
    ordered = sorted(named)
    return ordered, [named[name] for name in ordered]


async def _stored(call: Call, family: Family, names: Sequence[str], files: Sequence[NewFile]) -> list[NewBlob]:
    if not files:
        return []
    return await store_door_files(
        call.database,
        call.services,
        call.actor,
        files,
        names=names,
        accepts=lambda media_type: media_type.startswith(family.media),
        expected=f"a file for tasks/{family.route}",
    )


async def _new_file(call: Call, family: Family, names: Sequence[str], blobs: Sequence[NewBlob]) -> File:
    """What is known of the file of a task that is being made."""
    if family.carries is Carries.CONTENTS:
        pictures = [Picture(name, _size(blob)) for name, blob in zip(names, blobs, strict=True)]
        return File(frames=len(pictures), contents=pictures, is_video=family.input_type == "VIDEO")
    blob = blobs[0] if blobs else None
    playback = playback_of(blob.playback) if blob is not None else None
    return File(
        size=_size(blob),
        text=await _text_of(call, blob.id) if blob is not None and family.base == "text" else None,
        frames=playback.frames if playback is not None else None,
        is_video=family.input_type == "VIDEO",
        is_audio=family.is_sound,
    )


for _family in FAMILIES.values():
    _declare(_family)
