"""Asking for the training of a model, ending it, removing models, and setting their thresholds."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson

from labelyard.domain.error import BadUserInput, Conflict, NotFound
from labelyard.domain.permission import Action, Actor
from labelyard.domain.trained_model import (
    MAX_IMAGES,
    LabeledImage,
    Lesson,
    Parameters,
    TrainingStatus,
    lesson_of,
    parameters_of,
    thresholds_of,
)
from labelyard.services.guard import require, require_to_write
from labelyard.services.identity import new_id
from labelyard.services.interface import checked_interface
from labelyard.services.job.queue import JobStatus, NewJob, cancel, enqueue
from labelyard.services.learning.backbone import require_packages
from labelyard.services.learning.process import Inference
from labelyard.storage.database import Connection, Database, Row, Writer
from labelyard.storage.project import interface_of
from labelyard.storage.trained_model import (
    delete_model,
    end_model,
    lock_model_names,
    own_model,
    read_sets,
    read_snapshot,
    set_thresholds,
    unfinished_models,
)

KIND: Final = "training"
MOST_UNFINISHED: Final = 20
# One training at a time in the whole installation: each takes a core.
KEY: Final = "training"


async def read_parameters(connection: Connection, project_id: str, data: Mapping[str, Any]) -> Parameters:
    """The parameters of a training that a request has, for a project that the person is known to see."""
    row = await interface_of(connection, project_id)
    if row is None:
        raise NotFound(f"[notFound] No project {project_id!r} is visible to you.", projectId=project_id)
    interface = checked_interface(row["json_interface"], input_type=row["input_type"]).interface
    if interface is None:
        raise BadUserInput("[noCompatibleJob] The project has no interface yet.", field="jobName")
    return parameters_of(data, interface, input_type=row["input_type"])


async def read_images(connection: Connection, project_id: str, parameters: Parameters) -> list[LabeledImage]:
    """The labeled images of a project as they are now."""
    rows = await read_snapshot(connection, project_id, parameters.job_name, limit=MAX_IMAGES + 1)
    return [
        LabeledImage(row["asset_id"], row["content_hash"], tuple(row["labels"]), is_marked=row["is_marked"])
        for row in rows
    ]


async def read_lesson(
    connection: Connection, project_id: str, parameters: Parameters, snapshot: Sequence[LabeledImage]
) -> Lesson:
    """What a model is to learn from a snapshot; refused where that is too little."""
    row = await interface_of(connection, project_id)
    interface = checked_interface(row["json_interface"], input_type=row["input_type"]).interface if row else None
    job = interface.jobs.get(parameters.job_name) if interface is not None else None
    if job is None:
        raise BadUserInput(f"[noCompatibleJob] The project has no job {parameters.job_name!r} any more.")
    return await asyncio.to_thread(lesson_of, snapshot, parameters, list(job.categories))


async def check_training(database: Database, project_id: str, data: Mapping[str, Any]) -> Parameters:
    """The parameters of a training for which there are labels enough."""
    require_packages()
    async with database.reader() as connection:
        parameters = await read_parameters(connection, project_id, data)
        snapshot = await read_images(connection, project_id, parameters)
        await read_lesson(connection, project_id, parameters, snapshot)
    return parameters


async def request_training(
    writer: Writer, actor: Actor, project_id: str, name: str, parameters: Parameters, *, assists: bool = False
) -> str:
    """Have a model trained; answers its id. With `assists`, it predicts what is unlabeled once it is trained."""
    require(actor, Action.CHANGE_PROJECT, project_id)
    if name in await lock_model_names(writer, project_id):
        raise Conflict(
            f"[nameTaken] Project {project_id} has a model {name!r} already; choose another name, or delete that one.",
            name=name,
        )
    if await unfinished_models(writer, project_id) >= MOST_UNFINISHED:
        raise Conflict(
            f"[tooManyTrainings] {MOST_UNFINISHED} models of this project wait to be trained; wait for one, or end it with "
            "cancelTraining.",
            projectId=project_id,
        )
    model_id = new_id()
    job = NewJob(KIND, actor.organization_id, project_id, actor.user_id, {"modelId": model_id}, key=KEY)
    await writer.insert_row(
        "trained_model",
        {
            "id": model_id,
            "project_id": project_id,
            "name": name,
            "type": parameters.type.value,
            "job_name": parameters.job_name,
            "labels": list(parameters.labels or ()),
            "parameters": orjson.dumps(parameters.as_json()).decode(),
            "requested_by": actor.user_id,
            "job_id": await enqueue(writer, job),
            "assists": assists,
        },
    )
    return model_id


async def find_model(connection: Connection, actor: Actor, model_id: str, action: Action) -> Row:
    """A model of a project in which the person may do an action."""
    model = await own_model(connection, model_id, actor)
    if model is None:
        raise NotFound(
            f"[notFound] No trained model {model_id!r} is visible to you; trainedModels lists those of a project.",
            id=model_id,
        )
    if action in (Action.READ_PROJECT,):
        require(actor, action, model["project_id"])
    else:
        require_to_write(actor, action, model)
    return model


def require_trained(model: Row) -> None:
    """Refuse what only a model that has learned can do."""
    if model["status"] != TrainingStatus.TRAINED:
        raise Conflict(
            f"[notTrained] Model {model['name']!r} is {model['status'].lower()}; only one that is trained can do this.",
            id=model["id"],
            status=model["status"],
        )


async def cancel_training(writer: Writer, actor: Actor, model_id: str) -> None:
    """End a training: one that waits at once, one that runs after the image or the epoch it is at."""
    model = await find_model(writer, actor, model_id, Action.CHANGE_PROJECT)
    await _end(writer, model)


async def _end(writer: Writer, model: Row) -> None:
    status = await cancel(writer, model["job_id"])
    if status is not JobStatus.RUNNING:
        await end_model(writer, model["id"], status=TrainingStatus.CANCELLED, error=None)


async def remove_model(writer: Writer, actor: Actor, model_id: str) -> None:
    """Remove a model; a training that runs is ended."""
    model = await find_model(writer, actor, model_id, Action.CHANGE_PROJECT)
    await cancel(writer, model["job_id"])
    await delete_model(writer, model_id)


async def best_thresholds(database: Database, inference: Inference, model: Row) -> list[float]:
    """The thresholds that are best on the images which the model has learned from."""
    async with database.reader() as connection:
        sets = await read_sets(connection, model["id"], "BEST", [False])
    parts = (sets[0]["truth"], sets[0]["scores"]) if sets else (b"", b"")
    head, _ = await inference.ask({"op": "thresholds", "labels": len(model["labels"])}, *parts)
    return [float(threshold) for threshold in head["thresholds"]]


def new_thresholds(
    model: Row, given: Mapping[str, float], *, to_all: float | None, best: Sequence[float] | None
) -> list[float]:
    """The thresholds of a model after a change; a model with one label for each image has none."""
    if model["type"] != "MULTI_LABEL":
        raise BadUserInput(
            f"[noThresholds] Model {model['name']!r} gives each image one label, the one with the highest score; thresholds are for "
            "models with several labels.",
            field="thresholds",
        )
    present = list(best) if best is not None else orjson.loads(model["thresholds"])
    return thresholds_of(given, model["labels"], present, to_all=to_all)


async def keep_thresholds(writer: Writer, actor: Actor, model_id: str, thresholds: Sequence[float]) -> None:
    """Set the thresholds of a model, which serve both sets and all predictions."""
    await find_model(writer, actor, model_id, Action.CHANGE_PROJECT)
    await set_thresholds(writer, model_id, orjson.dumps(list(thresholds)).decode())
