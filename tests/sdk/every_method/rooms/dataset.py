"""Datasets of 2.99, from which projects took assets; locks and what else only old releases know."""

from __future__ import annotations

from typing import Any

from tests.sdk.every_method.rooms.given import an_asset
from tests.sdk.every_method.row import Names, Row, row
from tests.sdk.every_method.world import World

CREATE = "mutation ($data: CreateDatasetData!) { data: createDataset(data: $data) { id } }"
FILL = """
mutation ($data: AppendToDatasetData!, $id: ID!) { data: appendToDataset(data: $data, where: {id: $id}) { id } }"""


async def a_name(world: World) -> Names:
    return {"name": world.unique("Letters")}


async def a_dataset(world: World) -> Names:
    made = await a_name(world)
    created = await world.send(CREATE, {"data": {**made, "assetType": "TEXT"}})
    return {**made, "dataset": created["id"]}


async def a_filled_dataset(world: World) -> Names:
    made = await a_dataset(world)
    data = {"contentArray": ["Dear Ada", "Dear Bob"], "externalIdArray": ["ada", "bob"]}
    await world.send(FILL, {"data": data, "id": made["dataset"]})
    found = await world.read("datasetAssets(where: {dataset: {id: $dataset}}, first: 5, skip: 0) { id }", made)
    project = await world.project(title=world.unique("Read"), inputType="TEXT")
    person = await world.organization.person()
    return {
        **made,
        "asset": found[0]["id"],
        "other": found[1]["id"],
        "project": project.id,
        "email": person.email,
        "admin_email": world.organization.admin.email,
    }


async def named(world: World, names: Names) -> Any:
    """The datasets of these names."""
    found = await world.send("{ data: datasets(where: {}, first: 100, skip: 0) { name type } }")
    return [one for one in found if one["name"] in (names["name"], "Words of " + names["name"])]


async def a_locked_asset(world: World) -> Names:
    """An asset that the administrator labels at this moment."""
    made = await an_asset(world)
    taken = await world.read("getNextAssetFromProject(projectID: $project) { id locks { id } }", made)
    count = await world.read("countLocks(where: {})", {})
    return {**made, "lock": taken["locks"][0]["id"], "count": count}


ASSETS = "datasetAssets(where: {dataset: {id: $dataset}}, first: 5, skip: 0) { externalId content }"
ADA = {"externalId": "ada", "content": "Dear Ada"}
BOB = {"externalId": "bob", "content": "Dear Bob"}
IN_PROJECT = "assets(where: {project: {id: $project}}, first: 5, skip: 0) { content }"
LETTERS = {"name": "$name", "type": "TEXT"}

ROWS: list[Row] = [
    row(
        "create_dataset 2.99.0",
        given=a_name,
        call={"name": "$name", "asset_type": "TEXT"},
        read=named,
        before=[],
        after=[LETTERS],
    ),
    row(
        "update_properties_in_dataset 2.99.0",
        given=a_dataset,
        call={"dataset_id": "$dataset", "name": "Words of $name", "asset_type": "TEXT"},
        read=named,
        before=[LETTERS],
        after=[{"name": "Words of $name", "type": "TEXT"}],
    ),
    row(
        "delete_dataset 2.99.0",
        given=a_dataset,
        call={"dataset_id": "$dataset"},
        read=named,
        before=[LETTERS],
        after=[],
    ),
    row(
        "append_to_dataset 2.99.0",
        given=a_dataset,
        call={"content_array": ["Dear Ada"], "dataset_id": "$dataset", "external_id_array": ["ada"]},
        read=ASSETS,
        before=[],
        after=[ADA],
    ),
    row(
        "update_properties_in_dataset_assets 2.99.0",
        given=a_filled_dataset,
        call={"asset_ids": ["$asset"], "external_ids": ["first"], "contents": ["Dear Eve"]},
        read=ASSETS,
        before=[ADA, BOB],
        after=[{"externalId": "first", "content": "Dear Eve"}, BOB],
    ),
    row(
        "delete_dataset_assets 2.99.0",
        given=a_filled_dataset,
        call={"asset_ids": ["$asset"]},
        read=ASSETS,
        before=[ADA, BOB],
        after=[BOB],
    ),
    row(
        "append_to_dataset_users 2.99.0",
        given=a_filled_dataset,
        call={"dataset_id": "$dataset", "user_email": "$email"},
        read="datasets(where: {id: $dataset}, first: 5, skip: 0) { users { email } }",
        before=[{"users": [{"email": "$admin_email"}]}],
        after=[{"users": [{"email": "$admin_email"}, {"email": "$email"}]}],
    ),
    row(
        "append_datasets_to_project 2.99.0",
        given=a_filled_dataset,
        call={"project_id": "$project", "dataset_ids": ["$dataset"], "dataset_asset_ids": []},
        read=IN_PROJECT,
        before=[],
        after=[{"content": "Dear Ada"}, {"content": "Dear Bob"}],
    ),
    row(
        "datasets 2.99.0",
        given=a_dataset,
        call={"dataset_id": "$dataset", "fields": ["id", "name"]},
        answer=[{"id": "$dataset", "name": "$name"}],
    ),
    row("count_datasets 2.99.0", given=a_dataset, call={"dataset_id": "$dataset"}, answer=1),
    row(
        "dataset_assets 2.99.0",
        given=a_filled_dataset,
        call={"dataset_id": "$dataset", "fields": ["id", "content"]},
        answer=[{"id": "$asset", "content": "Dear Ada"}, {"id": "$other", "content": "Dear Bob"}],
    ),
    row("count_dataset_assets 2.99.0", given=a_filled_dataset, call={"dataset_id": "$dataset"}, answer=2),
    row(
        "locks 2.60.0..2.120.0",
        given=a_locked_asset,
        call={"lock_id": "$lock", "fields": ["id", "lockType"]},
        answer=[{"id": "$lock", "lockType": "DEFAULT"}],
    ),
    row("count_locks 2.60.0..2.120.0", given=a_locked_asset, answer="$count"),
]
