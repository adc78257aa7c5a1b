"""Webhooks are registered, changed, made active on projects and deleted, as clients do it."""

from __future__ import annotations

from typing import Any

import pytest

# As kili 26.2.4 sends them.
CREATE = """
mutation(
  $eventMatcher: [String!]
  $handlerTypes: [PluginHandlerType!]
  $pluginName: String!
  $webhookUrl: String!
  $header: String
  ) {
  data: createWebhook(
    data: {
      eventMatcher: $eventMatcher
      handlerTypes: $handlerTypes
      header: $header
      pluginName: $pluginName
      webhookUrl: $webhookUrl
    }
  )
}
"""
UPDATE = CREATE.replace("createWebhook", "updateWebhook")
ACTIVATE = """
mutation($pluginName: String!, $projectId: ID!) {
  data: activatePluginOnProject(where: {pluginName: $pluginName, projectId: $projectId})
}
"""
DEACTIVATE = ACTIVATE.replace("activatePlugin", "deactivatePlugin")
DELETE = "mutation($pluginName: String!) { data: deletePlugin(where: {pluginName: $pluginName}) }"
LIST = "query listPlugins { data: listPlugins { id name projectIds eventMatcher createdAt updatedAt } }"
COUNT = "query countPlugins($where: PluginWhere!) { data: countPlugins(where: $where) }"
PUBLIC = "https://93.184.215.14/hooks"


def webhook(name: str = "hook", url: str = PUBLIC, **more: Any) -> dict[str, Any]:
    return {"pluginName": name, "webhookUrl": url, "header": None, "handlerTypes": None, "eventMatcher": None, **more}


async def stored(project) -> list[dict[str, Any]]:
    async with project.organization.database.reader() as connection:
        rows = await connection.fetch(
            "select p.name, p.handler_types, p.event_matcher, p.status, w.url, w.header, w.secret, "
            "array(select a.project_id from plugin_project a where a.plugin_id = p.id) as projects "
            "from plugin p join webhook w on w.plugin_id = p.id where p.organization_id = :id order by p.position",
            {"id": project.organization.id},
        )
    return [dict(row) for row in rows]


async def test_a_webhook_is_registered_listed_and_deleted(project):
    answer = await project.admin.data(CREATE, webhook(header="Bearer 1234", handlerTypes=["onSubmit"]))
    assert answer.startswith("The webhook hook is registered.")
    secret = answer.split()[-1]
    assert len(secret) == 64
    (row,) = await stored(project)
    assert (row["name"], row["handler_types"], row["event_matcher"], row["url"]) == ("hook", ["onSubmit"], [], PUBLIC)
    # Neither can be read in the database.
    assert b"1234" not in row["header"]
    assert secret.encode() not in row["secret"]
    (listed,) = await project.admin.data(LIST)
    assert (listed["name"], listed["projectIds"], listed["eventMatcher"]) == ("hook", [], [])
    assert await project.admin.data(COUNT, {"where": {"pluginName": "hook"}}) == 1
    assert await project.admin.data(COUNT, {"where": {"pluginName": "other"}}) == 0
    assert await project.admin.data(DELETE, {"pluginName": "hook"}) == "hook"
    assert await stored(project) == []
    assert await project.admin.data(LIST) == []


async def test_a_name_is_that_of_one_webhook_in_its_organization(project, other_organization):
    await project.admin.data(CREATE, webhook())
    before = await stored(project)
    refused = await project.admin.refused(CREATE, webhook(url="https://1.1.1.1/"))
    assert refused.code == "CONFLICT"
    assert "an entity Plugin already exists with value" in refused.message
    assert await stored(project) == before
    assert "registered" in await other_organization.admin.client.data(CREATE, webhook())


async def test_a_change_leaves_name_and_secret(project):
    await project.admin.data(CREATE, webhook(header="x", handlerTypes=["onSubmit"]))
    (before,) = await stored(project)
    assert await project.admin.data(
        UPDATE, webhook(url="https://1.1.1.1/", eventMatcher=["label.*", "asset.created"])
    ) == ("The webhook hook is changed.")
    (after,) = await stored(project)
    assert after == {
        **before,
        "url": "https://1.1.1.1/",
        "header": None,
        "handler_types": None,
        "event_matcher": ["label.*", "asset.created"],
    }
    refused = await project.admin.refused(UPDATE, webhook("unknown"))
    assert refused.code == "NOT_FOUND"


@pytest.mark.parametrize("document", [CREATE, UPDATE], ids=["created", "changed"])
async def test_a_refusal_does_not_tell_which_names_the_network_knows(project, document):
    if document == UPDATE:
        await project.admin.data(CREATE, webhook())
    before = await stored(project)
    said = {}
    for host in ("localhost", "nowhere.invalid", "10.0.0.7"):
        refused = await project.admin.refused(document, webhook(url=f"https://{host}/"))
        assert (refused.code, refused.context) == ("BAD_USER_INPUT", {"field": "webhookUrl"})
        said[host] = refused.message.replace(host, "HOST")
    assert len(set(said.values())) == 1, said
    assert "not on the public internet" in said["localhost"]
    assert await stored(project) == before


async def test_it_is_active_on_projects_until_that_is_ended(project):
    await project.admin.data(CREATE, webhook())
    where = {"pluginName": "hook", "projectId": project.id}
    assert await project.admin.data(ACTIVATE, where) == "hook"
    refused = await project.admin.refused(ACTIVATE, where)
    assert refused.code == "CONFLICT"
    assert "an entity Project already exists with value" in refused.message
    (listed,) = await project.admin.data(LIST)
    assert listed["projectIds"] == [project.id]
    assert await project.admin.data(DEACTIVATE, where) == "hook"
    assert (await project.admin.refused(DEACTIVATE, where)).code == "NOT_FOUND"
    assert (await stored(project))[0]["projects"] == []


async def test_webhooks_of_others_do_not_exist(project, other_organization):
    await other_organization.admin.client.data(CREATE, webhook("theirs"))
    for document, variables in (
        (UPDATE, webhook("theirs")),
        (ACTIVATE, {"pluginName": "theirs", "projectId": project.id}),
        (DELETE, {"pluginName": "theirs"}),
    ):
        assert (await project.admin.refused(document, variables)).code == "NOT_FOUND"
    refused = await other_organization.admin.client.refused(ACTIVATE, {"pluginName": "theirs", "projectId": project.id})
    assert refused.code == "NOT_FOUND"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"webhookUrl": "http://93.184.215.14/"}, "plain HTTP is not allowed"),
        ({"webhookUrl": "https://127.0.0.1/"}, "not on the public internet"),
        ({"webhookUrl": "https://localhost/"}, "not on the public internet"),
        ({"webhookUrl": "https://169.254.169.254/latest"}, "not on the public internet"),
        ({"webhookUrl": "https://[::ffff:10.0.0.1]/"}, "not on the public internet"),
        ({"webhookUrl": "https://2130706433/"}, "unusual form"),
        ({"webhookUrl": "https://a:b@93.184.215.14/"}, "names a user"),
        ({"webhookUrl": "ftp://93.184.215.14/"}, "begins with https://"),
        ({"webhookUrl": "https://93.184.215.14:8443/"}, "port 8443"),
        ({"webhookUrl": "https://93.184.215.14/" + "a" * 3000}, "more than 2,048"),
        ({"header": "a\r\nHost: evil"}, "one line"),
        ({"header": "ä"}, "one line"),
        ({"header": "a" * 9_000}, "8,000"),
        ({"eventMatcher": ["label..*"]}, "pattern of events"),
        ({"pluginName": " "}, "name of a plugin"),
    ],
)
async def test_what_cannot_be_is_refused_and_nothing_registered(project, change, said):
    refused = await project.admin.refused(CREATE, webhook(**{"name": "hook"}) | change)
    assert refused.code == "BAD_USER_INPUT"
    assert said in refused.message
    assert await stored(project) == []


async def test_each_step_is_recorded_without_secrets(project):
    await project.admin.data(CREATE, webhook(header="Bearer 1234"))
    where = {"pluginName": "hook", "projectId": project.id}
    await project.admin.data(ACTIVATE, where)
    await project.admin.data(DEACTIVATE, where)
    await project.admin.data(UPDATE, webhook())
    await project.admin.data(DELETE, {"pluginName": "hook"})
    async with project.organization.database.reader() as connection:
        rows = await connection.fetch(
            "select event, user_id, payload from event where organization_id = :id and event like 'plugin.%' order by position",
            {"id": project.organization.id},
        )
    assert [row["event"] for row in rows] == [
        f"plugin.{what}" for what in ("created", "activated", "deactivated", "updated", "deleted")
    ]
    assert {row["user_id"] for row in rows} == {project.organization.admin.id}
    assert not any("1234" in row["payload"] for row in rows)
