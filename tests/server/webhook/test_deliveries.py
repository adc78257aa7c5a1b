"""Events reach a real receiver: signed, in order per asset, at least once, whatever is killed."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from labelyard.storage.database import Database
from tests.common.client import Client
from tests.common.cluster import Cluster
from tests.common.documents import APPEND_MANY_LABELS
from tests.common.server import UNLIMITED, ServerProcess
from tests.common.world import Organization, Project, answer, new_organization
from tests.resolvers.webhook.test_webhooks import ACTIVATE, CREATE, DEACTIVATE, UPDATE, webhook

pytestmark = pytest.mark.xdist_group("two servers")
LABELS = int(os.environ.get("LABELYARD_TEST_WEBHOOK_LABELS", "0"))
ROOT = Path(__file__).parents[3]


@dataclass
class Receiver:
    """A receiver in a process of its own, which can be killed and started again at its address."""

    path: Path
    port: int = 0
    process: subprocess.Popen[str] | None = field(default=None)
    _read: list[dict[str, Any]] = field(default_factory=list)
    _read_bytes: int = 0

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.common.webhook_receiver", str(self.port), str(self.path)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline())

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    def calls(self) -> list[dict[str, Any]]:
        """What has arrived; only what is new is read."""
        if self.path.exists():
            with self.path.open("rb") as file:
                file.seek(self._read_bytes)
                whole = file.read().rpartition(b"\n")
            self._read_bytes += len(whole[0]) + len(whole[1])
            calls = [json.loads(line) for line in whole[0].splitlines()]
            self._read += [{**call, "said": json.loads(call["body"])} for call in calls]
        return list(self._read)

    async def got(self, count: int, *, seconds: float = 30) -> list[dict[str, Any]]:
        """The calls, once there are so many."""
        deadline = time.monotonic() + seconds
        while len(self.calls()) < count:
            assert time.monotonic() < deadline, self.calls()[-3:]
            await asyncio.sleep(0.05)
        return self.calls()


@dataclass
class Place:
    server: ServerProcess
    database: Database
    organization: Organization
    project: Project
    receiver: Receiver

    async def register(self, **more: Any) -> str:
        """Register the receiver, make it active, and answer the secret."""
        said = await self.project.admin.data(CREATE, webhook(url=self.receiver.url, **more))
        await self.project.admin.data(ACTIVATE, {"pluginName": "hook", "projectId": self.project.id})
        return str(said.split()[-1])


@pytest.fixture
async def place(cluster: Cluster, tmp_path: Path) -> AsyncIterator[Place]:
    url = await cluster.new_database()
    key = f"ly_test_{secrets.token_hex(16)}"
    server = ServerProcess(url, tmp_path / "data", api_key=key, outgoing_networks="127.0.0.1", **UNLIMITED)
    await asyncio.to_thread(server.start)
    database = await Database.open(url, size=4)
    organization = await new_organization(database, Client(httpx.AsyncClient(base_url=server.url, timeout=60)))
    receiver = Receiver(tmp_path / "calls")
    receiver.start()
    yield Place(server, database, organization, await organization.project(), receiver)
    receiver.kill()
    await database.close()
    server.kill()
    await cluster.drop_database(url)


def is_signed(call: dict[str, Any], secret: str) -> bool:
    timestamp = call["headers"]["X-Labelyard-Timestamp"]
    expected = hmac.new(secret.encode(), f"{timestamp}.{call['body']}".encode(), hashlib.sha256).hexdigest()
    return call["headers"]["X-Labelyard-Signature"] == "sha256=" + expected and abs(int(timestamp) - time.time()) < 60


async def test_a_submitted_label_is_delivered_signed_with_its_header(place):
    before, asset = await place.project.assets(2)
    await place.project.label(before)
    secret = await place.register(header="Bearer 1234")
    label = await place.project.label(asset, json_response=answer("RAIN", cars=2))
    (call,) = await place.receiver.got(1)
    assert call["headers"]["Authorization"] == "Bearer 1234"
    assert call["headers"]["Content-Type"] == "application/json"
    assert is_signed(call, secret)
    said = call["said"]
    assert said.keys() == {"eventType", "logPayload", "payload"}
    assert said["eventType"] == "onSubmit"
    assert said["logPayload"].keys() == {"runId", "projectId"}
    assert said["logPayload"]["projectId"] == place.project.id
    assert said["payload"]["asset_id"] == asset
    given = said["payload"]["label"]
    assert (given["id"], given["labelType"], given["version"]) == (label, "DEFAULT", 1)
    assert given["jsonResponse"] == json.loads(answer("RAIN", cars=2))
    assert given["search"] == {
        "numberOfAnnotations": 3,
        "numberOfAnnotationsByObject": {"PLACE.CAR": 2, "WEATHER.RAIN": 1},
    }
    # What happened before, predictions and drafts are not told; reviews are.
    await place.project.label(asset, label_type="PREDICTION", model_name="m")
    await place.project.label(asset, label_type="AUTOSAVE")
    await place.project.label(asset, label_type="REVIEW")
    calls = await place.receiver.got(2)
    assert [call["said"]["eventType"] for call in calls] == ["onSubmit", "onReview"]
    await place.project.admin.data(DEACTIVATE, {"pluginName": "hook", "projectId": place.project.id})
    await place.project.label(asset)
    await asyncio.sleep(2.5)
    assert len(place.receiver.calls()) == 2


async def test_nothing_is_delivered_for_an_owner_who_lost_the_right_until_somebody_takes_it_over(place):
    grace = await place.organization.person(organization_role="ADMIN")
    registered = webhook(url=place.receiver.url)
    await grace.client.data(CREATE, registered)
    await place.project.admin.data(ACTIVATE, {"pluginName": "hook", "projectId": place.project.id})
    first, second, third = await place.project.assets(3)
    label = await place.project.label(first)
    (call,) = await place.receiver.got(1)
    assert call["said"]["payload"]["label"]["id"] == label
    change = (
        "mutation ($id: ID!) { data: updatePropertiesInUser(where: {id: $id}, data: {organizationRole: USER}) { id } }"
    )
    await place.project.admin.data(change, {"id": grace.id})

    await place.project.label(second)

    attempts = "select reason from webhook_delivery where status is null"
    deadline = time.monotonic() + 20
    while not (kept := await place.database.pool.fetch(attempts)):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)
    assert [row["reason"] for row in kept] == [
        "not called: its owner may not manage plugins and webhooks any more; somebody who does has to update it"
    ]
    assert len(place.receiver.calls()) == 1
    await place.project.admin.data(UPDATE, registered)
    last = await place.project.label(third)
    _, call = await place.receiver.got(2)
    assert call["said"]["payload"]["label"]["id"] == last


async def test_patterns_are_told_the_whole_event(place):
    await place.register(eventMatcher=["asset.created", "label.workflow.*"])
    (asset,) = await place.project.assets()
    label = await place.project.label(asset, label_type="PREDICTION", model_name="m")
    calls = await place.receiver.got(2)
    said = sorted((call["said"] for call in calls), key=lambda said: said["eventType"])
    assert [one["eventType"] for one in said] == ["asset.created", "label.workflow.created.prediction"]
    assert said[1]["payload"] | {"id": "", "createdAt": ""} == {
        "event": "label.workflow.created.prediction",
        "organizationId": place.organization.id,
        "projectId": place.project.id,
        "userId": place.organization.admin.id,
        "payload": {"assetId": asset, "externalId": "asset-0", "labelId": label},
        "id": "",
        "createdAt": "",
    }


@pytest.mark.skipif(not LABELS, reason="waits for the leases of a server that was killed: make webhooks")
async def test_every_label_of_a_bulk_arrives_in_order_although_receiver_and_server_are_killed(place):
    await place.register(handlerTypes=["onSubmit"])
    assets = await place.project.assets(LABELS // 4)
    items = [{"assetID": asset, "jsonResponse": answer()} for _ in range(4) for asset in assets]
    labels: list[str] = []

    async def send() -> None:
        for start in range(0, len(items), 100):
            data = {"labelType": "DEFAULT", "overwrite": False, "labelsData": items[start : start + 100]}
            made = await place.project.admin.data(APPEND_MANY_LABELS, {"data": data, "where": {"id": assets[0]}})
            labels.extend(label["id"] for label in made)

    began = time.monotonic()
    sending = asyncio.create_task(send())
    await place.receiver.got(LABELS // 10, seconds=30 + LABELS / 40)
    place.receiver.kill()
    await sending
    sent = time.monotonic() - began
    await asyncio.sleep(0.5)
    await asyncio.to_thread(place.receiver.start)
    await place.receiver.got(LABELS // 3, seconds=60 + LABELS / 25)
    place.server.kill()
    await asyncio.to_thread(place.server.start)
    deadline = time.monotonic() + 60 + LABELS / 20
    while len(seen := first_seen(place.receiver.calls())) < len(labels):
        assert time.monotonic() < deadline, (len(seen), len(labels))
        await asyncio.sleep(0.2)
    seconds, calls = time.monotonic() - began, len(place.receiver.calls())
    print(f"\n{LABELS:,} labels sent in {sent:.1f} s, all delivered after {seconds:.1f} s in {calls:,} calls")
    assert set(seen) == set(labels)
    order = {label: number for number, label in enumerate(labels)}
    of_asset: dict[str, list[int]] = {}
    for label, asset in seen.items():
        of_asset.setdefault(asset, []).append(order[label])
    assert len(of_asset) == len(assets)
    assert all(numbers == sorted(numbers) for numbers in of_asset.values())


def first_seen(calls: list[dict[str, Any]]) -> dict[str, str]:
    """Labels with their assets, in the order in which they came first."""
    seen: dict[str, str] = {}
    for call in calls:
        payload = call["said"]["payload"]
        seen.setdefault(payload["label"]["id"], payload["asset_id"])
    return seen


async def test_what_failed_is_logged_and_delivered_again(place, tmp_path):
    await place.register()
    (asset,) = await place.project.assets()
    place.receiver.kill()
    await place.project.label(asset)

    async def command(*arguments: str) -> list[str]:
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("LABELYARD_")},
            "LABELYARD_DATABASE_URL": place.server.database_url,
            "LABELYARD_ALLOW_UNSAFE_DATABASE": "true",
            "LABELYARD_DATA_DIR": str(tmp_path / "data"),
        }
        done = await asyncio.to_thread(
            subprocess.run,
            [Path(sys.executable).parent / "labelyard", "webhook", *arguments],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return str(done.stdout).splitlines()

    deadline = time.monotonic() + 20
    while len(failed := await command("deliveries", "hook", "--failed")) < 2:
        assert time.monotonic() < deadline
    first = failed[-1].split()
    assert first[4] == "1"
    assert "no connection" in failed[-1]
    assert failed[-1].endswith("label.workflow.created.default")
    await asyncio.to_thread(place.receiver.start)
    await place.receiver.got(1)
    assert (await command("deliveries", "hook"))[1].split()[-2:] == ["200", "label.workflow.created.default"]
    assert await command("redeliver", "--webhook", "hook") == ["0 events are delivered again."]
    assert await command("redeliver", first[0]) == ["1 event is delivered again."]
    one, other = await place.receiver.got(2)
    assert one["said"]["payload"] == other["said"]["payload"]
    assert one["headers"]["X-Labelyard-Event"] == other["headers"]["X-Labelyard-Event"]
    (secret,) = await command("secret", "hook")
    assert is_signed(other, secret)
    assert (await command("list"))[1].split()[1:] == [
        "hook",
        *place.organization.name.split(),
        "1",
        "0",
        place.receiver.url,
    ]
