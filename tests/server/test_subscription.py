"""Subscriptions over websockets, in both protocols, from one server process to another."""

import asyncio
import json

import asyncpg
import pytest
import websockets

from tests.common.conversation import CREATE_ASSET, DYNAMIC, SAY
from tests.common.documents import APPEND_MANY_LABELS, APPEND_TO_LABELS, LABELS
from tests.common.socket import DOCUMENT, END, SDK, TODAY, Socket, connection, stands, subscription
from tests.common.world import answer, new_organization

pytestmark = pytest.mark.xdist_group("two servers")


@pytest.mark.parametrize("protocol", [TODAY, SDK])
async def test_labels_of_one_process_are_heard_at_another(two, place, protocol):
    admin = place.organization.admin
    (asset_id,) = await place.assets()
    other = await place.organization.project()
    (elsewhere,) = await other.assets(1)
    async with subscription(two, admin, place, protocol) as socket:
        await other.label(elsewhere)
        variables = {"data": {"jsonResponse": answer("RAIN"), "labelType": "DEFAULT", "secondsToLabel": 3}}
        made = await place.admin.data(APPEND_TO_LABELS, {**variables, "where": {"id": asset_id}})

        event = {
            "id": made["id"],
            "labelType": "DEFAULT",
            "jsonResponse": answer("RAIN"),
            "secondsToLabel": 3.0,
            "author": {"email": admin.email},
            "labelOf": {"id": asset_id, "externalId": "asset-0"},
            "__typename": "Label",
        }
        assert await socket.heard() == event

        document = (
            "mutation ($id: ID!) { data: updatePropertiesInLabel(where: {id: $id}, data: {secondsToLabel: 9}) { id } }"
        )
        await place.admin.data(document, {"id": made["id"]})
        assert await socket.heard() == {**event, "secondsToLabel": 9.0}
        assert await socket.is_silent() is True


async def test_messages_of_a_conversation_are_heard_with_its_label(two, place):
    chat = await place.organization.project(**DYNAMIC)
    begun = await chat.admin.post(CREATE_ASSET, {"where": {"id": chat.id}, "data": {}})
    asset = begun.json()["data"]["createLLMAsset"]
    document = """subscription ($projectID: ID!) {
      data: labelCreatedOrUpdated(projectID: $projectID) { id chatItems { id role content } }
    }"""
    async with subscription(two, place.organization.admin, chat, TODAY, document=document) as socket:
        data = {"role": "SYSTEM", "content": "Be brief."}
        said = await chat.admin.post(SAY, {"where": {"id": asset["id"]}, "data": data})
        (message,) = said.json()["data"]["createChatItem"]

        items = [{"id": message["id"], "role": "SYSTEM", "content": "Be brief."}]
        assert await socket.heard() == {"id": asset["latestLabel"]["id"], "chatItems": items}
        assert await socket.is_silent() is True


@pytest.mark.parametrize("protocol", [TODAY, SDK])
async def test_every_label_of_a_large_batch_is_heard_once(two, place, protocol):
    ids = await place.assets(450)
    labels = [{"assetID": asset_id, "jsonResponse": answer()} for asset_id in ids]
    async with subscription(two, place.organization.admin, place, protocol) as socket:
        data = {"labelType": "DEFAULT", "labelsData": labels}
        made = await place.admin.data(APPEND_MANY_LABELS, {"data": data, "where": {"idIn": ids}})

        heard = [(await socket.heard())["id"] for _ in made]
        assert sorted(heard) == sorted(label["id"] for label in made)
        assert await socket.is_silent() is True


@pytest.mark.parametrize("protocol", [TODAY, SDK])
async def test_nothing_is_heard_any_more_after_the_end(two, place, protocol):
    (asset_id,) = await place.assets()
    async with subscription(two, place.organization.admin, place, protocol) as socket:
        await place.label(asset_id)
        await socket.heard()
        await socket.send(id="1", type=END[protocol])
        await asyncio.sleep(0.3)

        await place.label(asset_id)

        message = await socket.is_silent()
        assert message is True or json.loads(message)["type"] == "complete"


async def test_two_subscriptions_share_a_connection(two, place):
    other = await place.organization.project()
    (here,), (there,) = await place.assets(), await other.assets(1)
    async with subscription(two, place.organization.admin, place, TODAY) as socket:
        await socket.begin("2", other.id)
        await stands(two, other)

        first = await place.label(here)
        assert (await socket.heard("1"))["id"] == first
        second = await other.label(there)
        assert (await socket.heard("2"))["id"] == second


async def test_a_labeler_hears_what_a_labeler_sees(two, place):
    (asset_id,) = await place.assets()
    ada, bob = await place.member("LABELER"), await place.member("LABELER")
    async with subscription(two, ada, place, TODAY) as socket:
        others = await place.label(asset_id, by=bob)
        made = [
            await place.label(asset_id, by=ada),
            await place.label(asset_id, label_type="PREDICTION", model_name="m"),
            await place.label(asset_id, label_type="REVIEW"),
        ]
        where = {"where": {"project": {"id": place.id}}, "first": 10, "skip": 0}
        visible = {label["id"] for label in await ada.client.data(LABELS % "id", where)}
        assert others not in visible
        assert made[0] in visible

        heard = [label_id for label_id in made if label_id in visible]
        assert [(await socket.heard())["id"] for _ in heard] == heard
        assert await socket.is_silent() is True


@pytest.mark.parametrize("protocol", [TODAY, SDK])
@pytest.mark.parametrize(
    "place_of_key",
    [
        lambda value: {"Authorization": value},
        lambda value: {"authorization": value},
        lambda value: {"headers": {"Authorization": value}},
    ],
    ids=["Authorization", "authorization", "headers"],
)
async def test_the_key_may_stand_where_clients_put_it(two, place, protocol, place_of_key):
    async with connection(two.first, protocol, place_of_key(f"X-API-Key: {place.organization.admin.key}")) as socket:
        assert await socket.receive() == {"type": "connection_ack"}


@pytest.mark.parametrize("payload", [None, {}, {"Authorization": "X-API-Key: nobody's"}, {"Authorization": 7}], ids=str)
async def test_without_a_valid_key_a_connection_is_closed(two, payload):
    async with connection(two.first, TODAY, payload) as socket:
        with pytest.raises(websockets.ConnectionClosed) as closed:
            await socket.receive()
    assert closed.value.rcvd.code == 4403

    async with connection(two.first, SDK, payload) as socket:
        message = await socket.receive()
        assert message["type"] == "connection_error"
        with pytest.raises(websockets.ConnectionClosed):
            await socket.receive()


async def test_nothing_is_subscribed_before_the_key_came(two, place):
    address = two.first.endpoint.replace("http", "ws", 1)
    async with websockets.connect(address, subprotocols=[TODAY]) as raw:
        socket = Socket(raw, TODAY)
        await socket.begin("1", place.id)
        with pytest.raises(websockets.ConnectionClosed) as closed:
            await socket.receive()
    assert closed.value.rcvd.code == 4401


@pytest.mark.parametrize("protocol", [TODAY, SDK])
@pytest.mark.parametrize(
    ("document", "code"),
    [
        (DOCUMENT, "NOT_FOUND"),
        ("subscription ($projectID: ID!) { nothing(projectID: $projectID) { id } }", "GRAPHQL_VALIDATION_FAILED"),
        (
            "subscription ($projectID: ID!, $n: Int!) { labelCreatedOrUpdated(projectID: $projectID) { id } }",
            "GRAPHQL_VALIDATION_FAILED",
        ),
        (
            "subscription ($yes: Boolean!) { labelCreatedOrUpdated(projectID: 1) { id @skip(if: $yes) } }",
            "BAD_USER_INPUT",
        ),
        ("subscription {", "GRAPHQL_PARSE_FAILED"),
        (
            "subscription ($projectID: ID!) { labelCreatedOrUpdated(projectID: $projectID) { "
            + " ".join(f"a{number}: id" for number in range(40))
            + " } }",
            "QUERY_TOO_COMPLEX",
        ),
    ],
    ids=[
        "a project of others",
        "an unknown field",
        "an unused variable",
        "a variable is missing",
        "no graphql",
        "too many aliases",
    ],
)
async def test_what_cannot_be_heard_is_refused_and_the_connection_lives_on(
    two, place, other_project, protocol, document, code
):
    async with subscription(two, place.organization.admin, place, protocol) as socket:
        await socket.begin("2", other_project.id, document)
        message = await socket.receive()
        assert message["id"] == "2"
        errors = message["payload"]
        if isinstance(errors, dict):
            errors = errors.get("errors", [errors])
        assert [(error["extensions"]["code"], set(error["extensions"])) for error in errors] == [
            (code, {"code", "context", "requestId"})
        ]

        label_id = await place.label((await place.assets())[0])
        while (message := await socket.receive())["type"] == "complete":
            assert message["id"] == "2"
        assert message["payload"]["data"]["data"]["id"] == label_id


@pytest.fixture
async def other_project(two):
    """A project of strangers."""
    organization = await new_organization(two.database, two.client(two.second, None))
    yield await organization.project()
    await organization.http.http.aclose()


async def test_other_protocols_are_not_spoken(two):
    address = two.first.endpoint.replace("http", "ws", 1)
    async with websockets.connect(address, subprotocols=["soap"]) as socket:
        with pytest.raises(websockets.ConnectionClosed) as closed:
            await asyncio.wait_for(socket.recv(), 5)
    assert closed.value.rcvd.code == 4406


async def test_writers_of_a_project_nobody_listens_to_notify_nobody(two, place):
    listening = await asyncpg.connect(two.first.database_url)
    heard = []
    await listening.add_listener("labelyard_label", lambda *_: heard.append(1))
    await place.label((await place.assets())[0])
    await asyncio.sleep(0.3)
    await listening.close()

    assert heard == []


@pytest.mark.parametrize("path", ["/api/label/v1/graphql", "/api/label/graphql"])
async def test_addresses_of_older_clients_take_subscriptions(two, place, path):
    (asset_id,) = await place.assets(1)
    payload = {"Authorization": f"X-API-Key: {place.organization.admin.key}"}
    async with connection(two.first, SDK, payload, path=path) as socket:
        assert await socket.receive() == {"type": "connection_ack"}
        await socket.begin("1", place.id)
        await stands(two, place)
        label = await place.label(asset_id)
        assert (await socket.heard())["id"] == label


@pytest.mark.parametrize("protocol", [TODAY, SDK])
async def test_ids_are_heard_as_clients_chose_them(two, place, protocol):
    strangers = await new_organization(two.database, two.client(two.second, None))
    theirs = await strangers.project()
    known = f"known-{theirs.id}"
    await theirs.assets(1, idArray=[known])
    document = DOCUMENT.replace("labelOf {", "assetId labelOf {")
    async with subscription(two, place.organization.admin, place, protocol, document=document) as socket:
        await place.assets(1, idArray=[known])  # after the subscription was made
        await place.label(known)

        heard = await socket.heard()

    assert (heard["assetId"], heard["labelOf"]) == (known, {"id": known, "externalId": "asset-0"})
    (row,) = await place.rows("asset")
    assert row["id"] == f"{known}.{place.organization.id}"
