"""`python -m tests.bench.learning`: what learning takes and reaches, beside its goals.

On pictures made by code (`tests.common.shapes`), against a server in a process of its own. Times are those of a machine that may be
busy; where a goal is about the processor, processor time is printed.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import random
import secrets
import statistics
import tempfile
import time
from pathlib import Path

import httpx
import psutil

from labelyard.services.learning.backbone import NETWORK
from labelyard.storage.cluster.embedded import EmbeddedPostgres
from labelyard.storage.database import Database
from tests.common.client import Client
from tests.common.documents import CREATE_PROJECT
from tests.common.learning import ASSIST, PREDICT, SIMILAR, add_labels, add_pictures, interface, trained
from tests.common.server import UNLIMITED, ServerProcess
from tests.common.shapes import SHAPES, picture, raw_pixels
from tests.common.world import Organization, Person, Project

LABELED, HELD_OUT, MORE = 14, 8, 120
RUNS, ROUND, BUDGETS = 6, 8, (16, 24, 32, 40, 48)


def say(what: str, figure: str, goal: str) -> None:
    print(f"{what:<72} {figure:>14}   goal {goal}", flush=True)


def shape_of(name: str) -> str:
    return name.partition("-")[0]


def child_of(pid: int) -> psutil.Process:
    """The process that looks at pictures."""
    (child,) = [one for one in psutil.Process(pid).children() if "labelyard.services.learning.child" in one.cmdline()]
    return child


async def measure(server: ServerProcess, database: Database) -> None:
    async with httpx.AsyncClient(base_url=server.url, timeout=120) as http:
        client = Client(http).as_(server.api_key)
        made = await client.data(
            CREATE_PROJECT,
            {"data": {"title": "Shapes", "inputType": "IMAGE", "jsonInterface": json.dumps(interface())}},
        )
        project = Project(made["id"], Organization("", "", database, client, [Person("", "", server.api_key, client)]))
        before = psutil.Process(server.pid).memory_info().rss
        files = {
            f"{shape}-{number}": picture(shape, number) for number in range(LABELED + HELD_OUT) for shape in SHAPES
        }
        assets = await add_pictures(project, files)
        labeled = [name for name in files if int(name.partition("-")[2]) < LABELED]
        held_out = [name for name in files if name not in labeled]
        await add_labels(project, {assets[name]: [shape_of(name)] for name in labeled})

        for name, goal in (("features included", "<= 8 s"), ("features there", "<= 4 s")):
            began = time.perf_counter()
            model = await trained(client, project.id, name, minutes=0.05, validationPercent=8)
            say(f"112 labeled images, minutes 0.05, {name}", f"{time.perf_counter() - began:.2f} s", goal)

        right = 0
        for start in range(0, len(held_out), 50):
            ids = [assets[name] for name in held_out[start : start + 50]]
            answers = await client.data(PREDICT, {"id": model["id"], "assets": ids})
            right += sum(one["predicted"] == [shape_of(one["externalId"])] for one in answers)
        say("accuracy on 64 pictures held out", f"{right / len(held_out):.3f}", ">= 0.95")
        await describing(project, server, model["id"])
        await assisting(project, model["id"], assets[held_out[0]])
        child = child_of(server.pid)
        say("memory of the process that looks at pictures", f"{child.memory_info().rss / 2**20:.0f} MB", "<= 220 MB")
        grown = psutil.Process(server.pid).memory_info().rss - before
        say("memory of the serving process, grown by all of this", f"{grown / 2**20:.0f} MB", "numpy is not loaded")
        maps = await asyncio.to_thread(Path(f"/proc/{server.pid}/maps").read_text)
        say("numpy or onnxruntime in the serving process", str("numpy" in maps or "onnxruntime" in maps), "False")
    await by_doubt(database, files)


async def describing(project: Project, server: ServerProcess, model_id: str) -> None:
    """Pictures of one megapixel: the processor time of each, and how long an answer takes."""
    names = [f"LARGE-{number}" for number in range(40)]
    files = {name: picture(SHAPES[index % 8], 900 + index, kind="JPEG", side=1024) for index, name in enumerate(names)}
    assets = await add_pictures(project, files)
    child = child_of(server.pid)
    used = sum(child.cpu_times()[:2])
    seconds = []
    for name in names:
        began = time.perf_counter()
        await project.admin.data(PREDICT, {"id": model_id, "assets": [assets[name]]})
        seconds.append(time.perf_counter() - began)
    used = sum(child.cpu_times()[:2]) - used
    say("processor time of a picture of 1 megapixel", f"{1000 * used / len(names):.1f} ms", "<= 30 ms")
    say("a prediction of a picture not seen before, median", f"{1000 * statistics.median(seconds):.1f} ms", "<= 60 ms")


async def assisting(project: Project, model_id: str, asset_id: str) -> None:
    """Predictions of 1,000 assets whose features are there, and searches among them."""
    files = {f"{shape}-{number}": picture(shape, number) for number in range(1_000, 1_000 + MORE) for shape in SHAPES}
    await add_pictures(project, files)
    undescribed = 1
    while undescribed:
        undescribed = (await project.admin.data(SIMILAR, {"id": asset_id, "first": 1}))["undescribed"]
    seconds = []
    for _ in range(20):
        began = time.perf_counter()
        await project.admin.data(SIMILAR, {"id": asset_id, "first": 10})
        seconds.append(time.perf_counter() - began)
    say("a search for similar images among 1,176", f"{1000 * statistics.median(seconds):.1f} ms", "-")
    began = time.perf_counter()
    outcome = await project.admin.data(ASSIST, {"id": model_id})
    took = time.perf_counter() - began
    say(f"assistLabeling, {outcome['written']:,} predictions, features there", f"{took:.2f} s", "<= 3 s (1,000)")


async def by_doubt(database: Database, files: dict[str, bytes]) -> None:
    """Labeling the most doubtful pictures first, against any order: the accuracy on pictures held out, the mean of several runs."""
    import numpy as np

    from labelyard.services.learning.head import HeadTraining, TrainingSet

    hashes = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    async with database.reader() as connection:
        rows = await connection.fetch(
            "select content_hash, vector from image_feature where backbone = :backbone", {"backbone": NETWORK}
        )
    vectors = {row["content_hash"]: np.frombuffer(row["vector"], "<f2").astype(np.float32) for row in rows}
    features = np.array([vectors[hashes[name]] for name in files])
    truth = np.array([SHAPES.index(shape_of(name)) for name in files])
    numbers = np.array([int(name.partition("-")[2]) for name in files])
    pool, held = np.flatnonzero(numbers < LABELED), np.flatnonzero(numbers >= LABELED)

    def learned(chosen: list[int], features: np.ndarray = features) -> object:
        order = np.array([*chosen, *held])
        data = TrainingSet(
            np.eye(8, dtype=np.uint8)[truth[order]], learned=len(chosen), features=features.shape[1], is_multi=False
        )
        data.fill(0, features[order])
        training = HeadTraining(data, seconds=30, rate=0.05, seed=0, patience=10_000)
        while training.epochs < 60:
            training.go_on(0)
        return training.head

    def accuracy(head: object, features: np.ndarray = features) -> float:
        return float((head.scores(features[held], is_multi=False).argmax(axis=1) == truth[held]).mean())  # type: ignore[attr-defined]

    raw = np.array([raw_pixels(data) for data in files.values()], np.float32) - 0.5
    raw /= np.linalg.norm(raw, axis=1, keepdims=True)
    say("the same, learned from raw pixels", f"{accuracy(learned(list(map(int, pool)), raw), raw):.3f}", "0.5 less")
    results: dict[str, dict[int, list[float]]] = {
        order: {budget: [] for budget in BUDGETS} for order in ("doubt", "random")
    }
    for run in range(RUNS):
        for order, by_budget in results.items():
            chance = random.Random(run)
            left = list(map(int, pool))
            chance.shuffle(left)
            chosen, left = left[:ROUND], left[ROUND:]
            for budget in range(ROUND, BUDGETS[-1] + 1, ROUND):
                head = learned(chosen)
                if budget in by_budget:
                    by_budget[budget].append(accuracy(head))
                if order == "doubt":
                    scores = np.sort(head.scores(features[left], is_multi=False), axis=1)  # type: ignore[attr-defined]
                    left = [left[index] for index in np.argsort(scores[:, -1] - scores[:, -2], kind="stable")]
                chosen, left = chosen + left[:ROUND], left[ROUND:]
    for budget in BUDGETS:
        doubt, plain = (statistics.mean(results[order][budget]) for order in ("doubt", "random"))
        say(
            f"{budget} labels by doubt, and in any order; mean of {RUNS} runs",
            f"{doubt:.3f} {plain:.3f}",
            "doubt ahead",
        )


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        postgres = EmbeddedPostgres(Path(folder) / "postgres")
        url = await asyncio.to_thread(postgres.start)
        key = f"ly_bench_{secrets.token_hex(16)}"
        server = ServerProcess(url, Path(folder) / "data", api_key=key, **UNLIMITED)
        await asyncio.to_thread(server.start)
        database = await Database.open(url, size=4)
        try:
            await measure(server, database)
        finally:
            await database.close()
            await asyncio.to_thread(server.stop)
            await asyncio.to_thread(postgres.leave)


if __name__ == "__main__":
    asyncio.run(main())
