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
from labelyard.server.door.dataapi.spec import read_spec
from labelyard.server.door.rest import Answer, Call, created, no_content
from labelyard.server.door.rest import Sent as SentBody
from labelyard.services.asset.deletion import remove_assets
from labelyard.services.asset.importing import import_assets
from labelyard.services.door.asset import DoorAsset, check_door_assets
from labelyard.storage.asset_file import link_files
from labelyard.storage.database import Row
from labelyard.storage.door import LARGEST_POSITION, new_batch, put_asset_records, shared_record
from labelyard.storage.door_task import find_task, item_states, list_projects, list_tasks
from labelyard.storage.label import lock_assets
from labelyard.storage.plan.compiler import milliseconds

MOST_ITEMS: Final = 1_000
MOST_LISTED_ITEMS: Final = 10_000
STATUSES: Final = ("pending", "in_progress", "done")

Spec = Annotated[list[dict[str, Any]], Field(min_length=1, max_length=MOST_ITEMS)]


class NewTask(Sent):
    """A task: its project, and the fields of each of its items."""

    project_id: int | str
    task_spec: Spec


@DOOR.post("/tasks", Action.CHANGE_ASSETS, sent=SentBody.FILES)
async def create(call: Call) -> Answer:
    """Make a task: an asset for each of its items, all or none."""
    task = call.read(NewTask)
    async with call.reader() as connection:
        project = await find_project(connection, call.actor, str(task.project_id))
    await call.authorize(project.id)
    sent = await read_spec(call, project.inputs, task.task_spec)
    async with call.reader() as connection:
        batch = await new_batch(connection)
    assets, records = _assets(project.inputs, sent, batch)
    checked = await check_door_assets(call.database, call.services, call.actor, project.id, assets)
    async with call.transaction() as writer:
        if (await shared_record(writer, NAME, project.id)).get("input_spec") != project.record.get("input_spec"):
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
    shown = await _tasks(call, [await _found(call, number)])
    if not shown:
        raise _unknown(call)
    return shown[0]


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
        # What the asset itself holds is not kept twice.
        beside = {name: value.record() for name, value in values.items() if name != content or value.is_both}
        records.append({"content": content, "inputs": beside})
    return assets, records
