"""Tags of the organization and of its projects."""

from __future__ import annotations

from typing import Any

from tests.sdk.every_method.row import Names, Row, row
from tests.sdk.every_method.world import World


async def a_name(world: World) -> Names:
    return {"tag": world.unique("city")}


async def a_tag(world: World) -> Names:
    project = await world.project(title=world.unique("Streets"))
    name = world.unique("city")
    made = await world.send(
        "mutation ($data: TagData!) { data: createTag(data: $data) { id } }", {"data": {"label": name}}
    )
    return {"project": project.id, "tag": name, "tag_id": made["id"], "new_tag": world.unique("town")}


async def a_tagged_project(world: World) -> Names:
    made = await a_tag(world)
    await world.send(
        "mutation ($data: CheckedTagData!) { data: checkTag(data: $data) { id } }",
        {"data": {"tagId": made["tag_id"], "projectId": made["project"]}},
    )
    return made


async def named(world: World, names: Names) -> Any:
    """Which of the names of the row are those of tags."""
    found = [one["label"] for one in await world.send("{ data: listTagsByOrg { label } }")]
    return [key for key in ("tag", "new_tag") if names.get(key) in found]


OF_PROJECT = "listTagsByProject(projectId: $project) { label }"
TAGGED = [{"label": "$tag"}]

ROWS: list[Row] = [
    row(
        "create_tag 2.176.1..",
        "domain:tags.create",
        given=a_name,
        call={"name": "$tag", "color": "#00ff00"},
        read=named,
        before=[],
        after=["tag"],
    ),
    row(
        "tags 2.160.0..",
        "domain:tags.list",
        given=a_tagged_project,
        call={"project_id": "$project", "fields": ["id", "label"]},
        answer=[{"id": "$tag_id", "label": "$tag"}],
    ),
    row(
        "tag_project 2.160.0..",
        "domain:tags.assign",
        given=a_tag,
        call={"project_id": "$project", "tags": ["$tag"]},
        read=OF_PROJECT,
        before=[],
        after=TAGGED,
    ),
    row(
        "untag_project 2.160.0..",
        "domain:tags.unassign",
        given=a_tagged_project,
        call={"project_id": "$project", "tags": ["$tag"]},
        read=OF_PROJECT,
        before=TAGGED,
        after=[],
    ),
    row(
        "update_tag 2.160.0..",
        given=a_tag,
        call={"tag_name": "$tag", "new_tag_name": "$new_tag"},
        read=named,
        before=["tag"],
        after=["new_tag"],
    ),
    row(
        "domain:tags.update",
        given=a_tag,
        call={"tag_name": "$tag", "new_name": "$new_tag"},
        read=named,
        before=["tag"],
        after=["new_tag"],
    ),
    row(
        "delete_tag 2.160.0..",
        "domain:tags.delete",
        given=a_tag,
        call={"tag_name": "$tag"},
        read=named,
        before=["tag"],
        after=[],
    ),
]
