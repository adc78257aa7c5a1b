"""The HTTP edge around the GraphQL endpoint: each kind of refusal with its status, shape, code and headers."""

import asyncio
import gzip
import json
import re

import asyncpg
import httpx
import pytest

from labelyard.server.application import ENDPOINT, VERSION, create_app
from labelyard.server.settings import Settings
from labelyard.storage.database import Database
from tests.common.client import Client
from tests.common.documents import APPEND_MANY_ASSETS, APPEND_TO_LABELS, UPDATE_ASSETS, UPDATE_PROJECT
from tests.common.proxy import Proxy
from tests.common.world import answer

JSON = {"content-type": "application/json"}
VIEWER = "{ data: viewer { id email } }"
REQUEST_ID = re.compile("[0-9a-f]{16}")


def assert_graphql_shape(response, status, code):
    """The shape of everything certain: clients show its message at once."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/json"
    body = response.json()
    assert set(body) == {"data", "errors"}
    assert body["data"] is None
    error = body["errors"][0]
    assert set(error) <= {"message", "locations", "path", "extensions"}
    assert set(error["extensions"]) == {"code", "context", "requestId"}
    assert error["extensions"]["code"] == code
    assert isinstance(error["extensions"]["context"], dict)
    assert error["extensions"]["requestId"] == response.headers["x-request-id"]
    assert REQUEST_ID.fullmatch(response.headers["x-request-id"])
    return body["errors"]


def assert_plain_shape(response, status, code):
    """The shape of "try again later": clients go by the status, for there is neither `data` nor `errors`."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/json"
    assert set(response.json()) == {"error"}
    assert set(response.json()["error"]) == {"code", "message", "requestId"}
    assert response.json()["error"]["code"] == code
    assert response.json()["error"]["requestId"] == response.headers["x-request-id"]


@pytest.fixture
def post(organization):
    """Post raw bytes as the administrator."""

    async def send(content, headers=JSON, key=organization.admin.key, method="POST"):
        authorization = {"authorization": f"X-API-Key: {key}"} if key else {}
        return await organization.http.http.request(
            method, ENDPOINT, content=content, headers={**headers, **authorization}
        )

    return send


def body(query, **more):
    return json.dumps({"query": query, **more}).encode()


# Before anything runs


BODIES = {
    "nothing": (b"", 400, "BAD_REQUEST"),
    "no json": (b"{", 400, "BAD_REQUEST"),
    "a list": (b"[]", 400, "BAD_REQUEST"),
    "a batch": (b'[{"query":"{viewer{id}}"}]', 400, "BAD_REQUEST"),
    "no query": (b"{}", 400, "BAD_REQUEST"),
    "null query": (b'{"query":null}', 400, "BAD_REQUEST"),
    "variables a list": (b'{"query":"{viewer{id}}","variables":[]}', 400, "BAD_REQUEST"),
    "not a number": (b'{"query":"{viewer{id}}","variables":{"a":NaN}}', 400, "BAD_REQUEST"),
    "no graphql": (body("{ viewer {"), 400, "GRAPHQL_PARSE_FAILED"),
    "an unknown field": (body("{ nothing }"), 400, "GRAPHQL_VALIDATION_FAILED"),
    "an unknown type": (body("query ($a: Nothing) { viewer { id } }"), 400, "GRAPHQL_VALIDATION_FAILED"),
    "an unused variable": (body("query ($a: Int) { viewer { id } }"), 400, "GRAPHQL_VALIDATION_FAILED"),
    "an object without fields": (body("{ viewer }"), 400, "GRAPHQL_VALIDATION_FAILED"),
    "too deep": (
        body("{ viewer { " + "organization { users { " * 8 + "id" + " } }" * 8 + " } }"),
        400,
        "QUERY_TOO_COMPLEX",
    ),
    "too many aliases": (
        body("{ viewer { " + " ".join(f"a{number}: id" for number in range(31)) + " } }"),
        400,
        "QUERY_TOO_COMPLEX",
    ),
    "too many root fields": (
        body("{ " + " ".join(f"a{number}: viewer {{ id }}" for number in range(11)) + " }"),
        400,
        "QUERY_TOO_COMPLEX",
    ),
    "a variable of the wrong type": (
        body("query ($n: Int!) { projects(where: {}, first: 1, skip: $n) { id } }", variables={"n": "one"}),
        400,
        "BAD_USER_INPUT",
    ),
    "a variable that is missing": (
        body("query ($n: Int!) { projects(where: {}, first: 1, skip: $n) { id } }"),
        400,
        "BAD_USER_INPUT",
    ),
}


@pytest.mark.parametrize("name", BODIES)
async def test_what_cannot_be_run_is_refused_as_a_whole(post, name):
    content, status, code = BODIES[name]

    errors = assert_graphql_shape(await post(content), status, code)

    assert 1 <= len(errors) <= 10


async def test_at_most_ten_errors_are_told(post):
    response = await post(body("{ viewer { " + " ".join(f"nothing{number}" for number in range(30)) + " } }"))

    assert len(assert_graphql_shape(response, 400, "GRAPHQL_VALIDATION_FAILED")) == 10


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/graphql", ""]
)
async def test_other_media_types_are_not_served(post, kind):
    assert_plain_shape(await post(body(VIEWER), {"content-type": kind}), 415, "UNSUPPORTED_MEDIA_TYPE")


async def test_a_body_too_large_is_refused_with_the_limit(post):
    response = await post(b"{" + b" " * (33 << 20))

    (error,) = assert_graphql_shape(response, 413, "PAYLOAD_TOO_LARGE")
    context = error["extensions"]["context"]
    assert (context["limit"], context["value"]) == ("max_body_bytes", 32 << 20)
    assert context["size"] > 32 << 20


async def test_a_compressed_body_is_read(post, organization):
    response = await post(gzip.compress(body(VIEWER)), {**JSON, "content-encoding": "gzip"})

    assert response.json() == {"data": {"data": {"id": organization.admin.id, "email": organization.admin.email}}}


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"])
async def test_other_methods_are_not_allowed(post, method):
    response = await post(body(VIEWER), method=method)

    assert (response.status_code, response.headers["allow"]) == (405, "POST, GET")
    if method != "HEAD":
        assert_plain_shape(response, 405, "METHOD_NOT_ALLOWED")


async def test_queries_are_not_answered_to_get(organization):
    response = await organization.http.http.get(ENDPOINT, params={"query": VIEWER})

    assert_plain_shape(response, 405, "METHOD_NOT_ALLOWED")


async def test_get_alone_serves_the_playground(organization):
    response = await organization.http.http.get(ENDPOINT, headers={"accept": "text/html"})

    assert (response.status_code, response.headers["content-type"]) == (200, "text/html; charset=utf-8")


async def test_a_slash_more_is_another_place(organization):
    assert (await organization.http.http.post(ENDPOINT + "/", content=body(VIEWER), headers=JSON)).status_code == 404


# Who asks


@pytest.mark.parametrize(
    "authorization",
    [None, "", "X-API-Key", "X-API-Key: ", "X-API-Key: nobody's", "Basic {key}", "{key}", "X-API-Key:{key}"],
    ids=str,
)
async def test_without_a_valid_key_nothing_is_answered(organization, authorization):
    headers = dict(JSON)
    if authorization is not None:
        headers["authorization"] = authorization.replace("{key}", organization.admin.key)
    for query in (VIEWER, "{ __schema { queryType { name } } }", "{ nothing }", "mutation { deleteLabels(ids: []) }"):
        response = await organization.http.http.post(ENDPOINT, content=body(query), headers=headers)
        (error,) = assert_graphql_shape(response, 401, "UNAUTHENTICATED")
        assert response.headers["www-authenticate"] == 'X-API-Key realm="labelyard"'
        assert "nothing" not in error["message"]


@pytest.mark.parametrize("scheme", ["X-API-Key: ", "x-api-key: ", "X-API-Key ", "X-Api-Key: "])
async def test_the_scheme_is_read_as_clients_write_it(organization, scheme):
    headers = {**JSON, "authorization": scheme + organization.admin.key}

    response = await organization.http.http.post(ENDPOINT, content=body(VIEWER), headers=headers)

    assert response.json()["data"]["data"]["id"] == organization.admin.id


@pytest.mark.parametrize(
    "change",
    [
        "update api_key set revoked_at = now() where user_id = $1",
        "update api_key set expires_at = now() where user_id = $1",
        "update user_account set activated = false where id = $1",
        "delete from api_key where user_id = $1",
    ],
    ids=["revoked", "expired", "person deactivated", "deleted"],
)
async def test_a_key_that_ends_is_refused_at_the_next_request(organization, database, change):
    person = await organization.person()
    assert (await person.client.data(VIEWER))["id"] == person.id

    await database.pool.execute(change, person.id)

    refused = await person.client.refused(VIEWER, status=401)
    assert refused.at == ("UNAUTHENTICATED", None)


# While it runs


async def test_answers_have_a_cost_and_an_id_of_their_own(project):
    document = "query ($first: PageSize!) { data: projects(where: {}, first: $first, skip: 0) { id title } }"
    first, second = [await project.admin.post(document, {"first": size}) for size in (1, 100)]

    assert first.status_code == second.status_code == 200
    assert first.headers["x-request-id"] != second.headers["x-request-id"]
    assert 0 < int(first.headers["x-complexity"]) < int(second.headers["x-complexity"]) <= 20_000


async def test_a_success_is_data_alone(project):
    response = await project.admin.post("{ data: viewer { id } }")

    assert response.content == b'{"data":{"data":{"id":"%s"}}}' % project.organization.admin.id.encode()


async def test_a_field_that_fails_leaves_the_others(project):
    document = """
    { first: viewer { id } second: projects(where: {}, first: 1, skip: -1) { id } third: countProjects(where: {}) }"""
    answered = await project.admin.graphql(document)

    assert answered["data"] == {"first": {"id": project.organization.admin.id}, "second": None, "third": 1}
    (error,) = answered["errors"]
    assert (error["path"], error["extensions"]["code"]) == (["second"], "BAD_USER_INPUT")
    assert error["locations"] == [{"line": 2, "column": 28}]


async def test_a_field_that_may_not_be_null_takes_everything_with_it(project):
    answered = await project.admin.graphql('{ viewer { id } countAssets(where: {externalIdIn: ["\\u0000"]}) }')

    assert answered["data"] is None
    assert [error["path"] for error in answered["errors"]] == [["countAssets"]]


async def test_mutations_run_one_after_the_other_and_each_for_itself(project):
    document = """
    mutation ($id: ID!, $where: ProjectWhere!) {
      first: appendManyAssets(data: {contentArray: ["1"], externalIDArray: ["a"]}, where: $where) { externalId }
      second: appendManyAssets(data: {contentArray: ["2"], externalIDArray: ["a"]}, where: $where) { externalId }
      third: updatePropertiesInProject(data: {title: "after"}, where: {id: $id}) { title numberOfAssets }
    }"""
    answered = await project.admin.graphql(document, {"id": project.id, "where": {"id": project.id}})

    assert answered["data"] == {
        "first": [{"externalId": "a"}],
        "second": None,
        "third": {"title": "after", "numberOfAssets": 1},
    }
    assert [(error["path"], error["extensions"]["code"]) for error in answered["errors"]] == [(["second"], "CONFLICT")]


async def test_undeclared_variables_and_unknown_keys_are_ignored(project):
    content = body(VIEWER, variables={"surplus": 1}, operationName=None, extensions={}, more=True)
    headers = {**JSON, "authorization": f"X-API-Key: {project.admin.key}"}

    assert (await project.admin.http.post(ENDPOINT, content=content, headers=headers)).status_code == 200


async def test_what_nobody_expected_is_masked_and_logged_under_its_id(project, monkeypatch, capsys):
    def broken(_where):
        raise RuntimeError("the password is /etc/secret")

    monkeypatch.setattr("labelyard.resolvers.project.query.project_filter", broken)
    response = await project.admin.post("{ data: projects(where: {}, first: 1, skip: 0) { id } }")

    assert response.status_code == 200
    (error,) = response.json()["errors"]
    assert error["message"] == "Internal error"
    assert error["extensions"] == {
        "code": "INTERNAL_SERVER_ERROR",
        "context": {},
        "requestId": response.headers["x-request-id"],
    }
    assert "secret" not in response.text
    assert "RuntimeError" not in response.text
    told = capsys.readouterr().out
    assert response.headers["x-request-id"] in told
    assert "the password is" in told


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (asyncpg.DiskFullError("no space left on device /var"), "INSUFFICIENT_STORAGE"),
        (asyncpg.QueryCanceledError("canceling statement due to statement timeout"), "TIMEOUT"),
        (asyncpg.LockNotAvailableError("lock timeout"), "TIMEOUT"),
        (asyncpg.CharacterNotInRepertoireError("invalid byte sequence"), "BAD_USER_INPUT"),
        (asyncpg.UndefinedTableError('relation "x" does not exist'), "INTERNAL_SERVER_ERROR"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
async def test_errors_of_the_database_are_told_by_what_they_mean(project, monkeypatch, error, code):
    def broken(_where):
        raise error

    monkeypatch.setattr("labelyard.resolvers.project.query.project_filter", broken)
    response = await project.admin.post("{ data: projects(where: {}, first: 1, skip: 0) { id } }")

    assert response.status_code == 200
    assert response.json()["errors"][0]["extensions"]["code"] == code
    assert str(error) not in response.text


async def test_an_answer_too_large_is_refused_with_the_limit(project, app_with):
    await project.assets(50)
    client = app_with(max_answer_bytes=2048).as_(project.organization.admin.key)
    document = "query ($first: PageSize!) { data: assets(where: {}, first: $first, skip: 0) { id content } }"
    assert len(await client.data(document, {"first": 5})) == 5

    (error,) = assert_graphql_shape(await client.post(document, {"first": 50}), 400, "QUERY_TOO_COMPLEX")

    assert error["extensions"]["context"]["limit"] == 2048


async def test_what_takes_too_long_is_rolled_back(project, database, app_with):
    (asset_id,) = await project.assets()
    before = await project.everything()
    client = app_with(request_timeout_seconds=0.3).as_(project.organization.admin.key)
    change = {"dataArray": [{"priority": 7}], "whereArray": [{"id": asset_id}]}
    label = {"data": {"jsonResponse": answer(), "labelType": "DEFAULT"}, "where": {"id": asset_id}}

    async with database.transaction() as connection:
        await connection.fetch("select 1 from asset where id = :id for update", {"id": asset_id})
        assert_graphql_shape(await client.post(UPDATE_ASSETS, change), 200, "TIMEOUT")
        # A statement that commits itself may have done so when it is given up.
        assert_plain_shape(await client.post(APPEND_TO_LABELS, label), 503, "UNKNOWN_OUTCOME")

    await asyncio.sleep(0.2)
    assert await project.everything() == before
    await project.label(asset_id)


# When the database is away


@pytest.fixture
async def wire(settings, own_database_url):
    """An application behind a wire that can be cut, and a client of it."""
    proxy = Proxy(own_database_url)
    await proxy.open()
    database = await Database.open(proxy.url, size=4)
    changed = Settings.model_validate({**settings.model_dump(), "database_url": proxy.url})
    transport = httpx.ASGITransport(create_app(changed, database))
    async with httpx.AsyncClient(transport=transport, base_url="http://label.example", timeout=60) as http:
        yield proxy, Client(http)
    await proxy.cut()
    database.pool.terminate()


async def test_without_a_database_clients_are_told_to_try_again(wire):
    proxy, client = wire
    assert (await client.http.get("/health/ready")).json() == {"status": "ready"}
    assert (await client.http.get("/health")).json() == {"status": "ready"}
    await proxy.cut()

    client = client.as_("somebody")
    response = await client.post(VIEWER)
    assert_plain_shape(response, 503, "UNAVAILABLE")
    assert response.headers["retry-after"] == "2"
    for document, variables in [
        (UPDATE_PROJECT, {"data": {"title": "t"}, "where": {"id": "p"}}),
        (APPEND_MANY_ASSETS, {"data": {"contentArray": ["c"]}, "where": {"id": "p"}}),
    ]:
        response = await client.post(document, variables)
        assert_plain_shape(response, 429, "UNAVAILABLE")
        assert 0 < int(response.headers["retry-after"]) <= 60

    response = await client.http.get("/health/ready")
    assert (response.status_code, response.json()) == (
        503,
        {"status": "not ready", "failing": ["database", "schema"]},
    )
    assert (await client.http.get("/health/live")).status_code == 200

    await proxy.open()
    assert (await client.http.get("/health/ready")).json() == {"status": "ready"}
    assert_graphql_shape(await client.post(VIEWER), 401, "UNAUTHENTICATED")


# Beside GraphQL


async def test_the_version_is_open_and_written_without_a_space(client):
    response = await client.http.get(VERSION)

    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    assert re.fullmatch(rb'\{"version":"2\.0\.\d+"\}', response.content)


@pytest.mark.parametrize("prefix", ["/api/label/v1", "/api/label"])
async def test_addresses_of_older_clients_serve_the_same(organization, prefix):
    http = organization.http.http
    headers = {"authorization": f"X-API-Key: {organization.admin.key}"}
    answers = [
        await http.post(address, json={"query": VIEWER}, headers=headers) for address in (f"{prefix}/graphql", ENDPOINT)
    ]

    assert answers[0].status_code == 200
    assert answers[0].content == answers[1].content
    assert (await http.get(f"{prefix}/version")).content == (await http.get(VERSION)).content
    assert (await http.post(f"{prefix}/graphql", json={"query": VIEWER})).status_code == 401


async def test_the_server_says_that_it_lives_and_is_ready(client):
    for place, said in [("/health/live", {"status": "live"}), ("/health/ready", {"status": "ready"})]:
        response = await client.http.get(place)
        assert (response.status_code, response.json()) == (200, said)


async def test_a_schema_of_another_version_is_not_ready(own_database_url, settings):
    database = await Database.open(own_database_url, size=2)
    await database.pool.execute("update alembic_version set version_num = '9999'")
    transport = httpx.ASGITransport(create_app(settings, database))
    async with httpx.AsyncClient(transport=transport, base_url="http://label.example") as http:
        response = await http.get("/health/ready")
    await database.close()

    assert (response.status_code, response.json()) == (503, {"status": "not ready", "failing": ["schema"]})


async def test_the_root_says_where_everything_is(client):
    answer = (await client.http.get("/")).json()
    assert answer["name"] == "labelyard"
    for place in (answer["version"], answer["health"]):
        assert (await client.http.get(place)).status_code == 200
    assert (await client.http.post(answer["endpoint"], json={"query": "{ viewer { id } }"})).status_code == 401


@pytest.mark.parametrize("place", ["/api/label/v3/graphql", "/admin", "/healthy", "/api/label/v2/graphql/x"])
async def test_there_is_nothing_elsewhere(client, place):
    assert (await client.http.get(place)).status_code == 404
