"""The job that trains a model: it describes the images that people have labeled, and lets a child process of its own learn."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
import structlog

from labelyard.domain.error import ClientError
from labelyard.domain.permission import Action, Actor
from labelyard.domain.trained_model import LabeledImage, Lesson, Parameters, TrainingStatus
from labelyard.services.guard import authorize
from labelyard.services.job.handler import GiveUp, JobCancelled, JobLost, RunningJob, job_handler
from labelyard.services.learning.backbone import NETWORK, SIMPLE, SIZES
from labelyard.services.learning.feature import FeatureMaker
from labelyard.services.learning.process import LearningProcess
from labelyard.services.trained_model.assist import Assistance
from labelyard.services.trained_model.request import KIND, read_images, read_lesson
from labelyard.storage.actor import find_actor
from labelyard.storage.child_process import ChildEnded
from labelyard.storage.database import Row
from labelyard.storage.image_feature import missing_features, read_features
from labelyard.storage.trained_model import (
    begin_model,
    end_model,
    finish_model,
    insert_images,
    read_model,
    report_model,
)

log = structlog.get_logger("labelyard.learning")
FEATURES_UNTIL: Final = 60
PIECE: Final = 2_000
GO_ON_SECONDS: Final = 0.4
# Above this loss the network has not understood the pictures, and the simple description may do better.
UNCERTAIN_LOSS: Final = 1.0
STOPPED: Final = "The server stopped while the model was trained; train it again."


@job_handler(KIND, attempts=5, at_once=1)
async def train_model(job: RunningJob) -> dict[str, Any] | None:
    """Train a model once: what another worker had begun and not ended is lost."""
    async with job.database.reader() as connection:
        model = await read_model(connection, job.payload["modelId"])
        actor = await find_actor(connection, model["requested_by"]) if model is not None else None
    if model is None:
        raise GiveUp("The model was deleted before it was trained.")
    if model["status"] == TrainingStatus.TRAINED:
        return await _assist(job, model, actor) if model["assists"] else None
    if model["status"] != TrainingStatus.QUEUED:
        await _end(job, model, TrainingStatus.FAILED, STOPPED)
        raise GiveUp(STOPPED)
    try:
        if actor is None:
            raise GiveUp("The person who asked for the training is not active any more.")
        await authorize(job.database, actor, Action.CHANGE_PROJECT, model["project_id"])
        await _Training(job, model).run()
    except (JobCancelled, JobLost):
        if not job.is_lost:
            await _end(job, model, TrainingStatus.CANCELLED, None)
        raise
    except Exception as error:
        reason = _reason(job, error)
        await _end(job, model, TrainingStatus.FAILED, reason)
        raise GiveUp(reason) from error
    return await _assist(job, model, actor) if model["assists"] else None


def _reason(job: RunningJob, error: Exception) -> str:
    """Why a training has failed, in words for people."""
    if isinstance(error, ClientError):
        return error.message
    if isinstance(error, GiveUp):
        return error.reason
    if isinstance(error, ChildEnded):
        return f"The process that learns ended: {error}."
    log.error("training failed", job=job.id, exc_info=error)
    return f"Something unexpected happened; the log has it under {job.id}."


async def _end(job: RunningJob, model: Row, status: TrainingStatus, error: str | None) -> None:
    async with job.database.autocommit() as connection:
        await end_model(connection, model["id"], status=status.value, error=error)


async def _assist(job: RunningJob, model: Row, actor: Actor | None) -> dict[str, Any]:
    """Predict what is unlabeled, as whoever asked for the training; done again after a worker was killed, it goes on."""
    if actor is None:
        raise GiveUp("The person who asked for the training is not active any more.")
    async with job.database.reader() as connection:
        trained = await read_model(connection, model["id"])
    if trained is None:
        raise GiveUp("The model was deleted.")
    await authorize(job.database, actor, Action.CHANGE_PROJECT, model["project_id"])
    outcome = await Assistance(job.database, job.app_services, actor, trained).run(look=job.check_cancelled)
    return {"written": outcome.written}


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What a child process has learned from one kind of description."""

    backbone: str
    head: dict[str, Any]
    parts: list[bytes]


class _Training:
    """One training with a child process of its own."""

    def __init__(self, job: RunningJob, model: Row) -> None:
        self._job = job
        self._model = model
        self._parameters = Parameters.from_json(orjson.loads(model["parameters"]))
        self._process = LearningProcess()
        self._progress = 0

    async def run(self) -> None:
        """Describe, learn, and keep what comes of it."""
        job, project_id = self._job, self._model["project_id"]
        try:
            async with job.database.reader() as connection:
                snapshot = await read_images(connection, project_id, self._parameters)
                lesson = await read_lesson(connection, project_id, self._parameters, snapshot)
            async with job.database.transaction() as writer:
                if not await begin_model(writer, self._model["id"], lesson.labels):
                    raise GiveUp("The model was deleted before it was trained.")
            lesson = await self._described(lesson, snapshot)
            outcome = await self._learned(lesson, NETWORK)
            if outcome.head["validationLoss"] > UNCERTAIN_LOSS:
                simple = await self._learned(lesson, SIMPLE)
                outcome = min((outcome, simple), key=lambda one: float(one.head["validationLoss"]))
            await self._keep(lesson, outcome)
        finally:
            await asyncio.shield(self._process.end())

    async def _report(self, percent: float) -> None:
        """Say how far the training is; raises when it is asked to end."""
        whole = min(99, int(percent))
        if whole > self._progress:
            self._progress = whole
            async with self._job.database.autocommit() as connection:
                await report_model(connection, self._model["id"], whole)
        await self._job.progress(self._progress, 100)

    async def _described(self, lesson: Lesson, snapshot: Sequence[LabeledImage]) -> Lesson:
        """Describe the images that nobody has looked at yet; answers the lesson without those that are no pictures."""
        job, project_id = self._job, self._model["project_id"]
        hashes = sorted({image.content_hash for image in lesson.images})
        async with job.database.reader() as connection:
            missing = await missing_features(connection, project_id, NETWORK, hashes)
        services = job.app_services
        maker = FeatureMaker(job.database, services.blobs, services.inference.graphs, self._process.ask)

        async def seen(done: int) -> None:
            await self._report(FEATURES_UNTIL * done / len(missing))

        await maker.make(missing, seen=seen)
        async with job.database.reader() as connection:
            pictures: set[str] = set()
            for start in range(0, len(hashes), PIECE):
                found = await read_features(connection, SIMPLE, hashes[start : start + PIECE])
                pictures.update(content for content, vector in found.items() if vector)
            if len(pictures) == len(hashes):
                return lesson
            readable = [image for image in snapshot if image.content_hash in pictures]
            return await read_lesson(connection, project_id, self._parameters, readable)

    async def _learned(self, lesson: Lesson, backbone: str) -> _Outcome:
        """Let the child learn from one kind of description, as long as it may."""
        ask, parameters = self._process.ask, self._parameters
        labels = {"labels": len(lesson.labels), "isMulti": parameters.is_multi}
        sizes = {"features": SIZES[backbone], "learned": lesson.learned}
        await ask({"op": "begin", **labels, **sizes}, b"".join(lesson.truth))
        for start in range(0, len(lesson.images), PIECE):
            hashes = [image.content_hash for image in lesson.images[start : start + PIECE]]
            async with self._job.database.reader() as connection:
                vectors = await read_features(connection, backbone, hashes)
            await ask({"op": "more", "start": start}, *(vectors[content] for content in hashes))
        request = {
            "op": "train",
            "limit": parameters.minutes * 60,
            "rate": parameters.learning_rate,
            "seed": parameters.seed,
            "patience": parameters.patience,
            "seconds": GO_ON_SECONDS,
        }
        is_over = False
        while not is_over:
            head, _ = await ask(request)
            is_over = head["isOver"]
            await self._report(FEATURES_UNTIL + (100 - FEATURES_UNTIL) * head["share"])
        head, rest = await ask({"op": "finish"})
        parts, start = [], 0
        for size in head["sizes"]:
            parts.append(bytes(rest[start : start + size]))
            start += size
        return _Outcome(backbone, head, parts)

    async def _keep(self, lesson: Lesson, outcome: _Outcome) -> None:
        head, (best, last, scores_best, scores_last) = outcome.head, outcome.parts
        width = 4 * len(lesson.labels)
        rows = [
            (
                self._model["id"],
                place,
                image.asset_id,
                place >= lesson.learned,
                lesson.truth[place],
                scores_best[place * width : (place + 1) * width],
                scores_last[place * width : (place + 1) * width],
            )
            for place, image in enumerate(lesson.images)
        ]
        async with self._job.database.transaction() as writer:
            is_kept = await finish_model(
                writer,
                {
                    "id": self._model["id"],
                    "labels": list(lesson.labels),
                    "backbone": outcome.backbone,
                    "head_best": best,
                    "head_last": last,
                    "thresholds": orjson.dumps(head["thresholds"]).decode(),
                    "curves": orjson.dumps(head["curves"]).decode(),
                    "epochs": head["epochs"],
                    "best_epoch": head["bestEpoch"],
                    "train_seconds": head["seconds"],
                    "best_at_seconds": head["bestAtSeconds"],
                },
            )
            if not is_kept:
                raise GiveUp("The model was deleted while it was trained.")
            await insert_images(writer, rows)
            await self._job.hold(writer)
