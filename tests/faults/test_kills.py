"""`kill -9` of the server, of its database, and of both, while clients write: nothing is lost, doubled, halved or lied about.

`make kills` does it 300 times; LABELYARD_TEST_KILLS says how often.
"""

import asyncio
import os
import random
import secrets
import socket
import time

from tests.common.durable import DurableCluster
from tests.common.load import Load
from tests.common.server import UNLIMITED, ServerProcess

KILLS = int(os.environ.get("LABELYARD_TEST_KILLS", "10"))
SEED = int(os.environ.get("LABELYARD_TEST_SEED", "1"))
WHAT = ["server", "database", "both"]
# On a quiet machine; one that runs other things too is given more.
BACK_WITHIN_SECONDS = float(os.environ.get("LABELYARD_TEST_BACK_WITHIN", "20"))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def test_nothing_is_lost_doubled_or_lied_about(tmp_path):
    chosen = random.Random(SEED)
    cluster = DurableCluster()
    await cluster.start()
    key = f"ly_test_{secrets.token_hex(16)}"
    server = ServerProcess(cluster.url, tmp_path / "data", api_key=key, port=str(free_port()), **UNLIMITED)
    try:
        await asyncio.to_thread(server.start)
        load = Load(server.endpoint, key, SEED)
        await load.prepare()
        waits: dict[str, list[float]] = {what: [] for what in WHAT}
        async with load.running():
            for number in range(KILLS):
                what = WHAT[number % len(WHAT)]
                await asyncio.sleep(chosen.uniform(0.05, 0.5))
                if what != "server":
                    cluster.kill()
                if what != "database":
                    server.kill()
                began = time.monotonic()
                if what != "server":
                    await cluster.start()
                if what != "database":
                    await asyncio.to_thread(server.start)
                wait = await load.wait_for_success(since=began, timeout_seconds=60)
                waits[what].append(wait)
        found = await load.findings(cluster.url)
    finally:
        server.kill()
        cluster.stop()
    times = "; ".join(f"{what} {sum(w) / len(w):.2f} s, at most {max(w):.2f}" for what, w in waits.items() if w)
    print(f"\n{KILLS} kills, {len(load.sent)} requests: {load.report()}. Back after: {times}")
    assert found.is_clean, found
    assert sum(sent.outcome == "done" for sent in load.sent) > KILLS
    assert max(max(w) for w in waits.values() if w) < BACK_WITHIN_SECONDS
