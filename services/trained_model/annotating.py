"""The job that predicts the assets of a project with a model, for who does not wait for the answer."""

from __future__ import annotations

from typing import Any, Final

from labelyard.domain.error import BadUserInput, ClientError
from labelyard.domain.permission import Action, Actor
from labelyard.services.guard import authorize
from labelyard.services.job.handler import GiveUp, RunningJob, job_handler
from labelyard.services.job.queue import NewJob, enqueue
from labelyard.services.trained_model.assist import Assistance
from labelyard.services.trained_model.request import find_model
from labelyard.storage.actor import find_actor
from labelyard.storage.database import Writer
from labelyard.storage.trained_model import newest_trained, read_model

KIND: Final = "annotating"


async def request_annotating(
    writer: Writer, actor: Actor, project_id: str, *, only_unlabeled: bool, least_score: float
) -> str:
    """Have the newest trained model of a project predict its assets; answers the id of the job.

    The job is one of the project, and its result says how many labels were written (`written`) for how many assets (`lookedAt`).
    """
    newest = await newest_trained(writer, project_id, actor)
    if newest is None:
        raise BadUserInput(
            "[notTrained] The project has no model that has learned; have one trained with trainModel first.",
            projectId=project_id,
        )
    model = await find_model(writer, actor, newest["id"], Action.CHANGE_PROJECT)
    payload = {
        "modelId": model["id"],
        "modelName": model["name"],
        "onlyUnlabeled": only_unlabeled,
        "leastScore": least_score,
    }
    # Two at a time would predict the same assets twice.
    key = f"{KIND} {project_id}"
    return await enqueue(writer, NewJob(KIND, actor.organization_id, project_id, actor.user_id, payload, key=key))


@job_handler(KIND, at_once=1)
async def annotate(job: RunningJob) -> dict[str, Any]:
    """Predict as whoever asked for it; done again after a worker was killed, it goes on where that one ended."""
    async with job.database.reader() as connection:
        model = await read_model(connection, job.payload["modelId"])
        actor = await find_actor(connection, job.created_by or "")
    if model is None:
        raise GiveUp("The model was deleted.")
    if actor is None:
        raise GiveUp("The person who asked for this is not active any more.")
    try:
        await authorize(job.database, actor, Action.CHANGE_PROJECT, model["project_id"])
        outcome = await Assistance(job.database, job.app_services, actor, model).run(
            only_unlabeled=job.payload["onlyUnlabeled"],
            least_score=job.payload["leastScore"],
            look=job.check_cancelled,
        )
    except ClientError as refusal:
        raise GiveUp(refusal.message) from refusal
    return {"written": outcome.written, "lookedAt": outcome.looked_at}
