"""Limits on load: refused before anything is run, with when to come again; nobody else notices."""

import asyncio
import gzip
import json

import httpx
import pytest

from labelyard.domain.error import TooManyRequests
from labelyard.server.application import ENDPOINT, create_app
from labelyard.server.edge.body_room import BodyRoom
from labelyard.server.edge.rate import Buckets, Rate
from labelyard.server.edge.running import RunningLimits, RunningRequests
from tests.common.client import Client
from tests.common.documents import UPDATE_PROJECT

VIEWER = "{ data: viewer { id } }"
PROJECTS = "query ($first: PageSize!) { data: projects(where: {}, first: $first, skip: 0) { id } }"
SIGN_IN = 'mutation { data: signIn(email: "nobody@example.com", password: "%s") { id } }'
JSON = {"content-type": "application/json"}


def refused(response, setting=""):
    """The plain shape of a 429; answers after how many seconds to come again."""
    assert response.status_code == 429, response.text
    assert set(response.json()) == {"error"}
    assert response.json()["error"]["code"] == "TOO_MANY_REQUESTS"
    assert setting in response.json()["error"]["message"]
    seconds = int(response.headers["retry-after"])
    assert 1 <= seconds <= 60
    return seconds


# How often


async def test_a_key_has_so_many_requests_and_others_have_theirs(project, app_with):
    client = app_with(request_burst=5, requests_per_minute=60)
    admin, other = client.as_(project.organization.admin.key), client.as_((await project.member("ADMIN")).key)
    for _ in range(5):
        assert (await admin.post(VIEWER)).status_code == 200
    before = await project.everything()

    variables = {"data": {"title": "again"}, "where": {"id": project.id}}
    assert refused(await admin.post(UPDATE_PROJECT, variables), "LABELYARD_REQUESTS_PER_MINUTE") == 1

    assert await project.everything() == before
    assert (await other.post(VIEWER)).status_code == 200
    await asyncio.sleep(1.05)
    assert (await admin.post(VIEWER)).status_code == 200


async def test_an_organization_has_so_many_requests_whatever_the_key(project, other_organization, app_with):
    client = app_with(organization_requests_per_minute=4)
    people = [client.as_((await project.member("LABELER")).key) for _ in range(5)]
    for person in people[:4]:
        assert (await person.post(VIEWER)).status_code == 200

    refused(await people[4].post(VIEWER), "LABELYARD_ORGANIZATION_REQUESTS_PER_MINUTE")

    assert (await client.as_(other_organization.admin.key).post(VIEWER)).status_code == 200


@pytest.mark.parametrize("setting", ["cost_per_minute", "organization_cost_per_minute"])
async def test_what_requests_cost_is_counted(project, app_with, setting):
    client = app_with(**{setting: 20_000}).as_(project.organization.admin.key)
    costs = [int((await client.post(PROJECTS, {"first": 1000})).headers["x-complexity"]) for _ in range(19)]
    left = 20_000 - sum(costs)
    assert left > 0
    for _ in range(left // costs[0]):
        assert (await client.post(PROJECTS, {"first": 1000})).status_code == 200

    refused(await client.post(PROJECTS, {"first": 1000}), f"LABELYARD_{setting.upper()}")

    assert (await client.post(PROJECTS, {"first": 1})).status_code == 200


async def test_strangers_are_counted_by_address(organization, app_with):
    client = app_with(anonymous_requests_per_minute=3)
    for document, status in ((VIEWER, 401), (SIGN_IN % "x", 200), ("{", 401)):
        assert (await client.post(document)).status_code == status

    for document in (VIEWER, SIGN_IN % "x"):
        refused(await client.post(document), "LABELYARD_ANONYMOUS_REQUESTS_PER_MINUTE")

    assert (await client.as_(organization.admin.key).post(VIEWER)).status_code == 200


async def test_wrong_keys_are_counted_by_address_and_not_looked_up_any_more(organization, app_with, statements):
    client = app_with(failed_keys_per_minute=3)
    assert (await client.as_(organization.admin.key).post(VIEWER)).status_code == 200
    for number in range(3):
        assert (await client.as_(f"wrong key number {number} of some").post(VIEWER)).status_code == 401

    with statements.recording() as texts:
        refused(await client.as_("one more wrong key of some").post(VIEWER), "LABELYARD_FAILED_KEYS_PER_MINUTE")
    assert texts == []

    assert (await client.as_(organization.admin.key).post(VIEWER)).status_code == 200


def test_a_bucket_fills_up_again_and_not_over():
    now = 0.0
    buckets = Buckets(Rate("X", per_minute=60, burst=3), clock=lambda: now)
    for _ in range(3):
        assert buckets.seconds_until("a") == 0
        buckets.take("a")
    assert buckets.seconds_until("a") == 1
    assert buckets.seconds_until("b") == 0
    now = 0.5
    assert buckets.seconds_until("a") == 0.5
    now = 1000.0
    assert buckets.seconds_until("a", 3) == 0
    assert buckets.seconds_until("a", 4) == 1


def test_so_many_names_are_remembered():
    buckets = Buckets(Rate("X", 60, 1), max_names=10)
    for number in range(100):
        buckets.take(str(number))
    assert len(buckets) == 10
    assert buckets.seconds_until("99") > 0


# How much at once


async def test_requests_of_one_key_wait_for_each_other_and_are_all_answered(project, app_with):
    client = app_with(running_requests_per_key=2).as_(project.organization.admin.key)
    answers = await asyncio.gather(*(client.post(VIEWER) for _ in range(40)))
    assert [answer.status_code for answer in answers] == [200] * 40


async def test_a_key_that_runs_as_much_as_it_may_keeps_nobody_else_waiting(project, database, app_with):
    client = app_with(running_requests_per_key=2, request_timeout_seconds=20)
    admin, other = client.as_(project.organization.admin.key), client.as_((await project.member("ADMIN")).key)
    variables = {"data": {"title": "later"}, "where": {"id": project.id}}
    async with database.transaction() as connection:
        await connection.fetch("select 1 from project where id = :id for update", {"id": project.id})
        held = [asyncio.create_task(admin.post(UPDATE_PROJECT, variables)) for _ in range(2)]
        await asyncio.sleep(0.3)
        waiting = asyncio.create_task(admin.post(VIEWER))
        assert (await other.post(VIEWER)).status_code == 200
        assert not waiting.done()
    assert (await waiting).status_code == 200
    assert [(await answer).status_code for answer in held] == [200, 200]


async def test_a_full_queue_refuses_at_once(project, database, app_with):
    client = app_with(running_requests_per_key=1, waiting_requests=2).as_(project.organization.admin.key)
    variables = {"data": {"title": "later"}, "where": {"id": project.id}}
    async with database.transaction() as connection:
        await connection.fetch("select 1 from project where id = :id for update", {"id": project.id})
        held = asyncio.create_task(client.post(UPDATE_PROJECT, variables))
        await asyncio.sleep(0.3)
        waiting = [asyncio.create_task(client.post(VIEWER)) for _ in range(2)]
        await asyncio.sleep(0.1)
        refused(await client.post(VIEWER), "LABELYARD_WAITING_REQUESTS")
    assert [(await answer).status_code for answer in (held, *waiting)] == [200] * 3


async def test_places_are_given_back_whatever_happens():
    running = RunningRequests(
        RunningLimits(in_process=2, per_organization=2, per_key=1, waiting=3, max_wait_seconds=0.05)
    )
    await running.enter("a", "o")
    with pytest.raises(TooManyRequests, match="LABELYARD_RUNNING_REQUESTS_PER_KEY"):
        await running.enter("a", "o")
    given_up = asyncio.create_task(running.enter("a", "o", max_wait_seconds=10))
    await asyncio.sleep(0)
    given_up.cancel()
    await asyncio.gather(given_up, return_exceptions=True)
    assert (running.running, running.waiting) == (1, 0)

    await running.enter("b", "o")
    next_one = asyncio.create_task(running.enter("c", "p", max_wait_seconds=10))
    await asyncio.sleep(0)
    running.leave("a", "o")
    await next_one
    running.leave("b", "o")
    running.leave("c", "p")
    assert (running.running, running.waiting) == (0, 0)
    for key in "ab":
        await running.enter(key, "o")


# Bodies


def scope(headers, length):
    raw = [
        (name.encode(), value.encode()) for name, value in {**JSON, **headers, "content-length": str(length)}.items()
    ]
    return {
        "type": "http",
        "method": "POST",
        "path": ENDPOINT,
        "raw_path": ENDPOINT.encode(),
        "query_string": b"",
        "headers": raw,
        "client": ("192.0.2.7", 1),
    }


async def asked(app, headers, pieces, length):
    """What the application answers to a body in pieces, and how many of them it took."""
    taken, sent = 0, []

    async def receive():
        nonlocal taken
        piece = pieces[taken]
        taken += 1
        if callable(piece):
            piece = await piece()
        return {"type": "http.request", "body": piece, "more_body": taken < len(pieces)}

    async def send(message):
        sent.append(message)

    await app(scope(headers, length), receive, send)
    return sent[0]["status"], json.loads(b"".join(message.get("body", b"") for message in sent[1:])), taken


@pytest.mark.parametrize("authorization", [None, "X-API-Key: nobody's"], ids=["no key", "a wrong key"])
async def test_the_body_of_a_stranger_is_not_read(app, authorization):
    headers = {} if authorization is None else {"authorization": authorization}
    status, body, taken = await asked(app, headers, [b"x" * 1000] * 100, 100_000)
    assert (status, body["errors"][0]["extensions"]["code"], taken) == (401, "UNAUTHENTICATED", 0)

    document = json.dumps({"query": SIGN_IN % ("x" * 9000)}).encode()
    chunked = [document[start : start + 1000] for start in range(0, len(document), 1000)]
    for length in (len(document), 1):
        status, body, taken = await asked(app, headers, chunked, length)
        assert (status, body["errors"][0]["extensions"]["code"]) == (401, "UNAUTHENTICATED")
        assert taken <= 9


async def test_a_log_in_needs_no_key(client):
    refusal = await client.refused(SIGN_IN % "wrong password of nobody")
    assert refusal.at == ("UNAUTHENTICATED", ["data"])


async def test_a_stranger_s_document_is_not_validated(client, monkeypatch):
    def validated(*_, **__):
        raise AssertionError("validated for a stranger")

    monkeypatch.setattr("labelyard.server.edge.document_cache.validate", validated)
    large_log_in = (SIGN_IN % "x").replace("{ id }", "{ " + "id " * 300 + "}")
    for document in (
        "{ nothing }",
        "{ viewer { " + "id " * 100 + "} }",
        "{ viewer { " + "id " * 900 + "} }",
        large_log_in,
    ):
        assert (await client.refused(document, status=401)).code == "UNAUTHENTICATED"


async def test_bodies_hold_so_many_bytes_at_once(settings, database, project):
    changed = settings.model_copy(update={"body_bytes_at_once": 1 << 20})
    app = create_app(changed, database)
    headers = {"authorization": f"X-API-Key: {project.organization.admin.key}"}
    go_on = asyncio.Event()

    async def late():
        await go_on.wait()
        return b"}"

    document = json.dumps({"query": VIEWER, "variables": {"surplus": "x" * 700_000}}).encode()[:-1]
    first = asyncio.create_task(asked(app, headers, [document[:300_000], document[300_000:], late], len(document) + 1))
    await asyncio.sleep(0.05)
    status, body, _ = await asked(app, headers, [document[:300_000], document[300_000:], b"}"], len(document) + 1)
    assert (status, set(body), body["error"]["code"]) == (429, {"error"}, "TOO_MANY_REQUESTS")
    assert "LABELYARD_BODY_BYTES_AT_ONCE" in body["error"]["message"]
    go_on.set()
    assert (await first)[0] == 200

    assert (await asked(app, headers, [document[:300_000], document[300_000:], b"}"], len(document) + 1))[0] == 200


def test_a_slow_body_makes_room_for_a_fast_one():
    now = 0.0
    room = BodyRoom(1_000_000, clock=lambda: now)
    slow, steady = room.open(), room.open()
    slow.add(400_000)
    now = 10.0
    fast = room.open()
    fast.add(500_000)
    fast.add(300_000)
    assert slow.is_given_up
    assert room.bytes == 800_000
    with pytest.raises(TooManyRequests, match="came in slowly"):
        slow.add(1)
    with pytest.raises(TooManyRequests, match="LABELYARD_BODY_BYTES_AT_ONCE"):
        steady.add(300_000)
    fast.is_whole = True
    now = 100.0
    with pytest.raises(TooManyRequests):  # what has come in whole is being executed, and stays
        steady.add(300_000)
    for body in (slow, steady, fast):
        body.release()
    assert room.bytes == 0


async def test_a_subscription_over_http_is_refused(project):
    document = "subscription ($id: ID!) { labelCreatedOrUpdated(projectID: $id) { id } }"
    response = await project.admin.post(document, {"id": project.id})
    assert response.status_code == 400
    (error,) = response.json()["errors"]
    assert (response.json()["data"], error["extensions"]["code"]) == (None, "BAD_REQUEST")
    assert "websocket" in error["message"]


async def test_a_compressed_log_in_is_read_within_the_same_bounds(client):
    headers = {**JSON, "content-encoding": "gzip"}
    small, bomb = json.dumps({"query": SIGN_IN % "wrong password"}), json.dumps({"query": SIGN_IN % ("x" * 500_000)})
    response = await client.http.post(ENDPOINT, content=gzip.compress(small.encode()), headers=headers)
    assert response.json()["errors"][0]["path"] == ["data"]
    response = await client.http.post(ENDPOINT, content=gzip.compress(bomb.encode()), headers=headers)
    assert (response.status_code, "path" in response.json()["errors"][0]) == (401, False)


async def test_the_defaults_let_the_sdk_through(settings, database, project):
    """The SDK sends at most 500 requests a minute from a process, as fast as they are answered."""
    app = create_app(type(settings)(data_dir=settings.data_dir, database_url=settings.database_url), database)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://label.example", timeout=60) as http:
        client = Client(http, project.organization.admin.key)
        statuses = {(await client.post(VIEWER)).status_code for _ in range(500)}
    assert statuses == {200}
