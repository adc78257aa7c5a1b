"""What several rooms make before a call, and how assets and labels are read afterwards."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tests.common.world import Project, answer
from tests.file_samples import png
from tests.sdk.every_method.row import Names
from tests.sdk.every_method.world import World

SUN = json.loads(answer("SUN"))
RAIN = json.loads(answer("RAIN"))


async def an_asset(world: World, **data: Any) -> Names:
    """A project with two assets, `street-0` and `street-1`, of which the first is the row's."""
    project = await world.project(title=world.unique("Streets"), **data)
    first, second = await project.assets(2, prefix="street", jsonMetadataArray=['{"city": "Delft"}', "{}"])
    return {"project": project.id, "asset": first, "other": second, "external": "street-0"}


async def an_asset_of_a_member(world: World) -> Names:
    """The same, and a labeler of the project."""
    made = await an_asset(world)
    member = await member_of(world, made["project"])
    return {**made, **member}


async def member_of(world: World, project: str, role: str = "LABELER") -> Names:
    one = Project(project, world.organization)
    person = await world.organization.person()
    role_id = await one.join(person, role)
    return {"member": person.id, "member_email": person.email, "role": role_id}


async def a_label(world: World, label_type: str = "DEFAULT", **data: Any) -> Names:
    """A project whose asset `street-0` says RAIN."""
    made = await an_asset(world, **data)
    label = await Project(made["project"], world.organization).label(
        made["asset"],
        json_response=answer("RAIN", cars=1),
        label_type=label_type,
        model_name=None if label_type in ("DEFAULT", "REVIEW") else "first-model",
    )
    return {**made, "label": label}


async def a_prediction(world: World) -> Names:
    return await a_label(world, "PREDICTION")


async def an_inference(world: World) -> Names:
    return await a_label(world, "INFERENCE")


async def a_label_without_steps(world: World) -> Names:
    return await a_label(world, workflowVersion="V1")


async def a_labeled_picture(world: World) -> Names:
    """A picture of 40 by 20 that shows one car, and a second without a label."""
    project = await world.project(title=world.unique("Streets"))
    url, second = await uploads(world, project.id, png(40, 20), png(20, 10))
    first, _ = await project.assets(2, prefix="street", contentArray=[url, second])
    await project.label(first, json_response=answer("RAIN", cars=1))
    return {"project": project.id, "asset": first, "file": str(world.folder() / "export.zip")}


async def uploads(world: World, project: str, *contents: bytes, kind: str = "image/png") -> list[str]:
    """The URLs of files that have been uploaded."""
    paths = [world.unique("file") for _ in contents]
    urls = await world.send(
        "query ($id: ID!, $paths: [String!]) { data: createUploadBucketSignedUrls(projectID: $id, filePaths: $paths) }",
        {"id": project, "paths": paths},
    )
    for url, content in zip(urls, contents, strict=True):
        answered = await world.organization.http.http.put(url, content=content, headers={"Content-Type": kind})
        assert answered.status_code == 200, answered.text
    return list(urls)


def of_asset(fields: str) -> str:
    return f"assets(where: {{id: $asset}}, first: 1, skip: 0) {{ {fields} }}"


def of_assets(fields: str) -> str:
    return f"assets(where: {{project: {{id: $project}}}}, first: 50, skip: 0) {{ {fields} }}"


async def labels(world: World, names: Names) -> Any:
    """Each label of the project: its asset, type, model and category."""
    found = await world.send(
        """query ($id: ID!) { data: labels(where: {project: {id: $id}}, first: 50, skip: 0) {
             labelType modelName jsonResponse labelOf { externalId } } }""",
        {"id": names["project"]},
    )
    return [
        [one["labelOf"]["externalId"], one["labelType"], one["modelName"], category(json.loads(one["jsonResponse"]))]
        for one in found
    ]


def category(said: Mapping[str, Any]) -> Any:
    return said["WEATHER"]["categories"][0]["name"] if "WEATHER" in said else sorted(said)


def only(*keys: str) -> Any:
    """The objects of a list with these keys only: some releases read more than they are asked for."""
    return lambda found: [{key: one[key] for key in keys} for one in found]


RAINY = ["street-0", "DEFAULT", None, "RAIN"]
SUNNY = ["street-0", "DEFAULT", None, "SUN"]
