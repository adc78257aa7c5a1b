"""Automatic annotations by models of this server; what only the vendor has is refused with a sentence, and its lists are empty."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import orjson

from labelyard.domain.door.fastlabel.time import text_of_time
from labelyard.domain.door.fastlabel.value import flag_of, number_of, shown, text_of
from labelyard.domain.error import BadUserInput, NotFound
from labelyard.domain.permission import Action
from labelyard.server.door.fastlabel.door import DOOR, MOST_LISTED, page_of, project_named
from labelyard.server.door.rest import Call, not_offered
from labelyard.services.trained_model.annotating import KIND, request_annotating
from labelyard.storage.database import Row
from labelyard.storage.job import jobs_of_project

OWN_MODEL: Final = "labelyard_image_classification"
"""The name of the newest model that a project of pictures has trained."""
ALGORITHM: Final = "image_classification"
JOB_STATUSES: Final = {"QUEUED": "in_progress", "RUNNING": "in_progress", "DONE": "completed"}

LISTED: Final = ("trainings", "evaluations")
CONNECTED: Final = (
    "reads storage that the vendor is connected to; here projects are connected to storage through GraphQL"
)


def _declare_list(name: str) -> None:
    @DOOR.get(f"/{name}")
    async def jobs(call: Call) -> object:
        """The jobs of the vendor's models, of which there are none."""
        del call
        return []

    @DOOR.get(f"/{name}/{{id}}")
    async def job(call: Call) -> object:
        """One job, of which there is none."""
        raise NotFound(
            f"There is no job {call.path['id'][:100]!r} of {name} that you may see.", id=call.path["id"][:100]
        )


for _name in LISTED:
    _declare_list(_name)


@DOOR.get("/auto-annotations")
async def auto_annotations(call: Call) -> object:
    """The automatic annotations of a project that were asked for in the last days, the oldest first."""
    project = await project_named(call, call.query.required("project"), Action.READ_PROJECT)
    offset, limit = page_of(call, usual=MOST_LISTED)
    async with call.reader() as connection:
        return [_job(row) for row in await jobs_of_project(connection, project.id, KIND, offset=offset, limit=limit)]


@DOOR.post("/auto-annotations", Action.CHANGE_PROJECT)
async def annotate(call: Call) -> object:
    """Have the newest model of a project predict its tasks; the answer is the job, which goes on by itself."""
    body = call.object
    model = text_of(body.get("modelName"), "modelName", limit=1_000, least=1)
    algorithm = body.get("algorithmType", ALGORITHM)
    if model != OWN_MODEL or algorithm != ALGORITHM:
        return not_offered(
            f"auto-annotations with {shown(model)} and {shown(algorithm)} is not supported by this server: "
            f"its model is {OWN_MODEL}, of the type {ALGORITHM}."
        )
    only_unlabeled = not flag_of(body.get("updateExisting", False), "updateExisting")
    least = number_of(body.get("confidenceThreshold", 0), "confidenceThreshold")
    if not 0 <= least <= 1:
        raise BadUserInput(
            f"confidenceThreshold is a number from 0 to 1, not {shown(least)}.", field="confidenceThreshold"
        )
    project = await project_named(call, text_of(body.get("project"), "project", limit=1_000, least=1))
    async with call.transaction() as writer:
        job_id = await request_annotating(
            writer, call.actor, project.id, only_unlabeled=only_unlabeled, least_score=least
        )
        (row,) = await jobs_of_project(writer, project.id, KIND, job_id=job_id)
    return _job(row)


def _job(row: Row) -> dict[str, Any]:
    result = orjson.loads(row["result"] or "{}")
    is_over = row["started_at"] is not None and row["finished_at"] is not None
    return {
        "id": row["id"],
        "version": orjson.loads(row["payload"])["modelName"],
        "status": JOB_STATUSES.get(row["status"], "failed"),
        "autoAnnotationType": ALGORITHM,
        "modelName": OWN_MODEL,
        "contentCount": result.get("lookedAt", 0),
        "taskAnnotationCount": result.get("written", 0),
        "duration": (row["finished_at"] - row["started_at"]).total_seconds() if is_over else 0,
        "audioSeconds": 0,
        "msgCode": row["reason"],
        "userName": row["user_name"],
        "createdAt": text_of_time(row["created_at"]),
        "updatedAt": text_of_time(row["finished_at"] or row["started_at"] or row["created_at"]),
        "completedAt": text_of_time(row["finished_at"]),
    }


REFUSED: Final = {
    "POST trainings": "trains models of the vendor",
    "POST evaluations": "evaluates models of the vendor",
    "POST model-endpoints/execute": "asks endpoints that the vendor runs",
    "POST model-monitorings/create": "watches endpoints that the vendor runs",
    "PUT storages/aws-s3/{slug}": CONNECTED,
    "POST tasks/aws-s3": CONNECTED,
    "GET tasks/import/status/aws-s3/{slug}": "tells of storage that the vendor is connected to",
    "POST tasks/integrated-image": "reads storage that the vendor is connected to; send the file with tasks/image",
    "POST tasks/integrated-image/classification": (
        "reads storage that the vendor is connected to; send the file with tasks/image/classification"
    ),
}
"""What this server does not do, by verb and path, and what each would do."""


def _declare_refusal(verb: str, path: str, what: str) -> None:
    async def refuse(call: Call) -> object:
        """Say that it is not done here."""
        del call
        return not_offered(f"{path} is not supported by this server: it {what}.")

    declare: Mapping[str, Callable[..., Any]] = {"GET": DOOR.get, "POST": DOOR.post, "PUT": DOOR.put}
    declare[verb](f"/{path}", Action.READ)(refuse)


for _route, _what in REFUSED.items():
    _verb, _, _path = _route.partition(" ")
    _declare_refusal(_verb, _path, _what)
