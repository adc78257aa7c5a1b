"""What clients hear when the database is lost, or silent, around a commit: the truth, or that it is not known."""

import asyncio
import re
from collections import Counter

import httpx
import pytest

from labelyard.server.application import create_app
from labelyard.server.settings import Settings
from labelyard.services.label.append import append_group
from labelyard.storage.database import Database
from labelyard.storage.label import assets_for_submission
from labelyard.storage.outcome import Committing
from tests.common.client import Client
from tests.common.documents import APPEND_MANY_ASSETS, APPEND_MANY_LABELS, APPEND_TO_LABELS, UPDATE_ASSETS
from tests.common.proxy import Cut, Proxy, uncut
from tests.common.world import Project, answer, new_organization

TITLE = """
mutation ($data: ProjectData!, $where: ProjectWhere!) { data: updatePropertiesInProject(data: $data, where: $where) { id title } }"""


def code_of(response: httpx.Response) -> str:
    """The one code of an answer, in whichever shape; `OK` for data without errors."""
    body = response.json()
    if "error" in body:
        return str(body["error"]["code"])
    codes = {error["extensions"]["code"] for error in body.get("errors", [])}
    assert len(codes) <= 1, body
    return str(codes.pop()) if codes else "OK"


class Wire:
    """An application behind a proxy, and a project of its own that is looked at beside it."""

    def __init__(self, proxy: Proxy, client: Client, project: Project) -> None:
        self.proxy, self.client, self.project = proxy, client, project

    def at(self, pattern: str, cut: Cut, *, times: int = 1) -> None:
        """Cut the next statements that a pattern is found in."""
        left = times

        def decide(text: str) -> Cut:
            nonlocal left
            if left and re.search(pattern, text):
                left -= 1
                return cut
            return Cut.NONE

        self.proxy.decide = decide

    async def label(self, asset_id: str) -> str:
        variables = {"data": {"jsonResponse": answer(), "labelType": "DEFAULT"}, "where": {"id": asset_id}}
        return code_of(await self.client.post(APPEND_TO_LABELS, variables))

    async def labels(self) -> Counter[str]:
        """How many labels each asset has."""
        return Counter(row["asset_id"] for row in await self.project.rows("label"))


@pytest.fixture
async def wire_with(settings, database, client):
    """Make an application behind a wire of its own; what it makes is on the database that all tests share."""
    opened = []

    async def make(**changes) -> Wire:
        organization = await new_organization(database, client)
        project = await organization.project()
        proxy = Proxy(settings.database_url)
        await proxy.open()
        far = await Database.open(proxy.url, size=8)
        changed = Settings.model_validate({**settings.model_dump(), "database_url": proxy.url, **changes})
        transport = httpx.ASGITransport(create_app(changed, far))
        http = httpx.AsyncClient(transport=transport, base_url="http://label.example", timeout=60)
        opened.append((proxy, far, http))
        return Wire(proxy, Client(http, organization.admin.key), project)

    yield make
    for proxy, far, http in opened:
        proxy.decide = uncut
        await http.aclose()
        await proxy.cut()
        far.pool.terminate()
        far.autocommit_pool.terminate()


APPEND = r"^select add_label"
COMMIT = r"^commit$"


# Labels that share a statement


async def test_labels_of_a_statement_without_an_answer_are_not_sent_again(wire_with):
    wire = await wire_with()
    assets = await wire.project.assets(250)
    assert await wire.label(assets[0]) == "OK"

    wire.at(APPEND, Cut.BEHIND, times=3)
    told = dict(zip(assets[1:], await asyncio.gather(*map(wire.label, assets[1:])), strict=True))

    counts = await wire.labels()
    assert max(counts.values()) == 1
    assert set(told.values()) == {"OK", "UNKNOWN_OUTCOME"}
    assert Counter(told.values())["UNKNOWN_OUTCOME"] > 3  # more than one label in a statement
    assert all(counts[asset] == 1 for asset, code in told.items() if code == "OK")


async def test_labels_of_a_statement_that_never_arrived_are_of_unknown_outcome_too(wire_with):
    wire = await wire_with()
    assets = await wire.project.assets(150)

    wire.at(APPEND, Cut.BEFORE, times=2)
    told = dict(zip(assets, await asyncio.gather(*map(wire.label, assets)), strict=True))

    counts = await wire.labels()
    assert set(told.values()) == {"OK", "UNKNOWN_OUTCOME"}
    assert {asset for asset, code in told.items() if code == "OK"} == set(counts)


async def test_labels_that_share_a_statement_with_a_bad_one_are_written(wire_with):
    """What the server refuses for certain is tried one by one, and only the bad one is refused."""
    wire = await wire_with()
    assets = await wire.project.assets(10)
    bad = {"jsonResponse": answer("NO SUCH"), "labelType": "DEFAULT"}

    async def label_badly() -> str:
        return code_of(await wire.client.post(APPEND_TO_LABELS, {"data": bad, "where": {"id": assets[0]}}))

    told = await asyncio.gather(*map(wire.label, assets), label_badly(), label_badly())

    assert told == ["OK"] * 10 + ["BAD_USER_INPUT"] * 2
    assert await wire.labels() == Counter(assets)


async def test_a_label_that_is_overtaken_in_a_group_is_written_once(wire_with):
    wire = await wire_with()
    (asset,) = await wire.project.assets(1)

    told = await asyncio.gather(*(wire.label(asset) for _ in range(12)))

    assert told == ["OK"] * 12
    assert await wire.labels() == Counter({asset: 12})


async def test_nobody_waits_for_a_writer_that_has_ended(wire_with, monkeypatch):
    wire = await wire_with()
    assets = await wire.project.assets(120)
    begun = asyncio.Event()

    async def hang(connection, group):
        if begun.is_set():  # the writer behind the one that ends
            return await append_group(connection, group)
        with Committing():
            begun.set()
            return await asyncio.sleep(60)

    monkeypatch.setattr("labelyard.services.label.queue.append_group", hang)
    waiting = asyncio.gather(*map(wire.label, assets))
    await asyncio.wait_for(begun.wait(), 10)
    (writer,) = [task for task in asyncio.all_tasks() if task.get_coro().__name__ == "_write_waiting"]
    writer.cancel()

    told = Counter(await asyncio.wait_for(waiting, 10))
    assert "UNKNOWN_OUTCOME" in told
    assert set(told) <= {"OK", "UNKNOWN_OUTCOME", "UNAVAILABLE"}
    assert sum((await wire.labels()).values()) == told["OK"]
    monkeypatch.undo()
    assert await wire.label(assets[0]) == "OK"


async def test_a_label_that_is_given_up_while_it_waits_for_its_turn_is_never_written(wire_with, monkeypatch):
    wire = await wire_with()
    assets = await wire.project.assets(100)
    go_on = asyncio.Event()

    async def late(connection, ids, actor):
        await go_on.wait()
        return await assets_for_submission(connection, ids, actor)

    monkeypatch.setattr("labelyard.services.label.queue.assets_for_submission", late)
    labels = [asyncio.create_task(wire.label(asset)) for asset in assets]
    await asyncio.sleep(0.5)
    given_up = [task for task in labels if not task.done()]
    for task in given_up:
        task.cancel()
    await asyncio.gather(*given_up, return_exceptions=True)
    go_on.set()
    await asyncio.sleep(0.5)

    assert len(given_up) > 64  # in the group that is being checked, and behind it
    assert sum((await wire.labels()).values()) == len(labels) - len(given_up)


# Time limits


async def test_a_time_limit_in_a_shared_statement_is_of_unknown_outcome_for_all_who_wait(wire_with):
    wire = await wire_with(request_timeout_seconds=0.5)
    assets = await wire.project.assets(12)

    wire.at(APPEND, Cut.SILENT, times=100)
    told = dict(zip(assets, await asyncio.gather(*map(wire.label, assets)), strict=True))

    await asyncio.sleep(0.3)
    counts = await wire.labels()
    assert max(counts.values()) == 1
    assert set(told.values()) <= {"UNKNOWN_OUTCOME", "TIMEOUT"}
    assert not [asset for asset, code in told.items() if code == "TIMEOUT" and asset in counts]
    assert "UNKNOWN_OUTCOME" in told.values()


@pytest.mark.parametrize("cut", [Cut.SILENT, Cut.BEHIND])
async def test_an_import_whose_commit_has_no_answer_is_of_unknown_outcome(wire_with, cut):
    wire = await wire_with(request_timeout_seconds=0.7)
    variables = {
        "data": {"contentArray": ["a", "b"], "externalIDArray": ["1", "2"]},
        "where": {"id": wire.project.id},
    }
    wire.at(COMMIT, cut)

    assert code_of(await wire.client.post(APPEND_MANY_ASSETS, variables)) == "UNKNOWN_OUTCOME"

    assert len(await wire.project.rows("asset")) == 2


async def test_a_batch_of_labels_whose_commit_has_no_answer_is_of_unknown_outcome(wire_with):
    wire = await wire_with(request_timeout_seconds=0.7)
    assets = await wire.project.assets(5)
    labels = [{"assetID": asset, "jsonResponse": answer()} for asset in assets]
    variables = {"data": {"labelType": "DEFAULT", "labelsData": labels}, "where": {"idIn": assets}}
    wire.at(APPEND, Cut.SILENT)

    assert code_of(await wire.client.post(APPEND_MANY_LABELS, variables)) == "UNKNOWN_OUTCOME"

    assert await wire.labels() == Counter(assets)


async def test_a_time_limit_before_the_commit_is_certain(wire_with):
    wire = await wire_with(request_timeout_seconds=0.5)
    (asset,) = await wire.project.assets(1)
    before = await wire.project.everything()
    wire.at(r"update asset", Cut.SILENT)

    variables = {"dataArray": [{"priority": 7}], "whereArray": [{"id": asset}]}
    assert code_of(await wire.client.post(UPDATE_ASSETS, variables)) == "TIMEOUT"

    await asyncio.sleep(0.3)
    assert await wire.project.everything() == before


# Behind a commit


async def test_the_answer_of_a_write_is_read_on_another_connection(wire_with):
    wire = await wire_with()
    before = len(await wire.project.rows("project"))
    assert before == 1
    wire.at(r"\bproject t\b", Cut.BEFORE)

    variables = {"data": {"title": "New"}, "where": {"id": wire.project.id}}
    response = await wire.client.post(TITLE, variables)

    assert response.json() == {"data": {"data": {"id": wire.project.id, "title": "New"}}}


async def test_a_write_whose_answer_cannot_be_read_is_of_unknown_outcome(wire_with):
    wire = await wire_with()
    wire.at(r"\bproject t\b", Cut.BEFORE, times=100)

    variables = {"data": {"title": "New"}, "where": {"id": wire.project.id}}
    assert code_of(await wire.client.post(TITLE, variables)) == "UNKNOWN_OUTCOME"

    (row,) = await wire.project.rows("project")
    assert row["title"] == "New"


async def test_a_query_that_loses_its_connection_may_be_sent_again(wire_with):
    wire = await wire_with()
    wire.at(r"from project t", Cut.BEFORE, times=100)

    response = await wire.client.post("query { projects(where: {}, first: 1, skip: 0) { id } }")

    assert (response.status_code, code_of(response)) == (503, "UNAVAILABLE")


async def test_a_write_that_loses_its_connection_before_the_commit_is_refused(wire_with):
    wire = await wire_with()
    before = await wire.project.everything()
    wire.at(r"update project|^begin", Cut.BEFORE)

    variables = {"data": {"title": "New"}, "where": {"id": wire.project.id}}
    response = await wire.client.post(TITLE, variables)

    assert (response.status_code, code_of(response)) == (429, "UNAVAILABLE")
    assert await wire.project.everything() == before


async def test_a_write_with_too_large_an_answer_is_of_unknown_outcome(wire_with):
    wire = await wire_with(max_answer_bytes=2048)
    data = {"contentArray": [f"content {n}" for n in range(100)]}

    response = await wire.client.post(APPEND_MANY_ASSETS, {"data": data, "where": {"id": wire.project.id}})

    assert code_of(response) == "UNKNOWN_OUTCOME"
    assert len(await wire.project.rows("asset")) == 100


async def test_a_second_field_behind_a_commit_is_refused_for_its_own_reasons(wire_with):
    wire = await wire_with()
    document = f"""mutation {{
      one: updatePropertiesInProject(data: {{title: "New"}}, where: {{id: "{wire.project.id}"}}) {{ title }}
      two: updatePropertiesInProject(data: {{title: "x"}}, where: {{id: "nobody"}}) {{ title }} }}"""

    body = (await wire.client.post(document)).json()

    assert body["data"] == {"one": {"title": "New"}, "two": None}
    assert [error["extensions"]["code"] for error in body["errors"]] == ["NOT_FOUND"]


async def test_a_wrong_password_stays_one(wire_with):
    """What is counted beside a request does not decide its outcome."""
    wire = await wire_with()
    document = 'mutation { signIn(email: "nobody@example.com", password: "wrong wrong") { id } }'

    assert code_of(await wire.client.as_(None).post(document)) == "UNAUTHENTICATED"
