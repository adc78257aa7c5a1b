"""Callbacks of data tasks: signed, tried again, once for each change."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import httpx
import orjson
import pytest

from labelyard.server.application import create_app
from labelyard.server.settings import Settings
from labelyard.services.door.dataapi import callback
from labelyard.storage.database import Database
from tests.common.client import Client
from tests.common.world import new_organization
from tests.server.door.dataapi import Customer, said

SECRET = "the secret of callbacks"


@dataclass
class Receiver:
    """A customer's server: answers with `statuses` first, with 200 then."""

    port: int = 0
    statuses: list[int] = field(default_factory=list)
    calls: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
        body = await reader.readexactly(int(headers["content-length"]))
        self.calls.append((headers, body))
        status = self.statuses.pop(0) if self.statuses else 200
        writer.write(f"HTTP/1.1 {status} Said\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    async def got(self, count: int) -> list[dict]:
        """The bodies of the calls, once there are so many."""
        deadline = time.monotonic() + 20
        while len(self.calls) < count:
            assert time.monotonic() < deadline, self.calls
            await asyncio.sleep(0.02)
        for headers, body in self.calls:
            signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
            assert headers["x-signature"] == f"sha256={signature}"
            assert headers["content-type"] == "application/json"
        return [orjson.loads(body) for _, body in self.calls]


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    receiver.port = server.sockets[0].getsockname()[1]
    yield receiver
    server.close()


@pytest.fixture
async def customer(own_database_url, tmp_path, monkeypatch) -> AsyncIterator[Customer]:
    """A customer at a server with a worker, which may call this machine and waits a moment before it tries again."""
    monkeypatch.setattr(callback, "WAITS", [0.1] * 5)
    database = await Database.open(own_database_url, size=6)
    settings = Settings(
        data_dir=tmp_path / "data",
        database_url=own_database_url,
        public_url="http://label.example",
        doors="dataapi",
        webhook_allowed_networks="127.0.0.1",
    )
    app = create_app(settings, database)
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://label.example", timeout=60) as http,
    ):
        organization = await new_organization(database, Client(http))
        yield Customer(http, organization, organization.admin)
    await database.close()


async def callbacks(customer: Customer, task: dict, *, state: str) -> list[dict]:
    """The callbacks of a task, once one is in a state."""
    deadline = time.monotonic() + 20
    while True:
        read = await customer.call("GET", f"/tasks/{task['id']}")
        if [each["state"] for each in read["callbacks"]] == [state]:
            return list(read["callbacks"])
        assert time.monotonic() < deadline, read
        await asyncio.sleep(0.02)


async def test_an_answer_and_its_review_are_told_once_each_and_again_after_a_failure(customer, receiver):
    project = await customer.project(callback_url=receiver.url, callback_secret=SECRET)
    other = await customer.project()
    task, quiet = await customer.task(project), await customer.task(other)
    (item,) = task["items"]
    worker = await customer.project_of(project).member("LABELER")
    receiver.statuses = [500, 302]

    await customer.answer(other, quiet["items"][0], said())
    await customer.answer(project, item, said("dog", note="hm"), by=worker)
    # A label that says what stands there already is no change.
    await customer.answer(project, item, said("dog", note="hm"), by=worker)
    await customer.answer(project, item, said("cat"), kind="REVIEW")
    told = await receiver.got(4)

    read = (await customer.call("GET", f"/tasks/{task['id']}"))["items"][0]
    first = {
        "event": "task.item.done",
        "project_id": project["id"],
        "task_id": task["id"],
        "item_id": item["id"],
        "answers": {"kind": "dog", "note": "hm"},
        "worker": worker.email,
        "finished_at": told[0]["finished_at"],
    }
    review = {**first, "answers": {"kind": "cat"}, "worker": customer.person.email, "finished_at": read["finished_at"]}
    assert told == [first, first, first, review]
    assert await callbacks(customer, task, state="delivered") == [
        {"item_id": item["id"], "state": "delivered", "tries": 1}
    ]
    assert (await customer.call("GET", f"/tasks/{quiet['id']}"))["callbacks"] == []
    await asyncio.sleep(1.2)  # as long as the chain of events needs for whatever is left
    assert len(receiver.calls) == 4


async def test_a_receiver_that_stays_away_is_given_up_and_shown(customer, receiver):
    project = await customer.project(callback_url=receiver.url, callback_secret=SECRET, answers_per_task=2)
    task = await customer.task(project)
    (item,) = task["items"]
    one, two = [await customer.project_of(project).member("LABELER") for _ in range(2)]
    receiver.statuses = [500] * 6

    await customer.answer(project, item, said("dog"), by=one)
    await customer.answer(project, item, said("cat"), by=two)
    told = await receiver.got(6)

    assert await callbacks(customer, task, state="failed") == [{"item_id": item["id"], "state": "failed", "tries": 6}]
    assert told[0]["answers"] == {"kind": "dog"}
    assert told[0]["all_answers"] == [
        {"worker": one.email, "answers": {"kind": "dog"}},
        {"worker": two.email, "answers": {"kind": "cat"}},
    ]
    assert told == [told[0]] * 6
