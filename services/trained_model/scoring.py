"""What a model says of pictures: scores from their descriptions."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import TYPE_CHECKING

from labelyard.domain.error import BadUserInput
from labelyard.domain.trained_model import Checkpoint
from labelyard.services.learning.feature import FeatureMaker, describe
from labelyard.services.learning.process import File, Inference
from labelyard.storage.database import Database, Row
from labelyard.storage.image_feature import read_features
from labelyard.storage.trained_model import read_head

if TYPE_CHECKING:
    from labelyard.services.app_services import AppServices  # whose galleries score pictures

Scores = tuple[float, ...]


class Scorer:
    """A trained model at work; its head is read once."""

    def __init__(self, inference: Inference, model: Row, head: bytes) -> None:
        self._inference = inference
        self._model = model
        self._head = head

    @classmethod
    async def of(
        cls, database: Database, inference: Inference, model: Row, checkpoint: Checkpoint = Checkpoint.BEST
    ) -> Scorer:
        """The model with one of its heads."""
        async with database.reader() as connection:
            head = await read_head(connection, model["id"], checkpoint.value)
        if head is None:
            raise LookupError("a trained model has heads")
        return cls(inference, model, head)

    async def score(self, vectors: Sequence[bytes]) -> list[Scores]:
        """The scores of pictures from 0 to 1, a number for each label."""
        if not vectors:
            return []
        labels = len(self._model["labels"])
        request = {
            "op": "score",
            "labels": labels,
            "isMulti": self._model["type"] == "MULTI_LABEL",
            "headBytes": len(self._head),
        }
        _, rest = await self._inference.ask(request, self._head, *vectors)
        return list(struct.iter_unpack(f"<{labels}f", rest))

    async def score_picture(self, file: File) -> Scores:
        """The scores of a picture that was sent."""
        vectors = await describe(self._inference.ask, self._inference.graphs, file)
        (scores,) = await self.score([vectors[self._model["backbone"]]])
        return scores


async def vectors_of(
    database: Database, app_services: AppServices, contents: Sequence[Row], backbone: str, *, until: float | None = None
) -> dict[str, bytes]:
    """The descriptions of contents (`content_hash`, `blob_id`, `size`) by their hashes, made where they are missing.

    Those of what is no picture are empty; those that there was no time for before `until` are not there.
    """
    hashes = list(dict.fromkeys(content["content_hash"] for content in contents))
    async with database.reader() as connection:
        found = await read_features(connection, backbone, hashes)
    missing = {content["content_hash"]: content for content in contents if content["content_hash"] not in found}
    if missing:
        inference = app_services.inference
        maker = FeatureMaker(database, app_services.blobs, inference.graphs, inference.attempt)
        await maker.make(list(missing.values()), until=until)
        async with database.reader() as connection:
            found |= await read_features(connection, backbone, list(missing))
    return found


def require_picture(vector: bytes, name: str) -> bytes:
    """The description of an asset; refused for one that is no picture."""
    if not vector:
        raise BadUserInput(f"[notAnImage] Asset {name!r} is no picture that can be read.", externalId=name)
    return vector
