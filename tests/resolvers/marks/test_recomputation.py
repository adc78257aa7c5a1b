"""However labels come, change and go, and whoever computes: in the end the marks are those of the labels that are there."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
import pytest

from labelyard.domain.agreement import LabelReader
from labelyard.domain.interface import parse_interface
from labelyard.domain.mark import MARKED, AssetMarks, LabelMarks, MarkedLabel, marks_of
from labelyard.domain.mark_part import ALL_PARTS
from labelyard.domain.workflow import LabelType
from labelyard.server.loop.mark_loop import mark_loops as loops_of
from labelyard.services.mark import computer as mark_computer
from labelyard.services.mark.computation import ROUND, SLOW_SECONDS, SPREAD, Marking
from labelyard.storage.child_process import ChildNotStarted
from labelyard.storage.database import Connection, Database
from labelyard.storage.mark_request import claim_requests, request_project_marks
from tests.common.documents import APPEND_MANY_LABELS, DELETE_LABELS, UPDATE_ASSETS, UPDATE_PROJECT
from tests.common.statements import QueryRecorder
from tests.common.world import WEATHER, Organization, Person, Project, answer

Settled = Callable[[Project], Awaitable[None]]
EDIT = """
mutation ($data: LabelData!, $where: LabelWhere!) { data: updatePropertiesInLabel(data: $data, where: $where) { id } }"""
HONEYPOT = """
mutation ($data: CreateHoneypotData!, $where: AssetWhere!) { data: createHoneypot(data: $data, where: $where) { id } }"""


async def expected(project: Project) -> dict[str, AssetMarks]:
    """The marks of all assets, computed one after the other from what is stored."""
    (stored,) = await project.rows("project")
    interface = parse_interface(stored["json_interface"], input_type=stored["input_type"]).interface
    assert interface is not None
    reader = LabelReader(interface, input_type=stored["input_type"])
    labels = [row for row in await project.rows("label") if row["label_type"] in MARKED]
    return {
        asset["id"]: marks_of(
            [
                MarkedLabel(
                    row["id"],
                    row["author_id"],
                    LabelType(row["label_type"]),
                    row["is_honeypot"],
                    reader.read(orjson.loads(row["json_response"])),
                )
                for row in labels
                if row["asset_id"] == asset["id"]
            ],
            is_used_for_consensus=asset["is_used_for_consensus"],
            is_honeypot=asset["is_honeypot"],
        )
        for asset in await project.rows("asset")
    }


async def check(project: Project) -> None:
    marks = await expected(project)
    for asset in await project.rows("asset"):
        mark = marks[asset["id"]]
        per_category = asset["consensus_mark_per_category"]
        assert (asset["consensus_mark"], asset["honeypot_mark"], asset["inference_mark"]) == (
            mark.consensus.mark if mark.consensus else None,
            mark.honeypot,
            mark.inference,
        )
        assert (orjson.loads(per_category) if per_category else {}) == (
            mark.consensus.per_category if mark.consensus else {}
        )
    for label in await project.rows("label"):
        own = marks[label["asset_id"]].labels.get(label["id"], LabelMarks())
        stored = (label["consensus_mark"], label["honeypot_mark"], label["inference_mark"], label["review_score"])
        assert stored == (own.consensus, own.honeypot, own.inference, own.review)


WEATHER_ALONE: dict[str, Any] = {"WEATHER": {**WEATHER["jobs"]["WEATHER"], "required": 0}}
CHECKED = {**WEATHER["jobs"]["WEATHER"]["content"], "input": "checkbox"}
BOXES = {**WEATHER["jobs"]["PLACE"], "required": 0}
PLACES: dict[str, dict[str, Any]] = {
    "boxes": {"PLACE": BOXES},
    "no boxes": {},
    "boxes with a nested job": {
        "PLACE": {
            **BOXES,
            "content": {"input": "radio", "categories": {"CAR": {"name": "Car", "children": ["PAINT"]}}},
        },
        "PAINT": {
            "mlTask": "CLASSIFICATION",
            "required": 0,
            "isChild": True,
            "content": {"input": "radio", "categories": {"RED": {"name": "Red"}}},
        },
    },
}


class Events:
    """Things that happen to a few assets, drawn at random."""

    def __init__(self, project: Project, assets: list[str], people: list[Person], seed: int) -> None:
        self.project = project
        self.assets = assets
        self.people = people
        self.draw = random.Random(seed)
        self.labels: list[str] = []
        self.interface = WEATHER_ALONE | PLACES["boxes"]

    async def happen(self) -> None:
        await self.draw.choices(
            [self.label, self.edit, self.delete, self.flag, self.honeypot, self.interface_change],
            weights=[10, 3, 3, 2, 1, 4],
        )[0]()

    def said(self) -> str:
        cars = self.draw.randint(0, 2) if "PLACE" in self.interface else 0
        return answer(self.draw.choice(["SUN", "RAIN"]), cars=cars)

    async def interface_change(self) -> None:
        place = PLACES[self.draw.choice(list(PLACES))]
        self.interface = WEATHER_ALONE | place
        if self.draw.random() < 0.3:
            self.interface["WEATHER"] = {**self.interface["WEATHER"], "content": CHECKED}
        text = orjson.dumps({"jobs": self.interface}).decode()
        await self.project.admin.graphql(
            UPDATE_PROJECT, {"data": {"jsonInterface": text}, "where": {"id": self.project.id}}
        )

    async def label(self) -> None:
        kind = self.draw.choice(["DEFAULT", "DEFAULT", "DEFAULT", "REVIEW", "INFERENCE", "PREDICTION", "AUTOSAVE"])
        model = "model" if kind in ("INFERENCE", "PREDICTION") else None
        asset, person = self.draw.choice(self.assets), self.draw.choice(self.people)
        self.labels.append(
            await self.project.label(asset, by=person, label_type=kind, json_response=self.said(), model_name=model)
        )

    async def edit(self) -> None:
        if self.labels:
            where = {"id": self.draw.choice(self.labels)}
            await self.project.admin.graphql(EDIT, {"data": {"jsonResponse": self.said()}, "where": where})

    async def delete(self) -> None:
        ids = self.draw.sample(self.labels, min(len(self.labels), self.draw.randint(1, 3)))
        self.labels = [label for label in self.labels if label not in ids]
        await self.project.admin.data(DELETE_LABELS, {"ids": ids})

    async def flag(self) -> None:
        key = self.draw.choice(["isUsedForConsensus", "isHoneypot"])
        data = [{key: self.draw.random() < 0.7}]
        where = [{"id": self.draw.choice(self.assets)}]
        await self.project.admin.data(UPDATE_ASSETS, {"dataArray": data, "whereArray": where})

    async def honeypot(self) -> None:
        asset = self.draw.choice(self.assets)
        made = await self.project.admin.data(HONEYPOT, {"data": {"jsonResponse": self.said()}, "where": {"id": asset}})
        self.labels.append(made["id"])


@pytest.mark.parametrize("seed", range(4))
async def test_marks_follow_from_what_is_there_after_any_events(project: Project, settled: Settled, seed: int) -> None:
    assets = await project.assets(3)
    people = [await project.member("REVIEWER") for _ in range(3)]
    events = Events(project, assets, people, seed)
    for _ in range(3):
        for _ in range(12):
            await events.happen()
        await settled(project)
        await check(project)
    assert await marks_in(project) == await marks_in(await fresh(project, settled))


MARKS = {
    "asset": ("consensus_mark", "consensus_mark_per_category", "honeypot_mark", "inference_mark", "marks_failure"),
    "label": ("consensus_mark", "asset_consensus_mark", "honeypot_mark", "inference_mark", "review_score"),
}


async def marks_in(project: Project) -> dict[str, list[tuple[Any, ...]]]:
    """All marks of a project, in the order of its assets and labels."""
    return {
        table: [tuple(row[name] for name in names) for row in await project.rows(table)]
        for table, names in MARKS.items()
    }


async def fresh(project: Project, settled: Settled) -> Project:
    """A new project with the interface of today and the labels that are there, whose marks nobody has computed before."""
    (stored,) = await project.rows("project")
    copy = await project.organization.project(orjson.loads(stored["json_interface"]))
    values = {"id": project.id, "copy": copy.id}
    async with project.organization.database.transaction() as connection:
        await connection.fetch(
            "insert into asset (id, project_id, external_id, is_used_for_consensus, is_honeypot) "
            "select :copy || id, :copy, external_id, is_used_for_consensus, is_honeypot "
            "from asset where project_id = :id order by position",
            values,
        )
        await connection.fetch(
            "insert into label (id, project_id, asset_id, author_id, label_type, is_honeypot, model_name, json_response) "
            "select :copy || id, :copy, :copy || asset_id, author_id, label_type, is_honeypot, model_name, json_response "
            "from label where project_id = :id order by position",
            values,
        )
        await request_project_marks(connection, copy.id)
    await settled(copy)
    return copy


@pytest.mark.parametrize("count", [3, SPREAD + 1])
async def test_a_job_that_goes_takes_its_part_of_all_marks_and_brings_it_back(
    organization: Organization, settled: Settled, count: int
) -> None:
    project = await organization.project({"jobs": WEATHER_ALONE | PLACES["boxes"]})
    assets = await project.assets(count)
    people = [await project.member() for _ in range(2)]
    data = [{"isUsedForConsensus": True} for _ in assets]
    await project.admin.data(UPDATE_ASSETS, {"dataArray": data, "whereArray": [{"id": asset} for asset in assets]})
    for person, cars in zip(people, (0, 1), strict=True):
        items = [{"assetID": asset, "jsonResponse": answer(cars=cars), "authorID": person.id} for asset in assets]
        labels = {"labelType": "DEFAULT", "overwrite": False, "labelsData": items}
        await project.admin.data(APPEND_MANY_LABELS, {"data": labels, "where": {"id": assets[0]}})
    await settled(project)
    seen = []
    for place in ("boxes", "no boxes", "boxes with a nested job", "boxes"):
        text = orjson.dumps({"jobs": WEATHER_ALONE | PLACES[place]}).decode()
        variables = {"data": {"jsonInterface": text}, "where": {"id": project.id}}
        answered = await project.admin.graphql(UPDATE_PROJECT, variables)
        warnings = answered.get("extensions", {}).get("warnings", [])
        told = [warning["code"] for warning in warnings if warning["code"] == "MARKS"]
        await settled(project)
        marks = {row["consensus_mark"] for row in await project.rows("asset")}
        seen.append((told, marks))
    assert seen == [([], {0.5}), (["MARKS"], {1.0}), (["MARKS"], {0.5}), (["MARKS"], {0.5})]


async def test_an_interface_that_reads_labels_as_before_leaves_marks_alone(project: Project, settled: Settled) -> None:
    await project.label(await project.asset())
    (stored,) = await project.rows("project")
    interface = orjson.loads(stored["json_interface"])
    interface["jobs"]["WEATHER"]["content"]["categories"]["SUN"]["color"] = "#733AFB"
    text = orjson.dumps(interface).decode()
    await project.admin.data(UPDATE_PROJECT, {"data": {"jsonInterface": text}, "where": {"id": project.id}})


async def test_many_processes_may_compute_while_labels_come(
    project: Project, database: Database, settled: Settled
) -> None:
    assets = await project.assets(4)
    people = [await project.member() for _ in range(3)]
    data = [{"isUsedForConsensus": True} for _ in assets]
    await project.admin.data(UPDATE_ASSETS, {"dataArray": data, "whereArray": [{"id": asset} for asset in assets]})
    draw = random.Random(7)

    async def compute() -> None:
        marks = Marking(database)
        async with marks.running():
            for _ in range(20):
                await marks.quick_round()
                await asyncio.sleep(0)

    async def work(person: Person) -> None:
        for _ in range(8):
            said = answer(draw.choice(["SUN", "RAIN"]), cars=draw.randint(0, 2))
            await project.label(draw.choice(assets), by=person, json_response=said)

    await asyncio.gather(compute(), compute(), *(work(person) for person in people))
    await settled(project)
    await check(project)


async def test_a_request_that_somebody_took_and_never_finished_is_taken_again(
    project: Project, database: Database
) -> None:
    asset = await project.asset()
    async with database.transaction() as connection:
        await connection.fetch(
            "insert into mark_request (asset_id, claimed_until) values (:id, now() + interval '1 hour')", {"id": asset}
        )
    async with database.autocommit() as connection:
        assert asset not in await claim_requests(connection, limit=1000)
        await connection.write(
            "update mark_request set claimed_until = now() - interval '1 second' where asset_id = :id", {"id": asset}
        )
    for _ in range(100):
        async with database.reader() as connection:
            left = await connection.fetch_value("select count(*) from mark_request where asset_id = :id", {"id": asset})
        if not left:
            return
        await asyncio.sleep(0.05)
    pytest.fail("nobody took the request")


async def test_a_round_has_as_many_statements_for_many_assets_as_for_one(
    own_database: Database, marking: Marking
) -> None:
    recorder = QueryRecorder(own_database)
    counts = []
    for assets in (1, ROUND):
        async with own_database.transaction() as connection:
            await connection.fetch("delete from asset")
            await connection.fetch("insert into organization (id, name) values ('o', 'O') on conflict do nothing")
            await connection.fetch(
                "insert into project (id, organization_id, title, input_type) values ('p', 'o', 'P', 'IMAGE') "
                "on conflict do nothing"
            )
            await connection.fetch(
                "insert into asset (id, project_id, external_id, is_used_for_consensus) "
                "select 'a' || n, 'p', n::text, true from generate_series(1, :count::int) n",
                {"count": assets},
            )
            await connection.fetch(
                "insert into label (id, project_id, asset_id, author_id, label_type, json_response) "
                "select 'l' || a.id || who, 'p', a.id, who, 'DEFAULT', '{}' from asset a, unnest(array['x', 'y']) who"
            )
            await request_project_marks(connection, "p")
        await marking.spread()
        with recorder.recording() as texts:
            report = await marking.quick_round()
        assert (report.taken, report.failures) == (assets, {})
        counts.append(len(texts))
    assert counts == [9, 9]


async def test_a_plain_label_asks_for_no_marks_and_costs_no_statement(
    project: Project, statements: QueryRecorder
) -> None:
    plain, shared = await project.assets(2)
    data = {"isUsedForConsensus": True}
    await project.admin.data(UPDATE_ASSETS, {"dataArray": [data], "whereArray": [{"id": shared}]})
    await project.label(plain)
    heard: dict[str, list[str]] = {}
    for count in (1, 50):
        labels = [{"assetID": plain, "jsonResponse": answer()} for _ in range(count)]
        variables = {
            "data": {"labelType": "DEFAULT", "overwrite": False, "labelsData": labels},
            "where": {"id": plain},
        }
        with statements.recording() as texts:
            await project.admin.data(APPEND_MANY_LABELS, variables)
        heard[str(count)] = list(texts)
    assert len(heard["1"]) == len(heard["50"])
    async with project.organization.database.reader() as connection:
        asked = await connection.fetch_value("select count(*) from mark_request where asset_id = :id", {"id": plain})
    assert asked == 0


async def test_an_interface_or_label_that_cannot_be_read_stops_no_other(
    own_database: Database, marking: Marking
) -> None:
    async with own_database.transaction() as connection:
        await connection.fetch("insert into organization (id, name) values ('o', 'O')")
        await connection.fetch(
            "insert into project (id, organization_id, title, input_type, json_interface) values "
            "('p', 'o', 'P', 'IMAGE', :interface)",
            {
                "interface": '{"jobs":{"J":{"mlTask":"CLASSIFICATION","required":0,"content":{"input":"radio",'
                '"categories":{"A":{"name":"A"},"B":{"name":"B"}}}}}}'
            },
        )
        for asset_id, said in (("bad", "no JSON"), ("good", '{"J":{"categories":[{"name":"A"}]}}')):
            await connection.fetch(
                "insert into asset (id, project_id, external_id, is_used_for_consensus) values (:id, 'p', :id, true)",
                {"id": asset_id},
            )
            await connection.fetch(
                "insert into label (id, project_id, asset_id, author_id, label_type, json_response) "
                "select :id || who, 'p', :id, who, 'DEFAULT', :said from unnest(array['x', 'y']) who",
                {"id": asset_id, "said": said},
            )
        await request_project_marks(connection, "p")
    await marking.spread()
    report = await marking.quick_round()
    assert (report.taken, list(report.failures)) == (2, ["bad"])
    async with own_database.reader() as connection:
        marks: list[Any] = await connection.fetch("select id, consensus_mark, marks_failure from asset order by id")
        left = await connection.fetch_value("select count(*) from mark_request")
    assert [tuple(row)[:2] for row in marks] == [("bad", None), ("good", 1.0)]
    assert "consensus: JSONDecodeError" in marks[0][2]
    assert marks[1][2] is None
    assert left == 0


async def two_labels(connection: Connection, asset_id: str) -> None:
    """An asset in consensus with two labels, in an organization and project that may be there already."""
    for text in (
        "insert into organization (id, name) values ('o', 'O') on conflict do nothing",
        "insert into project (id, organization_id, title, input_type) values ('p', 'o', 'P', 'IMAGE') on conflict do nothing",
    ):
        await connection.fetch(text)
    await connection.fetch(
        "insert into asset (id, project_id, external_id, is_used_for_consensus) values (:id, 'p', :id, true)",
        {"id": asset_id},
    )
    await connection.fetch(
        "insert into label (id, project_id, asset_id, author_id, label_type, json_response) "
        "select :id || who, 'p', :id, who, 'DEFAULT', '{}' from unnest(array['x', 'y']) who",
        {"id": asset_id},
    )
    await connection.fetch("insert into mark_request (asset_id) values (:id)", {"id": asset_id})


@pytest.mark.parametrize("table", ["mark_request", "asset", "label"])
async def test_a_row_that_is_held_for_a_moment_delays_its_marks_for_a_moment(
    own_database: Database, marking: Marking, monkeypatch: pytest.MonkeyPatch, table: str
) -> None:
    """Another process holds requests while it looks for some, and a request that changes an asset holds that."""
    async with own_database.transaction() as connection:
        for asset_id in ("held", "free"):
            await two_labels(connection, asset_id)
    column = "id" if table == "asset" else "asset_id"
    is_held, compute = asyncio.Event(), marking.quick.compute

    async def hold() -> None:
        async with own_database.transaction() as connection:
            await connection.fetch(f"select 1 from {table} where {column} = 'held' for update")
            is_held.set()
            await asyncio.sleep(0.3)

    holding: list[asyncio.Task[None]] = []

    async def held_meanwhile(*rows: Any) -> Any:
        if not holding:
            holding.append(asyncio.create_task(hold()))
        await is_held.wait()
        return await compute(*rows)

    await marking.quick.compute(*_nothing())  # the child is there
    monkeypatch.setattr(marking.quick, "compute", held_meanwhile)
    assert (await marking.quick_round()).taken == 2
    await holding[0]
    async with own_database.reader() as connection:
        left = await connection.fetch(
            "select asset_id, claimed_until < now() + interval '1 second' as is_soon from mark_request"
        )
    assert [tuple(row) for row in left] == [("held", True)]
    await asyncio.sleep(0.6)
    assert (await marking.quick_round()).taken == 1
    async with own_database.reader() as connection:
        assert await connection.fetch_value("select count(*) from mark_request") == 0


def _nothing() -> tuple[Any, Any, list[Any]]:
    """An asset without labels, as it is read."""
    project = {"json_interface": "{}", "input_type": "IMAGE", "pixel_labeling": False}
    return {"is_used_for_consensus": False, "is_honeypot": False}, project, []


async def test_a_round_that_is_stopped_gives_back_what_it_claimed(own_database: Database, marking: Marking) -> None:
    async with own_database.transaction() as connection:
        await two_labels(connection, "asset")

    async def never(*_rows: Any) -> Any:
        await asyncio.sleep(60)

    marking.quick.compute = never  # type: ignore[method-assign]
    task = asyncio.create_task(marking.quick_round())
    await asyncio.sleep(0.3)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with own_database.autocommit() as connection:
        assert list(await claim_requests(connection, limit=5)) == ["asset"]


@pytest.mark.parametrize("is_slow", [False, True], ids=["quick", "slow"])
async def test_a_child_that_does_not_start_is_no_attempt_of_the_asset(
    own_database: Database, marking: Marking, monkeypatch: pytest.MonkeyPatch, is_slow: bool
) -> None:
    async with own_database.transaction() as connection:
        await two_labels(connection, "asset")
        await connection.fetch("update mark_request set is_slow = :is_slow", {"is_slow": is_slow})
    monkeypatch.setattr(mark_computer, "START_SECONDS", 0.001)
    for _ in range(4):
        report = await (marking.slow_round() if is_slow else marking.quick_round())
        assert (report.taken, report.failures) == (1, {})
        assert isinstance(report.not_started, ChildNotStarted)
    async with own_database.autocommit() as connection:
        (row,) = await connection.fetch("select attempts, is_slow, claimed_until <= now() as is_free from mark_request")
    assert tuple(row) == (0, is_slow, True)

    monkeypatch.undo()
    report = await (marking.slow_round() if is_slow else marking.quick_round())
    assert (report.taken, report.failures, report.not_started) == (1, {}, None)


async def test_a_slow_round_has_time_for_all_it_may_do(own_database: Database, marking: Marking) -> None:
    async with own_database.transaction() as connection:
        await two_labels(connection, "asset")
        await connection.fetch("update mark_request set is_slow = true")
    longest = len(ALL_PARTS) * (mark_computer.START_SECONDS + SLOW_SECONDS)
    claimed = 0.0

    async def by_parts(*_rows: Any) -> mark_computer.ComputedMarks:
        nonlocal claimed
        async with own_database.autocommit() as connection:
            claimed = await connection.fetch_value(
                "select extract(epoch from claimed_until - now())::float from mark_request"
            )
        return mark_computer.ComputedMarks(mark_computer.no_marks())

    marking.slow.compute_by_parts = by_parts  # type: ignore[method-assign]
    assert (await marking.slow_round()).taken == 1
    assert claimed > longest
    _quick, slow = loops_of(marking)
    assert slow.late_seconds > longest
