"""Rights that end while another server is asked: what was about to be written is not."""

from __future__ import annotations

import re
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from labelyard.resolvers.operation import OPERATIONS
from labelyard.resolvers.schema import core_schema
from labelyard.services.conversation import reply
from labelyard.services.data_integration.store import ObjectStores
from labelyard.services.outgoing.client import OutgoingClient
from tests.common.conversation import CREATE_ASSET, CREATE_MODEL, CREATE_PROJECT_MODEL, DYNAMIC, SAY
from tests.common.world import Organization, Person
from tests.resolvers.webhook.test_webhooks import CREATE, PUBLIC, UPDATE, webhook

ROOT = Path(__file__).parents[2]
ENDS = {
    "demoted": "update user_account set organization_role = 'USER' where id = $1",
    "suspended": "update user_account set activated = false where id = $1",
    "key revoked": "update api_key set revoked_at = now() where user_id = $1",
}
ADD_STORE = "mutation ($data: DataIntegrationData!) { data: createDataIntegration(data: $data) { id } }"
CHANGE_STORE = """
mutation ($data: DataIntegrationData!, $id: ID!) {
  data: updatePropertiesInDataIntegration(data: $data, where: {id: $id}) { id } }"""
STORE = {
    "name": "store", "platform": "CustomS3", "s3AccessKey": "a", "s3SecretKey": "b", "s3BucketName": "c", "s3Region": "d",
    "s3Endpoint": "https://93.184.215.14",
}  # fmt: skip
STATE = """
select (select coalesce(jsonb_agg(w order by w.plugin_id), '[]') from webhook w join plugin p on p.id = w.plugin_id
    where p.organization_id = $1)::text
  || (select coalesce(jsonb_agg(i order by i.id), '[]') from data_integration i where organization_id = $1)::text
  || (select coalesce(jsonb_agg(c order by c.id), '[]') from chat_item c join project p on p.id = c.project_id
    where p.organization_id = $1)::text"""


class Elsewhere:
    """Another server, which somebody's rights end during the call of."""

    def __init__(self, organization: Organization) -> None:
        self.organization = organization
        self.end: str | None = None
        self.person: Person | None = None
        self.asked = 0

    async def be_asked(self) -> None:
        self.asked += 1
        if self.end is not None and self.person is not None:
            await self.organization.database.pool.execute(self.end, self.person.id)

    async def state(self) -> str:
        return str(await self.organization.database.pool.fetchval(STATE, self.organization.id))


@pytest.fixture
def elsewhere(organization, monkeypatch) -> Elsewhere:
    there = Elsewhere(organization)
    check = OutgoingClient.check

    async def checked(client: OutgoingClient, url: str) -> Any:
        await there.be_asked()
        return await check(client, url)

    @asynccontextmanager
    async def opened(*_: Any) -> Any:
        class Store:
            async def check(self) -> None:
                await there.be_asked()

        yield Store()

    async def complete(*_: Any, **__: Any) -> str:
        await there.be_asked()
        return "Yes."

    monkeypatch.setattr(OutgoingClient, "check", checked)
    monkeypatch.setattr(ObjectStores, "opened", opened)
    monkeypatch.setattr(reply, "complete", complete)
    return there


async def prepared(organization: Organization, admin: Person, name: str) -> tuple[str, dict[str, Any]]:
    """A document that asks another server before it writes, and its variables."""
    if name == "createWebhook":
        return CREATE, webhook()
    if name == "updateWebhook":
        await admin.client.data(CREATE, webhook(url=PUBLIC))
        return UPDATE, webhook(url="https://1.1.1.1/")
    if name == "createDataIntegration":
        return ADD_STORE, {"data": STORE}
    made = await admin.client.data(ADD_STORE, {"data": STORE})
    return CHANGE_STORE, {"data": {"s3BucketName": "other"}, "id": made["id"]}


core_schema()  # which declares all operations
ASKING = [name for (_, name), operation in OPERATIONS.items() if operation.waits_for_others]


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize(
    "name", ["createWebhook", "updateWebhook", "createDataIntegration", "updatePropertiesInDataIntegration"]
)
async def test_what_an_administrator_wrote_is_not_written(organization, elsewhere, name, end):
    grace = await organization.person(organization_role="ADMIN")
    document, variables = await prepared(organization, grace, name)
    before = await elsewhere.state()
    elsewhere.asked, elsewhere.person, elsewhere.end = 0, grace, ENDS[end]

    refused = await grace.client.refused(document, variables)

    assert (refused.code, elsewhere.asked) == ("FORBIDDEN", 1)
    assert await elsewhere.state() == before
    elsewhere.end = None
    assert await organization.admin.client.data(document, variables)
    assert await elsewhere.state() != before


@pytest.mark.parametrize(
    "end",
    [
        "update project_user set deleted_at = now() where user_id = $1",
        "update project set archived_at = now() where id = (select project_id from project_user where user_id = $1)",
        "insert into asset_assignee (asset_id, user_id) select a.id, o.author_id from project_user pu "
        "join asset a on a.project_id = pu.project_id join project o on o.id = a.project_id where pu.user_id = $1",
        ENDS["suspended"],
        ENDS["key revoked"],
    ],
    ids=["membership", "archived", "assigned to somebody else", "suspended", "key revoked"],
)
async def test_a_message_of_whose_rights_end_while_the_model_answers_is_not_kept(organization, elsewhere, end):
    project = await organization.project(**DYNAMIC)
    given = {
        "credentials": {"apiKey": "sk-key", "endpoint": "https://93.184.215.14/v1"},
        "name": "model",
        "type": "OPEN_AI_SDK",
        "organizationId": organization.id,
    }
    model = await organization.admin.client.data(CREATE_MODEL, {"input": given})
    attached = {"projectId": project.id, "modelId": model["id"], "configuration": {}}
    await project.admin.data(CREATE_PROJECT_MODEL, {"input": attached})
    talk = await project.admin.data(CREATE_ASSET, {"data": {}, "where": {"id": project.id}})
    ada = await project.member("LABELER")
    said = {"data": {"content": "Hello?", "role": "USER"}, "where": {"id": talk["id"]}}
    before = await elsewhere.state()
    elsewhere.person, elsewhere.end = ada, end

    refused = await ada.client.refused(SAY, said)

    assert refused.code in ("FORBIDDEN", "NOT_FOUND")
    assert elsewhere.asked >= 1
    assert await elsewhere.state() == before


def test_who_calls_other_servers_is_known():
    """A module that is new here has its writes behind `waits_for_others`, `renewed` or a job that looks at rights again."""
    calls = re.compile(r"(?:outgoing|client)\.(?:check|request|stream)\(|object_stores\.opened\(|complete\(outgoing")
    found = {
        path.relative_to(ROOT).as_posix()
        for layer in ("server", "resolvers", "services")
        for path in (ROOT / layer).rglob("*.py")
        if calls.search(path.read_text("utf-8"))
    }
    assert found == {
        "server/door/objects.py",  # reads
        "services/completion.py",
        "services/conversation/reply.py",
        "services/door/dataapi/callback.py",  # tells the address of a project, and writes how that went
        "services/door/dataapi/project.py",  # before the transaction of a door, which looks at rights again
        "services/door/link.py",  # before the transaction of a door, too
        "services/data_connection/work.py",
        "services/data_integration/writing.py",
        "services/outgoing/gate.py",
        "services/webhook/job.py",
        "services/webhook/registry.py",
    }
    assert sorted(ASKING) == sorted(
        [
            "createChatItem",
            "createDataIntegration",
            "createWebhook",
            "updatePropertiesInDataIntegration",
            "updateWebhook",
        ]
    )
