"""Connections to the database that break before, behind and between commits, while clients write.

`make cuts` does it 300 times; LABELYARD_TEST_CUTS says how often.
"""

import asyncio
import os
import random
import re
import secrets
import time

from tests.common.load import Load
from tests.common.proxy import Cut, Proxy
from tests.common.server import UNLIMITED, ServerProcess

CUTS = int(os.environ.get("LABELYARD_TEST_CUTS", "10"))
SEED = int(os.environ.get("LABELYARD_TEST_SEED", "1"))
BACK_WITHIN_SECONDS = float(os.environ.get("LABELYARD_TEST_BACK_WITHIN", "20"))
COMMITS = re.compile(r"^commit$|^with\s+fresh as")


class Cutting:
    """Decides about statements: the next one that fits is cut."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._wanted = Cut.NONE
        self._at_commits = True
        self.has_cut = asyncio.Event()
        self.done: dict[str, int] = {}

    def arm(self) -> None:
        """Cut once more: mostly at what commits, sometimes at any statement."""
        self._at_commits = self._random.random() < 0.8
        self._wanted = self._random.choice([Cut.BEFORE, Cut.BEHIND, Cut.BEHIND])
        self.has_cut.clear()

    def decide(self, text: str) -> Cut:
        is_commit = COMMITS.search(text) is not None
        if self._wanted is Cut.NONE or (self._at_commits and not is_commit) or self._random.random() < 0.5:
            return Cut.NONE
        cut, self._wanted = self._wanted, Cut.NONE
        name = f"{cut.name.lower()} {'a commit' if is_commit else 'another statement'}"
        self.has_cut.set()
        self.done[name] = self.done.get(name, 0) + 1
        return cut


async def test_nothing_is_lost_doubled_or_lied_about(cluster, tmp_path):
    url = await cluster.new_database()
    cutting, proxy = Cutting(SEED), Proxy(url)
    await proxy.open()
    key = f"ly_test_{secrets.token_hex(16)}"
    server = ServerProcess(proxy.url, tmp_path / "data", api_key=key, **UNLIMITED)
    waits = []
    try:
        await asyncio.to_thread(server.start)
        load = Load(server.endpoint, key, SEED)
        await load.prepare()
        proxy.decide = cutting.decide
        async with load.running():
            for number in range(CUTS):
                cutting.arm()
                await asyncio.wait_for(cutting.has_cut.wait(), 60)
                if number % 20 == 19:
                    proxy.break_connections()
                waits.append(await load.wait_for_success(since=time.monotonic(), timeout_seconds=60))
        found = await load.findings(url)
    finally:
        server.kill()
        await proxy.cut()
    cuts = ", ".join(f"{count} {name}" for name, count in sorted(cutting.done.items()))
    print(f"\n{CUTS} cuts ({cuts}), {len(load.sent)} requests: {load.report()}. Back after at most {max(waits):.2f} s")
    assert found.is_clean, found
    assert sum(sent.outcome == "done" for sent in load.sent) > CUTS
    assert max(waits) < BACK_WITHIN_SECONDS
