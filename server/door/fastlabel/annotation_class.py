"""Classes of annotations."""

from __future__ import annotations

from labelyard.domain.permission import Action
from labelyard.server.door.fastlabel.door import DOOR, page_of, project_named
from labelyard.server.door.rest import Answer, Call, no_content
from labelyard.services.door.fastlabel.annotation_class import (
    add_class,
    add_classification,
    change_class,
    classes_with_ids,
    found_class,
    remove_class,
    unknown_class,
)
from labelyard.services.door.fastlabel.project import required_by_id


@DOOR.get("/annotations")
async def classes(call: Call) -> object:
    """The classes of a project, by value if it is given."""
    project = await project_named(call, call.query.required("project"), Action.READ_PROJECT)
    offset, limit = page_of(call)
    value = call.query.text("value")
    known = await classes_with_ids(call.database, project)
    found = [one.shape for one in known.classes if value is None or one.value == value]
    return found[offset : offset + limit]


@DOOR.get("/annotations/{id}")
async def one_class(call: Call) -> object:
    """One class."""
    project_id, _ = await found_class(call.database, call.actor, call.path["id"])
    known = await classes_with_ids(call.database, await required_by_id(call.database, call.actor, project_id))
    one = known.by_id(call.path["id"])
    if one is None:
        raise unknown_class(call.path["id"])
    return one.shape


@DOOR.post("/annotations", Action.CHANGE_PROJECT)
async def create(call: Call) -> object:
    """Add a class to the interface of a project."""
    project = await project_named(call, call.object.get("project", ""))
    async with call.transaction() as writer:
        return await add_class(writer, call.actor, project.id, call.object)


@DOOR.post("/annotations/classification", Action.CHANGE_PROJECT)
async def create_classification(call: Call) -> object:
    """Add the attributes of a classification project."""
    project = await project_named(call, call.object.get("project", ""))
    async with call.transaction() as writer:
        return await add_classification(writer, call.actor, project.id, call.object)


@DOOR.put("/annotations/{id}", Action.CHANGE_PROJECT)
async def change(call: Call) -> object:
    """Change a class, in stored labels too where its value changes."""
    project_id, record = await found_class(call.database, call.actor, call.path["id"])
    await call.authorize(project_id)
    async with call.transaction() as writer:
        return await change_class(writer, call.actor, project_id, record.id, call.object)


@DOOR.put("/annotations/classification/{id}", Action.CHANGE_PROJECT)
async def change_classification(call: Call) -> object:
    """Change the attributes of a classification project."""
    return await change(call)


@DOOR.delete("/annotations/{id}", Action.CHANGE_PROJECT)
async def delete(call: Call) -> Answer:
    """Take a class out of the interface of its project."""
    project_id, record = await found_class(call.database, call.actor, call.path["id"])
    await call.authorize(project_id)
    async with call.transaction() as writer:
        await remove_class(writer, call.actor, project_id, record.id)
    return no_content()
