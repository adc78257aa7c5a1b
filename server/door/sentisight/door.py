"""The declaration of the door, and the projects and images that its paths name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from labelyard.domain.door.sentisight.label import JOB
from labelyard.domain.error import BadUserInput, ErrorCode, NotFound, PayloadTooLarge
from labelyard.domain.interface import parse_interface
from labelyard.domain.permission import Action
from labelyard.domain.trained_model import classification_job
from labelyard.server.door.rest import Call, Door, LongText, file_of, header, refused
from labelyard.services.asset.content import NewFile
from labelyard.services.door.link import linked_file
from labelyard.services.door.project import required_project
from labelyard.services.learning.backbone import require_packages
from labelyard.services.learning.process import File
from labelyard.storage.asset import ids_by_external_id
from labelyard.storage.database import Row
from labelyard.storage.sentisight import list_images
from labelyard.storage.trained_model import visible_contents

NAME: Final = "sentisight"
MOST_IMAGE_BYTES: Final = 20 << 20
MOST_LISTED: Final = 100_000
PIECE: Final = 1_000

DOOR = Door(
    name=NAME,
    title="SentiSight",
    base="/sentisight/api",
    key_of=header("x-auth-token"),
    error=lambda error, status: f"{error.message}\n",
    statuses={ErrorCode.QUERY_TOO_COMPLEX: 400},
    check=require_packages,
)


@dataclass(frozen=True, slots=True)
class SentiSightProject:
    """A project of images; `job_name` is None as long as it has no job for labels."""

    id: str
    number: int
    title: str
    interface: dict[str, Any]
    job_name: str | None

    @property
    def shown_job(self) -> str:
        """The job that labels are in, or will be."""
        return self.job_name or JOB


async def project_named(call: Call, key: str, action: Action) -> SentiSightProject:
    """A project of images in which the person may do an action; `?job=` names another job than the first."""
    async with call.reader() as connection:
        row = await required_project(connection, NAME, call.actor, key)
    await call.authorize(row["id"], action)
    if row["input_type"] != "IMAGE":
        raise BadUserInput(f"Project {key[:100]} is one of {row['input_type']}, not of images.")
    interface = parse_interface(row["json_interface"], input_type="IMAGE").interface
    wanted = call.query.text("job")
    job_name: str | None = None
    if wanted is not None or (interface is not None and interface.jobs):
        try:
            job_name = classification_job(interface, wanted) if interface is not None else None
        except BadUserInput:
            if wanted is not None or any(name == JOB for name in (interface.jobs if interface else ())):
                raise
    return SentiSightProject(
        row["id"], row["number"], row["title"], orjson.loads(row["json_interface"] or "{}"), job_name
    )


async def image_named(call: Call, project: SentiSightProject, name: str) -> Row:
    """An image of a project by its name, as far as the person sees it."""
    async with call.reader() as connection:
        ids = await ids_by_external_id(connection, [(project.id, name)])
        rows = await visible_contents(connection, list(ids.values()), call.actor)
    if not rows:
        raise NotFound(f"There is no image {name[:100]!r} in this project that you may see.")
    return rows[0]


async def images_of(call: Call, project: SentiSightProject, ids: Sequence[str] | None = None) -> list[Row]:
    """The images of a project (`id`, `external_id`, `is_marked`, `labels`), or those of some ids; a list too long is refused."""
    async with call.reader() as connection:
        rows = await list_images(connection, call.actor, project.id, project.shown_job, ids=ids, limit=MOST_LISTED + 1)
    if len(rows) > MOST_LISTED:
        raise BadUserInput(f"[tooManyItems] This lists up to {MOST_LISTED:,} images; the project has more.")
    return rows


async def labels_of(call: Call, project: SentiSightProject, asset_ids: Sequence[str]) -> dict[str, list[str]]:
    """The labels of images by their ids, the default one first; images without any are left out."""
    return {row["id"]: row["labels"] for row in await images_of(call, project, asset_ids) if row["labels"]}


def answer_of(label: dict[str, Any]) -> dict[str, Any]:
    """The answer of a label."""
    value = label["jsonResponse"]
    parsed = orjson.loads(value) if isinstance(value, str | bytes) else orjson.loads(orjson.dumps(value))
    return parsed if isinstance(parsed, dict) else {}


async def sent_image(call: Call) -> File:
    """The image of a request: the body itself, or JSON with a link or with base64."""
    if call.body.is_json:
        body = call.object
        if isinstance(body.get("url"), str):
            return await _read(linked_file(call.services, body["url"], name="url", most_bytes=MOST_IMAGE_BYTES))
        if isinstance(body.get("base64"), str | LongText):
            return await _read(file_of(body["base64"], name="base64", most_bytes=MOST_IMAGE_BYTES))
        raise refused("body", 'is {"url": "https://…"} or {"base64": "…"}, or the image itself')
    return await _read(uploaded(call))


def uploaded(call: Call) -> NewFile:
    """The file that was sent as the body."""
    if call.upload.part.size > MOST_IMAGE_BYTES:
        raise PayloadTooLarge(
            f"An image has at most {MOST_IMAGE_BYTES >> 20} MiB, not {call.upload.part.size:,} bytes.",
            limit=MOST_IMAGE_BYTES,
        )
    return call.upload.new_file(name="image", most_bytes=MOST_IMAGE_BYTES)


async def _read(file: NewFile) -> File:
    """A file in memory: the process that looks at pictures is told its size first."""
    data = b"".join([piece async for piece in file.pieces()])

    async def pieces() -> Any:
        yield data

    return len(data), pieces()
