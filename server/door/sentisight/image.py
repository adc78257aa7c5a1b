"""Images: uploaded, listed, read, deleted, marked for validation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import orjson

from labelyard.domain.error import BadUserInput
from labelyard.domain.permission import Action
from labelyard.server.door.rest import Answer, Call, Sent, file
from labelyard.server.door.sentisight.door import (
    DOOR,
    MOST_IMAGE_BYTES,
    MOST_LISTED,
    PIECE,
    SentiSightProject,
    image_named,
    images_of,
    project_named,
    uploaded,
)
from labelyard.server.door.sentisight.label import write_labels
from labelyard.services.asset.content import NewFile
from labelyard.services.asset.deletion import remove_assets
from labelyard.services.asset.importing import import_assets
from labelyard.services.asset.update import check_changes, write_changes
from labelyard.services.door.asset import PICTURES, DoorAsset, check_door_assets, file_url, store_door_files
from labelyard.services.door.sentisight.archive import Member, SentArchive
from labelyard.services.learning.backbone import NETWORK
from labelyard.services.trained_model.scoring import vectors_of
from labelyard.storage.asset import ids_by_external_id
from labelyard.storage.trained_model import VALIDATION_KEY, visible_contents

AT_ONCE: Final = 32


@DOOR.post("/image/{project}/{name}", Action.CHANGE_ASSETS, sent=Sent.UPLOAD)
async def upload(call: Call) -> object:
    """Add an image under a name; with `preprocess=true`, what is needed to predict it is computed at once."""
    project = await project_named(call, call.path["project"], Action.CHANGE_ASSETS)
    preprocess = call.query.flag("preprocess")
    if call.body.is_json:
        raise BadUserInput("Send the image itself as the body, with Content-Type: application/octet-stream.")
    await add_images(call, project, {call.path["name"]: uploaded(call)})
    if preprocess:
        row = await image_named(call, project, call.path["name"])
        await vectors_of(call.database, call.services, [row], NETWORK)
    return {"image": call.path["name"]}


async def add_images(call: Call, project: SentiSightProject, files: dict[str, NewFile]) -> dict[str, str]:
    """Add images by their names, all or none; answers the ids of the assets."""
    names = list(files)
    blobs = await store_door_files(call.database, call.services, call.actor, list(files.values()), names=names)
    assets = [DoorAsset(name, file_url(call.services, blob)) for name, blob in zip(names, blobs, strict=True)]
    checked = await check_door_assets(call.database, call.services, call.actor, project.id, assets)
    async with call.transaction() as writer:
        ids = await import_assets(writer, checked)
    return dict(zip(names, ids, strict=True))


@DOOR.get("/image/{project}/{name}", Action.READ_PROJECT)
async def read(call: Call) -> Answer:
    """The bytes of an image, as they were sent."""
    project = await project_named(call, call.path["project"], Action.READ_PROJECT)
    row = await image_named(call, project, call.path["name"])
    media_type = row["media_type"] if row["media_type"] in PICTURES else "application/octet-stream"
    return file(call.services.blobs.stream(row["blob_id"]), media_type)


@DOOR.delete("/image/{project}/{name}", Action.CHANGE_ASSETS)
async def delete(call: Call) -> object:
    """Delete an image with everything on it."""
    project = await project_named(call, call.path["project"], Action.CHANGE_ASSETS)
    row = await image_named(call, project, call.path["name"])
    async with call.transaction() as writer:
        await remove_assets(writer, call.actor, [row["id"]])
    return {"image": row["external_id"]}


@DOOR.get("/images/{project}", Action.READ_PROJECT)
async def names(call: Call) -> object:
    """The names of all images."""
    project = await project_named(call, call.path["project"], Action.READ_PROJECT)
    return [image["external_id"] for image in await images_of(call, project)]


@DOOR.put("/validation/{project}", Action.CHANGE_ASSETS)
async def mark(call: Call) -> object:
    """Hold images back for validation, or no more."""
    project = await project_named(call, call.path["project"], Action.CHANGE_ASSETS)
    wanted = call.object.get("validation", True)
    if not isinstance(wanted, bool):
        raise BadUserInput("validation is true or false.", field="validation")
    ids = await ids_named(call, project, call.object.get("images"))
    for start in range(0, len(ids), PIECE):
        piece = ids[start : start + PIECE]
        images = await call.by_id("Asset", "{ jsonMetadata }", piece)
        changes = []
        for asset_id in piece:
            value = images[asset_id]["jsonMetadata"] if asset_id in images else "{}"
            metadata = orjson.loads(value) if isinstance(value, str) else orjson.loads(orjson.dumps(value)) or {}
            others = {key: kept for key, kept in metadata.items() if key != VALIDATION_KEY}
            if wanted:
                others[VALIDATION_KEY] = True
            changes.append({"jsonMetadata": orjson.dumps(others).decode()})
        checked = await check_changes(call.database, call.services, call.actor, piece, changes)
        async with call.transaction() as writer:
            await write_changes(writer, checked)
    return {"images": len(ids)}


async def ids_named(call: Call, project: SentiSightProject, given: object) -> list[str]:
    """The ids of the images that a list of names says; refused with the first name that is unknown."""
    if not isinstance(given, list) or not all(isinstance(name, str) for name in given):
        raise BadUserInput("images is a list of names.", field="images")
    wanted: list[str] = list(dict.fromkeys(given))
    if len(wanted) > MOST_LISTED:
        raise BadUserInput(f"Name at most {MOST_LISTED:,} images in one request.", field="images")
    async with call.reader() as connection:
        found = await ids_by_external_id(connection, [(project.id, name) for name in wanted])
        seen = {row["id"] for row in await visible_contents(connection, list(found.values()), call.actor)}
    unknown = [name for name in wanted if found.get((project.id, name)) not in seen]
    if unknown:
        raise BadUserInput(f"There is no image {unknown[0][:100]!r} in this project.", field="images")
    return [found[project.id, name] for name in wanted]


@DOOR.post("/upload-zip/{project}", Action.CHANGE_ASSETS, sent=Sent.UPLOAD)
async def upload_zip(call: Call) -> object:
    """Add the pictures of a zip under their paths; with `labels=folder`, each is labeled with the folder that it lies in."""
    project = await project_named(call, call.path["project"], Action.CHANGE_ASSETS)
    by_folder = call.query.one_of("labels", ("folder", "none"), "none") == "folder"
    archive = await SentArchive.of(call.upload.part)
    pictures = [member for member in archive.members if member.size <= MOST_IMAGE_BYTES]
    skipped = [member.name for member in archive.members if member.size > MOST_IMAGE_BYTES]
    added = 0
    for start in range(0, len(pictures), AT_ONCE):
        piece = pictures[start : start + AT_ONCE]
        known = [member for member in piece if await archive.is_picture(member)]
        skipped += [member.name for member in piece if member not in known]
        if known:
            ids = await add_images(call, project, {member.name: archive.file(member) for member in known})
            added += len(ids)
            if by_folder:
                await write_labels(call, project, _by_folder(known))
                project = await project_named(call, call.path["project"], Action.CHANGE_ASSETS)
    return {"images": added, "skipped": skipped}


def _by_folder(members: Sequence[Member]) -> dict[str, list[str]]:
    folders = {member.name: member.name.rpartition("/")[0].rpartition("/")[2] for member in members}
    return {name: [folder] for name, folder in folders.items() if folder}
