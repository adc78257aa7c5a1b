"""A websocket passes what an HTTP request passes: the person is read anew, limits hold, and every message has an answer."""

import asyncio
import json
import secrets
from contextlib import AsyncExitStack, asynccontextmanager

import asyncpg
import pytest
import websockets

from tests.common.documents import APPEND_MANY_LABELS
from tests.common.server import ServerProcess
from tests.common.socket import BEGIN, DATA, DOCUMENT, END, SDK, TODAY, Socket, connection, stands, subscription
from tests.common.world import answer, new_organization

pytestmark = pytest.mark.xdist_group("two servers")
BOTH = pytest.mark.parametrize("protocol", [TODAY, SDK])
DELETE_FROM_ROLES = "mutation ($where: ProjectUserWhere!) { data: deleteFromRoles(where: $where) { id } }"
TITLE = 'mutation ($id: ID!) { data: updatePropertiesInProject(where: {id: $id}, data: {title: "taken"}) { title } }'


@pytest.fixture(scope="module")
async def tight(two, tmp_path_factory):
    """A server on the same database with small limits."""
    limits = {
        "max_answer_bytes": "2048",
        "sockets_per_key": "3",
        "request_burst": "10",
        "requests_per_minute": "10",
        "body_bytes_at_once": str(1 << 20),
        "cost_per_minute": "20000",
    }
    data_dir = tmp_path_factory.mktemp("tight") / "data"
    server = ServerProcess(
        two.first.database_url, data_dir, api_key=f"ly_test_{secrets.token_hex(16)}", **limits
    ).start()
    yield server
    server.stop()


def credentials(person):
    return {"Authorization": f"X-API-Key: {person.key}"}


async def opened(server, person, protocol, stack):
    """A connection that was acknowledged."""
    socket = await stack.enter_async_context(connection(server, protocol, credentials(person)))
    assert await socket.receive() == {"type": "connection_ack"}
    return socket


async def answered(socket, document, variables=None, identifier="q"):
    """The result of an operation, or the errors it is refused with."""
    payload = {"query": document, "variables": variables or {}}
    await socket.send(id=identifier, type=BEGIN[socket.protocol], payload=payload)
    message = await socket.receive()
    assert message["id"] == identifier
    if message["type"] == "error":
        errors = message["payload"]
        return {"errors": errors if isinstance(errors, list) else [errors]}
    assert message["type"] == DATA[socket.protocol]
    assert await socket.receive() == {"id": identifier, "type": "complete"}
    return message["payload"]


def codes(result):
    return [error["extensions"]["code"] for error in result["errors"]]


async def closed(socket, seconds=6):
    """The code and the reason a connection is closed with, and what came before."""
    before = []
    try:
        async with asyncio.timeout(seconds):
            while True:
                message = json.loads(await socket.socket.recv())
                if message["type"] not in ("ka", "ping", "pong"):
                    before.append(message)
    except websockets.ConnectionClosed as ended:
        return ended.rcvd.code, before


# Whose socket it is


CHANGES = {
    "the key is revoked": ("update api_key set revoked_at = now() where user_id = $1", 4401),
    "the key expires": ("update api_key set expires_at = now() where user_id = $1", 4401),
    "the key is deleted": ("delete from api_key where user_id = $1", 4401),
    "the person is deactivated": ("update user_account set activated = false where id = $1", 4401),
    "the membership is removed": ("update project_user set deleted_at = now() where user_id = $1", 4403),
}


@BOTH
@pytest.mark.parametrize("change", CHANGES)
async def test_an_open_subscription_ends_with_the_right_to_it(two, place, protocol, change):
    statement, code = CHANGES[change]
    person = await place.member("ADMIN")
    async with subscription(two, person, place, protocol) as socket:
        await two.database.pool.execute(statement, person.id)
        assert await closed(socket) == (code, [])


@BOTH
@pytest.mark.parametrize("change", CHANGES)
async def test_nothing_is_delivered_after_a_right_was_taken(two, place, protocol, change):
    statement, code = CHANGES[change]
    (asset_id,) = await place.assets()
    person = await place.member("ADMIN")
    async with subscription(two, person, place, protocol) as socket:
        await place.label(asset_id)
        await socket.heard()

        await two.database.pool.execute(statement, person.id)
        await place.label(asset_id)
        assert await closed(socket) == (code, [])


@BOTH
async def test_an_operation_removes_the_role_that_a_subscription_lives_on(two, place, protocol):
    person = await place.organization.person()
    role_id = await place.join(person, "ADMIN")
    async with subscription(two, person, place, protocol) as socket:
        await place.admin.data(DELETE_FROM_ROLES, {"where": {"id": role_id}})
        assert await closed(socket) == (4403, [])


@BOTH
async def test_a_mutation_on_an_open_socket_needs_the_role_of_now(two, place, protocol):
    person = await place.member("ADMIN")
    async with AsyncExitStack() as stack:
        socket = await opened(two.first, person, protocol, stack)
        assert await answered(socket, TITLE, {"id": place.id}) == {"data": {"data": {"title": "taken"}}}
        await two.database.pool.execute("update project_user set role = 'LABELER' where user_id = $1", person.id)
        before = await place.everything()

        for document in (TITLE, "mutation ($id: ID!) { data: deleteProject(where: {id: $id}) { id } }"):
            result = await answered(socket, document, {"id": place.id})
            over_http = await person.client.graphql(document, {"id": place.id})
            assert codes(result) == codes(over_http) == ["FORBIDDEN"]
        assert await place.everything() == before


@BOTH
async def test_an_operation_after_the_key_was_revoked_is_refused_and_the_socket_closed(two, place, protocol):
    person = await place.member("ADMIN")
    async with AsyncExitStack() as stack:
        socket = await opened(two.first, person, protocol, stack)
        before = await place.everything()
        await two.database.pool.execute("update api_key set revoked_at = now() where user_id = $1", person.id)
        payload = {"query": TITLE, "variables": {"id": place.id}}
        await socket.send(id="q", type=BEGIN[protocol], payload=payload)
        assert await closed(socket) == (4401, [])
        assert await place.everything() == before


async def test_a_socket_without_operations_is_closed_with_its_key(two, place):
    person = await place.member("LABELER")
    async with AsyncExitStack() as stack:
        socket = await opened(two.first, person, TODAY, stack)
        await two.database.pool.execute("update user_account set activated = false where id = $1", person.id)
        assert await closed(socket) == (4401, [])


# What passes through it


@BOTH
async def test_queries_and_mutations_are_answered(two, place, protocol):
    async with AsyncExitStack() as stack:
        socket = await opened(two.first, place.organization.admin, protocol, stack)
        result = await answered(socket, "{ data: viewer { id } }")
        assert result == {"data": {"data": {"id": place.organization.admin.id}}}
        result = await answered(socket, TITLE, {"id": place.id}, identifier="m")
        assert result == {"data": {"data": {"title": "taken"}}}
        result = await answered(socket, "{ a: viewer { id } b: projects(where: {}, first: 1, skip: -1) { id } }")
        assert (result["data"]["b"], codes(result)) == (None, ["BAD_USER_INPUT"])


REFUSED = {
    "too dear": (
        "{ projects(where: {}, first: 1000, skip: 0) { roles { user { organization { users { id } } } } "
        "a: roles { user { organization { id } } } b: roles { user { organization { id } } } "
        "c: roles { user { organization { id } } } d: roles { user { organization { id } } } "
        "e: roles { user { organization { id } } } f: roles { user { organization { id } } } } }",
        "QUERY_TOO_COMPLEX",
    ),
    "too deep": ("{ viewer { " + "organization { users { " * 8 + "id" + " } }" * 8 + " } }", "QUERY_TOO_COMPLEX"),
    "too many tokens": ("{ viewer { " + "id " * 1001 + "} }", "QUERY_TOO_COMPLEX"),
    "too many root fields": ("{ " + " ".join(f"a{n}: viewer {{ id }}" for n in range(11)) + " }", "QUERY_TOO_COMPLEX"),
    "no graphql": ("{ viewer {", "GRAPHQL_PARSE_FAILED"),
    "an unknown field": ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
    "a variable is missing": ("query ($n: Int!) { projects(where: {}, first: 1, skip: $n) { id } }", "BAD_USER_INPUT"),
    "two operations": ("query A { viewer { id } } query B { viewer { id } }", "BAD_REQUEST"),
}


@BOTH
@pytest.mark.parametrize("name", REFUSED)
async def test_what_http_refuses_a_socket_refuses_with_the_same_code(two, place, protocol, name):
    document, code = REFUSED[name]
    over_http = await place.organization.admin.client.graphql(document, status=400)
    async with AsyncExitStack() as stack:
        socket = await opened(two.first, place.organization.admin, protocol, stack)
        result = await answered(socket, document)
        assert codes(result)[:1] == codes(over_http)[:1] == [code]
        assert result["errors"][0]["message"] == over_http["errors"][0]["message"]
        assert "data" not in result
        assert "errors" not in await answered(socket, "{ viewer { id } }", identifier="r")


@BOTH
async def test_an_answer_too_large_is_refused(two, tight, place, protocol):
    await place.assets(50)
    document = "query { data: assets(where: {}, first: 50, skip: 0) { id content } }"
    async with AsyncExitStack() as stack:
        socket = await opened(tight, place.organization.admin, protocol, stack)
        assert codes(await answered(socket, document)) == ["QUERY_TOO_COMPLEX"]


async def test_the_size_of_an_answer_is_that_of_one_event(two, tight, place):
    ids = await place.assets(12)
    async with AsyncExitStack() as stack:
        socket = await opened(tight, place.organization.admin, TODAY, stack)
        await socket.begin("1", place.id)
        await stands(two, place)
        labels = [{"assetID": asset_id, "jsonResponse": answer()} for asset_id in ids]
        variables = {"data": {"labelType": "DEFAULT", "labelsData": labels}, "where": {"idIn": ids}}
        made = await place.admin.data(APPEND_MANY_LABELS, variables)
        made += [{"id": await place.label(asset_id)} for asset_id in ids]
        heard = [(await socket.heard())["id"] for _ in made]
        assert sorted(heard) == sorted(label["id"] for label in made)


async def test_requests_on_a_socket_are_counted_with_those_of_the_key(two, tight, place):
    async with AsyncExitStack() as stack:
        socket = await opened(tight, place.organization.admin, TODAY, stack)
        results = [await answered(socket, "{ viewer { id } }") for _ in range(13)]
        assert [codes(result) for result in results if "errors" in result] == [["TOO_MANY_REQUESTS"]] * 3
        response = await two.client(tight, place.organization.admin.key).post("{ viewer { id } }")
        assert response.status_code == 429
        assert 0 < int(response.headers["retry-after"]) <= 60


@BOTH
async def test_every_operation_leaves_a_line_in_the_access_log(two, place, protocol):
    admin = place.organization.admin
    async with AsyncExitStack() as stack:
        socket = await opened(two.first, admin, protocol, stack)
        await answered(socket, "{ viewer { id } }")
        await answered(socket, "{ nothing }", identifier="r")
        await socket.begin("s", place.id)
        await stands(two, place)
    for _ in range(100):
        lines = [line for line in logged(two.first) if line.get("user_id") == admin.id]
        if len(lines) == 5:
            break
        await asyncio.sleep(0.05)

    assert [(line["event"], line["transport"], line["method"], line["field"], line["code"]) for line in lines] == [
        ("request", "websocket", protocol, "viewer", "OK"),
        ("request", "websocket", protocol, "nothing", "GRAPHQL_VALIDATION_FAILED"),
        ("subscribed", "websocket", protocol, "labelCreatedOrUpdated", "OK"),
        *sorted(
            [
                ("request", "websocket", protocol, "labelCreatedOrUpdated", "OK"),
                ("websocket", "websocket", protocol, "", "OK"),
            ]
        ),
    ]
    assert [line["cost"] for line in lines[:2]] == [1, 1]


async def subscribed(server, organization_id, count):
    """Wait until so many subscriptions of an organization stand."""
    for _ in range(400):
        ours = [line for line in logged(server) if line.get("organization_id") == organization_id]
        if sum(line["event"] == "subscribed" for line in ours) == count:
            return
        await asyncio.sleep(0.1)
    raise AssertionError("not all subscriptions stand")


def logged(server):
    """The lines of the log as objects; what stands before the first one is the greeting."""
    return [json.loads(line) for line in list(server.log) if line.startswith("{")]


# Messages


MESSAGES = {
    "a list": "[]",
    "a number": "1",
    "null": "null",
    "a text": '"x"',
    "nothing": "",
    "no json": "{",
    "no type": "{}",
    "a type that is no text": '{"type": 1}',
    "an unknown type": '{"type": "hello"}',
    "50,000 levels": '{"type": ' + "[" * 50_000 + "]" * 50_000 + "}",
    "an integer of 5,000 digits": '{"type": "ping", "id": ' + "9" * 5_000 + "}",
    "a lone surrogate": '{"type": "\\ud800"}',
    "a repeated key": '{"type": "ping", "type": "ping"}',
    "bytes": b'{"type": "ping"}',
    "bytes of nonsense": b"\xff\x00",
}


@BOTH
@pytest.mark.parametrize("is_first", [True, False], ids=["first", "later"])
@pytest.mark.parametrize("name", MESSAGES)
async def test_a_message_that_makes_no_sense_closes_the_socket(two, place, protocol, name, is_first):
    known = len(two.first.log)
    async with AsyncExitStack() as stack:
        if is_first:
            address = two.first.endpoint.replace("http", "ws", 1)
            raw = await stack.enter_async_context(websockets.connect(address, subprotocols=[protocol]))
            socket = Socket(raw, protocol)
        else:
            socket = await opened(two.first, place.organization.admin, protocol, stack)
        await socket.socket.send(MESSAGES[name])
        code, before = await closed(socket)
    assert before == []
    assert code == (4401 if is_first and name == "an unknown type" else 4400)
    assert not [line for line in two.first.log[known:] if "Traceback" in line or "exception" in line]


@BOTH
@pytest.mark.parametrize("identifier", [None, 1, "", "x" * 129, ["a"]], ids=repr)
async def test_an_operation_needs_an_id(two, place, protocol, identifier):
    async with AsyncExitStack() as stack:
        socket = await opened(two.first, place.organization.admin, protocol, stack)
        await socket.send(id=identifier, type=BEGIN[protocol], payload={"query": "{ viewer { id } }"})
        assert await closed(socket) == (4400, [])


@BOTH
@pytest.mark.parametrize(
    "payload", [None, [], "x", {}, {"query": 1}, {"query": ""}, {"query": "{a}", "variables": []}], ids=repr
)
async def test_a_payload_that_is_no_request_is_refused_and_the_connection_lives_on(two, place, protocol, payload):
    async with AsyncExitStack() as stack:
        socket = await opened(two.first, place.organization.admin, protocol, stack)
        await socket.send(id="q", type=BEGIN[protocol], payload=payload)
        message = await socket.receive()
        errors = message["payload"] if protocol == TODAY else [message["payload"]]
        assert (message["type"], message["id"]) == ("error", "q")
        assert [error["extensions"]["code"] for error in errors] == ["BAD_REQUEST"]
        assert "errors" not in await answered(socket, "{ viewer { id } }")


async def test_text_that_is_not_utf_8_closes_the_socket(two, place):
    known = len(two.first.log)
    async with AsyncExitStack() as stack:
        socket = await opened(two.first, place.organization.admin, TODAY, stack)
        await socket.socket.send(b"\xed\xa0\x80", text=True)
        assert (await closed(socket))[0] == 1007
    assert not [line for line in two.first.log[known:] if "Traceback" in line or "exception" in line]


async def test_a_message_of_more_than_a_mebibyte_closes_the_socket(two, place):
    async with AsyncExitStack() as stack:
        socket = await opened(two.first, place.organization.admin, TODAY, stack)
        await socket.socket.send('{"type": "ping", "payload": "' + "x" * (1 << 20) + '"}')
        assert (await closed(socket))[0] == 1009


async def test_the_mistakes_that_today_s_protocol_names_have_its_codes(two, place):
    admin = place.organization.admin
    async with AsyncExitStack() as stack:
        socket = await opened(two.first, admin, TODAY, stack)
        await socket.send(type="connection_init", payload=credentials(admin))
        assert (await closed(socket))[0] == 4429
    async with subscription(two, admin, place, TODAY) as socket:
        await socket.begin("1", place.id)
        assert (await closed(socket))[0] == 4409
    async with AsyncExitStack() as stack:
        socket = await opened(two.first, admin, TODAY, stack)
        await socket.send(type="ping", payload={"a": 1})
        assert json.loads(await socket.socket.recv()) == {"type": "pong", "payload": {"a": 1}}


async def test_the_older_protocol_ends_as_its_clients_ask(two, place):
    async with AsyncExitStack() as stack:
        socket = await opened(two.first, place.organization.admin, SDK, stack)
        await socket.send(type="connection_terminate")
        assert (await closed(socket))[0] == 1000


# How many


async def test_a_key_has_so_many_sockets_at_most(two, tight, place):
    person = await place.member("LABELER")
    for protocol in (TODAY, SDK):
        async with AsyncExitStack() as stack:
            for _ in range(3):
                await opened(tight, person, protocol, stack)
            one_more = await stack.enter_async_context(connection(tight, protocol, credentials(person)))
            code, before = await closed(one_more)
            assert code == 4429
            assert [message["type"] for message in before] == ([] if protocol == TODAY else ["connection_error"])
            await opened(tight, place.organization.admin, protocol, stack)
        await asyncio.sleep(0.2)


async def test_a_socket_has_fifty_operations_at_most(two, place):
    async with subscription(two, place.organization.admin, place, TODAY) as socket:
        for number in range(2, 52):
            await socket.begin(str(number), place.id)
        message = await socket.receive()
        assert (message["id"], message["type"]) == ("51", "error")
        assert [error["extensions"]["code"] for error in message["payload"]] == ["TOO_MANY_REQUESTS"]

        await subscribed(two.first, place.organization.id, 50)
        label_id = await place.label((await place.assets())[0])
        heard = [await socket.receive() for _ in range(50)]
        assert {message["id"] for message in heard} == {str(number) for number in range(1, 51)}
        assert {message["payload"]["data"]["data"]["id"] for message in heard} == {label_id}


async def test_pages_of_other_origins_may_not_open_a_socket(two):
    address = two.first.endpoint.replace("http", "ws", 1)
    for origin, is_let_in in [(two.first.url, True), ("https://elsewhere.example", False), ("null", False)]:
        if is_let_in:
            async with websockets.connect(address, subprotocols=[TODAY], origin=origin):
                pass
            continue
        with pytest.raises(websockets.InvalidStatus) as refused:
            await websockets.connect(address, subprotocols=[TODAY], origin=origin)
        assert refused.value.response.status_code == 403
        assert json.loads(refused.value.response.body)["error"]["code"] == "FORBIDDEN"


async def test_five_hundred_subscribers_at_once_all_hear(two):
    organization = await new_organization(two.database, two.client(two.second, None))
    place = await organization.project()
    (asset_id,) = await place.assets()
    people = [await organization.person(organization_role="ADMIN") for _ in range(25)]

    async with AsyncExitStack() as stack:

        async def subscriber(person):
            socket = await opened(two.first, person, TODAY, stack)
            await socket.begin("1", place.id)
            return socket

        async with asyncio.timeout(60):
            sockets = await asyncio.gather(*(subscriber(person) for person in people for _ in range(20)))
            await subscribed(two.first, organization.id, 500)
            label_id = await place.label(asset_id)
            heard = await asyncio.gather(*(socket.heard() for socket in sockets))
    assert [label["id"] for label in heard] == [label_id] * 500
    await organization.http.http.aclose()


# What is stopped, and when


# A lock on one of these holds an operation up: when its key is looked up, or when it is announced that somebody listens.
MOMENTS = pytest.mark.parametrize("held_up", ["api_key", "label_listener"])


@asynccontextmanager
async def locked(two, table):
    """Keep everybody else off a table."""
    other = await asyncpg.connect(two.first.database_url)
    try:
        await other.execute(f"begin; lock table {table} in access exclusive mode")
        yield
    finally:
        await other.close()


async def events_of(server, organization_id, event, count):
    """Wait until the log has so many lines of an event; all lines of the organization."""
    for _ in range(200):
        lines = [line for line in logged(server) if line.get("organization_id") == organization_id]
        if sum(line["event"] == event for line in lines) >= count:
            return [line["event"] for line in lines]
        await asyncio.sleep(0.05)
    raise AssertionError(f"no {event}: {lines}")


@BOTH
@MOMENTS
async def test_a_socket_that_is_left_while_a_subscription_begins_ends(two, place, protocol, held_up):
    async with AsyncExitStack() as stack:
        socket = await opened(two.first, place.organization.admin, protocol, stack)
        async with locked(two, held_up):
            await socket.begin("1", place.id)
            await asyncio.sleep(0.3)
            await socket.socket.close()
            await asyncio.sleep(0.3)
    assert await events_of(two.first, place.organization.id, "websocket", 1) == ["request", "websocket"]


@BOTH
@MOMENTS
async def test_a_subscription_that_is_stopped_while_it_begins_delivers_nothing(two, place, protocol, held_up):
    (asset_id,) = await place.assets()
    async with AsyncExitStack() as stack:
        socket = await opened(two.first, place.organization.admin, protocol, stack)
        async with locked(two, held_up):
            await socket.begin("1", place.id)
            await asyncio.sleep(0.3)
            await socket.send(id="1", type=END[protocol])
            await socket.begin("1", place.id)
            await asyncio.sleep(0.3)
        await events_of(two.first, place.organization.id, "subscribed", 1)
        label_id = await place.label(asset_id)
        assert (await socket.heard())["id"] == label_id
        assert await socket.is_silent() is True
    events = await events_of(two.first, place.organization.id, "websocket", 1)
    assert sorted(events) == ["request", "request", "subscribed", "websocket"]


@BOTH
async def test_stopped_mutations_are_finished_before_the_socket_ends(two, place, protocol):
    async with AsyncExitStack() as stack:
        socket = await opened(two.first, place.organization.admin, protocol, stack)
        async with locked(two, "project"):
            await socket.send(id="m", type=BEGIN[protocol], payload={"query": TITLE, "variables": {"id": place.id}})
            await asyncio.sleep(0.3)
            await socket.send(id="m", type=END[protocol])
            await socket.socket.close()
            await asyncio.sleep(0.3)
    assert await events_of(two.first, place.organization.id, "websocket", 1) == ["request", "websocket"]
    assert (await place.rows("project"))[0]["title"] == "taken"


@BOTH
async def test_operations_that_were_stopped_count_until_they_are_done(two, place, protocol):
    async with AsyncExitStack() as stack:
        socket = await opened(two.first, place.organization.admin, protocol, stack)
        async with locked(two, "api_key"):
            for number in range(50):
                await socket.send(id=f"q{number}", type=BEGIN[protocol], payload={"query": "{ viewer { id } }"})
                await socket.send(id=f"q{number}", type=END[protocol])
            # The refusal needs no look-up, which nothing would answer now.
            result = await answered(socket, "{ viewer { id } }")
            assert codes(result) == ["TOO_MANY_REQUESTS"]
            assert "50 operations are open on this websocket" in result["errors"][0]["message"]
        await events_of(two.first, place.organization.id, "request", 51)
        assert "errors" not in await answered(socket, "{ viewer { id } }")


async def test_operations_too_many_are_counted_as_requests(two, tight, place):
    person = await place.member("LABELER")
    async with AsyncExitStack() as stack:
        socket = await opened(tight, person, TODAY, stack)
        async with locked(two, "api_key"):
            for number in range(50):
                await socket.send(id=f"q{number}", type="subscribe", payload={"query": "{ viewer { id } }"})
            results = [await answered(socket, "{ viewer { id } }", identifier="more") for _ in range(12)]
        limits = [result["errors"][0]["extensions"]["context"].get("limit") for result in results]
        assert limits[:10] == [None] * 10
        assert limits[11] == "LABELYARD_REQUESTS_PER_MINUTE"


@BOTH
async def test_messages_take_room_among_the_bodies_until_they_are_answered(two, tight, place, protocol):
    person = await place.member("LABELER")
    variables = {"surplus": "x" * 400_000}
    async with AsyncExitStack() as stack:
        socket = await opened(tight, person, protocol, stack)
        async with locked(two, "api_key"):
            for number in range(2):
                payload = {"query": "{ viewer { id } }", "variables": variables}
                await socket.send(id=f"q{number}", type=BEGIN[protocol], payload=payload)
            refused = await answered(socket, "{ viewer { id } }", variables)
            assert codes(refused) == ["TOO_MANY_REQUESTS"]
            assert "LABELYARD_BODY_BYTES_AT_ONCE" in refused["errors"][0]["message"]
        for _ in range(4):
            await socket.receive()
        assert "errors" not in await answered(socket, "{ viewer { id } }", variables)


@BOTH
async def test_what_is_kept_of_a_subscription_is_small(two, place, protocol):
    async with AsyncExitStack() as stack:
        socket = await opened(two.first, place.organization.admin, protocol, stack)
        variables = {"projectID": place.id, "surplus": "x" * 200_000}
        result = await answered(socket, DOCUMENT, variables)
        assert codes(result) == ["PAYLOAD_TOO_LARGE"]


async def test_what_is_delivered_is_counted_with_the_cost_of_the_key(two, tight, place):
    ids = await place.assets(150)
    person, other = await place.member("ADMIN"), await place.member("ADMIN")
    many = " ".join(f"l{number}: labels {{ id }}" for number in range(22))
    document = f"""
    subscription ($projectID: ID!) {{
      data: labelCreatedOrUpdated(projectID: $projectID) {{ id labelOf {{ {many} }} }}
    }}"""
    page = "projects(where: {}, first: 1000, skip: 0) { id }"
    dear = "{ " + " ".join(f"p{number}: {page}" for number in range(10)) + " }"
    async with AsyncExitStack() as stack:
        socket = await opened(tight, person, TODAY, stack)
        await socket.begin("1", place.id, document)
        await stands(two, place)
        labels = [{"assetID": asset_id, "jsonResponse": answer()} for asset_id in ids]
        data = {"labelType": "DEFAULT", "labelsData": labels}
        await place.admin.data(APPEND_MANY_LABELS, {"data": data, "where": {"idIn": ids}})
        for _ in ids:
            await socket.heard()
        (cost,) = [line["cost"] for line in logged(tight) if line.get("user_id") == person.id]
        assert 10_000 + 5_000 < 150 * cost < 20_000

        assert (await two.client(tight, other.key).post(dear)).status_code == 200
        response = await two.client(tight, person.key).post(dear)
        assert response.status_code == 429
        assert "LABELYARD_COST_PER_MINUTE" in response.json()["error"]["message"]
