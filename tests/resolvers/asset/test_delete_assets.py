"""Deleting assets, in the forms of every client generation."""

import base64

import pytest

# since 26.2.1
OUTCOME = """
mutation ($where: AssetWhere!) {
  data: deleteAssets(where: $where) {
    succeeded { assetId externalId } declined { assetId } failed { assetId details }
  }
}"""
# 2.87 to 26.2.0
WHERE = "mutation ($where: AssetWhere!) { data: deleteManyFromDataset(where: $where) { id } }"
# 1.x to 2.86
IDS = "mutation ($assetIDs: [ID!]) { data: deleteManyFromDataset(assetIDs: $assetIDs) { id } }"
ONE = "mutation ($assetID: ID!) { data: deleteFromDataset(assetID: $assetID) { id externalId } }"
BY_NAME = """
mutation ($projectID: ID!, $externalID: String!) {
  data: deleteAssetsByExternalId(projectID: $projectID, externalID: $externalID) { id }
}"""


@pytest.fixture
async def three(project):
    """Three assets, each with a label and a draft."""
    ids = await project.assets(3)
    for asset_id in ids:
        await project.label(asset_id)
        await project.label(asset_id, label_type="AUTOSAVE")
    return ids


async def names(project):
    return [row["external_id"] for row in await project.rows("asset")]


async def test_each_asset_is_in_exactly_one_list_and_what_is_gone_counts_as_deleted(project, three):
    made = await project.admin.data(OUTCOME, {"where": {"idIn": [three[2], "gone", three[0]]}})

    assert made == {
        "succeeded": [
            {"assetId": three[2], "externalId": "asset-2"},
            {"assetId": "gone", "externalId": None},
            {"assetId": three[0], "externalId": "asset-0"},
        ],
        "declined": [],
        "failed": [],
    }
    assert await names(project) == ["asset-1"]
    assert {row["asset_id"] for row in await project.rows("label")} == {three[1]}

    again = await project.admin.data(OUTCOME, {"where": {"idIn": [three[2]]}})
    assert again["succeeded"] == [{"assetId": three[2], "externalId": None}]


@pytest.mark.parametrize(
    ("where", "left"),
    [
        ({"id": "asset-1"}, ["asset-0", "asset-2"]),
        ({"idIn": ["asset-1"], "project": True}, ["asset-0", "asset-2"]),
        ({"project": True, "externalIdStrictlyIn": ["asset-0", "asset-2", "x"]}, ["asset-1"]),
        ({"project": True, "externalIdIn": ["asset"]}, []),
        ({"project": True, "statusIn": ["TODO"]}, ["asset-0", "asset-1", "asset-2"]),
        ({"project": True, "idIn": []}, ["asset-0", "asset-1", "asset-2"]),
    ],
    ids=str,
)
async def test_assets_may_be_named_by_a_filter_in_a_project(project, three, where, left):
    by_name = dict(zip(["asset-0", "asset-1", "asset-2"], three, strict=True))
    named = {key: value for key, value in where.items() if key != "project"}
    for key in ("id", "idIn"):
        if key in named:
            named[key] = by_name[named[key]] if key == "id" else [by_name[name] for name in named[key]]
    if where.get("project"):
        named["project"] = {"id": project.id}

    await project.admin.data(OUTCOME, {"where": named})

    assert await names(project) == left


@pytest.mark.parametrize("document", [OUTCOME, WHERE], ids=["deleteAssets", "deleteManyFromDataset"])
@pytest.mark.parametrize(
    "where",
    [{}, {"id": None}, {"project": True}, {"externalIdIn": ["asset"]}, {"skipped": False}, {"idNotIn": ["x"]}],
    ids=str,
)
async def test_a_filter_that_might_mean_everything_deletes_nothing(project, three, document, where):
    before = await project.everything()
    named = {**where, "project": {"id": project.id}} if where.get("project") else where

    refused = await project.admin.refused(document, {"where": named})

    assert refused.at == ("BAD_USER_INPUT", ["data"])
    assert refused.context == {"field": "where"}
    assert await project.everything() == before


@pytest.mark.parametrize(
    ("document", "variables"),
    [(WHERE, lambda ids: {"where": {"idIn": ids}}), (IDS, lambda ids: {"assetIDs": ids})],
    ids=["where", "assetIDs"],
)
async def test_older_clients_get_the_project_and_null_when_nothing_was_there(project, three, document, variables):
    assert await project.admin.data(document, variables([three[0], "gone", three[1]])) == {"id": project.id}
    assert await names(project) == ["asset-2"]

    assert await project.admin.data(document, variables([three[0]])) is None


@pytest.mark.parametrize(
    "arguments", ["", '(assetIDs: ["a"], where: {id: "a"})', "(assetIDs: null, where: null)"], ids=str
)
async def test_exactly_one_form_is_taken(project, three, arguments):
    refused = await project.admin.refused(f"mutation {{ data: deleteManyFromDataset{arguments} {{ id }} }}")

    assert refused.at == ("BAD_USER_INPUT", ["data"])
    assert len(await names(project)) == 3


async def test_the_first_clients_get_the_asset_back_as_it_was(project, three):
    assert await project.admin.data(ONE, {"assetID": three[1]}) == {"id": three[1], "externalId": "asset-1"}
    assert await project.admin.data(ONE, {"assetID": three[1]}) is None
    assert await names(project) == ["asset-0", "asset-2"]


async def test_the_first_clients_delete_by_external_id(project, three):
    variables = {"projectID": project.id, "externalID": "asset-1"}

    assert await project.admin.data(BY_NAME, variables) == {"id": project.id}
    assert await names(project) == ["asset-0", "asset-2"]
    assert await project.admin.data(BY_NAME, variables) == {"id": project.id}


async def test_files_go_with_the_last_asset_that_has_them(project):
    inline = "data:;base64," + base64.b64encode(b"hello").decode()
    asset_id = await project.asset(contentArray=inline)
    url = (await project.read_asset(asset_id, "content"))["content"]
    assert (await project.admin.http.get(url)).status_code == 200

    await project.admin.data(OUTCOME, {"where": {"id": asset_id}})

    assert (await project.admin.http.get(url)).status_code == 404


FORMS = {
    "deleteAssets": (OUTCOME, lambda project, ids: {"where": {"idIn": ids}}),
    "deleteManyFromDataset": (WHERE, lambda project, ids: {"where": {"idIn": ids}}),
    "deleteManyFromDataset, 1.0": (IDS, lambda project, ids: {"assetIDs": ids}),
    "deleteFromDataset": (ONE, lambda project, ids: {"assetID": ids[0]}),
    "deleteAssetsByExternalId": (BY_NAME, lambda project, ids: {"projectID": project.id, "externalID": "asset-0"}),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("role", ["TEAM_MANAGER", "REVIEWER"])
async def test_only_administrators_delete(project, three, form, role):
    member = await project.member(role)
    before = await project.everything()
    document, variables = FORMS[form]

    refused = await member.client.refused(document, variables(project, three))

    assert refused.at == ("FORBIDDEN", ["data"])
    assert await project.everything() == before


@pytest.mark.parametrize("form", FORMS)
async def test_strangers_delete_nothing(project, three, form, other_organization):
    before = await project.everything()
    document, variables = FORMS[form]

    await other_organization.admin.client.graphql(document, variables(project, three))

    assert await project.everything() == before


async def test_one_asset_of_somebody_else_refuses_no_more_than_one_that_is_gone(project, three, other_organization):
    foreign = (await (await other_organization.project()).assets(1, prefix="foreign"))[0]

    made = await project.admin.data(OUTCOME, {"where": {"idIn": [foreign, three[0]]}})

    assert made["succeeded"] == [
        {"assetId": foreign, "externalId": None},
        {"assetId": three[0], "externalId": "asset-0"},
    ]
    assert await names(project) == ["asset-1", "asset-2"]


async def test_a_hundred_deletions_are_as_many_statements_as_one(project, statements):
    counts = []
    for size in (1, 100):
        ids = await project.assets(size, prefix=f"batch-{size}")
        with statements.recording() as texts:
            await project.admin.data(OUTCOME, {"where": {"idIn": ids}})
        counts.append(len(texts))

    assert counts[0] == counts[1]
    assert await names(project) == []
