"""`python -m tests.bench [assets] [runs]`: start a server, load it, and print the table of some runs."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import orjson
import psutil
from graphql import execute
from sqlalchemy.ext.asyncio import create_async_engine

from labelyard.domain.interface import parse_interface
from labelyard.domain.permission import Actor
from labelyard.domain.response import AssetFacts, compile_validator
from labelyard.resolvers.call import RequestContext
from labelyard.resolvers.executor import CompletedValueExecutor
from labelyard.resolvers.schema import core_schema
from labelyard.storage.cluster.embedded import EmbeddedPostgres
from labelyard.storage.database import Database
from tests.bench import bare, plain
from tests.bench.client import Client
from tests.bench.measure import Clock, median_milliseconds
from tests.bench.table import Comparison, Figure, Found, Target, print_table
from tests.common.server import UNLIMITED

KEY = "ly_bench_key_of_no_secret_whatsoever"
INTERFACE = orjson.dumps(
    {
        "jobs": {
            "PET": {
                "mlTask": "CLASSIFICATION",
                "required": 1,
                "isChild": False,
                "content": {"input": "radio", "categories": {"CAT": {"name": "Cat"}, "DOG": {"name": "Dog"}}},
            }
        }
    }
).decode()
ANSWER = '{"PET":{"categories":[{"name":"CAT","confidence":100}]}}'
CREATE = "mutation ($d: CreateProjectData!) { data: createProject(data: $d) { id } }"
IMPORT = (
    "mutation ($d: AppendManyAssetsData!, $w: ProjectWhere!) { data: appendManyAssets(data: $d, where: $w) { id } }"
)
LABEL = "mutation ($d: AppendToLabelsData!, $w: AssetWhere!) { data: appendToLabels(data: $d, where: $w) { id } }"
MANY = "mutation ($d: AppendManyLabelsData!, $w: AssetWhere!) { data: appendManyLabels(data: $d, where: $w) { id } }"
FIELDS = (
    "id jsonResponse labelType secondsToLabel createdAt isLatestLabelForUser assetId "
    "author { id email } labelOf { id externalId }"
)
LABELS = f"query ($w: LabelWhere!, $f: PageSize!, $s: Int!) {{ data: labels(where: $w, first: $f, skip: $s) {{ {FIELDS} }} }}"
ASSETS = """query ($w: AssetWhere!, $f: PageSize!, $s: Int!) { data: assets(where: $w, first: $f, skip: $s) { content createdAt
  externalId id isHoneypot jsonMetadata skipped status labels { author { id email } createdAt id jsonResponse } } }"""
COUNT = "query ($w: LabelWhere!) { data: countLabels(where: $w) }"
COUNT_ASSETS = "query ($w: AssetWhere!) { data: countAssets(where: $w) }"
WALK = "query ($w: AssetWhere!, $f: PageSize!, $s: Int!) { data: assets(where: $w, first: $f, skip: $s) { id externalId content } }"
RUNS = 3


@dataclass
class Bench:
    """A running server, a pool beside it, and what has been found so far."""

    endpoint: str
    pool: asyncpg.Pool
    url: str
    clock: Clock
    bare_clock: Clock
    count: int
    found: list[Found] = field(default_factory=list)

    async def compare(
        self,
        name: str,
        ours: Callable[[], Awaitable[object]],
        bare_loop: Callable[[], Awaitable[object]],
        *targets: Target,
    ) -> None:
        """Measure both in turn."""
        bare_spent = await self.bare_clock.measure(bare_loop)
        self.add(Comparison(name, await self.clock.measure(ours), bare_spent, targets))

    def add(self, found: Found) -> None:
        """Keep what was found, and say so: a run takes a while."""
        self.found.append(found)
        print(".", end="", flush=True)


async def main(count: int, runs: int) -> None:
    """Run everything some times and print the table."""
    print_table([await one_run(count) for _ in range(runs)])


async def one_run(count: int) -> list[Found]:
    """Run everything on a server and a database of its own."""
    with tempfile.TemporaryDirectory(prefix="labelyard-bench-") as directory:
        os.chmod(directory, 0o755)
        url = EmbeddedPostgres(Path(directory) / "postgres").start()
        started = time.perf_counter()
        first = start_server(directory, url)
        stop(first)
        started = time.perf_counter()
        server = start_server(directory, url)
        cold = time.perf_counter() - started
        process = psutil.Process(server.pid)
        memory, processor = process.memory_info().rss / 2**20, sum(process.cpu_times()[:2])
        try:
            pool = await asyncpg.create_pool(url, min_size=1, max_size=20)
            postmaster = int((Path(directory) / "postgres" / "postmaster.pid").read_text().split()[0])
            bench = Bench(
                server.endpoint,  # type: ignore[attr-defined]
                pool,
                url,
                Clock(postmaster, [server.pid]),
                Clock(postmaster, [os.getpid()]),
                count,
            )
            await run(bench)
            grown = psutil.Process(server.pid).memory_info().rss / 2**20
            bench.add(Figure("start with the database running", cold, "s", (Target(2, 1.1),)))
            bench.add(Figure("  its processor time", processor, "s"))
            bench.add(Figure("memory after the start", memory, "MB", (Target(110, 80),)))
            bench.add(Figure("memory after the benchmark", grown, "MB"))
            await pool.close()
            return bench.found
        finally:
            stop(server)


async def run(bench: Bench) -> None:
    """All rows of the table."""
    client = Client(bench.endpoint, KEY)
    await bench.pool.execute(bare.TABLES)
    count, run_number = bench.count, 0

    async def project() -> str:
        data = {"title": "bench", "inputType": "IMAGE", "jsonInterface": INTERFACE}
        return str((await client.ask(CREATE, d=data))["id"])

    async def load(batch: int) -> str:
        nonlocal run_number
        run_number += 1
        project_id = await project()
        for start in range(0, count, batch):
            numbers = range(start, start + batch)
            data = {
                "contentArray": [f"https://example.org/{n}.jpg" for n in numbers],
                "externalIDArray": [f"asset {n}" for n in numbers],
                "idArray": [f"bench{run_number}x{n}" for n in numbers],
                "isHoneypotArray": [False for n in numbers],
                "jsonContentArray": ["" for n in numbers],
                "jsonMetadataArray": ["{}" for n in numbers],
            }
            await client.ask(IMPORT, d=data, w={"id": project_id})
        return project_id

    async def bare_copy(batch: int) -> None:
        nonlocal run_number
        run_number += 1
        await bare.copy_assets(bench.pool, count, batch, run_number)

    for batch in (100, 1000):
        targets = (Target(4, 2.5),) if batch == 1000 else ()
        await bench.compare(
            f"import {count:,} assets by {batch:,} / COPY",
            lambda b=batch: load(b),
            lambda b=batch: bare_copy(b),
            *targets,
        )
    project_id = await load(1000)
    await just_imported(bench, client, project_id)
    assets = [f"bench{run_number}x{n}" for n in range(count)]
    await single_labels(bench, assets, project_id)
    client.close()
    client = Client(bench.endpoint, KEY)  # the server has closed the other meanwhile, if that took long
    await fill(client, assets)
    await reads(bench, client, project_id, assets)
    await compiled_against_plain(bench, project_id)
    validation(bench)
    client.close()


async def just_imported(bench: Bench, client: Client, project_id: str) -> None:
    """A list and a count right after the import, before anything about the assets is remembered."""
    where = {"project": {"id": project_id}}

    async def walk() -> None:
        for skip in range(0, bench.count, 1000):
            await client.send(WALK, {"w": where, "f": 1000, "s": skip})

    await bench.compare(
        f"walk {bench.count:,} assets just imported by 1,000 / paged SQL",
        walk,
        lambda: bare.walk_assets(bench.pool, project_id, 1000, bench.count),
    )
    await bench.compare(
        "count of a whole project / count(*)",
        lambda: client.ask(COUNT_ASSETS, w=where),
        lambda: bench.pool.fetchval("select count(*) from asset where project_id = $1", project_id),
    )


async def single_labels(bench: Bench, assets: list[str], project_id: str) -> None:
    """One label a request, from one client and from sixteen."""
    del project_id
    runs = 0
    limit = 0.0
    for clients in (1, 16):
        number = 400 if clients == 1 else 1600

        async def bare_insert(clients: int = clients, number: int = number) -> None:
            nonlocal runs
            runs += 1
            await bare.insert_labels(bench.pool, number, clients, runs, ANSWER)

        async def ours(clients: int = clients, number: int = number) -> None:
            async def one(place: int) -> None:
                client = Client(bench.endpoint, KEY)
                for index in range(place, number, clients):
                    data = {"jsonResponse": ANSWER, "labelType": "DEFAULT", "secondsToLabel": 3}
                    await client.ask(LABEL, d=data, w={"id": assets[index % len(assets)]})
                client.close()

            await asyncio.gather(*(one(place) for place in range(clients)))

        target = Target(3, 2) if clients == 1 else Target(3, None)
        await bench.compare(f"{number:,} single labels, {clients} client(s) / insert", ours, bare_insert, target)
        last = bench.found[-1]
        if isinstance(last, Comparison):
            limit = limit or last.bare.wall / number
            if clients > 1:
                share = last.ours.wall / number / limit
                bench.add(Figure("  a label of 16 clients / one client's insert", share, "x", (Target(None, 1),)))


async def fill(client: Client, assets: list[str]) -> None:
    """One more label on every asset."""
    for start in range(0, len(assets), 100):
        batch = assets[start : start + 100]
        data = {
            "labelType": "DEFAULT",
            "labelsData": [{"assetID": asset, "jsonResponse": ANSWER, "secondsToLabel": 2} for asset in batch],
        }
        await client.ask(MANY, d=data, w={"idIn": batch})
    await asyncio.sleep(2)


async def reads(bench: Bench, client: Client, project_id: str, assets: list[str]) -> None:
    """Pages, one asset, deep pages, counts."""
    where = {"project": {"id": project_id}}
    total = int(await client.ask(COUNT, w=where))
    read = min(total, 10_000)
    await bench.pool.execute("vacuum analyze")
    for page in (100, 1000):

        async def ours(page: int = page) -> None:
            for skip in range(0, read, page):
                await client.send(LABELS, {"w": where, "f": page, "s": skip})

        await bench.compare(
            f"read {read:,} labels by {page:,} / paged SQL",
            ours,
            lambda p=page: bare.read_labels(bench.pool, project_id, p, read),
            *((Target(3, None), Target(None, 1.3, "cpu")) if page == 1000 else ()),
        )

    async def of_assets(ask: Callable[[str], Awaitable[object]]) -> None:
        for asset in assets[:300]:
            await ask(asset)

    await bench.compare(
        "labels of one asset, 300 times / SQL",
        lambda: of_assets(lambda a: client.send(LABELS, {"w": {"asset": {"id": a}}, "f": 100, "s": 0})),
        lambda: of_assets(lambda a: bare.labels_of_asset(bench.pool, a)),
    )
    last = bench.found[-1]
    if isinstance(last, Comparison):
        bench.add(Figure("  labels of one asset, each", last.ours.wall / 300 * 1000, "ms", (Target(None, 1),)))
    for document, name in ((ASSETS, "assets"), (LABELS, "labels")):
        first = None
        for share in (0, 50, 99):
            skip = min(total if name == "labels" else len(assets), 1_000_000) * share // 100
            samples = []
            for _ in range(20):
                begun = time.perf_counter()
                await client.send(document, {"w": where, "f": 100, "s": skip})
                samples.append(time.perf_counter() - begun)
            middle = median_milliseconds(samples[5:])
            first = first or middle
            bench.add(Figure(f"  page of 100 {name} at {share} %", middle, "ms"))
            if share:
                bench.add(Figure(f"  page of 100 {name} at {share} % / first", middle / first, "x", (Target(4, 2),)))
    await bench.compare(
        "count of the labels of a project / count(*)",
        lambda: client.ask(COUNT, w=where),
        lambda: bench.pool.fetchval("select count(*) from label where project_id = $1", project_id),
    )


async def compiled_against_plain(bench: Bench, project_id: str) -> None:
    """1,000 labels in this process: the compiled plan against resolvers over rows."""
    database = await Database.open(bench.url, size=2)
    engine = create_async_engine("postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(bench.url))
    owner = await bench.pool.fetchrow("select id, organization_id from user_account limit 1")
    actor = Actor(owner["id"], "", owner["organization_id"], is_organization_admin=True, roles={})
    plans: dict[Any, Any] = {}
    from labelyard.server.edge.document_cache import DocumentCache

    documents = DocumentCache()

    async def compiled() -> None:
        context = RequestContext(
            actor=actor, database=database, services=None, label_queue=None, plans=plans, request_id=""
        )  # type: ignore[arg-type]
        variables = {"w": {"project": {"id": project_id}}, "f": 1000, "s": 0}
        result = await execute(  # type: ignore[misc]
            core_schema(),
            documents.get(LABELS).document,
            variable_values=variables,
            context_value=context,
            executor_class=CompletedValueExecutor,
        )
        orjson.dumps(result.data)

    await compiled()
    await plain.read(engine, project_id, 1000)
    plain_spent = await bench.bare_clock.measure(lambda: plain.read(engine, project_id, 1000), rounds=5)
    spent = await bench.bare_clock.measure(compiled, rounds=5)
    target = Target(8, 20, is_least=True)
    bench.add(Comparison("1,000 labels: compiled, faster than plain by", spent, plain_spent, (target,), is_faster=True))
    await engine.dispose()
    await database.close()


def validation(bench: Bench) -> None:
    """10,000 small answers."""
    interface = parse_interface(INTERFACE, input_type="IMAGE").interface
    if interface is None:
        raise RuntimeError("the interface of the benchmark is refused")
    validator = compile_validator(interface, input_type="IMAGE")
    facts = AssetFacts()
    begun = time.perf_counter()
    for _ in range(10_000):
        validator.check(ANSWER, label_type="DEFAULT", strict=False, asset=facts, mint=str)
    spent = (time.perf_counter() - begun) * 1000
    bench.add(Figure("validation of 10,000 answers", spent, "ms", (Target(100, 40),)))


def start_server(directory: str, url: str) -> subprocess.Popen[str]:
    """A server on a free port; ready when this returns."""
    environment = {
        **os.environ,
        "LABELYARD_DATA_DIR": directory,
        "LABELYARD_DATABASE_URL": url,
        "LABELYARD_ALLOW_UNSAFE_DATABASE": "true",
        "LABELYARD_PORT": "0",
        "LABELYARD_BOOTSTRAP_API_KEY": KEY,
        "LABELYARD_LOG_LEVEL": "WARNING",
        # What is measured is how fast one key can be served, not when it is told to wait.
        **{f"LABELYARD_{name.upper()}": value for name, value in UNLIMITED.items()},
    }
    command = [str(Path(sys.executable).with_name("labelyard")), "serve"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    if process.stdout is None:
        raise RuntimeError("no output")
    for text in process.stdout:
        if "endpoint" in text:
            process.endpoint = text.split()[-1]  # type: ignore[attr-defined]
            return process
    raise RuntimeError("the server did not start")


def stop(process: subprocess.Popen[str]) -> None:
    """End a server."""
    process.terminate()
    process.wait(timeout=40)


if __name__ == "__main__":
    given = [int(argument) for argument in sys.argv[1:]]
    asyncio.run(main(*[*given, *(10_000, RUNS)[len(given) :]]))
