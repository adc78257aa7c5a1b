"""Projects."""

from __future__ import annotations

from labelyard.domain.door.fastlabel.time import text_of_time
from labelyard.domain.door.fastlabel.value import text_of
from labelyard.domain.permission import Action
from labelyard.server.door.fastlabel.door import DOOR, MOST_LISTED, page_of, project_named
from labelyard.server.door.rest import Answer, Call, no_content
from labelyard.services.door.fastlabel.annotation_class import locked_project
from labelyard.services.door.fastlabel.project import (
    change_project,
    duplicate_project,
    list_projects,
    make_project,
    name_projects,
    required_by_id,
    set_codes,
)
from labelyard.services.project import delete_project
from labelyard.storage.fastlabel.project import listed_slugs


@DOOR.get("/projects")
async def projects(call: Call) -> object:
    """The projects of the person, by slug if it is given."""
    offset, limit = page_of(call)
    found = await list_projects(call.database, call.actor, slug=call.query.text("slug"), offset=offset, limit=limit)
    return [project.shape for project in found]


@DOOR.get("/projects/map/id-slug")
async def slugs(call: Call) -> object:
    """Slugs by ids."""
    offset, limit = page_of(call, usual=MOST_LISTED)
    await name_projects(call.database, call.actor.organization_id)
    async with call.reader() as connection:
        return await listed_slugs(connection, call.actor, offset=offset, limit=limit)


@DOOR.get("/projects/{id}")
async def project(call: Call) -> object:
    """One project."""
    return (await required_by_id(call.database, call.actor, call.path["id"])).shape


@DOOR.post("/projects", Action.CREATE_PROJECT)
async def create(call: Call) -> object:
    """Make a project of a type; its classes come later."""
    async with call.transaction() as writer:
        return await make_project(writer, call.actor, call.object, workflow_version=call.services.workflow_version)


@DOOR.post("/projects/copy", Action.CHANGE_PROJECT)
async def copy(call: Call) -> object:
    """Copy a project with its classes, settings and members."""
    source = await required_by_id(call.database, call.actor, text_of(call.object.get("id"), "id", limit=100, least=1))
    await call.authorize(source.id)
    async with call.transaction() as writer:
        return await duplicate_project(writer, call.actor, source, call.object)


@DOOR.put("/projects/{id}", Action.CHANGE_PROJECT)
async def change(call: Call) -> object:
    """Change settings of a project."""
    await call.authorize(call.path["id"])
    async with call.transaction() as writer:
        await change_project(writer, await locked_project(writer, call.actor, call.path["id"]), call.object)
    return call.path["id"]


@DOOR.put("/projects/{id}/metadata", Action.CHANGE_PROJECT)
async def change_codes(call: Call) -> object:
    """Set the external codes of a project."""
    await call.authorize(call.path["id"])
    async with call.transaction() as writer:
        await set_codes(writer, await locked_project(writer, call.actor, call.path["id"]), call.object)
    return call.path["id"]


@DOOR.delete("/projects/{id}", Action.DELETE_PROJECT)
async def delete(call: Call) -> Answer:
    """Delete a project with all that is in it."""
    await call.authorize(call.path["id"])
    async with call.transaction() as writer:
        await delete_project(writer, call.path["id"])
    return no_content()


@DOOR.get("/metadatas")
async def metadatas(call: Call) -> object:
    """The definitions of the metadata of a project's tasks."""
    found = await project_named(call, call.query.required("project"), Action.READ_PROJECT)
    offset, limit = page_of(call)
    created, updated = (text_of_time(time) for time in found.times)
    definitions = [
        {
            "options": [],
            "defaultValue": None,
            "isAdmin": False,
            "isRequired": False,
            "createdAt": created,
            "updatedAt": updated,
            **one,
        }
        for one in found.record.get("metadatas") or ()
    ]
    return definitions[offset : offset + limit]
