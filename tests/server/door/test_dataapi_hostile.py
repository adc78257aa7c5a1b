"""Whatever is sent to data tasks, the answer is a refusal that names what is wrong, or what was asked for; never 500."""

from __future__ import annotations

from urllib.parse import quote

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from labelyard.domain.error import ClientError
from labelyard.server.door.rest import Query
from tests.server.door.dataapi import ANIMALS, Customer, picture, sent

REFUSED = {400, 401, 403, 404, 405, 409, 413, 415, 422}
TEXTS = some.one_of(
    some.text(max_size=12),
    some.sampled_from(
        [
            "",
            "\0",
            "kind",
            "image_with_animal",
            "yes",
            "7",
            "a" * 5_000,
            "\ud83d",
            "data:;base64,",
            "http://[",
            "é\u202e",
            sent(picture()),
        ]
    ).map(lambda text: text.encode("utf-8", "replace").decode()),
)
VALUES = some.recursive(
    some.none()
    | some.booleans()
    | some.integers(-(2**63), 2**63 - 1)
    | some.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
PROJECT_KEYS = some.sampled_from(
    [
        "title",
        "description",
        "public_description",
        "language",
        "input_spec",
        "output_spec",
        "callback_url",
        "callback_secret",
        "answers_per_task",
        "x",
    ]
)
FIELDS = some.lists(
    some.fixed_dictionaries(
        {"name": TEXTS, "type": some.sampled_from(["image", "text", "input", "select", "radio", "checkbox"])},
        optional={"required": VALUES, "options": VALUES, "label": VALUES},
    ),
    max_size=3,
)
PROJECTS = some.dictionaries(PROJECT_KEYS, VALUES | FIELDS, max_size=6).map(lambda more: {**ANIMALS, **more})
TASKS = some.one_of(
    VALUES,
    some.fixed_dictionaries(
        {},
        optional={
            "project_id": VALUES | some.just("PROJECT"),
            "task_spec": VALUES
            | some.lists(
                some.dictionaries(some.sampled_from(["image_with_animal", "hint", "detail", "x"]), VALUES, max_size=3),
                max_size=3,
            ),
        },
    ),
)
SEGMENT = some.one_of(some.text(max_size=8), some.sampled_from(["%", "..", "-1", "1e3", "9" * 19, "9" * 40, "٣"]))
QUERIES = some.dictionaries(
    some.sampled_from(["limit", "offset", "status", "project_id", "format", "since", "x"]),
    some.text(max_size=10)
    | some.sampled_from(["0", "1", "-1", "1e9", "9" * 30, "done", "csv", "2020", "9999-12-31", "\0"]),
    max_size=4,
)
settings_of_searches = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture
async def customer(app_with, organization) -> Customer:
    return Customer(app_with(doors="dataapi").http, organization, organization.admin)


async def check(customer: Customer, verb: str, path: str, content: bytes | None = None) -> None:
    """Ask, and look at the answer."""
    answered = await customer.http.request(
        verb,
        f"/dataapi{path}",
        content=content,
        headers={"Authorization": customer.person.key, "Content-Type": "application/json"},
    )
    if answered.status_code >= 300:
        assert answered.status_code in REFUSED, (answered.status_code, answered.text, content)
        error = answered.json()["error"]
        assert error["code"] == answered.status_code
        assert error["message"]


@settings_of_searches
@given(body=PROJECTS)
async def test_projects(customer, body):
    await check(customer, "POST", "/projects", orjson.dumps(body))


@settings_of_searches
@given(body=some.dictionaries(PROJECT_KEYS, VALUES | FIELDS, max_size=4))
async def test_changes_of_projects(customer, body):
    project = await known(customer)
    await check(customer, "PATCH", f"/projects/{project['id']}", orjson.dumps(body))


@settings_of_searches
@given(body=TASKS)
async def test_tasks(customer, body):
    project = await known(customer)
    content = orjson.dumps(body).replace(b'"PROJECT"', str(project["id"]).encode())
    await check(customer, "POST", "/tasks", content)


@settings_of_searches
@given(content=some.binary(max_size=40) | some.text('[]{}",:\\0123u ', max_size=40).map(str.encode))
async def test_bodies_that_are_nothing(customer, content):
    for path in ("/projects", "/tasks"):
        await check(customer, "POST", path, content)


@settings_of_searches
@given(
    verb=some.sampled_from(["GET", "PATCH", "DELETE", "POST", "PUT", "HEAD"]),
    place=some.sampled_from(["/projects/{}", "/tasks/{}", "/projects/{}/results", "/{}", "/projects", "/tasks"]),
    name=SEGMENT,
    query=QUERIES,
)
async def test_paths_and_queries(customer, verb, place, name, query):
    parts = "&".join(f"{key}={quote(value, safe='')}" for key, value in query.items())
    path = place.format(quote(name, safe="")) + (f"?{parts}" if parts else "")
    answered = await customer.http.request(verb, f"/dataapi{path}", headers={"Authorization": customer.person.key})
    assert answered.status_code < 300 or answered.status_code in REFUSED, (answered.status_code, answered.text)


@given(query=some.binary(max_size=30))
def test_queries_as_bytes(query):
    try:
        asked = Query(query)
        asked.number("limit", default=1, most=5)
    except ClientError:
        return
    assert asked.text("x", "absent") is not None


_known: dict[str, dict] = {}


async def known(customer: Customer) -> dict:
    """One project of the test."""
    if customer.organization.id not in _known:
        _known[customer.organization.id] = await customer.project()
    return _known[customer.organization.id]
