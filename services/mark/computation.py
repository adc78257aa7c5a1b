"""Computing the quality marks that were requested.

A round claims requests, reads the assets as they are, has a child process compute, and writes what came out for those that have
not changed meanwhile; the others have a newer request, which the next round takes. So any number of processes may do this
at once, in any order, and the marks always end up being those of the labels.

There are two lanes. An organization whose marks take long is put into the slow lane for a while, which nobody else waits for:
the others wait for one computation of its at most, and no longer than its limit.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Final

import asyncpg
import orjson

from labelyard.domain.error import ClientError
from labelyard.services.mark.computer import ComputedMarks, MarkComputer, no_marks
from labelyard.storage.child_process import ChildEnded, ChildNotStarted
from labelyard.storage.database import Database, Row, Writer
from labelyard.storage.mark import (
    assets_for_marks,
    labels_for_marks,
    lock_for_marks,
    projects_for_marks,
    write_asset_marks,
    write_label_marks,
)
from labelyard.storage.mark_request import (
    Claim,
    Release,
    claim_requests,
    finish_requests,
    release_requests,
    spread_project_requests,
)

ROUND: Final = 32
ROUND_SECONDS: Final = 20.0
# How many assets of a project whose marks are all requested are taken at a time: requests of others may have to wait for so many.
SPREAD: Final = 128
QUICK_SECONDS: Final = 5.0
SLOW_SECONDS: Final = 10.0
STAYS_SLOW_SECONDS: Final = 600.0
ATTEMPTS: Final = 3
AGAIN_MILLISECONDS: Final = 5_000
# A little later: the transaction that has locked the asset or its labels may take a moment.
BUSY_MILLISECONDS: Final = 500
# Answers of one asset that are read together with those of others, and that are compared at all.
COMMON_BYTES: Final = 2 << 20
MOST_BYTES: Final = 64 << 20
RELEASE_SECONDS: Final = 2.0
# How long others leave to a round what it has claimed. A slow one may start its child anew for each part of the marks.
QUICK_CLAIM_SECONDS: Final = 60.0
SLOW_CLAIM_SECONDS: Final = 300.0


@dataclass(frozen=True, slots=True)
class MarkReport:
    """What a round did: requests taken, and the assets whose marks were given up, each with its reason.

    `not_started` says why nothing could be computed for some, which no asset has caused.
    """

    taken: int
    failures: Mapping[str, str]
    not_started: ChildNotStarted | None = None


@dataclass(slots=True)
class _Batch:
    """Requests that were claimed, and their outcome."""

    claims: Mapping[str, Claim]
    labels: dict[str, list[Row]] = field(default_factory=dict)
    done: dict[str, ComputedMarks] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    back: dict[str, Release] = field(default_factory=dict)
    not_started: ChildNotStarted | None = None

    def give_back(self, asset_id: str, *, wait: int = 0, is_slow: bool = False, has_failed: bool = False) -> None:
        """Leave a request for later."""
        self.back[asset_id] = Release(asset_id, self.claims[asset_id].ticket, wait, is_slow, has_failed)


class Marking:
    """The marks that one process computes."""

    def __init__(
        self, database: Database, *, quick_seconds: float = QUICK_SECONDS, slow_seconds: float = SLOW_SECONDS
    ) -> None:
        self._database = database
        self.quick = MarkComputer(seconds=quick_seconds)
        self.slow = MarkComputer(seconds=slow_seconds)
        self._slow_until: dict[str, float] = {}

    async def quick_round(self) -> MarkReport:
        """Compute a few of the oldest requests."""
        return await self._round(self.quick, limit=ROUND)

    async def slow_round(self) -> MarkReport:
        """Compute the oldest of the slow requests, which others must not wait for."""
        return await self._round(self.slow, limit=1)

    async def spread(self) -> bool:
        """Request the marks of the next assets of a project whose marks are all requested; answers whether there is one."""
        async with self._database.autocommit() as connection:
            return await spread_project_requests(connection, limit=SPREAD)

    async def rest(self) -> None:
        """End children that have had nothing to do for a while."""
        await self.quick.rest()
        await self.slow.rest()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """End the children when the block ends."""
        try:
            yield
        finally:
            await self.quick.end()
            await self.slow.end()

    async def _round(self, computer: MarkComputer, *, limit: int) -> MarkReport:
        is_slow = computer is self.slow
        seconds = SLOW_CLAIM_SECONDS if is_slow else QUICK_CLAIM_SECONDS
        async with self._database.autocommit() as connection:
            claims = await claim_requests(connection, limit=limit, seconds=seconds, is_slow=is_slow)
            if not claims:
                return MarkReport(0, {})
        batch = _Batch(claims)
        try:
            await self._compute(computer, batch)
            failures = await self._write(batch)
        except BaseException:
            await self._release_all(claims)
            raise
        return MarkReport(len(claims), failures, batch.not_started)

    async def _compute(self, computer: MarkComputer, batch: _Batch) -> None:
        ids = list(batch.claims)
        async with self._database.autocommit() as connection:
            assets = await assets_for_marks(connection, ids)
            projects = {
                row["id"]: row
                for row in await projects_for_marks(connection, sorted({row["project_id"] for row in assets}))
            }
            for label in await labels_for_marks(connection, ids, most_bytes=COMMON_BYTES):
                batch.labels.setdefault(label["asset_id"], []).append(label)
        batch.gone = batch.claims.keys() - {row["id"] for row in assets}
        started = time.monotonic()
        spent: dict[str, float] = defaultdict(float)
        for asset in assets:
            organization_id, asset_id = asset["organization_id"], asset["id"]
            if computer is not self.slow and self._is_slow(organization_id):
                batch.give_back(asset_id, is_slow=True)
                continue
            if batch.not_started is not None or time.monotonic() - started > ROUND_SECONDS:
                batch.give_back(asset_id)
                continue
            begun = time.monotonic()
            try:
                if computer is self.slow:
                    await self._compute_slowly(asset, projects[asset["project_id"]], batch)
                else:
                    await self._compute_quickly(asset, projects[asset["project_id"]], batch)
            except ChildNotStarted as error:
                batch.not_started = error
                batch.give_back(asset_id)
                continue
            spent[organization_id] += time.monotonic() - begun
            if computer is not self.slow and spent[organization_id] > computer.seconds:
                self._slow_until[organization_id] = time.monotonic() + STAYS_SLOW_SECONDS

    async def _compute_quickly(self, asset: Row, project: Row, batch: _Batch) -> None:
        """What takes too long goes to the slow lane."""
        asset_id = asset["id"]
        labels = await self._labels(asset_id, batch)
        computed = None
        with suppress(ChildEnded):
            computed = _too_large() if labels is None else await self.quick.compute(asset, project, labels)
        if computed is not None and computed.is_final:
            batch.done[asset_id] = computed
        else:
            batch.give_back(asset_id, is_slow=True, has_failed=True)
            self._slow_until[asset["organization_id"]] = time.monotonic() + STAYS_SLOW_SECONDS

    async def _compute_slowly(self, asset: Row, project: Row, batch: _Batch) -> None:
        """Part by part; what fails too often is given up, and the other parts are written."""
        asset_id = asset["id"]
        labels = await self._labels(asset_id, batch)
        computed = _too_large() if labels is None else await self.slow.compute_by_parts(asset, project, labels)
        if computed.is_final or batch.claims[asset_id].attempts + 1 >= ATTEMPTS:
            batch.done[asset_id] = computed
        else:
            batch.give_back(asset_id, wait=AGAIN_MILLISECONDS, is_slow=True, has_failed=True)

    async def _labels(self, asset_id: str, batch: _Batch) -> list[Row] | None:
        """The labels of an asset with their answers; None when these are too large to be compared."""
        labels = batch.labels.get(asset_id, [])
        if any(label["json_response"] is None for label in labels):
            async with self._database.autocommit() as connection:
                labels = await labels_for_marks(connection, [asset_id], most_bytes=MOST_BYTES)
        batch.labels[asset_id] = labels
        return None if any(label["json_response"] is None for label in labels) else labels

    def _is_slow(self, organization_id: str) -> bool:
        until = self._slow_until.get(organization_id)
        if until is not None and until < time.monotonic():
            del self._slow_until[organization_id]
            return False
        return until is not None

    async def _write(self, batch: _Batch) -> dict[str, str]:
        """Write the marks of assets that are neither locked nor changed; release the others. Answers what was given up."""
        async with self._database.transaction() as connection:
            written, left = await _write(connection, batch)
        await self._release(left)
        return {asset_id: reason for asset_id in written if (reason := batch.done[asset_id].reason) is not None}

    async def _release(self, releases: Sequence[Release]) -> None:
        """Release requests whose rows were locked a moment ago: one at a time, with no other lock while waiting."""
        for release in releases:
            async with self._database.autocommit() as connection:
                # A row locked for seconds is being requested anew, or its claim runs out.
                with suppress(ClientError, asyncpg.PostgresError):
                    await release_requests(connection, [release], is_waiting=True)

    async def _release_all(self, claims: Mapping[str, Claim]) -> None:
        """Let another process take at once what this one will not finish, as far as the database answers."""

        async def release() -> None:
            async with self._database.autocommit() as connection:
                await release_requests(
                    connection, [Release(asset_id, claim.ticket) for asset_id, claim in claims.items()]
                )

        with suppress(Exception, asyncio.CancelledError):
            await asyncio.shield(asyncio.wait_for(release(), RELEASE_SECONDS))


def _too_large() -> ComputedMarks:
    return ComputedMarks(no_marks(), {"all": f"the labels have more than {MOST_BYTES >> 20} MiB together"})


async def _write(connection: Writer, batch: _Batch) -> tuple[list[str], list[Release]]:
    """Write what can be written; answers the assets written, and requests that are still to be released."""
    label_ids = [label["id"] for asset_id in batch.done for label in batch.labels[asset_id]]
    assets, labels = await lock_for_marks(connection, list(batch.done), label_ids)
    # An asset that is gone is done with.
    ready = {
        asset_id: batch.claims[asset_id].ticket
        for asset_id in (*batch.done, *batch.gone)
        if asset_id in batch.gone
        or (asset_id in assets and all(label["id"] in labels for label in batch.labels[asset_id]))
    }
    finished = await finish_requests(connection, ready)
    for asset_id in batch.claims.keys() - finished - batch.back.keys():
        batch.give_back(asset_id, wait=BUSY_MILLISECONDS)
    released = await release_requests(connection, list(batch.back.values())) if batch.back else set()
    written = [asset_id for asset_id in batch.done if asset_id in finished]
    if written:
        await write_asset_marks(connection, _asset_values({asset_id: batch.done[asset_id] for asset_id in written}))
        await write_label_marks(connection, _label_values([(batch.done[key], batch.labels[key]) for key in written]))
    return written, [release for asset_id, release in batch.back.items() if asset_id not in released]


def _asset_values(computed: Mapping[str, ComputedMarks]) -> dict[str, Any]:
    marks = [one.marks for one in computed.values()]
    return {
        "ids": list(computed),
        "consensus": [mark["consensus"] for mark in marks],
        "per_category": [
            orjson.dumps(mark["per_category"]).decode() if mark["per_category"] else None for mark in marks
        ],
        "honeypot": [mark["honeypot"] for mark in marks],
        "inference": [mark["inference"] for mark in marks],
        "failures": [one.reason for one in computed.values()],
    }


def _label_values(computed: Sequence[tuple[ComputedMarks, Sequence[Row]]]) -> dict[str, Any]:
    labels = {label["id"]: one.marks["labels"].get(label["id"], {}) for one, rows in computed for label in rows}
    names = ("consensus", "asset_consensus", "honeypot", "inference", "review")
    return {"ids": list(labels), **{name: [values.get(name) for values in labels.values()] for name in names}}
