"""The memory of answers that are being made: bounded over all requests, shared by keys, waited for, then refused."""

import asyncio
import gzip
import json

import httpx
import pytest

from labelyard.domain.error import TooManyRequests
from labelyard.server.application import create_app
from labelyard.server.door import opening
from labelyard.server.door.graphql import GraphQLDoor
from labelyard.server.edge.answer_room import SMALL_BYTES, AnswerRoom
from labelyard.server.resident_memory import available_bytes, resident_bytes
from labelyard.storage.plan.budget import ReadBudget
from tests.common.client import Client
from tests.common.documents import UPDATE_PROJECT
from tests.common.world import answer

MIB = 1 << 20
LABELS = '{ data: labels(where: {project: {id: "%s"}}, first: 100, skip: 0) { jsonResponse } }'


async def settle():
    for _ in range(5):
        await asyncio.sleep(0)


def test_what_an_answer_takes_is_its_values_and_its_text_twice():
    room = AnswerRoom(100 * MIB)
    budget = ReadBudget(64 * MIB, room.open("a", may_be_refused=True))
    budget.take_rows(10, 6)
    assert room.bytes == 0  # small answers are not counted
    budget.take_values(5 * MIB)
    assert room.bytes == 15 * MIB + 10 * 10 * 100
    budget.take_answer(6 * MIB)
    assert room.bytes == 17 * MIB + 10 * 10 * 100
    assert budget.renewed().memory is budget.memory
    budget.memory.release()
    assert room.bytes == 0


def test_what_does_not_fit_is_refused_unless_it_is_alone_or_has_been_committed():
    room = AnswerRoom(10 * MIB)
    first, second, third = (room.open("a", may_be_refused=refusable) for refusable in (True, True, False))
    first.reserve(20 * MIB)
    with pytest.raises(TooManyRequests, match="LABELYARD_ANSWER_BYTES_AT_ONCE"):
        second.reserve(2 * MIB)
    assert second.is_refused
    second.reserve(SMALL_BYTES)
    third.reserve(2 * MIB)
    assert room.bytes == 22 * MIB


async def test_the_key_that_holds_the_least_is_next():
    room, order = AnswerRoom(10 * MIB), []
    held = [room.open("flood", may_be_refused=True) for _ in range(2)]
    held[0].reserve(5 * MIB)
    held[1].reserve(5 * MIB)

    async def wait(key):
        one = room.open(key, may_be_refused=True)
        with pytest.raises(TooManyRequests):
            one.reserve(5 * MIB)
        await one.wait()
        order.append(key)

    tasks = [asyncio.create_task(wait(key)) for key in ("flood", "calm")]
    await settle()
    held[0].release()
    await settle()
    assert order == ["calm"]
    held[1].release()
    await asyncio.gather(*tasks)
    assert order == ["calm", "flood"]
    assert room.bytes == 10 * MIB


async def test_who_gives_up_waiting_holds_nothing():
    room = AnswerRoom(10 * MIB)
    first, second = (room.open(key, may_be_refused=True) for key in "ab")
    first.reserve(10 * MIB)
    with pytest.raises(TooManyRequests):
        second.reserve(5 * MIB)
    waiting = asyncio.create_task(second.wait())
    await settle()
    first.release()  # room comes in the moment of giving up
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    second.release()
    assert room.bytes == 0


@pytest.fixture
async def long_labels(database, project):
    """A project whose labels make an answer of some 2.4 MB."""
    for asset_id in await project.assets(12):
        await project.label(asset_id)
    await database.pool.execute(
        "update label set json_response = $2 where project_id = $1", project.id, answer()[:-1] + " " * 200_000 + "}"
    )
    return project


@pytest.fixture
async def full(settings, database, long_labels):
    """The room of an application, a client of the project's administrator, and what another key holds of the room."""
    app = create_app(settings.model_copy(update={"answer_bytes_at_once": 8 * MIB}), database)
    door = next(route.endpoint for route in app.routes if isinstance(getattr(route, "endpoint", None), GraphQLDoor))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://label.example", timeout=60) as http:
        held = door.execution.answers.open("another", may_be_refused=True)
        held.reserve(7 * MIB)
        yield door.execution.answers, Client(http).as_(long_labels.organization.admin.key), held


async def test_a_query_waits_for_room_and_is_answered_whole(full, long_labels, statements):
    room, client, held = full
    waiting = asyncio.create_task(client.post(LABELS % long_labels.id))
    await asyncio.sleep(0.5)
    assert not waiting.done()
    assert room.bytes == held.bytes  # it has dropped what it had read

    held.release()
    response = await waiting
    assert len(response.json()["data"]["data"]) == 12
    assert len(response.content) > 2 * MIB
    assert room.bytes == 0

    with statements.recording() as texts:
        assert (await client.post(LABELS % long_labels.id)).content == response.content
    assert len(texts) == 2  # the key and the page


async def test_a_query_that_finds_no_room_is_refused_in_the_plain_shape(full, long_labels):
    room, client, held = full
    room._wait_seconds = 0.2
    response = await client.post(LABELS % long_labels.id)

    assert response.status_code == 429
    assert response.json()["error"]["code"] == "TOO_MANY_REQUESTS"
    assert "LABELYARD_ANSWER_BYTES_AT_ONCE" in response.json()["error"]["message"]
    assert response.headers["retry-after"] == "2"
    assert room.bytes == held.bytes
    small = await client.post("{ data: projects(where: {}, first: 100, skip: 0) { id } }")
    assert {"id": long_labels.id} in small.json()["data"]["data"]


async def test_what_was_committed_is_answered_without_room(full, long_labels):
    _, client, _ = full
    document = UPDATE_PROJECT.replace("{ id", "{ dataset { labels { jsonResponse } } id")
    assert document != UPDATE_PROJECT
    response = await client.post(document, {"data": {"title": "new"}, "where": {"id": long_labels.id}})
    assert len(response.json()["data"]["data"]["dataset"]) == 12


async def test_many_large_answers_at_once_are_all_given(app_with, long_labels):
    client = app_with(answer_bytes_at_once=8 * MIB).as_(long_labels.organization.admin.key)
    answers = await asyncio.gather(*(client.post(LABELS % long_labels.id) for _ in range(12)))
    assert [response.status_code for response in answers] == [200] * 12


async def test_many_large_answers_of_a_door_at_once_are_all_given(app_with, long_labels, monkeypatch):
    monkeypatch.setitem(opening.DOORS, "tiny", "tests.server.door.tiny")
    http = app_with(answer_bytes_at_once=8 * MIB, doors="tiny").http
    path, key = f"/tiny/projects/{long_labels.id}/tasks", {"Authorization": long_labels.organization.admin.key}
    answers = await asyncio.gather(*(http.get(path, headers=key) for _ in range(12)))
    assert [response.status_code for response in answers] == [200] * 12
    assert len(answers[0].content) > 2 * MIB


def test_the_memory_of_process_and_machine_is_known():
    assert 10 * MIB < resident_bytes() < available_bytes()


@pytest.mark.parametrize("is_compressed", [False, True], ids=["plain", "compressed"])
async def test_large_bodies_are_refused_while_the_process_takes_too_much(project, app_with, is_compressed):
    client = app_with(max_rss_bytes=1).as_(project.organization.admin.key)
    variables = {"data": {"title": "late"}, "where": {"id": project.id}}
    before = await project.everything()
    body = json.dumps({"query": UPDATE_PROJECT, "variables": variables, "extensions": {"x": "x" * MIB}}).encode()
    headers = {"content-type": "application/json", "authorization": f"X-API-Key: {project.organization.admin.key}"}
    if is_compressed:
        headers["content-encoding"], body = "gzip", gzip.compress(body)

    response = await client.http.post("/api/label/v2/graphql", content=body, headers=headers)

    assert response.status_code == 429
    assert "LABELYARD_MAX_RSS_BYTES" in response.json()["error"]["message"]
    assert await project.everything() == before
    assert (await client.post(UPDATE_PROJECT, variables)).status_code == 200
