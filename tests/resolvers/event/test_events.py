"""`events`: what happened, who did it, and who may know."""

from __future__ import annotations

from typing import Any

import pytest

from tests.common.client import Client
from tests.common.documents import APPEND_MANY_ASSETS, APPEND_MANY_LABELS, UPDATE_ASSETS, UPDATE_PROJECT
from tests.common.world import Project, answer

# As kili 26.2.4 sends it.
EVENTS = """
          query Events($where: EventsWhere!, $pagination: EventPagination!, $order: Order) {
            data: events(where: $where, pagination: $pagination, order: $order) {
                 createdAt event id organizationId payload projectId userId
              }
            }
        """


async def listed(
    client: Client, where: dict[str, Any], *, order: str | None = "asc", **pagination: Any
) -> list[dict[str, Any]]:
    filled = {
        "organizationId": None,
        "createdAtGte": None,
        "createdAtLte": None,
        "userId": None,
        "event": None,
        **where,
    }
    pages = {"skip": 0, "first": 100, "fromEventId": None, "untilEventId": None, **pagination}
    return list(await client.data(EVENTS, {"where": filled, "pagination": pages, "order": order}))


async def names(project: Project, client: Client | None = None, **where: Any) -> list[str]:
    return [event["event"] for event in await listed(client or project.admin, {"projectId": project.id, **where})]


async def test_the_life_of_a_project_is_listed_in_order(project):
    labeler = await project.member()
    (asset,) = await project.assets()
    label = await project.label(asset, by=labeler)
    found = await listed(project.admin, {"projectId": project.id})
    assert [event["event"] for event in found] == [
        "project.created",
        "project.workflow.step.created",
        "project.workflow.step.created",
        "project.member.created",
        "project.member.created",
        "asset.created",
        "label.workflow.created.default",
    ]
    admin = project.organization.admin.id
    # A membership that the tests have written themselves was nobody's.
    assert [event["userId"] for event in found] == [admin] * 4 + [None] + [admin] * 2
    assert {event["projectId"] for event in found} == {project.id}
    assert {event["organizationId"] for event in found} == {project.organization.id}
    assert found[0]["payload"] == {"title": "A project", "inputType": "IMAGE"}
    assert [event["payload"] for event in found][4:] == [
        {"userId": labeler.id, "role": "LABELER"},
        {"assetId": asset, "externalId": "asset-0"},
        {"assetId": asset, "externalId": "asset-0", "labelId": label},
    ]
    assert sorted(int(event["id"]) for event in found) == [int(event["id"]) for event in found]


async def test_who_submits_is_who_did_it_whoever_the_author_is(project):
    labeler = await project.member()
    (asset,) = await project.assets()
    await project.label(asset, by=labeler)
    (event,) = await listed(project.admin, {"projectId": project.id, "event": "label.workflow.created.default"})
    assert event["userId"] == project.organization.admin.id
    text = "mutation ($d: AppendToLabelsData!, $w: AssetWhere!) { data: appendToLabels(data: $d, where: $w) { id } }"
    await labeler.client.data(text, {"d": {"jsonResponse": answer("RAIN"), "labelType": "DEFAULT"}, "w": {"id": asset}})
    _, event = await listed(project.admin, {"projectId": project.id, "event": "label.workflow.created.default"})
    assert event["userId"] == labeler.id


@pytest.mark.parametrize("label_type", ["REVIEW", "PREDICTION", "INFERENCE"])
async def test_each_type_of_label_has_its_event(project, label_type):
    (asset,) = await project.assets()
    await project.label(asset)
    await project.label(asset, label_type=label_type, model_name="m" if label_type != "REVIEW" else None)
    assert (await names(project))[-1] == f"label.workflow.created.{label_type.lower()}"


async def test_drafts_are_nobody_elses_business(project):
    (asset,) = await project.assets()
    before = await names(project)
    await project.label(asset, label_type="AUTOSAVE")
    assert await names(project) == before


async def test_a_batch_has_an_event_for_each_label_and_a_refused_one_none(project):
    assets = await project.assets(3)
    items = [{"assetID": asset, "jsonResponse": answer()} for asset in assets]
    data = {"labelType": "DEFAULT", "overwrite": False, "labelsData": items}
    await project.admin.data(APPEND_MANY_LABELS, {"data": data, "where": {"id": assets[0]}})
    found = await listed(project.admin, {"projectId": project.id, "event": "label.workflow.created.default"})
    assert [event["payload"]["assetId"] for event in found] == assets
    before = await names(project)
    data["labelsData"] = [*items, {"assetID": assets[0], "jsonResponse": "no JSON"}]
    refused = await project.admin.graphql(APPEND_MANY_LABELS, {"data": data, "where": {"id": assets[0]}})
    assert "errors" in refused
    assert await names(project) == before


async def test_changes_name_what_changed(project):
    await project.admin.graphql(UPDATE_PROJECT, {"data": {"title": "Another"}, "where": {"id": project.id}})
    await project.admin.graphql(UPDATE_PROJECT, {"data": {"instructions": "Long"}, "where": {"id": project.id}})
    await project.admin.graphql(UPDATE_PROJECT, {"data": {"minConsensusSize": 3}, "where": {"id": project.id}})
    await project.admin.graphql(UPDATE_PROJECT, {"data": {"archived": True}, "where": {"id": project.id}})
    found = (await listed(project.admin, {"projectId": project.id}))[4:]
    assert [(event["event"], event["payload"]) for event in found] == [
        (
            "project.settings.updated",
            {"fields": ["title"], "before": {"title": "A project"}, "after": {"title": "Another"}},
        ),
        ("project.settings.updated", {"fields": ["instructions"], "before": {}, "after": {}}),
        (
            "project.workflow.settings.updated",
            {
                "fields": ["minConsensusSize"],
                "before": {"minConsensusSize": 1},
                "after": {"minConsensusSize": 3},
            },
        ),
        ("project.archived", {}),
    ]


async def test_changes_of_assets_are_listed_and_those_that_change_nothing_are_not(project):
    (asset,) = await project.assets()
    before = len(await names(project))
    for _ in range(2):
        await project.admin.graphql(
            UPDATE_ASSETS, {"whereArray": [{"id": asset}], "dataArray": [{"externalId": "other", "priority": 3}]}
        )
    found = (await listed(project.admin, {"projectId": project.id}))[before:]
    assert [(event["event"], event["payload"]) for event in found] == [
        ("asset.updated", {"assetId": asset, "externalId": "other", "fields": ["externalId", "priority"]})
    ]


async def test_what_goes_is_listed(project):
    (asset,) = await project.assets()
    label = await project.label(asset)
    delete = "mutation ($ids: [ID!]!) { data: deleteLabels(ids: $ids) }"
    await project.admin.data(delete, {"ids": [label]})
    remove = "mutation ($w: AssetWhere!) { data: deleteManyFromDataset(where: $w) { id } }"
    await project.admin.data(remove, {"w": {"idIn": [asset]}})
    found = (await listed(project.admin, {"projectId": project.id}, order="desc"))[:2]
    assert [(event["event"], event["payload"]) for event in found] == [
        ("asset.deleted", {"assetId": asset, "externalId": "asset-0"}),
        (
            "label.deleted",
            {
                "assetId": asset,
                "externalId": None,
                "labelId": label,
                "labelType": "DEFAULT",
                "authorId": project.organization.admin.id,
            },
        ),
    ]


async def test_the_list_is_filtered_ordered_and_paged(project):
    labeler = await project.member()
    await project.assets(5)
    everything = await listed(project.admin, {"projectId": project.id})
    ids = [event["id"] for event in everything]

    async def found(where: dict[str, Any] | None = None, **pagination: Any) -> list[str]:
        return [
            event["id"]
            for event in await listed(project.admin, {"projectId": project.id, **(where or {})}, **pagination)
        ]

    assert await found(order="desc") == ids[::-1]
    assert await found(order=None) == ids
    assert await found(first=3, skip=2) == ids[2:5]
    assert await found(order="desc", first=3, skip=2) == ids[::-1][2:5]
    assert await found(fromEventId=ids[3]) == ids[3:]
    assert await found(untilEventId=ids[3], order="desc") == ids[3::-1]
    assert await found(fromEventId=ids[2], untilEventId=ids[4]) == ids[2:5]
    assert await found({"event": "asset.created"}) == ids[-5:]
    assert await found({"event": "asset.*"}) == ids[-5:]
    assert await found({"event": "*.created"}) == ids
    assert await found({"event": "asset"}) == []
    assert await found({"userId": labeler.id}) == []
    assert await found({"userId": project.organization.admin.id}) == ids[:4] + ids[5:]
    assert await found({"createdAtGte": everything[5]["createdAt"]}) == [
        event["id"] for event in everything if event["createdAt"] >= everything[5]["createdAt"]
    ]
    assert await found({"createdAtLte": "2024-01-01"}) == []
    assert await found({"organizationId": project.organization.id}) == ids


@pytest.mark.parametrize(
    ("where", "pagination"),
    [
        ({"event": "asset.*; drop"}, {}),
        ({"event": "*" * 300}, {}),
        ({}, {"fromEventId": "first"}),
        ({}, {"untilEventId": "9" * 40}),
        ({}, {"first": 1001}),
        ({}, {"skip": -1}),
    ],
    ids=["pattern", "long pattern", "id", "large id", "first", "skip"],
)
async def test_what_cannot_be_is_refused(project, where, pagination):
    refused = await project.admin.refused(
        EVENTS, {"where": {"projectId": project.id, **where}, "pagination": pagination, "order": "asc"}
    )
    assert refused.code == "BAD_USER_INPUT"


async def test_administrators_see_events_of_their_own(project, other_organization):
    project_admin, manager, labeler = [await project.member(role) for role in ("ADMIN", "TEAM_MANAGER", "LABELER")]
    elsewhere = await project.organization.project()
    assert await names(project, project_admin.client) == await names(project)
    assert await names(elsewhere, project_admin.client) == []
    assert await names(project, manager.client) == []
    assert await names(project, labeler.client) == []
    assert await names(project, other_organization.admin.client) == []
    # Of all projects at once, and of the organization.
    whole = await listed(project.admin, {"event": "*"})
    assert {event["projectId"] for event in whole} == {None, project.id, elsewhere.id}
    assert {event["projectId"] for event in await listed(project_admin.client, {})} == {project.id}
    assert await listed(project.admin, {"organizationId": other_organization.id}) == []


async def test_people_keys_and_log_ins_are_recorded_without_secrets(organization):
    person = await organization.person(email="eve@example.org")
    change = "mutation ($d: UserData!, $w: UserWhere!) { data: updatePropertiesInUser(data: $d, where: $w) { id } }"
    await organization.admin.client.data(change, {"d": {"organizationRole": "ADMIN"}, "w": {"email": person.email}})
    found = await listed(organization.admin.client, {"event": "user.*"}, order="desc")
    assert (found[0]["event"], found[0]["payload"]) == (
        "user.updated",
        {
            "userId": person.id,
            "fields": ["organizationRole"],
            "before": {"organizationRole": "USER"},
            "after": {"organizationRole": "ADMIN"},
        },
    )
    assert found[0]["userId"] == organization.admin.id
    (*_, key) = await listed(organization.admin.client, {"event": "apiKey.created"})
    assert key["payload"].keys() == {"apiKeyId", "userId", "name"}


async def test_the_record_says_where_a_change_came_from(project, database):
    await project.admin.graphql(UPDATE_PROJECT, {"data": {"title": "Another"}, "where": {"id": project.id}})
    async with database.reader() as connection:
        origin = await connection.fetch_value(
            "select origin::jsonb ->> 'operation' || ' ' || (origin::jsonb ->> 'key' in (select id from api_key)) "
            "from event where project_id = :id order by position desc limit 1",
            {"id": project.id},
        )
    assert origin == "updatePropertiesInProject true"


async def test_a_page_is_one_statement(project, statements):
    await project.assets(50)
    counts = []
    for first in (1, 50):
        with statements.recording() as texts:
            await listed(project.admin, {"projectId": project.id}, first=first)
        counts.append(len(texts))
    assert counts[0] == counts[1]


async def test_an_import_that_is_refused_leaves_no_event(project):
    await project.assets(2)
    before = await names(project)
    data = {"contentArray": ["https://x.example/a.png"] * 2, "externalIDArray": ["new", "asset-0"]}
    refused = await project.admin.graphql(APPEND_MANY_ASSETS, {"data": data, "where": {"id": project.id}})
    assert "errors" in refused
    assert await names(project) == before
