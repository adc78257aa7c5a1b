"""Training again as labels come: projects that ask for it get a new model after so many labels of people."""

from __future__ import annotations

from typing import Final

import orjson
import structlog

from labelyard.domain.error import BadUserInput, ClientError
from labelyard.domain.number import in_range
from labelyard.domain.permission import Action, Actor
from labelyard.domain.trained_model import Parameters, numbered
from labelyard.services.guard import authorize
from labelyard.services.trained_model.request import find_model, request_training
from labelyard.storage.actor import find_actor
from labelyard.storage.database import Database, Row, Writer
from labelyard.storage.trained_model import (
    due_loops,
    end_loop,
    follow_loop,
    lock_model_names,
    pause_loop,
    read_model,
    set_loop,
)

ROUND: Final = 10

log = structlog.get_logger("labelyard.learning")


async def set_learning_loop(
    writer: Writer, actor: Actor, project_id: str, every_labels: int, model_id: str | None
) -> None:
    """Have the parameters of a model used for another one after every so many labels; 0 ends that."""
    in_range(every_labels, "everyLabels")
    if every_labels == 0:
        await end_loop(writer, project_id)
        return
    if model_id is None:
        raise BadUserInput("Say whose parameters the next models are to have, by `modelId`.", field="modelId")
    model = await find_model(writer, actor, model_id, Action.CHANGE_PROJECT)
    if model["project_id"] != project_id:
        raise BadUserInput(f"Model {model_id!r} is one of another project.", field="modelId")
    values = {"project_id": project_id, "model_id": model_id, "every_labels": every_labels, "user_id": actor.user_id}
    await set_loop(writer, values)


async def repeat_trainings(database: Database) -> int:
    """Ask for the trainings that are due; answers how many projects were looked at."""
    async with database.transaction() as writer:
        loops = await due_loops(writer, limit=ROUND)
        for loop in loops:
            try:
                await _repeat(writer, loop)
            except ClientError as refusal:
                log.warning("learning loop paused", project=loop["project_id"], reason=refusal.message)
                await pause_loop(writer, loop["project_id"], refusal.message)
    return len(loops)


async def _repeat(writer: Writer, loop: Row) -> None:
    actor = await find_actor(writer, loop["user_id"])
    model = await read_model(writer, loop["model_id"])
    if actor is None or model is None:
        raise BadUserInput("The person who has set this is not active any more; set it anew.")
    await authorize(writer, actor, Action.CHANGE_PROJECT, loop["project_id"])
    name = numbered(model["name"], await lock_model_names(writer, loop["project_id"]))
    parameters = Parameters.from_json(orjson.loads(model["parameters"]))
    model_id = await request_training(writer, actor, loop["project_id"], name, parameters, assists=True)
    await follow_loop(writer, loop["project_id"], model_id)
