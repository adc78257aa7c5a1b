"""Tasks of data tasks: the calls under `/tasks`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

from pydantic import Field

from labelyard.domain.door.dataapi.input import Input, content_field, metadata_of
from labelyard.domain.door.dataapi.input import Sent as SentValue
from labelyard.domain.error import BadUserInput, Conflict, NotFound
from labelyard.domain.number import whole_number
from labelyard.domain.permission import Action
from labelyard.server.door.dataapi.door import DOOR, NAME
from labelyard.server.door.dataapi.item import read_items
from labelyard.server.door.dataapi.model import Sent
from labelyard.server.door.dataapi.project import Project, find_project, page_of, project_of
from labelyard.server.door.rest import Answer, Call, LongText, created, file_of, no_content, text_of
from labelyard.server.door.rest import Sent as SentBody
from labelyard.services.asset.content import NewFile
from labelyard.services.asset.deletion import remove_assets
from labelyard.services.asset.importing import import_assets
from labelyard.services.door.asset import DoorAsset, check_door_assets, file_url, store_door_files
from labelyard.services.door.link import is_link, linked_file
from labelyard.storage.asset_file import link_files
from labelyard.storage.database import Row
from labelyard.storage.door import LARGEST_POSITION, new_batch, put_asset_records
from labelyard.storage.door_task import find_task, item_states, list_projects, list_tasks, shared_record
from labelyard.storage.label import lock_assets
from labelyard.storage.plan.compiler import milliseconds

MOST_ITEMS: Final = 1_000
MOST_LISTED_ITEMS: Final = 10_000
MOST_PICTURE_BYTES: Final = 20 << 20
MOST_TEXT_BYTES: Final = 1 << 20
STATUSES: Final = ("pending", "in_progress", "done")

Spec = Annotated[list[dict[str, Any]], Field(min_length=1, max_length=MOST_ITEMS)]


class NewTask(Sent):
    """A task: its project, and the fields of each of its items."""

    project_id: int | str
    task_spec: Spec


class Refusals:
    """What is wrong in the fields of items: the first problem of each field, by its name."""

    def __init__(self, items: int) -> None:
        self._items = items
        self.fields: dict[str, str] = {}

    def add(self, index: int, field: str, what: str) -> None:
        """Note a problem."""
        self.fields.setdefault(field, what if self._items == 1 else f"{what} (in task_spec[{index}])")

    def raise_if_any(self) -> None:
        """Refuse when something was noted."""
        if self.fields:
            field, what = next(iter(self.fields.items()))
            more = f" (and {len(self.fields) - 1} more)" if len(self.fields) > 1 else ""
            raise BadUserInput(f"{field} {what}{more}.", field=field, fields=self.fields)


@DOOR.post("/tasks", Action.CHANGE_ASSETS, sent=SentBody.FILES)
async def create(call: Call) -> Answer:
    """Make a task: an asset for each of its items, all or none."""
    task = call.read(NewTask)
    async with call.reader() as connection:
        project = await find_project(connection, call.actor, str(task.project_id))
    await call.authorize(project.id)
    sent = await _checked(call, project, task.task_spec)
    async with call.reader() as connection:
        batch = await new_batch(connection)
    assets, records = _assets(project.inputs, sent, batch)
    checked = await check_door_assets(call.database, call.services, call.actor, project.id, assets)
    async with call.transaction() as writer:
        if (await shared_record(writer, project.id)).get("input_spec") != project.record.get("input_spec"):
            raise Conflict("The input fields of the project have just been changed; nothing was made, send it again.")
        ids = await import_assets(writer, checked)
        if ids != checked.ids:
            call.keeps_ids()
        files = [
            (identifier, value["file"])
            for identifier, record in zip(ids, records, strict=True)
            for value in record["inputs"].values()
            if "file" in value
        ]
        await link_files(writer, files)
        await put_asset_records(writer, NAME, project.id, dict(zip(ids, records, strict=True)), batch=batch)
    return created(await _read(call, batch))


@DOOR.get("/tasks")
async def list_all(call: Call) -> object:
    """Tasks, the oldest first: of one project, or of all that the person sees."""
    limit, offset = page_of(call)
    status, key = call.query.one_of("status", STATUSES), call.query.text("project_id")
    async with call.reader() as connection:
        project_id = None if key is None else (await find_project(connection, call.actor, key)).id
    async with call.database.heavy_reader(call.actor.organization_id) as connection:
        total, rows = await list_tasks(connection, call.actor, project_id, status=status, limit=limit, offset=offset)
    items = sum(len(row["ids"]) for row in rows)
    if items > MOST_LISTED_ITEMS:
        raise BadUserInput(
            f"These {len(rows)} tasks have {items:,} items, more than the {MOST_LISTED_ITEMS:,} of one answer; "
            "ask for fewer with `limit`.",
            field="limit",
            fields={"limit": "is too large for tasks of this size"},
        )
    return {"items": await _tasks(call, rows), "total": total}


@DOOR.get("/tasks/{id}")
async def read(call: Call) -> object:
    """One task."""
    return await _read(call, _number(call))


@DOOR.delete("/tasks/{id}", Action.CHANGE_ASSETS)
async def delete(call: Call) -> Answer:
    """Delete a task nobody has begun, with its assets."""
    task = await _found(call, _number(call))
    await call.authorize(task["project_id"])
    async with call.transaction() as writer:
        await lock_assets(writer, task["ids"])
        states = await item_states(writer, task["ids"])
        begun = [state["number"] for state in states.values() if state["status"] != "pending"]
        if begun:
            raise Conflict(
                f"Item {begun[0]} of task {task['task']} is not pending any more, so the task stays; delete single assets "
                "through GraphQL.",
                items=begun[:50],
            )
        await remove_assets(writer, call.actor, task["ids"])
    return no_content()


def _number(call: Call) -> int:
    number = whole_number(call.path["id"])
    if number is None or number > LARGEST_POSITION:
        raise _unknown(call)
    return number


def _unknown(call: Call) -> NotFound:
    return NotFound(f"There is no task {call.path.get('id', '')[:100]!r} that you may see.")


async def _found(call: Call, number: int) -> Row:
    async with call.reader() as connection:
        task = await find_task(connection, call.actor, number)
    if task is None:
        raise _unknown(call)
    return task


async def _read(call: Call, number: int) -> dict[str, Any]:
    (shown,) = await _tasks(call, [await _found(call, number)])
    return shown


async def _tasks(call: Call, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Tasks with their items, in the order of the rows; rows whose project cannot be shown are left out."""
    ids = list({row["project_id"] for row in rows})
    async with call.reader() as connection:
        found = await list_projects(connection, call.actor, ids=ids, limit=len(ids))
    projects = {project.id: project for row in found if (project := project_of(row)) is not None}
    shown = [row for row in rows if row["project_id"] in projects]
    ids_of: dict[str, list[str]] = {}
    for row in shown:
        ids_of.setdefault(row["project_id"], []).extend(row["ids"])
    items = await read_items(call, projects, ids_of)
    return [_task(row, projects[row["project_id"]], items) for row in shown]


def _task(row: Row, project: Project, items: Mapping[str, Any]) -> dict[str, Any]:
    own = [items[identifier] for identifier in row["ids"] if identifier in items]
    statuses = {item.shown["status"] for item in own}
    return {
        "id": row["task"],
        "project_id": project.number,
        "status": statuses.pop() if statuses in ({"done"}, {"pending"}) else "in_progress",
        "created_at": milliseconds(row["created_at"]),
        "items": [item.shown for item in own],
        "callbacks": [item.callback for item in own if item.callback is not None],
    }


async def _checked(call: Call, project: Project, spec: Sequence[Mapping[str, Any]]) -> list[dict[str, SentValue]]:
    """What was sent in the fields of each item, its pictures stored; one wrong item refuses all."""
    fields = {field.name: field for field in project.inputs}
    refusals = Refusals(len(spec))
    files: list[tuple[int, str, NewFile]] = []
    sent: list[dict[str, SentValue]] = []
    for index, given in enumerate(spec):
        values: dict[str, SentValue] = {}
        for name in given.keys() - fields.keys():
            refusals.add(index, name[:200], "is no input field of the project")
        for name, field in fields.items():
            value = given.get(name)
            if value is None or value == "":
                if field.is_required:
                    refusals.add(index, name, "is missing")
            elif not isinstance(value, str | LongText):
                refusals.add(index, name, "must be a string")
            elif field.type == "text":
                try:
                    text = await text_of(value, name=name, most_bytes=MOST_TEXT_BYTES)
                except BadUserInput as refused:
                    refusals.add(index, name, refused.context["fields"][name])
                else:
                    if "\0" in text:
                        refusals.add(index, name, "cannot hold a NUL character")
                    values[name] = SentValue(text=text)
            else:
                try:
                    files.append((index, name, _file(call, value, name)))
                except BadUserInput as refused:
                    refusals.add(index, name, refused.context["fields"][name])
                values[name] = SentValue(file_id="")
        if not refusals.fields and content_field(project.inputs, values) is None:
            kind = "image" if any(field.type == "image" for field in project.inputs) else "text"
            name = next(field.name for field in project.inputs if field.type == kind)
            refusals.add(index, name, "is missing: an item has one at least")
        sent.append({name: values[name] for name in fields if name in values})
    refusals.raise_if_any()
    stored = await store_door_files(
        call.database,
        call.services,
        call.actor,
        [file for _, _, file in files],
        names=[name for _, name, _ in files],
    )
    for (index, name, _), blob in zip(files, stored, strict=True):
        sent[index][name] = SentValue(file_id=blob.id, url=file_url(call.services, blob))
    return sent


def _file(call: Call, value: str | LongText, name: str) -> NewFile:
    if isinstance(value, str) and is_link(value):
        return linked_file(call.services, value, name=name, most_bytes=MOST_PICTURE_BYTES)
    return file_of(value, name=name, most_bytes=MOST_PICTURE_BYTES)


def _assets(
    inputs: Sequence[Input], sent: Sequence[Mapping[str, SentValue]], batch: int
) -> tuple[list[DoorAsset], list[dict[str, Any]]]:
    """The assets of a task, with what is kept beside each."""
    assets: list[DoorAsset] = []
    records: list[dict[str, Any]] = []
    for number, values in enumerate(sent, start=1):
        content = content_field(inputs, values) or ""
        own = values[content]
        text = own.url if own.file_id is not None else own.text or ""
        assets.append(DoorAsset(f"task-{batch}-{number}", text, metadata_of(values, content)))
        records.append(
            {
                "content": content,
                "inputs": {name: value.record() for name, value in values.items() if name != content},
            }
        )
    return assets, records
