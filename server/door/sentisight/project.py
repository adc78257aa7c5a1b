"""Projects: made here, or by whatever other way."""

from __future__ import annotations

from typing import Any

from labelyard.domain.error import BadUserInput
from labelyard.domain.permission import Action
from labelyard.server.door.rest import Call
from labelyard.server.door.sentisight.door import DOOR, NAME, project_named
from labelyard.services.door.project import required_project
from labelyard.services.project import check_new_project, create_project
from labelyard.storage.sentisight import count_images


@DOOR.post("/project", Action.CREATE_PROJECT)
async def make(call: Call) -> object:
    """Make a project of images without jobs: the first label makes the one for labels."""
    name = call.object.get("name")
    if not isinstance(name, str) or not name:
        raise BadUserInput('Give the name of the project, as {"name": "…"}.', field="name")
    new = check_new_project(
        {"title": name, "inputType": "IMAGE", "jsonInterface": '{"jobs": {}}'},
        call.actor,
        workflow_version=call.services.workflow_version,
    )
    async with call.transaction() as writer:
        await create_project(writer, call.actor, new)
    call.has_made(new.id)
    async with call.reader() as connection:
        project = await required_project(connection, NAME, call.actor, new.id)
    return {"id": project["number"], "uid": project["id"]}


@DOOR.get("/project/{project}", Action.READ_PROJECT)
async def read(call: Call) -> object:
    """How many images a project has, and how many of them each label."""
    project = await project_named(call, call.path["project"], Action.READ_PROJECT)
    async with call.reader() as connection:
        images, labels = await count_images(connection, call.actor, project.id, project.shown_job)
    return {
        "id": project.number,
        "uid": project.id,
        "name": project.title,
        "images": images,
        "labels": labels,
    }


@DOOR.get("/openapi.json")
async def describe(_call: Call) -> object:
    """The routes of this door, as OpenAPI 3.1."""
    paths: dict[str, Any] = {}
    for route in DOOR.routes:
        names = [segment[1:-1] for segment in route.pattern.segments if segment.startswith("{")]
        paths.setdefault(route.pattern.text, {})[route.verb.lower()] = {
            "summary": (route.handler.__doc__ or "").strip().splitlines()[0],
            "parameters": [
                {"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names
            ],
            "responses": {"200": {"description": "Done."}, "default": {"description": "A refusal, as plain text."}},
        }
    return {
        "openapi": "3.1.0",
        "info": {"title": "labelyard: the door of SentiSight", "version": "1"},
        "servers": [{"url": DOOR.base}],
        "security": [{"token": []}],
        "components": {
            "securitySchemes": {"token": {"type": "apiKey", "in": "header", "name": "X-Auth-token"}},
        },
        "paths": paths,
    }
