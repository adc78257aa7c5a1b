"""Mutations sent again under the same key: whatever they add, they add once, and the first answer comes back."""

from __future__ import annotations

import asyncio
import itertools
import re
import secrets
from typing import Any

import httpx
import orjson
import pytest

from labelyard.resolvers.operation import OPERATIONS
from labelyard.resolvers.schema import core_schema
from labelyard.server.application import ENDPOINT
from labelyard.storage.kept_answer import remove_old_answers
from tests.common.client import Client
from tests.common.documents import APPEND_MANY_ASSETS, APPEND_TO_LABELS, CREATE_PROJECT
from tests.common.proxy import Cut
from tests.common.world import answer, new_organization
from tests.resolvers.permission_table import CALLERS, TABLE, Row
from tests.resolvers.test_permissions import World
from tests.server.test_lost_connections import code_of, wire_with  # noqa: F401

ADDS = re.compile(r"(frontend)?(create|append|add|import|copy|generate)[A-Z]")
# What adds nothing, needs a store that answers, or is what the first clients called the same.
LEFT_OUT = {"createDataIntegration", "addAssetsToReview", "addAllLabeledAssetsToReview"}
ADDING = [
    row
    for row in TABLE
    if row.kind == "mutation" and ADDS.match(row.name) and row.name not in LEFT_OUT and row.outcomes[8] == "+"
]
ADDING.sort(key=lambda row: row.name.startswith("generate"))  # takes the plugin's code away
_fresh = itertools.count(1)


async def send(
    client: Client, document: str, variables: dict[str, Any] | None = None, *, key: str | None = None
) -> httpx.Response:
    headers = {"Authorization": f"X-API-Key: {client.key}"} | ({"Idempotency-Key": key} if key is not None else {})
    return await client.http.post(ENDPOINT, json={"query": document, "variables": variables or {}}, headers=headers)


def new_key() -> str:
    return secrets.token_hex(16)


def label(asset_id: str, category: str = "SUN") -> dict[str, Any]:
    return {"data": {"jsonResponse": answer(category), "labelType": "DEFAULT"}, "where": {"id": asset_id}}


async def settled(world: World) -> dict[str, Any]:
    """Everything there is but plugins, which a job builds, once the background has computed all marks and ended all exports."""
    asked = """
    select (
      select count(*)
      from mark_request r join asset a on a.id = r.asset_id join project p on p.id = a.project_id
      where p.organization_id = :id
    ) + (
      select count(*)
      from project_export e join job j on j.id = e.job_id
      where j.organization_id = :id and j.status in ('QUEUED', 'RUNNING')
    )"""
    async with world.organization.database.reader() as connection:
        for _ in range(1_000):
            if not await connection.fetch_value(asked, {"id": world.organization.id}):
                break
            await asyncio.sleep(0.02)
    await world.project.marked()
    state = orjson.loads(await world.state())
    del state["plugin"]
    return dict(state)


@pytest.fixture(scope="module")
async def world(database, client):
    organization, strangers = await new_organization(database, client), await new_organization(database, client)
    return await World.make(organization, strangers)


def test_every_mutation_that_adds_is_here():
    core_schema()  # fills the list of operations
    named = {name for kind, name in OPERATIONS if kind == "mutation" and ADDS.match(name)}

    assert {row.name for row in ADDING} == named - LEFT_OUT


@pytest.mark.parametrize("row", ADDING, ids=lambda row: row.title)
async def test_what_is_sent_twice_is_done_once(world: World, row: Row):
    world.names |= {"fresh": f"once-{next(_fresh)}-{world.project.id}", "key": secrets.token_urlsafe(32)}
    variables, key = world._filled(row.variables), new_key()
    client = world.callers[CALLERS[8]]

    first, beside = await asyncio.gather(*(send(client, row.document, variables, key=key) for _ in range(2)))

    assert "errors" not in first.json(), first.json()
    assert beside.json() == first.json()
    after = await settled(world)
    assert (await send(client, row.document, variables, key=key)).json() == first.json()
    other = await send(client, row.document.replace("{ data:", "{ other:"), variables, key=key)
    (error,) = other.json()["errors"]
    assert (error["extensions"]["code"], error["path"]) == ("CONFLICT", ["other"])
    assert error["extensions"]["context"] == {"header": "Idempotency-Key", "key": key}
    assert await settled(world) == after


async def test_without_a_key_everything_is_done_as_often_as_it_is_sent(project):
    (asset_id,) = await project.assets()
    for key in (None, None, new_key(), new_key()):
        assert code_of(await send(project.admin, APPEND_TO_LABELS, label(asset_id), key=key)) == "OK"
    assert len(await project.rows("label")) == 4


async def test_many_at_once_add_one_label(project):
    asset_ids = await project.assets(5)
    keys = {asset_id: new_key() for asset_id in asset_ids}

    answers = await asyncio.gather(
        *(
            send(project.admin, APPEND_TO_LABELS, label(asset_id), key=keys[asset_id])
            for asset_id in asset_ids
            for _ in range(4)
        )
    )

    assert {code_of(response) for response in answers} == {"OK"}
    made = [row["id"] for row in await project.rows("label")]
    assert len(made) == 5
    assert {response.json()["data"]["data"]["id"] for response in answers} == set(made)


async def test_a_key_is_one_persons(project):
    other = await project.member("ADMIN")
    key, variables = new_key(), {"data": {"title": "Mine", "inputType": "IMAGE", "jsonInterface": '{"jobs": {}}'}}

    mine = (await send(project.admin, CREATE_PROJECT, variables, key=key)).json()["data"]["data"]
    theirs = (await send(other.client, CREATE_PROJECT, variables, key=key)).json()["data"]["data"]

    assert mine["id"] != theirs["id"]


@pytest.mark.parametrize("role", [None, "LABELER", "REVIEWER", "TEAM_MANAGER", "ADMIN"])
async def test_an_answer_is_for_who_still_has_the_rights(project, role):
    one = await project.member("REVIEWER")
    (asset_id,) = await project.assets()
    key = new_key()
    first = (await send(one.client, APPEND_TO_LABELS, label(asset_id), key=key)).json()
    (member,) = [row for row in await project.rows("project_user") if row["user_id"] == one.id]
    if role is None:
        leave = "mutation ($id: ID!) { data: deleteFromRoles(where: {id: $id}) { id } }"
        await project.admin.data(leave, {"id": member["id"]})
    else:
        await project.join(one, role)

    again = await send(one.client, APPEND_TO_LABELS, label(asset_id), key=key)

    assert code_of(again) == {None: "NOT_FOUND", "LABELER": "FORBIDDEN"}.get(role, "OK")
    assert (again.json() == first) == (role in ("REVIEWER", "TEAM_MANAGER", "ADMIN"))
    assert len(await project.rows("label")) == 1


async def test_what_ends_ones_own_rights_is_answered_again(project):
    owner = await project.member("ADMIN")
    variables = {"data": {"title": "Short", "inputType": "IMAGE", "jsonInterface": '{"jobs": {}}'}}
    made = (await send(owner.client, CREATE_PROJECT, variables, key="made")).json()
    identifier = made["data"]["data"]["id"]
    assert (await send(owner.client, CREATE_PROJECT, variables, key="made")).json() == made
    delete, which = "mutation ($id: ID!) { data: deleteProject(where: {id: $id}) { id } }", {"id": identifier}

    first = (await send(owner.client, delete, which, key="gone")).json()

    assert first["data"]["data"] == {"id": identifier}
    assert (await send(owner.client, delete, which, key="gone")).json() == first
    assert code_of(await send(owner.client, CREATE_PROJECT, variables, key="made")) == "NOT_FOUND"


@pytest.mark.parametrize("hours", [23, 25])
async def test_a_key_is_kept_for_a_day(project, hours):
    (asset_id,) = await project.assets()
    key, first, second = new_key(), label(asset_id), label(asset_id, "RAIN")
    await send(project.admin, APPEND_TO_LABELS, first, key=key)
    database = project.organization.database
    async with database.transaction() as connection:
        await connection.fetch(
            "update kept_answer set created_at = created_at - make_interval(hours => :hours) where key = :key",
            {"hours": hours, "key": key},
        )
    await remove_old_answers(database)
    async with database.reader() as connection:
        left = await connection.fetch_value("select count(*) from kept_answer where key = :key", {"key": key})
    assert left == (1 if hours == 23 else 0)

    assert code_of(await send(project.admin, APPEND_TO_LABELS, second, key=key)) == (
        "CONFLICT" if hours == 23 else "OK"
    )
    assert len(await project.rows("label")) == (1 if hours == 23 else 2)


async def test_however_many_are_over_all_are_removed(project, monkeypatch):
    monkeypatch.setattr("labelyard.storage.kept_answer.PIECE", 2)
    for asset_id in await project.assets(5):
        await send(project.admin, APPEND_TO_LABELS, label(asset_id), key=new_key())
    database, whose = project.organization.database, {"id": project.organization.admin.id}
    async with database.transaction() as connection:
        await connection.fetch(
            "update kept_answer set created_at = created_at - interval '25 hours' where user_id = :id", whose
        )

    await remove_old_answers(database)

    async with database.reader() as connection:
        assert await connection.fetch("select key from kept_answer where user_id = :id", whose) == []


async def test_the_oldest_answers_make_room_and_fresh_ones_do_not(project, monkeypatch):
    monkeypatch.setattr("labelyard.storage.kept_answer.MOST_KEYS", 4)
    monkeypatch.setattr("labelyard.storage.kept_answer.STAYS", 0.5)
    assets, keys = await project.assets(6), [new_key() for _ in range(6)]
    database, whose = project.organization.database, {"id": project.organization.admin.id}
    for asset_id, key in zip(assets[:4], keys, strict=False):
        assert code_of(await send(project.admin, APPEND_TO_LABELS, label(asset_id), key=key)) == "OK"
    async with database.transaction() as connection:
        await connection.fetch(
            "update kept_answer set created_at = created_at - interval '61 seconds' where user_id = :id", whose
        )

    assert code_of(await send(project.admin, APPEND_TO_LABELS, label(assets[4]), key=keys[4])) == "OK"
    async with database.reader() as connection:
        kept = await connection.fetch("select key from kept_answer where user_id = :id order by created_at", whose)
    assert [row["key"] for row in kept] == [keys[2], keys[3], keys[4]]

    monkeypatch.setattr("labelyard.storage.kept_answer.MOST_KEYS", 1)
    refused = await send(project.admin, APPEND_TO_LABELS, label(assets[5]), key=keys[5])
    assert code_of(refused) == "TOO_MANY_REQUESTS"
    assert len(await project.rows("label")) == 5
    assert code_of(await send(project.admin, APPEND_TO_LABELS, label(assets[5]))) == "OK"


async def test_what_one_person_keeps_is_bounded_by_bytes(project, monkeypatch):
    asset_ids = await project.assets(3)
    await send(project.admin, APPEND_TO_LABELS, label(asset_ids[0]), key=new_key())
    monkeypatch.setattr("labelyard.storage.kept_answer.MOST_BYTES", 100)
    refused = await send(project.admin, APPEND_TO_LABELS, label(asset_ids[1]), key=new_key())
    assert code_of(refused) == "TOO_MANY_REQUESTS"
    other = await project.member("ADMIN")
    monkeypatch.setattr("labelyard.storage.kept_answer.MOST_BYTES", 1_000)
    assert code_of(await send(other.client, APPEND_TO_LABELS, label(asset_ids[2]), key=new_key())) == "OK"


async def test_what_was_refused_may_be_sent_again(project):
    one, other = await project.member(), await project.member()
    (asset_id,) = await project.assets()
    await one.client.data("mutation ($id: ID!) { data: lockAsset(assetID: $id) { id } }", {"id": asset_id})
    key = new_key()

    assert code_of(await send(other.client, APPEND_TO_LABELS, label(asset_id), key=key)) == "CONFLICT"
    await one.client.data("mutation ($id: ID!) { data: deleteLocks(assetID: $id) { id } }", {"id": asset_id})
    assert code_of(await send(other.client, APPEND_TO_LABELS, label(asset_id), key=key)) == "OK"


async def test_warnings_come_back_with_the_answer(project):
    asset_ids = await project.assets(1)
    missing = {"data": {"jsonResponse": "{}", "labelType": "DEFAULT"}, "where": {"id": asset_ids[0]}}
    key = new_key()

    first = (await send(project.admin, APPEND_TO_LABELS, missing, key=key)).json()

    assert first["extensions"]["warnings"]
    assert (await send(project.admin, APPEND_TO_LABELS, missing, key=key)).json() == first


async def test_each_field_of_a_document_is_done_once(project):
    document = """
    mutation ($one: TagData!, $two: TagData!) { one: createTag(data: $one) { id } two: createTag(data: $two) { id } }"""
    names = {"one": {"label": new_key()}, "two": {"label": new_key()}}
    key, taken = new_key(), new_key()

    first = (await send(project.admin, document, names, key=key)).json()
    assert first["data"]["one"]["id"] != first["data"]["two"]["id"]
    assert (await send(project.admin, document, names, key=key)).json() == first

    half = {"one": {"label": new_key()}, "two": {"label": ""}}
    refused = (await send(project.admin, document, half, key=taken)).json()
    assert refused["data"]["two"] is None
    again = (await send(project.admin, document, half, key=taken)).json()
    assert again["data"] == refused["data"]
    assert again["errors"][0]["message"] == refused["errors"][0]["message"]


@pytest.mark.parametrize("cut", [Cut.BEFORE, Cut.BEHIND], ids=["before the commit", "behind the commit"])
@pytest.mark.parametrize("what", ["label", "assets", "project"])
async def test_an_answer_that_was_lost_comes_back(wire_with, what, cut):  # noqa: F811
    wire = await wire_with()
    (asset_id,) = await wire.project.assets()
    document, variables, table = {
        "label": (APPEND_TO_LABELS, label(asset_id), "label"),
        "assets": (
            APPEND_MANY_ASSETS,
            {
                "data": {"contentArray": ["https://a.example/1.png"], "externalIDArray": ["lost"]},
                "where": {"id": wire.project.id},
            },
            "asset",
        ),
        "project": (
            CREATE_PROJECT,
            {"data": {"title": "Lost", "inputType": "IMAGE", "jsonInterface": '{"jobs": {}}'}},
            "project",
        ),
    }[what]
    key = new_key()
    before = len(await wire.project.rows(table))
    wire.at(r"^commit$", cut)

    assert code_of(await send(wire.client, document, variables, key=key)) == "UNKNOWN_OUTCOME"

    first = await send(wire.client, document, variables, key=key)
    assert code_of(first) == "OK"
    assert (await send(wire.client, document, variables, key=key)).json() == first.json()
    made = first.json()["data"]["data"]
    if table != "project":
        rows = await wire.project.rows(table)
        assert len(rows) == before + 1
        assert rows[-1]["id"] == (made[0]["id"] if isinstance(made, list) else made["id"])
    else:
        count = "query ($where: ProjectWhere!) { data: countProjects(where: $where) }"
        assert await wire.project.admin.data(count, {"where": {}}) == 2


async def test_two_servers_agree(wire_with, project):  # noqa: F811
    wire = await wire_with()
    (asset_id,) = await wire.project.assets()
    near, key = wire.project.admin, new_key()

    answers = await asyncio.gather(
        *(send(client, APPEND_TO_LABELS, label(asset_id), key=key) for client in (near, wire.client) * 3)
    )

    assert len({response.text for response in answers}) == 1
    assert code_of(answers[0]) == "OK"
    assert len(await wire.project.rows("label")) == 1


async def test_answers_are_kept_sealed(project):
    (asset_id,) = await project.assets()
    key = new_key()
    made = (await send(project.admin, APPEND_TO_LABELS, label(asset_id), key=key)).json()["data"]["data"]["id"]
    async with project.organization.database.reader() as connection:
        kept = await connection.fetch_value("select answers::text from kept_answer where key = :key", {"key": key})
    assert kept.startswith('{"data": ')
    assert made not in kept


@pytest.mark.parametrize(
    "key", ["", " ", "two words", "é", "x" * 256], ids=["empty", "space", "words", "other", "long"]
)
async def test_a_key_that_cannot_be_one_is_refused(project, key):
    (asset_id,) = await project.assets()
    response = await send(project.admin, APPEND_TO_LABELS, label(asset_id), key=key.encode())
    (error,) = response.json()["errors"]
    assert (response.status_code, error["extensions"]["code"]) == (400, "BAD_REQUEST")
    assert "Idempotency-Key" in error["message"]
    assert await project.rows("label") == []


async def test_a_query_takes_no_notice(project):
    document, key = "{ data: viewer { id } }", new_key()
    for _ in range(2):
        assert code_of(await send(project.admin, document, key=key)) == "OK"
    async with project.organization.database.reader() as connection:
        assert await connection.fetch("select 1 from kept_answer where key = :key", {"key": key}) == []


async def test_an_answer_too_long_to_be_kept_leaves_nothing(project, monkeypatch):
    monkeypatch.setattr("labelyard.resolvers.once.MOST_BYTES", 10)
    before = await project.everything()
    variables = {
        "data": {"contentArray": ["https://a.example/1.png"], "externalIDArray": ["long"]},
        "where": {"id": project.id},
    }

    response = await send(project.admin, APPEND_MANY_ASSETS, variables, key=new_key())

    assert code_of(response) == "QUERY_TOO_COMPLEX"
    assert await project.everything() == before
