"""The keys that plugins are called with: by one, nobody writes what would last longer than the call."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta

import pytest

from labelyard.domain.permission import LASTING, PASSING, Action
from labelyard.domain.secret import digest_of
from labelyard.resolvers.operation import OPERATIONS
from labelyard.resolvers.schema import core_schema
from labelyard.services.identity import new_id
from labelyard.storage.plugin_key import insert_run_key
from tests.common.world import Person, answer, new_organization
from tests.resolvers.permission_table import TABLE
from tests.resolvers.test_permissions import World

core_schema()  # which declares all operations
REFUSED = [
    row
    for row in TABLE
    if row.kind == "mutation"
    and OPERATIONS[("mutation", row.name)].action in LASTING
    and not OPERATIONS[("mutation", row.name)].is_public
]


async def key_of_call(database, person: Person, depth: int = 1) -> str:
    """A key such as a plugin of a person is called with."""
    key = f"ly_test_{secrets.token_hex(16)}"
    values = {
        "id": new_id(),
        "user_id": person.id,
        "name": "plugin",
        "hint": "",
        "digest": digest_of(key),
        "expires_at": datetime.now(UTC) + timedelta(minutes=5),
        "depth": depth,
    }
    async with database.transaction() as connection:
        await insert_run_key(connection, values)
    return key


@pytest.fixture(scope="module")
async def world(database, client) -> World:
    return await World.make(await new_organization(database, client), await new_organization(database, client))


def test_every_action_is_said_to_last_or_to_pass():
    assert set(Action) == LASTING | PASSING
    assert frozenset() == LASTING & PASSING
    names = {row.name for row in REFUSED}
    assert {
        "appendToApiKeys",
        "updateApiKey",
        "updatePassword",
        "createUser",
        "appendToRoles",
        "appendToDatasetUsers",
    } <= names
    assert {"createWebhook", "createPlugin", "activatePluginOnProject", "createModel", "createDataIntegration"} <= names


@pytest.mark.parametrize("row", REFUSED, ids=lambda row: row.title)
async def test_what_would_last_is_refused_to_the_key_of_a_call(database, world, row):
    caller = world.organization.http.as_(await key_of_call(database, world.organization.admin))
    before = await world.state()
    variables = world._filled({**row.variables})

    refused = await caller.refused(row.document, variables)

    assert refused.code == "FORBIDDEN"
    assert refused.message.startswith("[endsWithTheCall]")
    assert await world.state() == before


async def test_a_plugin_labels_reads_and_notifies(database, project):
    asset = await project.asset()
    caller = project.organization.http.as_(await key_of_call(database, project.organization.admin))
    label = "mutation ($data: AppendToLabelsData!, $where: AssetWhere!) { data: appendToLabels(data: $data, where: $where) { id } }"
    variables = {"data": {"jsonResponse": answer(), "labelType": "DEFAULT"}, "where": {"id": asset}}

    assert (await caller.data(label, variables))["id"]
    assert await caller.data("{ data: countProjects(where: {}) }") == 1
    note = "mutation ($data: NotificationData!) { data: createNotification(data: $data) { id } }"
    data = {"message": "done", "status": "SUCCESS", "url": "/", "userID": project.organization.admin.id}
    assert (await caller.data(note, {"data": data}))["id"]
