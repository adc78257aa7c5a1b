"""Predictions of a model as labels of assets, and the most doubtful ones first in the queue."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

import orjson

from labelyard.domain.permission import Actor
from labelyard.domain.trained_model import doubt, predicted_labels
from labelyard.domain.workflow import LabelType
from labelyard.services.app_services import AppServices
from labelyard.services.label.append import submit
from labelyard.services.label.submission import NewLabel, Submission
from labelyard.services.trained_model.scoring import Scorer, Scores, vectors_of
from labelyard.storage.database import Database, Row
from labelyard.storage.trained_model import assets_to_assist, set_priorities

PIECE: Final = 1_000


@dataclass(frozen=True, slots=True)
class Assisted:
    """How many predictions were written, for how many assets that were looked at; whether there was time for all."""

    written: int
    looked_at: int
    is_complete: bool


class Assistance:
    """A model that predicts assets of its project, in the name of a person who may import labels."""

    def __init__(self, database: Database, app_services: AppServices, actor: Actor, model: Row) -> None:
        self._database = database
        self._services = app_services
        self._actor = actor
        self._model = model
        self._is_multi = model["type"] == "MULTI_LABEL"
        self._thresholds: list[float] = orjson.loads(model["thresholds"])

    async def run(
        self,
        *,
        only_unlabeled: bool = True,
        prioritize: bool = True,
        least_score: float = 0.0,
        seconds: float | None = None,
        look: Callable[[], Awaitable[None]] | None = None,
        seen: Callable[[int], None] | None = None,
    ) -> Assisted:
        """Predict what the model has not predicted as it is now, for so many seconds; done again, it goes on where it ended.

        Labels whose score is below `least_score` (0 to 1) are left out.
        """
        until = time.monotonic() + seconds if seconds is not None else None
        scorer = await Scorer.of(self._database, self._services.inference, self._model)
        written = looked_at = after = 0
        size = min(PIECE, self._services.max_items)
        while until is None or time.monotonic() < until:
            if look is not None:
                await look()
            async with self._database.reader() as connection:
                assets = await assets_to_assist(
                    connection, self._model, only_unlabeled=only_unlabeled, after=after, limit=size
                )
            if not assets:
                return Assisted(written, looked_at, is_complete=True)
            vectors = await vectors_of(self._database, self._services, assets, self._model["backbone"], until=until)
            described = [asset for asset in assets if asset["content_hash"] in vectors]
            pictures = [asset for asset in described if vectors[asset["content_hash"]]]
            scores = await scorer.score([vectors[asset["content_hash"]] for asset in pictures])
            written += await self._write(pictures, scores, least_score)
            if prioritize:
                await self._prioritize(pictures, scores)
            looked_at += len(described)
            if seen is not None:
                seen(looked_at)
            if len(described) < len(assets):
                break
            after = assets[-1]["position"]
        return Assisted(written, looked_at, is_complete=False)

    async def _write(self, assets: Sequence[Row], scores: Sequence[Scores], least_score: float) -> int:
        labels = []
        for asset, own in zip(assets, scores, strict=True):
            likely = predicted_labels(own, self._thresholds, is_multi=self._is_multi)
            chosen = [index for index in likely if own[index] >= least_score]
            if chosen:
                labels.append(self._label(asset["id"], own, chosen))
        if labels:
            submission = Submission(labels, LabelType.PREDICTION, overwrite=True)
            await submit(self._database, self._services, self._actor, submission)
        return len(labels)

    def _label(self, asset_id: str, scores: Scores, chosen: Sequence[int]) -> NewLabel:
        categories = [
            {"name": self._model["labels"][index], "confidence": round(100 * scores[index])} for index in chosen
        ]
        answer = {self._model["job_name"]: {"categories": categories}}
        return NewLabel(asset_id, orjson.dumps(answer).decode(), model_name=self._model["name"])

    async def _prioritize(self, assets: Sequence[Row], scores: Sequence[Scores]) -> None:
        priorities = {
            asset["id"]: doubt(own, self._thresholds, is_multi=self._is_multi)
            for asset, own in zip(assets, scores, strict=True)
        }
        if priorities:
            async with self._database.transaction() as writer:
                await set_priorities(writer, priorities)
