"""`kill -9` of the server and of workers while exports, synchronisations and deliveries run: nothing is lost, stuck, or there twice.

`make kill-jobs` does it 60 times; LABELYARD_TEST_JOB_KILLS says how often.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from labelyard.services.event_chain import verify_chain
from tests.common.documents import APPEND_MANY_LABELS, CREATE_PROJECT
from tests.common.export import CREATE as CREATE_EXPORT
from tests.common.export import EXPORTS, fetched, files_of
from tests.common.world import WEATHER, Project, answer
from tests.resolvers.webhook.test_webhooks import ACTIVATE, webhook
from tests.resolvers.webhook.test_webhooks import CREATE as CREATE_WEBHOOK
from tests.server.webhook.test_deliveries import Receiver, first_seen
from tests.stores.conftest import COMPUTE, CONNECT, CONNECTION, CREATE, S3, VALIDATE
from tests.stores.place import PATIENCE_SECONDS, Place, Unknown

pytestmark = pytest.mark.xdist_group("two servers")
KILLS = int(os.environ.get("LABELYARD_TEST_JOB_KILLS", "3"))
SEED = int(os.environ.get("LABELYARD_TEST_SEED", "1"))
# Pieces of differences are 2,000 keys long.
LABELED, KEYS = (300, 2_500) if KILLS > 10 else (50, 500)
UNFINISHED = "select kind, status, reason from job where status in ('QUEUED', 'RUNNING', 'PARKED')"


async def export_again_and_again(place: Place, project: Project) -> Counter[str]:
    """Ask for exports, one after the other; each comes whole."""
    seen: Counter[str] = Counter()
    while not place.is_over:
        data = {"p": project.id, "data": {"format": "RAW"}}
        try:
            export_id = (await place.say(CREATE_EXPORT, data, may_repeat=False))["id"]
        except Unknown:
            seen["unknown"] += 1
            continue
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            (export,) = await place.say(EXPORTS, {"where": {"id": export_id}})
            if export["status"] not in ("QUEUED", "RUNNING"):
                break
            assert time.monotonic() < deadline, export
            await asyncio.sleep(0.05)
        assert (export["status"], export["reason"], export["done"]) == ("DONE", None, LABELED)
        seen["done"] += 1
        last = export
    files = files_of(await fetched(project.admin, last["url"]))
    assert files.keys() == {"README.kili.txt", *(f"labels/asset-{number}.json" for number in range(LABELED))}
    return seen


async def synchronize_again_and_again(place: Place, integration: str, keys: list[str]) -> Counter[str]:
    """Have one project after the other take a store in; each gets every object once."""
    seen: Counter[str] = Counter()
    while not place.is_over:
        new = {"title": "Of a store", "inputType": "IMAGE", "jsonInterface": json.dumps(WEATHER)}
        made = await place.say(CREATE_PROJECT, {"data": new})
        project = Project(made["id"], place.organization)
        try:
            data = {"data": {"projectId": project.id, "integrationId": integration}}
            connection = (await place.say(CONNECT, data, may_repeat=False))["id"]
        except Unknown:
            seen["unknown"] += 1
            continue
        where = {"where": {"id": connection}}

        async def settled(where: Mapping[str, Any] = where) -> dict[str, Any]:
            deadline = time.monotonic() + PATIENCE_SECONDS
            while True:
                now: dict[str, Any] = await place.say(CONNECTION, where)
                if not now["isChecking"] and not now["isApplyingDataDifferences"]:
                    return now
                assert time.monotonic() < deadline, now
                await asyncio.sleep(0.05)

        for expected in (len(keys), 0):
            await place.say(COMPUTE, where)
            assert (await settled())["dataDifferencesSummary"] == {"added": expected, "removed": 0, "total": expected}
            await place.say(VALIDATE, {"where": {"connectionId": connection, "type": "ADD"}})
            now = await settled()
            assert (now["numberOfAssets"], now["dataDifferencesSummary"]["total"]) == (len(keys), 0)
        rows = await project.rows("asset")
        assert Counter(row["external_id"] for row in rows) == Counter(keys)
        seen["done"] += 1
    return seen


async def label_again_and_again(place: Place, project: Project, assets: list[str]) -> list[str]:
    """Label all assets, again and again; answers the labels that were acknowledged, in their order."""
    labels: list[str] = []
    while not place.is_over:
        items = [{"assetID": asset, "jsonResponse": answer()} for asset in assets]
        data = {"labelType": "DEFAULT", "overwrite": False, "labelsData": items}
        try:
            made = await place.say(APPEND_MANY_LABELS, {"data": data, "where": {"id": assets[0]}}, may_repeat=False)
        except Unknown:
            continue
        labels += [label["id"] for label in made]
        await asyncio.sleep(0.1)
    return labels


async def test_nothing_is_lost_stuck_or_there_twice(place: Place, s3: S3, tmp_path: Path) -> None:
    organization, chosen = place.organization, random.Random(SEED)
    keys = [f"day {number % 30}/{number}.jpg" for number in range(KEYS)]
    s3.create("killed", keys)
    integration = (await place.say(CREATE, {"data": s3.integration("killed")}))["id"]
    exported, followed = await organization.project(), await organization.project()
    items = [{"assetID": asset, "jsonResponse": answer()} for asset in await exported.assets(LABELED)]
    data = {"labelType": "DEFAULT", "overwrite": False, "labelsData": items}
    await place.say(APPEND_MANY_LABELS, {"data": data, "where": {"id": items[0]["assetID"]}})
    receiver = Receiver(tmp_path / "calls")
    receiver.start()
    await place.say(CREATE_WEBHOOK, webhook(url=receiver.url, handlerTypes=["onSubmit"]))
    await place.say(ACTIVATE, {"pluginName": "hook", "projectId": followed.id})
    work = [
        asyncio.create_task(export_again_and_again(place, exported)),
        asyncio.create_task(synchronize_again_and_again(place, integration, keys)),
        asyncio.create_task(label_again_and_again(place, followed, await followed.assets(10))),
    ]
    try:
        started = 1.0
        for number in range(KILLS):
            # Where processes start slowly, jobs take longer, too.
            await asyncio.sleep(chosen.uniform(0.3, 1.5) * max(1.0, started))
            assert not any(task.done() for task in work), [task for task in work if task.done()]
            began = time.monotonic()
            if number % 3 == 2:
                place.server.kill()
                await asyncio.to_thread(place.server.start, timeout_seconds=PATIENCE_SECONDS)
            else:
                worker = place.workers[number % 3]
                worker.kill()
                worker.wait()
                place.workers[number % 3] = await asyncio.to_thread(place.start_worker)
            started = time.monotonic() - began
        place.is_over = True
        exports, syncs, labels = await asyncio.gather(*work)
        deadline = time.monotonic() + PATIENCE_SECONDS + len(labels) / 20
        while len((seen := first_seen(receiver.calls())).keys() & set(labels)) < len(labels):
            assert time.monotonic() < deadline, (len(seen), len(labels))
            await asyncio.sleep(0.1)
        calls = len(receiver.calls())
    finally:
        for task in work:
            task.cancel()
        receiver.kill()
    print(f"\n{KILLS} kills; exports {dict(exports)}, stores {dict(syncs)}, {len(labels)} labels in {calls} deliveries")

    order = {label: number for number, label in enumerate(labels)}
    of_asset: dict[str, list[int]] = {}
    for label, asset in seen.items():
        if label in order:
            of_asset.setdefault(asset, []).append(order[label])
    assert all(numbers == sorted(numbers) for numbers in of_asset.values())
    deadline = time.monotonic() + PATIENCE_SECONDS
    async with organization.database.reader() as connection:
        while unfinished := [dict(row) for row in await connection.fetch(UNFINISHED)]:
            assert time.monotonic() < deadline, unfinished
            assert "PARKED" not in {row["status"] for row in unfinished}, unfinished
            await asyncio.sleep(0.1)
        files = await connection.fetch_value("select count(*) from blob")
        made = await connection.fetch_value("select count(*) from project_export where blob_id is not null")
    assert files == made == await organization.database.pool.fetchval("select count(*) from project_export")
    report = await verify_chain(organization.database)
    assert (report.fault, report.entries > 0) == (None, True)
