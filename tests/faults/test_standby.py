"""Commits that nobody confirms: a standby that is away, and a stopped server process."""

import asyncio
import os
import secrets
import signal

import asyncpg
import httpx
import pytest

from labelyard.server.application import create_app
from labelyard.server.settings import Settings
from labelyard.storage.database import Database
from labelyard.storage.migration.run import migrate
from tests.common.client import Client
from tests.common.documents import APPEND_MANY_ASSETS, APPEND_MANY_LABELS, APPEND_TO_LABELS, UPDATE_PROJECT
from tests.common.durable import DurableCluster
from tests.common.world import Project, answer, new_organization

WRITES = {
    "label": (APPEND_TO_LABELS, lambda w: {"data": w.single, "where": {"id": w.assets[0]}}),
    "batch": (APPEND_MANY_LABELS, lambda w: {"data": w.batch, "where": {"idIn": w.assets}}),
    "import": (APPEND_MANY_ASSETS, lambda w: {"data": {"contentArray": ["x"]}, "where": {"id": w.project.id}}),
    "settings": (UPDATE_PROJECT, lambda w: {"data": {"title": "New"}, "where": {"id": w.project.id}}),
}


class World:
    """A project on a cluster of its own, asked with a short time limit."""

    def __init__(self, url: str, project: Project, assets: list[str], client: Client) -> None:
        self.url, self.project, self.assets, self.client = url, project, assets, client
        self.single = {"jsonResponse": answer(), "labelType": "DEFAULT"}
        labels = [{"assetID": asset, "jsonResponse": answer()} for asset in assets]
        self.batch = {"labelType": "DEFAULT", "labelsData": labels}

    async def write(self, name: str) -> str:
        """What a write comes to."""
        document, variables = WRITES[name]
        body = (await self.client.post(document, variables(self))).json()
        if "error" in body:
            return str(body["error"]["code"])
        return str(body["errors"][0]["extensions"]["code"]) if "errors" in body else "OK"

    async def ask(self, *texts: str) -> None:
        connection = await asyncpg.connect(self.url)
        for text in texts:
            await connection.execute(text)
        await connection.close()


@pytest.fixture
async def world(tmp_path):
    cluster = DurableCluster()
    await cluster.start()
    await migrate(cluster.url)
    database = await Database.open(cluster.url, size=8)
    settings = Settings(
        data_dir=tmp_path, database_url=cluster.url, request_timeout_seconds=3, secret=secrets.token_hex(32)
    )
    transport = httpx.ASGITransport(create_app(settings, database))
    async with httpx.AsyncClient(transport=transport, base_url="http://label.example", timeout=60) as http:
        organization = await new_organization(database, Client(http))
        project = await organization.project()
        yield World(cluster.url, project, await project.assets(5), organization.admin.client)
    database.pool.terminate()
    database.autocommit_pool.terminate()
    cluster.stop()


async def test_what_a_standby_does_not_confirm_is_of_unknown_outcome(world):
    await world.ask("alter system set synchronous_standby_names = 'away'", "select pg_reload_conf()")
    await asyncio.sleep(0.3)

    told = {name: await world.write(name) for name in WRITES}
    together = set(await asyncio.gather(*(world.write("label") for _ in range(8))))

    await world.ask("alter system reset synchronous_standby_names", "select pg_reload_conf()")
    assert told == dict.fromkeys(WRITES, "UNKNOWN_OUTCOME")
    assert together <= {"UNKNOWN_OUTCOME", "TIMEOUT"}
    # Of those that waited for their turn nothing was sent: the one statement that was, holds the others' labels.
    labels = await world.project.rows("label")
    assert 6 <= len(labels) <= 14
    assert len(await world.project.rows("asset")) == 6
    assert (await world.project.rows("project"))[0]["title"] == "New"
    assert await world.write("label") == "OK"


@pytest.mark.parametrize("name", ["label", "import"])
async def test_a_stopped_server_process_leaves_it_open_and_holds_nobody(world, name):
    """Every process of a connection is stopped once the statement is on its way."""
    connection = await asyncpg.connect(world.url)
    assert await world.write(name) == "OK"
    rows = await connection.fetch("select pid from pg_stat_activity where application_name = 'labelyard'")
    for row in rows:
        os.kill(row["pid"], signal.SIGSTOP)
    try:
        told = await asyncio.wait_for(world.write(name), 20)
    finally:
        for row in rows:
            os.kill(row["pid"], signal.SIGCONT)
    # Nothing that writes can have been sent: the first statement of a request only reads.
    assert told in ("TIMEOUT", "UNAVAILABLE")
    await asyncio.sleep(0.5)
    assert await world.write(name) == "OK"
    count = await connection.fetchval(
        "select count(*) from label" if name == "label" else "select count(*) - 5 from asset"
    )
    assert count == 2
    await connection.close()
