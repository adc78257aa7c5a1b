"""Labels of images: uploaded, listed, and which of them is the default one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson

from labelyard.domain.door.sentisight.label import (
    Labels,
    answer_with,
    labels_of_coco,
    labels_of_csv,
    labels_of_json,
    labels_of_yolo,
    with_labels,
)
from labelyard.domain.error import BadUserInput
from labelyard.domain.permission import Action
from labelyard.server.door.rest import Call, Sent
from labelyard.server.door.sentisight.door import (
    DOOR,
    PIECE,
    SentiSightProject,
    answer_of,
    images_of,
    project_named,
)
from labelyard.services.door.label import submit_answers
from labelyard.services.door.sentisight.archive import SentArchive
from labelyard.services.project import check_project_change, update_properties
from labelyard.storage.asset import ids_by_external_id
from labelyard.storage.project import lock_project
from labelyard.storage.trained_model import visible_contents

MOST_TEXT_BYTES: Final = 16 << 20


@DOOR.get("/labels/{project}", Action.READ_PROJECT)
async def listed(call: Call) -> object:
    """The labels of all images, the default one first."""
    project = await project_named(call, call.path["project"], Action.READ_PROJECT)
    return [
        {
            "name": image["external_id"],
            "labels": image["labels"],
            "default": image["labels"][0] if image["labels"] else None,
            "validation": image["is_marked"],
        }
        for image in await images_of(call, project)
    ]


@DOOR.post("/labels/{project}", Action.SUBMIT_LABELS, sent=Sent.UPLOAD)
async def replace(call: Call) -> object:
    """Replace the labels of the images that are named: CSV, JSON, or with `format=` COCO or a zip of YOLO."""
    project = await project_named(call, call.path["project"], Action.SUBMIT_LABELS)
    kind = call.query.one_of("format", ("csv", "json", "coco", "yolo"))
    if kind == "yolo":
        given = await _yolo(call, project)
    elif kind == "coco":
        given = labels_of_coco(await _json(call))
    elif call.body.is_json or kind == "json":
        given = labels_of_json(await _json(call))
    else:
        given = labels_of_csv(await _text(call))
    known = await _ids(call, project, list(given))
    written = await write_labels(call, project, {name: labels for name, labels in given.items() if name in known})
    return {"images": written, "unknown": [name for name in given if name not in known]}


async def _text(call: Call) -> str:
    part = call.upload.part
    if part.size > MOST_TEXT_BYTES:
        raise BadUserInput(f"Labels have at most {MOST_TEXT_BYTES >> 20} MiB in one request.")
    data = b"".join([piece async for piece in part.pieces()])
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadUserInput("The labels are not UTF-8.") from None


async def _json(call: Call) -> Any:
    if call.body.is_json:
        return call.json
    try:
        return orjson.loads(await _text(call))
    except orjson.JSONDecodeError as error:
        raise BadUserInput(f"The labels are no JSON: {error}.") from error


async def _yolo(call: Call, project: SentiSightProject) -> Labels:
    archive = await SentArchive.of(call.upload.part)
    texts = [member for member in archive.members if member.name.endswith(".txt") and member.size <= MOST_TEXT_BYTES]
    if sum(member.size for member in texts) > MOST_TEXT_BYTES:
        raise BadUserInput(f"The texts of the zip have at most {MOST_TEXT_BYTES >> 20} MiB in one request.")
    files: dict[str, str] = {}
    classes: list[str] = []
    for member in texts:
        text = (await archive.content(member)).decode("utf-8", "replace")
        stem = member.name.rpartition("/")[2].removesuffix(".txt")
        if stem == "classes":
            classes = [line.strip() for line in text.splitlines() if line.strip()]
        else:
            files[stem] = text
    if not classes:
        raise BadUserInput("The zip has no classes.txt, which names the classes, one a line.")
    images = [image["external_id"] for image in await images_of(call, project)]
    names = {name.rpartition("/")[2].rpartition(".")[0]: name for name in images}
    return labels_of_yolo(classes, files, names)


async def _ids(call: Call, project: SentiSightProject, names: Sequence[str]) -> dict[str, str]:
    """The ids of the images with these names that the person sees."""
    async with call.reader() as connection:
        found = await ids_by_external_id(connection, [(project.id, name) for name in names])
        seen = {row["id"] for row in await visible_contents(connection, list(found.values()), call.actor)}
    return {name: asset_id for (_, name), asset_id in found.items() if asset_id in seen}


async def write_labels(call: Call, project: SentiSightProject, labels: Mapping[str, Sequence[str]]) -> int:
    """Make a new version of the labels of images, by their names; labels that are new become categories first."""
    if not labels:
        return 0
    named = list(dict.fromkeys(label for own in labels.values() for label in own))
    if with_labels(project.interface, project.job_name, named) is not None:
        await _add_categories(call, project, named)
    ids = await _ids(call, project, list(labels))
    by_id = {ids[name]: own for name, own in labels.items() if name in ids}
    size = min(PIECE, call.services.max_items)
    order = list(by_id)
    for start in range(0, len(order), size):
        piece = order[start : start + size]
        before = await call.shown_labels(piece, "{ jsonResponse }")
        answers = {
            asset_id: answer_with(
                answer_of(before[asset_id]) if asset_id in before else {}, project.shown_job, by_id[asset_id]
            )
            for asset_id in piece
        }
        await submit_answers(call.database, call.services, call.actor, answers)
    return len(by_id)


async def _add_categories(call: Call, project: SentiSightProject, labels: Sequence[str]) -> None:
    await call.authorize(project.id, Action.CHANGE_PROJECT)
    async with call.transaction() as writer:
        # Another request may be adding labels of its own: what is added to is the interface as nobody else changes it.
        row = await lock_project(writer, project.id)
        interface = with_labels(orjson.loads(row["json_interface"] or "{}"), project.job_name, labels)
        if interface is not None:
            change = check_project_change({"jsonInterface": orjson.dumps(interface).decode()})
            await update_properties(writer, project.id, change, input_type=None)


@DOOR.put("/default/{project}", Action.SUBMIT_LABELS)
async def make_default(call: Call) -> object:
    """Make a label the default one of the images that are named, or of all that have it."""
    project = await project_named(call, call.path["project"], Action.SUBMIT_LABELS)
    label, named = call.object.get("label"), call.object.get("images")
    if not isinstance(label, str) or not label:
        raise BadUserInput('Give the label, as {"label": "…"}.', field="label")
    if named is not None and (not isinstance(named, list) or not all(isinstance(name, str) for name in named)):
        raise BadUserInput("images is a list of names.", field="images")
    images = await images_of(call, project)
    if named is not None:
        wanted = set(named)
        unknown = wanted - {image["external_id"] for image in images}
        if unknown:
            raise BadUserInput(f"There is no image {min(unknown)[:100]!r} in this project.", field="images")
        images = [image for image in images if image["external_id"] in wanted]
    changed = {
        image["external_id"]: [label, *(other for other in image["labels"] if other != label)]
        for image in images
        if label in image["labels"] and image["labels"][0] != label
    }
    return {"images": await write_labels(call, project, changed)}
