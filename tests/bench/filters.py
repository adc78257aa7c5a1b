"""`python -m tests.bench.filters [assets]`: what counts, lists, every filter and the queue of a large project take.

One line for each: the wall time, and the processor time of PostgreSQL and of the server. Those above `MOST_CPU_SECONDS` are marked.
With `BENCH_FOLDER` the database is kept in that folder and used again.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg

from labelyard.resolvers.schema import core_schema
from labelyard.storage.cluster.embedded import EmbeddedPostgres
from tests.bench.__main__ import CREATE, INTERFACE, KEY, start_server, stop
from tests.bench.client import Client
from tests.bench.large import DAYS, KEY_OF, make_large
from tests.bench.measure import Clock

MOST_CPU_SECONDS = 0.3
COUNTS = {
    "asset": "query ($w: AssetWhere!) { data: countAssets(where: $w) }",
    "label": "query ($w: LabelWhere!) { data: countLabels(where: $w) }",
}
PAGES = {
    "asset": "query ($w: AssetWhere!, $f: PageSize!, $s: Int!) "
    "{ data: assets(where: $w, first: $f, skip: $s) { id externalId status } }",
    "label": "query ($w: LabelWhere!, $f: PageSize!, $s: Int!) "
    "{ data: labels(where: $w, first: $f, skip: $s) { id labelType createdAt } }",
}
NEXT = "query ($id: ID!, $review: Boolean) { data: getNextAssetFromProject(projectID: $id, inReview: $review) { id } }"
FIGURES = ("numberOfAssets", "numberOfRemainingAssets", "consensusMarkPerCategory", "numberOfAssetsWithEmptyLabels")


@dataclass
class Report:
    """The clocks and the lines so far."""

    postgres: Clock
    server: Clock
    lines: list[tuple[float, str]] = field(default_factory=list)

    async def measure(self, name: str, client: Client, document: str, **variables: Any) -> Any:
        """Ask once to warm up, and up to three times with the clocks running; the median by wall is printed."""
        begun = time.perf_counter()
        try:
            answer = await client.ask(document, **variables)
        except RuntimeError as error:
            answer = f"refused: {str(error)[:60]}"
        spent = time.perf_counter() - begun
        samples = []
        for _ in range(3 if spent < 1 else 1):
            cpu, own, begun = self.postgres.cpu(), self.server.cpu(), time.perf_counter()
            try:
                await client.ask(document, **variables)
            except RuntimeError as error:
                answer = f"refused: {str(error)[:60]}"
            samples.append((time.perf_counter() - begun, self.postgres.cpu() - cpu, self.server.cpu() - own))
        wall, cpu, own = sorted(samples)[len(samples) // 2]
        mark = "  SLOW" if cpu + own > MOST_CPU_SECONDS else ""
        size = len(answer) if isinstance(answer, list) else answer
        print(f"{name:<74} {wall * 1000:9.1f} {cpu * 1000:8.0f} {own * 1000:8.0f}  {size!s:>10}{mark}", flush=True)
        self.lines.append((cpu + own, name))
        return answer


def label_cases(day: str, label_type: str) -> dict[str, list[Any]]:
    """Values for each key that `LabelWhere` and `AssetWhere.label` share: what finds few, many, none."""
    del label_type
    return {
        "typeIn": [["PREDICTION"], ["DEFAULT"], ["REVIEW"], ["INFERENCE"], ["DEFAULT", "REVIEW"]],
        "authorIn": [["labeler3"], ["labeler3@example.org"], ["nobody"]],
        "labelerIn": [["labeler3"], ["nobody"]],
        "labelerNotIn": [["labeler3"]],
        "reviewerIn": [["reviewer3"], ["nobody"]],
        "reviewerNotIn": [["reviewer3"]],
        "consensusMarkGte": [0.5, 2.0],
        "consensusMarkLte": [0.1],
        "honeypotMarkGte": [0.5, 2.0],
        "honeypotMarkLte": [0.1],
        "createdAt": [day],
        "createdAtGte": [day],
        "createdAtLte": [day],
        "jsonResponseContains": [["RARE"], ["CAT"], ["nothing"]],
        "search": ["PET.RARE.count > 0", "PET.CAT.count >= 1", "PET.NONE.count > 0"],
        "skipped": [True, False],
    }


def asset_cases(day: str, project_id: str, steps: list[str], count: int) -> dict[str, list[Any]]:
    """Values for each key of `AssetWhere`."""
    some = [f"large{n}" for n in range(1, count, max(1, count // 50))]
    pair = [{"stepId": steps[0], "status": "TO_DO"}, {"stepId": steps[-1], "status": "DONE"}]
    return {
        "id": [some[0]],
        "idIn": [some],
        "idNotIn": [some],
        "project": [{"id": project_id}],
        "externalIdIn": [["street-77777"], ["street-1"], ["nothing"]],
        "externalIdStrictlyIn": [["street-777.png"]],
        "statusIn": [["TODO"], ["ONGOING"], ["LABELED", "REVIEWED"], ["TO_REVIEW"], ["TODO", "ONGOING"]],
        "skipped": [True, False],
        "consensusMarkGte": [0.5, 2.0],
        "consensusMarkLte": [0.1],
        "honeypotMarkGte": [0.5, 2.0],
        "honeypotMarkLte": [0.1],
        "inferenceMarkGte": [0.5, 2.0],
        "inferenceMarkLte": [0.1],
        "createdAtGte": [day],
        "createdAtLte": [day],
        "updatedAtGte": [day],
        "updatedAtLte": [day],
        "metadata": [
            {"city": "city 7"},
            {"city": "nowhere"},
            {"number": [100, 120]},
            {"city": ["city 1", "city 2", "c"]},
        ],
        "assigneeIn": [["labeler1"], ["nobody"]],
        "assigneeNotIn": [["labeler1"]],
        "issue": [{"type": "ISSUE"}, {"status": "SOLVED"}],
        "label": [{key: value} for key, values in label_cases(day, "").items() for value in values],
        "stepIdIn": [[steps[0]], [steps[-1]]],
        "stepIdNotIn": [[steps[0]]],
        "stepStatusIn": [["TO_DO"], ["DONE"], ["REDO"], ["DOING"]],
        "stepStatusNotIn": [["TO_DO"]],
        "stepIdAndStatusIn": [pair],
        "stepIdAndStatusNotIn": [pair],
        "groupNameIn": [["nothing"]],
        "groupNameNotIn": [["nothing"]],
        "datasetAsset": [{"id": "nothing"}],
    }


def all_cases(project_id: str, steps: list[str], count: int) -> Iterator[tuple[str, str, Any]]:
    """(table, key, value) for every key; a key without a value ends the run."""
    day = (datetime.now(UTC) - timedelta(days=DAYS // 60)).date().isoformat()
    assets = asset_cases(day, project_id, steps, count)
    labels = {
        **{key: value for key, value in label_cases(day, "").items() if not key.endswith("NotIn")},
        "id": ["large1a"],
        "idIn": [[f"large{n}a" for n in range(1, count, max(2, count // 50 // 2 * 2))]],
        "project": [{"id": project_id}],
        "user": [{"id": "labeler3"}, {"email": "labeler3@example.org"}],
        "asset": [
            {"id": "large1"},
            {"externalIdStrictlyIn": ["street-777.png"]},
            {"externalIdIn": ["street-77777"]},
            {"statusIn": ["TO_REVIEW"]},
            {"stepIdIn": [steps[-1]]},
            {"stepStatusIn": ["DONE"]},
            {"skipped": True},
            {"metadata": {"city": "city 7"}},
        ],
    }
    for table, type_name, cases in (("asset", "AssetWhere", assets), ("label", "LabelWhere", labels)):
        keys = set(core_schema().type_map[type_name].fields)  # type: ignore[attr-defined]
        if keys != set(cases):
            raise RuntimeError(f"{type_name} has keys that are not measured, or the other way: {keys ^ set(cases)}")
        yield from ((table, key, value) for key, values in cases.items() for value in values)


async def filters(report: Report, client: Client, project_id: str, steps: list[str], count: int, only: str) -> None:
    """Every key, as a count and as a page."""
    for table, key, value in all_cases(project_id, steps, count):
        where = {"project": {"id": project_id}, key: value}
        shown = value if not isinstance(value, list) or len(value) < 9 else f"{len(value)} values"
        name = f"{table} {key} {shown}".replace(project_id, "…")[:66]
        for step, number in zip(steps, "12", strict=False):
            name = name.replace(step, f"step {number}")
        if re.search(only, name):
            await report.measure(f"{name} count", client, COUNTS[table], w=where)
            await report.measure(f"{name} page", client, PAGES[table], w=where, f=100, s=0)


async def figures(report: Report, client: Client, project_id: str, only: str) -> None:
    """Figures of the project, and what one labeler and one reviewer see of it."""
    for figure in FIGURES:
        if re.search(only, figure):
            document = f"query ($w: ProjectWhere!) {{ data: projects(where: $w, first: 1, skip: 0) {{ {figure} }} }}"
            await report.measure(f"project {figure}", client, document, w={"id": project_id})
    where = {"project": {"id": project_id}}
    for name in ("labeler", "reviewer"):
        person = client.as_(KEY_OF.format(name=name, number=3))
        for table, counting in COUNTS.items():
            if re.search(only, f"{name} {table}"):
                await report.measure(f"{name} {table} count", person, counting, w=where)
                await report.measure(f"{name} {table} page", person, PAGES[table], w=where, f=100, s=0)
        person.close()


async def queue(report: Report, client: Client, pool: Any, project_id: str, only: str) -> None:
    """The next asset: for one person, for fifty at once, and where much or nearly everything is taken."""

    async def ask(title: str) -> None:
        if not re.search(only, f"queue {title}"):
            return
        for name, review in (("labeler", None), ("reviewer", True), ("reviewer", None)):
            person = client.as_(KEY_OF.format(name=name, number=3))
            await report.measure(
                f"queue {title}: {name}{' in review' if review else ''}", person, NEXT, id=project_id, review=review
            )
            person.close()
        people = [client.as_(KEY_OF.format(name="labeler", number=number)) for number in range(50)]
        begun = time.perf_counter()
        given = await asyncio.gather(*(person.ask(NEXT, id=project_id, review=None) for person in people))
        wall = time.perf_counter() - begun
        different = len({asset["id"] for asset in given if asset})
        print(f"{f'queue {title}: fifty at once':<74} {wall * 1000:9.1f}  {different} different assets", flush=True)
        for person in people:
            person.close()
        await pool.execute("delete from asset_lock where user_id not like 'other%'")

    await ask("open")
    if not re.search(only, "queue with"):
        return
    await pool.execute(
        "insert into user_account (id, organization_id, email, firstname, lastname) select 'other', organization_id, "
        "'other@example.org', 'Other', 'Bench' from user_account where id = 'labeler0' on conflict do nothing"
    )
    await pool.execute(
        "insert into asset_lock (id, project_id, asset_id, user_id, lock_type) select 'lock' || a.id, $1, a.id, 'other', 'DEFAULT' "
        "from (select * from asset where project_id = $1 and status in ('TODO', 'ONGOING') order by position limit 2000) a",
        project_id,
    )
    await pool.execute("analyze asset_lock")
    await ask("with the first 2,000 locked")
    await pool.execute("delete from asset_lock")
    begun = time.perf_counter()
    await pool.execute(
        "insert into asset_assignee (asset_id, user_id) select a.id, 'other' from asset a where a.project_id = $1 "
        "and a.status in ('TODO', 'ONGOING', 'TO_REVIEW') and a.position % 5000 <> 1 on conflict do nothing",
        project_id,
    )
    print(f"all but a few assigned in {time.perf_counter() - begun:.0f} s")
    await pool.execute("vacuum analyze asset_assignee")
    await pool.execute("vacuum analyze asset")
    await ask("with all but a few assigned")
    await pool.execute("delete from asset_assignee where user_id = 'other'")
    await pool.execute("vacuum analyze asset_assignee")
    await pool.execute("vacuum analyze asset_lock")
    await pool.execute("vacuum analyze asset")


async def pages(report: Report, client: Client, project_id: str, count: int, only: str) -> None:
    """Walk the whole list by thousands; the first and the last tenth are compared."""
    if not re.search(only, "walk"):
        return
    walls = []
    for skip in range(0, count, 1_000):
        begun = time.perf_counter()
        await client.ask(PAGES["asset"], w={"project": {"id": project_id}}, f=1_000, s=skip)
        walls.append(time.perf_counter() - begun)
    tenth = max(1, len(walls) // 10)
    first, last = (sum(part) / tenth * 1000 for part in (walls[:tenth], walls[-tenth:]))
    print(f"{'walk by 1,000, a page at the start and at the end':<74} {first:9.1f} {last:9.1f}", flush=True)
    del report


async def main(count: int, only: str) -> None:
    """Make the project, unless it is there, and run everything whose name has `only` in it."""
    kept = os.environ.get("BENCH_FOLDER")
    with tempfile.TemporaryDirectory(prefix="labelyard-bench-") as temporary:
        directory = kept or temporary
        os.makedirs(directory, exist_ok=True)
        os.chmod(directory, 0o755)
        url = EmbeddedPostgres(Path(directory) / "postgres").start()
        server = start_server(directory, url)
        client = Client(server.endpoint, KEY)  # type: ignore[attr-defined]
        pool = await asyncpg.create_pool(url, min_size=1, max_size=4, command_timeout=600)
        try:
            project_id = await pool.fetchval("select id from project where title = 'large'")
            if project_id is None:
                data = {"title": "large", "inputType": "IMAGE", "jsonInterface": INTERFACE}
                project_id = str((await client.ask(CREATE, d=data))["id"])
                begun = time.perf_counter()
                async with pool.acquire() as connection:
                    organization_id = await connection.fetchval("select organization_id from project limit 1")
                    await make_large(connection, project_id, organization_id, count)
                print(f"{count:,} assets written in {time.perf_counter() - begun:.0f} s")
            count = await pool.fetchval("select count(*) from asset where project_id = $1", project_id)
            steps = [
                row["id"]
                for row in await pool.fetch(
                    "select id from project_step where project_id = $1 order by step_order", project_id
                )
            ]
            postmaster = int((Path(directory) / "postgres" / "postmaster.pid").read_text().split()[0])
            report = Report(Clock(postmaster, []), Clock(None, [server.pid]))
            print(f"{f'{count:,} assets':<74} {'wall ms':>9} {'SQL CPU':>8} {'own CPU':>8}  {'answer':>10}")
            await queue(report, client, pool, project_id, only)
            await figures(report, client, project_id, only)
            await pages(report, client, project_id, count, only)
            await filters(report, client, project_id, steps, count, only)
            slow = sum(cpu > MOST_CPU_SECONDS for cpu, _ in report.lines)
            print(f"{slow} of {len(report.lines)} take more than {MOST_CPU_SECONDS} s of processor time")
        finally:
            client.close()
            await pool.close()
            stop(server)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 300_000, sys.argv[2] if len(sys.argv) > 2 else ""))
