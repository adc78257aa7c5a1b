"""Marks in whole server processes: labels made to take long stop nobody, and two processes share the work."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import orjson
import psutil
import pytest

from labelyard.services.mark.computation import BUSY_MILLISECONDS, QUICK_SECONDS
from labelyard.storage.database import Database
from tests.common.client import Client
from tests.common.cluster import Cluster
from tests.common.documents import APPEND_MANY_LABELS, UPDATE_ASSETS
from tests.common.server import ServerProcess
from tests.common.world import Organization, Person, Project, answer, new_organization

pytestmark = pytest.mark.xdist_group("two servers")
OUTLINES = {
    "jobs": {
        "ROOF": {
            "mlTask": "OBJECT_DETECTION",
            "tools": ["polygon"],
            "required": 0,
            "isChild": False,
            "content": {"input": "radio", "categories": {"FLAT": {"name": "Flat", "children": []}}},
        }
    }
}
# Points of an outline, and outlines of a label, that take longer than any limit, and more memory.
LONG, LARGE = (1_400, 2), (9_000, 1)
# What a loaded machine may add to a limit of time.
SLACK_SECONDS = 15.0


@dataclass
class Place:
    """Servers on a database of their own."""

    database: Database
    start: Callable[[], ServerProcess]

    async def organization(self, server: ServerProcess) -> Organization:
        http = httpx.AsyncClient(base_url=server.url, timeout=60)
        return await new_organization(self.database, Client(http))


@pytest.fixture
async def place(cluster: Cluster, tmp_path: Path) -> AsyncIterator[Place]:
    url = await cluster.new_database()
    key = f"ly_test_{secrets.token_hex(16)}"
    started: list[ServerProcess] = []

    def start() -> ServerProcess:
        started.append(ServerProcess(url, tmp_path / "data", api_key=key).start())
        return started[-1]

    database = await Database.open(url, size=4)
    yield Place(database, start)
    await database.close()
    for server in started:
        server.kill()
    await cluster.drop_database(url)


def comb(count: int, *, is_upright: bool) -> list[tuple[float, float]]:
    """A valid outline of so many points; an upright one and a lying one cross at a sixteenth of their product."""
    teeth = []
    for tooth in range(count // 4 - 1):
        left, right = 0.1 + 3.2 * tooth / count, 0.1 + 3.2 * (tooth + 0.4) / count
        teeth += [(left, 0.1), (left, 0.9), (right, 0.9), (right, 0.1)]
    back = [(0.95, 0.05), (0.05, 0.05)]
    return [(x, y) if is_upright else (y, x) for x, y in [*teeth, *back]]


def outlined(*outlines: list[tuple[float, float]]) -> str:
    annotations = [
        {
            "type": "polygon",
            "mid": f"roof{number}",
            "categories": [{"name": "FLAT"}],
            "boundingPoly": [{"normalizedVertices": [{"x": x, "y": y} for x, y in points]}],
        }
        for number, points in enumerate(outlines)
    ]
    return orjson.dumps({"ROOF": {"annotations": annotations}}).decode()


async def in_consensus(project: Project, assets: list[str]) -> None:
    data = [{"isUsedForConsensus": True} for _ in assets]
    await project.admin.data(UPDATE_ASSETS, {"dataArray": data, "whereArray": [{"id": asset} for asset in assets]})


async def poisoned(organization: Organization, points: int, count: int) -> str:
    """An asset whose consensus takes forever, though each of its labels is in order; its inference is quick to compare."""
    project = await organization.project(OUTLINES)
    people = [await project.member() for _ in range(2)]
    (asset,) = await project.assets(1)
    await in_consensus(project, [asset])
    for person, is_upright in zip(people, (True, False), strict=True):
        said = outlined(*[comb(points, is_upright=is_upright)] * count)
        await project.label(asset, by=person, json_response=said)
    square = outlined([(0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.1, 0.9)])
    await project.label(asset, label_type="INFERENCE", json_response=square, model_name="model")
    return asset


async def marked_in(project: Project, seconds: float) -> dict[str, Any]:
    """The consensus mark of a plain asset of a project, and how long it takes to come."""
    people = [await project.member() for _ in range(2)]
    asset = await project.asset()
    await in_consensus(project, [asset])
    for person in people:
        await project.label(asset, by=person, json_response=answer())
    started = time.monotonic()
    while (found := await project.read_asset(asset, "consensusMark"))["consensusMark"] is None:
        assert time.monotonic() - started < seconds, "no mark came"
        await asyncio.sleep(0.1)
    return {"mark": found["consensusMark"], "seconds": time.monotonic() - started}


def children(server: ServerProcess) -> list[psutil.Process]:
    """The processes that compute marks for a server."""
    found = psutil.Process(server.pid).children(recursive=True)
    return [process for process in found if "labelyard.services.mark.child" in process.cmdline()]


async def test_a_label_made_to_take_long_stops_neither_the_marks_of_others_nor_the_server(place: Place) -> None:
    server = place.start()
    assert children(server) == []
    villain, victim = await place.organization(server), await place.organization(server)
    plain = await victim.project()
    await marked_in(plain, SLACK_SECONDS)

    asset = await poisoned(villain, *LONG)
    assert (await marked_in(plain, QUICK_SECONDS + SLACK_SECONDS))["mark"] == 1.0
    # It is in the slow lane then, where nobody waits for it.
    await until(place, "select bool_or(is_slow and attempts > 0) from mark_request", seconds=60)
    another = await poisoned(villain, *LONG)
    found = await marked_in(plain, QUICK_SECONDS)
    assert found["mark"] == 1.0

    started = time.monotonic()
    working = children(server)
    assert server.stop() == 0
    assert time.monotonic() - started < SLACK_SECONDS
    assert not any(process.is_running() for process in working)
    claimed = (
        "select count(*) from mark_request where asset_id in ('{}', '{}') and claimed_until > now() + interval '6 s'"
    )
    assert await fetch(place, claimed.format(asset, another)) == 0


@pytest.mark.parametrize(
    ("points", "count", "reason"),
    [(*LONG, "consensus: takes more than 10 seconds"), (*LARGE, "consensus: GEOSException: std::bad_alloc")],
    ids=["too long", "too large"],
)
async def test_a_mark_that_cannot_be_computed_is_given_up_and_says_why(
    place: Place, points: int, count: int, reason: str
) -> None:
    server = place.start()
    asset = await poisoned(await place.organization(server), points, count)
    await until(place, f"select marks_failure is not null from asset where id = '{asset}'", seconds=120)
    assert await fetch(place, "select marks_failure from asset") == reason
    assert await fetch(place, "select count(*) from mark_request") == 0
    rows = await fetch(place, "select array_agg(inference_mark order by position) from label")
    # The square of the model covers four tenths of one comb.
    assert rows[:2] == [pytest.approx(0.4 / count, abs=0.05)] * 2
    assert await fetch(place, "select consensus_mark from asset") is None
    assert any("marks given up" in line and asset in line for line in server.log)


async def until(place: Place, question: str, *, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not await fetch(place, question):
        assert time.monotonic() < deadline, question
        await asyncio.sleep(0.1)


async def fetch(place: Place, text: str) -> Any:
    async with place.database.reader() as connection:
        return await connection.fetch_value(text)


async def test_marks_go_on_after_kill_9_of_what_computes_them(place: Place) -> None:
    server = place.start()
    project = await (await place.organization(server)).project()
    await marked_in(project, SLACK_SECONDS)
    for _ in range(3):
        (child,) = children(server)
        os.kill(child.pid, signal.SIGKILL)
        assert (await marked_in(project, SLACK_SECONDS))["mark"] == 1.0


async def test_what_computes_marks_dies_with_its_server(place: Place) -> None:
    server = place.start()
    project = await (await place.organization(server)).project()
    await marked_in(project, SLACK_SECONDS)
    (child,) = children(server)
    server.kill()
    child.wait(5)


async def many_labels(project: Project, people: list[Person], assets: list[str]) -> None:
    """Each person labels all assets, all of them at once."""

    async def by(person: Person) -> None:
        items = [{"assetID": asset, "jsonResponse": answer(), "authorID": person.id} for asset in assets]
        data = {"labelType": "DEFAULT", "overwrite": False, "labelsData": items}
        await project.admin.graphql(APPEND_MANY_LABELS, {"data": data, "where": {"id": assets[0]}})

    await asyncio.gather(*(by(person) for person in people))


async def test_two_processes_finish_whatever_they_claim(place: Place) -> None:
    first, _second = place.start(), place.start()
    organization = await place.organization(first)
    for _ in range(5):
        project = await organization.project()
        people = [await project.member() for _ in range(3)]
        assets = await project.assets(600)
        await in_consensus(project, assets)
        await many_labels(project, people, assets)
        started = time.monotonic()
        await project.marked()
        assert time.monotonic() - started < 20 + BUSY_MILLISECONDS / 1000
        marks = {row["consensus_mark"] for row in await project.rows("asset")}
        assert marks == {1.0}
