"""Datasets and their objects, at the paths of both client versions."""

from __future__ import annotations

from typing import Any, Final

import orjson

from labelyard.domain.door.fastlabel.dataset import (
    MEDIA,
    OBJECT_TYPES,
    VISIBILITIES,
    asked_revision,
    object_name_of,
    revision_id,
    sent_dataset,
    sent_object,
)
from labelyard.domain.door.fastlabel.family import MIB
from labelyard.domain.door.fastlabel.time import text_of_time
from labelyard.domain.door.fastlabel.value import shown, text_of, word_of
from labelyard.domain.error import BadUserInput
from labelyard.domain.permission import Action
from labelyard.server.door.fastlabel.door import DOOR, MOST_LISTED, page_of, with_texts
from labelyard.server.door.rest import Answer, Call, LongText, Sent, file_of, no_content
from labelyard.services.dataset import check_new_dataset_assets
from labelyard.services.door.asset import file_url, store_door_files
from labelyard.services.door.fastlabel.dataset import (
    add_object,
    change_dataset,
    change_object,
    make_dataset,
    remove_dataset,
    remove_object,
    required_dataset,
    required_object,
    revision_of,
)
from labelyard.storage.database import Row
from labelyard.storage.fastlabel.dataset import ObjectQuery, listed_datasets, listed_objects

MOST_OBJECT_BYTES: Final = 250 * MIB
PATHS: Final = {
    "dataset-revision-objects": "dataset-revision-objects/datasets/{id}",
    "dataset-objects-v2": "datasets-v2/{id}",
}
"""Where objects are listed and made, and where each is found, by the newer and the older clients."""


@DOOR.get("/datasets-v2")
async def datasets(call: Call) -> object:
    """The datasets of the person."""
    async with call.reader() as connection:
        rows = await listed_datasets(
            connection,
            call.actor,
            keyword=call.query.text("keyword"),
            tags=[tag for tag in call.query.all("tags") if tag],
            license=call.query.text("license"),
            visibility=call.query.one_of("visibility", VISIBILITIES),
        )
    return [_dataset(row) for row in rows]


@DOOR.post("/datasets-v2", Action.USE_DATASETS)
async def create(call: Call) -> object:
    """Make a dataset."""
    async with call.transaction() as writer:
        dataset_id = await make_dataset(writer, call.actor, call.object)
        return _dataset(await required_dataset(writer, call.actor, dataset_id=dataset_id))


@DOOR.get("/datasets-v2/{id}")
async def dataset(call: Call) -> object:
    """One dataset."""
    async with call.reader() as connection:
        return _dataset(await required_dataset(connection, call.actor, dataset_id=call.path["id"]))


@DOOR.put("/datasets-v2/{id}", Action.USE_DATASETS)
async def change(call: Call) -> object:
    """Change name and tags of a dataset."""
    sent_dataset(call.object)
    async with call.transaction() as writer:
        before = await required_dataset(writer, call.actor, dataset_id=call.path["id"])
        await change_dataset(writer, call.actor, before, call.object)
        return _dataset(await required_dataset(writer, call.actor, dataset_id=call.path["id"]))


@DOOR.delete("/datasets-v2/{id}", Action.USE_DATASETS)
async def delete(call: Call) -> Answer:
    """Delete a dataset, its objects and the tasks that were made of them."""
    async with call.transaction() as writer:
        await required_dataset(writer, call.actor, dataset_id=call.path["id"])
        await remove_dataset(writer, call.actor, call.path["id"])
    return no_content()


def _declare(path: str, of_one: str) -> None:
    """Declare the routes of objects at the paths of one client version."""

    @DOOR.get(f"/{path}")
    async def objects(call: Call) -> object:
        """The objects of a dataset."""
        return [_object(row) for row in await _listed(call)]

    @DOOR.get(f"/{path}/signed-urls")
    async def linked_objects(call: Call) -> object:
        """The objects of a dataset, each with a link to its file."""
        return [{**_object(row), "signedUrl": _link(call, row)} for row in await _listed(call)]

    @DOOR.post(f"/{path}", Action.USE_DATASETS, sent=Sent.FILES)
    async def add(call: Call) -> object:
        """Add an object to a dataset."""
        return await _add(call)

    @DOOR.put(f"/{path}", Action.USE_DATASETS, sent=Sent.FILES)
    async def update(call: Call) -> object:
        """Change an object."""
        return await _update(call)

    @DOOR.get(f"/{of_one}/objects/{{name...}}")
    async def find(call: Call) -> object:
        """One object."""
        asked = asked_revision(call.query.text("version"), call.query.text("revisionId"))
        async with call.reader() as connection:
            found = await required_dataset(connection, call.actor, dataset_id=call.path["id"])
            return _object(await required_object(connection, found, revision_of(found, asked), call.path["name"]))

    @DOOR.delete(f"/{of_one}/objects/{{name...}}", Action.USE_DATASETS)
    async def remove(call: Call) -> Answer:
        """Delete an object."""
        async with call.transaction() as writer:
            found = await required_dataset(writer, call.actor, dataset_id=call.path["id"])
            await remove_object(writer, call.actor, found, call.path["name"])
        return no_content()


for _path, _of_one in PATHS.items():
    _declare(_path, _of_one)


async def _listed(call: Call) -> list[Row]:
    asked = asked_revision(call.query.text("version"), call.query.text("revisionId"))
    name = call.query.text("datasetName") or call.query.required("dataset")
    offset, limit = page_of(call, usual=MOST_LISTED)
    types = [word_of(one, "types", OBJECT_TYPES) for one in call.query.all("types") if one]
    async with call.reader() as connection:
        found = await required_dataset(connection, call.actor, name=name)
        query = ObjectQuery(
            found["id"],
            revision_of(found, asked),
            tags=[one for one in call.query.all("tags") if one],
            licenses=[one for one in call.query.all("licenses") if one],
            types=types,
        )
        return await listed_objects(connection, query, offset=offset, limit=limit)


async def _add(call: Call) -> object:
    body = call.object
    file = body.get("filePath")
    rest = await with_texts({name: value for name, value in body.items() if name != "filePath"})
    if not isinstance(file, str | LongText):
        raise BadUserInput(f"filePath is the file in base64, not {shown(file)}.", field="filePath")
    record = sent_object(rest)
    name = object_name_of(rest.get("objectName", rest.get("name")), "objectName")
    dataset_name = text_of(rest.get("datasetName", rest.get("dataset")), "datasetName", limit=1_000, least=1)
    async with call.reader() as connection:
        found = await required_dataset(connection, call.actor, name=dataset_name)
    (blob,) = await store_door_files(
        call.database,
        call.services,
        call.actor,
        [file_of(file, name="filePath", most_bytes=MOST_OBJECT_BYTES)],
        names=["filePath"],
        accepts=lambda media_type: media_type.startswith(MEDIA),
        expected="a picture, a film or a sound",
    )
    arrays = {"contentArray": [file_url(call.services, blob)], "externalIDArray": [name]}
    checked = await check_new_dataset_assets(call.database, call.services, call.actor, found["id"], arrays)
    async with call.transaction() as writer:
        await add_object(writer, call.actor, found, checked, record)
        after = await required_dataset(writer, call.actor, dataset_id=found["id"])
        return _object(await required_object(writer, after, after["revision"], name))


async def _update(call: Call) -> object:
    body = await with_texts(call.object)
    changes = sent_object(body)
    name = object_name_of(body.get("objectName"), "objectName")
    dataset_id = text_of(body.get("datasetId"), "datasetId", limit=100, least=1)
    async with call.transaction() as writer:
        found = await required_dataset(writer, call.actor, dataset_id=dataset_id)
        revision = await change_object(writer, call.actor, found, name, changes)
        return _object(await required_object(writer, found, revision, name))


def _dataset(row: Row) -> dict[str, Any]:
    return {
        "id": row["id"],
        "name": row["name"],
        "tags": [],
        "visibility": "workspace",
        "license": "",
        **orjson.loads(row["record"]),
        "version": row["revision"],
        "revisionId": revision_id(row["id"], row["revision"]),
        "createdAt": text_of_time(row["created_at"]),
        "updatedAt": text_of_time(row["updated_at"]),
    }


def _object(row: Row) -> dict[str, Any]:
    return {
        "name": row["name"],
        "size": row["size"],
        "width": row["width"],
        "height": row["height"],
        "tags": [],
        "licenses": [],
        "type": "none",
        "annotations": [],
        "customMetadata": {},
        **orjson.loads(row["record"]),
        "createdAt": text_of_time(row["created_at"]),
        "updatedAt": text_of_time(row["updated_at"]),
    }


def _link(call: Call, row: Row) -> str:
    if row["content_blob_id"] is None:
        return str(row["content"])
    return call.services.links.download_url(
        blob_id=row["content_blob_id"],
        organization_id=call.actor.organization_id,
        user_id=call.actor.user_id,
        now=call.services.now(),
    )
