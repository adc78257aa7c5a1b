"""A front door as small as one can be, which uses all that doors share."""

from __future__ import annotations

import orjson
from pydantic import BaseModel, ConfigDict

from labelyard.domain.error import ErrorCode
from labelyard.domain.permission import Action
from labelyard.server.door.rest import (
    Call,
    Door,
    LongText,
    Sent,
    bare_or_bearer,
    created,
    file,
    file_of,
    no_content,
    not_offered,
    text_of,
)
from labelyard.services.asset.importing import import_assets
from labelyard.services.door.asset import DoorAsset, any_type, check_door_assets, file_url, store_door_files
from labelyard.services.door.label import submit_answers
from labelyard.services.door.link import is_link, linked_file
from labelyard.services.door.project import required_project
from labelyard.services.project import check_new_project, create_project
from labelyard.storage.door import asset_records, new_batch, put_asset_records, put_project_record
from labelyard.storage.filter.asset import asset_filter

DOOR = Door(
    name="tiny",
    title="a door of the tests",
    base="/tiny",
    key_of=bare_or_bearer,
    error=lambda error, status: {
        "code": status,
        "message": error.message,
        "fields": error.context.get("fields", {}),
    },
    statuses={ErrorCode.BAD_USER_INPUT: 422},
)
MOST_BYTES = 3 << 20


class NewTask(BaseModel):
    """A task of one picture."""

    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True, strict=True)

    name: str
    picture: str | LongText
    note: str | LongText = ""


@DOOR.post("/projects", Action.CREATE_PROJECT)
async def create(call: Call) -> object:
    interface = orjson.dumps(call.object["interface"]).decode()
    data = {"title": call.object["title"], "inputType": "IMAGE", "jsonInterface": interface}
    new = check_new_project(data, call.actor, workflow_version=call.services.workflow_version)
    async with call.transaction() as writer:
        await create_project(writer, call.actor, new)
        await put_project_record(writer, "tiny", new.id, {"language": call.object.get("language")})
    async with call.reader() as connection:
        project = await required_project(connection, "tiny", call.actor, new.id)
    return created({"id": project["number"], "uid": project["id"]})


@DOOR.get("/projects/{project}")
async def read_project(call: Call) -> object:
    async with call.reader() as connection:
        project = await required_project(connection, "tiny", call.actor, call.path["project"])
    return {"id": project["number"], "title": project["title"], **orjson.loads(project["record"])}


@DOOR.post("/projects/{project}/tasks", Action.CHANGE_ASSETS, sent=Sent.FILES)
async def create_task(call: Call) -> object:
    task = call.read(NewTask)
    async with call.reader() as connection:
        project = await required_project(connection, "tiny", call.actor, call.path["project"])
    await call.authorize(project["id"])
    note = await text_of(task.note, name="note", most_bytes=1 << 20)
    if isinstance(task.picture, str) and is_link(task.picture):
        content = linked_file(call.services, task.picture, name="picture", most_bytes=MOST_BYTES)
    else:
        content = file_of(task.picture, name="picture", most_bytes=MOST_BYTES)
    (blob,) = await store_door_files(call.database, call.services, call.actor, [content], names=["picture"])
    assets = [DoorAsset(task.name, file_url(call.services, blob), {"note": note})]
    checked = await check_door_assets(call.database, call.services, call.actor, project["id"], assets)
    async with call.transaction() as writer:
        ids = await import_assets(writer, checked)
        batch = await new_batch(writer)
        await put_asset_records(writer, "tiny", project["id"], {ids[0]: {"type": blob.media_type}}, batch=batch)
    return created({"id": ids[0]})


@DOOR.get("/projects/{project}/tasks")
async def list_tasks(call: Call) -> object:
    async with call.reader() as connection:
        project = await required_project(connection, "tiny", call.actor, call.path["project"])
    filters = asset_filter({"project": {"id": project["id"]}}, call.actor)
    limit, offset = (
        call.query.number("limit", default=100, most=1000),
        call.query.number("offset", default=0, most=10**6),
    )
    assets = await call.select("Asset", "{ id externalId status content }", filters, first=limit, skip=offset)
    ids = [asset["id"] for asset in assets]
    async with call.reader() as connection:
        records = await asset_records(connection, "tiny", ids)
    labels = await call.shown_labels(
        ids, "{ labelType jsonResponse author { email } }", with_predictions=call.query.flag("predictions")
    )
    return [{**asset, **records.get(asset["id"], {}), "label": labels.get(asset["id"])} for asset in assets]


@DOOR.get("/tasks/count")
async def count_tasks(call: Call) -> object:
    return {"tasks": len(call.query.all("name"))}


@DOOR.get("/tasks/{name}")
async def read_name(call: Call) -> object:
    return {"name": call.path["name"]}


@DOOR.put("/tasks/{asset}", Action.SUBMIT_LABELS)
async def label_task(call: Call) -> object:
    await submit_answers(call.database, call.services, call.actor, {call.path["asset"]: call.object})
    return call.path["asset"]


@DOOR.delete("/tasks/{name}", Action.READ)
async def nothing(call: Call) -> object:
    return no_content()


@DOOR.patch("/unchecked", Action.CHANGE_PROJECT)
async def unchecked(call: Call) -> object:
    async with call.transaction() as writer:
        await put_project_record(writer, "tiny", call.object["project"], {"stolen": True})
    return None


@DOOR.post("/unwritable", Action.CREATE_PROJECT)
async def unwritable(call: Call) -> object:
    new = check_new_project(
        {"title": "T", "inputType": "IMAGE", "jsonInterface": "{}"}, call.actor, workflow_version="V2"
    )
    async with call.transaction() as writer:
        await create_project(writer, call.actor, new)
    return object()


@DOOR.post("/upload", Action.READ, sent=Sent.UPLOAD)
async def upload(call: Call) -> object:
    if call.body.is_json:
        return {"json": call.object["a"]}
    stored = await store_door_files(
        call.database,
        call.services,
        call.actor,
        [call.upload.new_file(name="file", most_bytes=MOST_BYTES)],
        names=["file"],
        accepts=any_type,
    )
    return {
        "name": call.upload.name,
        "type": stored[0].media_type,
        "sha256": stored[0].sha256,
        "fields": dict(call.body.fields),
    }


@DOOR.get("/rows.csv")
async def rows(call: Call) -> object:
    async def lines():
        yield b"a,b\n"
        yield b"1,2\n"

    return file(lines(), "text/csv", name="rows.csv")


@DOOR.get("/cloud")
async def cloud(call: Call) -> object:
    not_offered("This server has no cloud; send the files themselves.")
