"""Random requests against a running server: no input ends in HTTP 500 or `INTERNAL_SERVER_ERROR`, and memory stays.

`make fuzz` sends 100,000; LABELYARD_TEST_FUZZ says how many.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import time
from collections import Counter
from pathlib import Path

import httpx
import orjson
import psutil
from graphql import build_schema

from server.application import ENDPOINT
from storage.database import Database
from tests.common.client import Client
from tests.common.fuzz import RequestMaker
from tests.common.server import UNLIMITED, ServerProcess
from tests.common.world import new_organization

REQUESTS = int(os.environ.get("LABELYARD_TEST_FUZZ", "1500"))
SEED = int(os.environ.get("LABELYARD_TEST_SEED", "1"))
CLIENTS = 6
# Caches and pools are filled before memory is measured.
WARM = min(REQUESTS // 4, 4_000)
MEMORY_MORE_BYTES = 50 * 1024 * 1024
SCHEMA = Path(__file__).parents[2] / "schema.graphql"


async def test_no_request_ends_in_an_internal_error(cluster, tmp_path):
    url = await cluster.new_database()
    server = ServerProcess(
        url,
        tmp_path / "data",
        api_key=f"ly_test_{secrets.token_hex(16)}",
        **UNLIMITED,
        anonymous_requests_per_minute="1000000000",
        failed_keys_per_minute="1000000000",
    )
    await asyncio.to_thread(server.start)
    database = await Database.open(url, size=4)
    codes: Counter[str] = Counter()
    bad: list[tuple[str, bytes]] = []
    milliseconds: list[float] = []
    memory = {"warm": 0}
    try:
        async with httpx.AsyncClient(base_url=server.url, timeout=90) as http:
            organization = await new_organization(database, Client(http))
            stranger = await new_organization(database, Client(http))
            project = await organization.project()
            asset_ids = await project.assets(30)
            label_ids = [await project.label(asset_id) for asset_id in asset_ids[:10]]
            labeler = await project.member("LABELER")
            keys = [organization.admin.key, organization.admin.key, labeler.key, stranger.admin.key, None, "wrong"]
            ids = [project.id, organization.id, stranger.id, *asset_ids, *label_ids]
            maker = RequestMaker(build_schema(SCHEMA.read_text("utf-8")), ids, SEED)
            process = psutil.Process(server.pid)
            left = iter(range(REQUESTS))

            async def ask() -> None:
                for number in left:
                    if number == WARM:
                        memory["warm"] = process.memory_info().rss
                    body, key = maker.body(), maker.random.choice(keys)
                    headers = {"Content-Type": "application/json"}
                    if key is not None:
                        headers["Authorization"] = f"X-API-Key: {key}"
                    began = time.perf_counter()
                    response = await http.post(ENDPOINT, content=body, headers=headers)
                    milliseconds.append((time.perf_counter() - began) * 1000)
                    answer = orjson.loads(response.content)
                    said = [error["extensions"]["code"] for error in answer.get("errors", [])]
                    said += [answer["error"]["code"]] if "error" in answer else []
                    codes.update(said or ["OK"])
                    if response.status_code >= 500 or "INTERNAL_SERVER_ERROR" in said:
                        bad.append((f"{response.status_code} {said}", body[:1500]))

            await asyncio.gather(*(ask() for _ in range(CLIENTS)))
            grown = process.memory_info().rss - memory["warm"]
    finally:
        await database.close()
        await asyncio.to_thread(server.stop)
        await cluster.drop_database(url)
    milliseconds.sort()
    p99 = milliseconds[int(len(milliseconds) * 0.99)]
    print(
        f"\n{REQUESTS} requests, {len(bad)} internal errors; memory {grown / 2**20:+.0f} MiB after the first {WARM}; "
        f"p50 {milliseconds[len(milliseconds) // 2]:.1f} ms, p99 {p99:.0f} ms with {CLIENTS} clients; {dict(codes.most_common())}"
    )
    assert bad == []
    assert grown < MEMORY_MORE_BYTES
    assert codes["OK"] > REQUESTS // 50, "the requests reach nothing"
