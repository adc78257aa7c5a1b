"""Images that look alike: the nearest to one, and pairs that are nearly the same.

The inference process keeps the descriptions of a project's images; before each search they are compared with what is there.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from labelyard.domain.error import BadUserInput
from labelyard.domain.permission import Actor
from labelyard.services.learning.backbone import NETWORK, SIZES
from labelyard.services.learning.feature import FeatureMaker
from labelyard.services.learning.process import Inference, broken
from labelyard.services.trained_model.scoring import require_picture, vectors_of
from labelyard.storage.database import Database, Row
from labelyard.storage.image_feature import (
    described_contents,
    gallery_state,
    read_features,
    undescribed_contents,
)
from labelyard.storage.trained_model import assets_showing

if TYPE_CHECKING:
    from labelyard.services.app_services import AppServices  # which holds the galleries

MAX_IMAGES: Final = 200_000
MAX_PAIRED: Final = 20_000
MAX_SHOWN: Final = 10_000
PIECE: Final = 4_000
DESCRIBED_AT_ONCE: Final = 500
# Most of the time that a request has: what it leaves undescribed, the next one goes on with.
DESCRIBE_SECONDS: Final = 12.0


@dataclass(frozen=True, slots=True)
class Found:
    """Contents with their cosines, the nearest first; how many images were searched, and how many nobody has looked at yet."""

    nearest: list[tuple[str, float]]
    searched: int
    undescribed: int


class Galleries:
    """The images of projects as the inference process has them."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._states: dict[str, tuple[Any, ...]] = {}

    async def nearest(
        self, database: Database, services: AppServices, project_id: str, vector: bytes, *, limit: int, threshold: float
    ) -> Found:
        """The images of a project that are nearest to a description, with a cosine of at least `threshold`."""
        async with self._turn:
            searched, undescribed = await self._refresh(database, services, project_id)
            if not searched:
                return Found([], 0, undescribed)
            head, _ = await services.inference.ask(
                {"op": "similar", "project": project_id, "limit": limit, "threshold": threshold}, vector
            )
            _require_there(head)
        return Found([(name, cosine) for name, cosine in head["found"]], searched, undescribed)

    async def pairs(
        self, database: Database, services: AppServices, project_id: str, *, limit: int, threshold: float
    ) -> list[tuple[str, str, float]]:
        """Pairs of different contents of a project with a cosine of at least `threshold`, the nearest first."""
        async with self._turn:
            searched, _ = await self._refresh(database, services, project_id)
        if searched > MAX_PAIRED:
            raise BadUserInput(
                f"[tooManyItems] Pairs are looked for among up to {MAX_PAIRED:,} images, and the project has {searched:,}; "
                "ask for the images similar to one instead.",
                limit=MAX_PAIRED,
            )
        found: list[tuple[str, str, float]] = []
        start: int | None = 0 if searched else None
        while start is not None:
            head, _ = await services.inference.ask(
                {"op": "pairs", "project": project_id, "start": start, "limit": limit, "threshold": threshold}
            )
            _require_there(head)
            found = sorted([*found, *head["pairs"]], key=lambda pair: -pair[2])[:limit]
            start = head["next"]
        return [(first, second, cosine) for first, second, cosine in found]

    async def _refresh(self, database: Database, services: AppServices, project_id: str) -> tuple[int, int]:
        """Bring the gallery of a project up to date; answers how many images it has, and how many are not described."""
        inference = services.inference
        async with database.reader() as connection:
            state = await gallery_state(connection, project_id, NETWORK)
            missing = (
                await undescribed_contents(connection, project_id, NETWORK, limit=DESCRIBED_AT_ONCE)
                if state["described"] < state["images"]
                else []
            )
        if missing:
            maker = FeatureMaker(database, services.blobs, inference.graphs, inference.attempt)
            await maker.make(missing, until=time.monotonic() + DESCRIBE_SECONDS)
            async with database.reader() as connection:
                state = await gallery_state(connection, project_id, NETWORK)
        seen = (inference.pid, state["images"], state["described"], state["sum"])
        if inference.pid is None or self._states.get(project_id) != seen:
            await self._hang(database, inference, project_id)
            self._states = {key: value for key, value in self._states.items() if value[0] == inference.pid}
            self._states[project_id] = (inference.pid, *seen[1:])
        return state["described"], state["images"] - state["described"]

    async def _hang(self, database: Database, inference: Inference, project_id: str) -> None:
        async with database.reader() as connection:
            names = await described_contents(connection, project_id, NETWORK, limit=MAX_IMAGES + 1)
        if len(names) > MAX_IMAGES:
            raise BadUserInput(
                f"[tooManyItems] Similar images are looked for among up to {MAX_IMAGES:,}; the project has more.",
                limit=MAX_IMAGES,
            )
        head, _ = await inference.ask(
            {"op": "compare", "project": project_id, "names": names, "features": SIZES[NETWORK]}
        )
        missing: Sequence[str] = head["missing"]
        for start in range(0, len(missing), PIECE):
            async with database.reader() as connection:
                vectors = await read_features(connection, NETWORK, missing[start : start + PIECE])
            there = {name: vector for name, vector in vectors.items() if vector}
            await inference.ask({"op": "hang", "project": project_id, "names": list(there)}, *there.values())


def _require_there(head: dict[str, Any]) -> None:
    """Refuse the answer of a process that has been started anew meanwhile."""
    if "isGone" in head:
        raise broken()


async def similar_assets(
    database: Database, services: AppServices, actor: Actor, asset: Row, *, first: int, threshold: float
) -> dict[str, Any]:
    """The assets that a person sees and whose pictures are nearest to that of an asset, the nearest first."""
    vectors = await vectors_of(database, services, [asset], NETWORK)
    vector = require_picture(vectors[asset["content_hash"]], asset["external_id"])
    limit = first + 1
    while True:
        found = await services.galleries.nearest(
            database, services, asset["project_id"], vector, limit=limit, threshold=threshold
        )
        shown = await _shown(database, actor, asset["project_id"], found.nearest)
        others = [one for one in shown if one["assetId"] != asset["id"]]
        if len(others) >= first or len(found.nearest) < limit:
            return {"assets": others[:first], "searched": found.searched, "undescribed": found.undescribed}
        limit *= 8  # who labels sees a part of the project only


async def similar_pairs(
    database: Database, services: AppServices, actor: Actor, project_id: str, *, first: int, threshold: float
) -> list[dict[str, Any]]:
    """Pairs of assets that a person sees and whose pictures are nearly the same, the nearest first."""
    pairs = await services.galleries.pairs(database, services, project_id, limit=first, threshold=threshold)
    names = [(name, 1.0) for pair in pairs for name in pair[:2]]
    shown = {one["content"]: one for one in reversed(await _shown(database, actor, project_id, names))}
    return [
        {"first": shown[one], "second": shown[other], "score": round(100 * min(cosine, 1.0), 4)}
        for one, other, cosine in pairs
        if one in shown and other in shown
    ]


async def _shown(
    database: Database, actor: Actor, project_id: str, found: Sequence[tuple[str, float]]
) -> list[dict[str, Any]]:
    """The assets that are contents which were found, in their order; copies follow each other."""
    cosines = dict(found)
    async with database.reader() as connection:
        rows = await assets_showing(connection, project_id, list(cosines), actor, limit=MAX_SHOWN)
    made = [
        {
            "content": row["content_hash"],
            "assetId": row["id"],
            "externalId": row["external_id"],
            "score": round(100 * min(cosines[row["content_hash"]], 1.0), 4),
        }
        for row in rows
    ]
    return sorted(made, key=lambda one: -one["score"])
