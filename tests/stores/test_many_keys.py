"""A bucket of very many objects: compared and applied by workers that are killed in the middle, in bounded memory.

`make many-keys` takes 100,001 keys; LABELYARD_TEST_KEYS says how many.
"""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.common.large_bucket import keys_of
from tests.stores.conftest import COMPUTE, CONNECT, CONNECTION, CREATE, S3, VALIDATE, settled
from tests.stores.place import ROOT, Place

pytestmark = pytest.mark.xdist_group("two servers")
KEYS = int(os.environ.get("LABELYARD_TEST_KEYS", "12001"))
GROWTH_MIB = 64.0
ROWS = "select id, external_id, object_key, updated_at, xmin::text from asset where project_id = $1 order by id"


@pytest.fixture(scope="module")
def bucket() -> Iterator[S3]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.common.large_bucket", "0", str(KEYS)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    yield S3(f"http://127.0.0.1:{int(process.stdout.readline())}")
    process.kill()
    process.wait()


def mebibytes(process: subprocess.Popen[bytes], name: str) -> float:
    """What the kernel says of a process: `VmRSS` is what it takes now, `VmHWM` the most it took."""
    found = re.search(rf"{name}:\s+(\d+) kB", Path(f"/proc/{process.pid}/status").read_text())
    assert found is not None
    return int(found[1]) / 1024


class Connected:
    """A connection, and the only worker, which is killed and replaced."""

    def __init__(self, place: Place, connection_id: str) -> None:
        self.place = place
        self.where = {"where": {"id": connection_id}}
        self.growth = 0.0
        self._before = 0.0

    async def read(self) -> dict[str, Any]:
        return dict(await self.place.say(CONNECTION, self.where))

    async def fresh_worker(self) -> None:
        """A worker that has done nothing yet, in place of those that there are."""
        self.measure()
        for worker in self.place.workers:
            worker.kill()
            worker.wait()
        self.place.workers = [await asyncio.to_thread(self.place.start_worker)]
        self._before = mebibytes(self.place.workers[0], "VmRSS")

    def measure(self) -> None:
        """Note how much the worker has grown."""
        if self._before:
            self.growth = max(self.growth, mebibytes(self.place.workers[0], "VmHWM") - self._before)

    async def killed_when(self, is_so: Callable[[], Any]) -> None:
        """Kill the worker in the middle, and let another one go on."""
        deadline = time.monotonic() + 120
        while not await is_so():
            assert time.monotonic() < deadline
            await asyncio.sleep(0.02)
        await self.fresh_worker()

    async def settled(self) -> dict[str, Any]:
        return await settled(self.read, seconds=30 + KEYS / 500)


async def test_workers_that_are_killed_go_on_and_nothing_is_taken_twice(place: Place, bucket: S3) -> None:
    pool = place.organization.database.pool
    integration = (await place.say(CREATE, {"data": bucket.integration("large")}))["id"]
    project = await place.organization.project()
    made = await place.say(CONNECT, {"data": {"projectId": project.id, "integrationId": integration}})
    connection = Connected(place, made["id"])
    await connection.fresh_worker()
    began = time.monotonic()

    await place.say(COMPUTE, connection.where)
    kept = "select count(*) from data_listing where connection_id = $1"
    await connection.killed_when(lambda: pool.fetchval(kept, made["id"]))
    assert (await connection.settled())["dataDifferencesSummary"] == {"added": KEYS, "removed": 0, "total": KEYS}
    compared = time.monotonic()

    await place.say(VALIDATE, {"where": {"connectionId": made["id"], "type": "ADD"}})
    taken = "select count(*) from asset where project_id = $1"
    await connection.killed_when(lambda: pool.fetchval(taken, project.id))
    assert 0 < await pool.fetchval(taken, project.id) <= KEYS
    now = await connection.settled()
    assert (now["numberOfAssets"], now["dataDifferencesSummary"]["total"]) == (KEYS, 0)
    applied = time.monotonic()
    rows = await pool.fetch(ROWS, project.id)
    assert Counter(row["object_key"] for row in rows) == Counter(keys_of(KEYS))

    await place.say(COMPUTE, connection.where)
    assert (await connection.settled())["dataDifferencesSummary"]["total"] == 0
    for difference in ("ADD", "REMOVE"):
        await place.say(VALIDATE, {"where": {"connectionId": made["id"], "type": difference}})
        await connection.settled()
    assert await pool.fetch(ROWS, project.id) == rows
    connection.measure()
    print(
        f"\n{KEYS:,} keys: compared in {compared - began:.1f} s and applied in {applied - compared:.1f} s, each with a worker "
        f"killed in the middle; workers grew by {connection.growth:.1f} MiB at most"
    )
    assert connection.growth <= GROWTH_MIB
    states = {row["status"] for row in await pool.fetch("select status from job")}
    assert states == {"DONE"}
