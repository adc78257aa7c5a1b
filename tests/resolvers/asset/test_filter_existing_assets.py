"""`filterExistingAssets`: which external ids a project has already."""

import pytest

DOCUMENT = """
query ($projectID: ID!, $externalIDs: [String!]!) {
  external_ids: filterExistingAssets(projectID: $projectID, externalIDs: $externalIDs)
}"""


async def ask(project, names, *, client=None):
    return await (client or project.admin).data(DOCUMENT, {"projectID": project.id, "externalIDs": names})


async def test_those_that_exist_come_back_in_the_order_asked(project):
    await project.assets(5)

    assert await ask(project, ["asset-3", "new", "asset-0", "ASSET-1", "asset"]) == ["asset-3", "asset-0"]
    assert await ask(project, []) == []
    assert await ask(project, ["x"]) == []


async def test_other_projects_do_not_count(project, organization):
    await (await organization.project()).assets(2)

    assert await ask(project, ["asset-0", "asset-1"]) == []


async def test_at_most_a_thousand_are_asked_for(project):
    await project.assets(1)
    names = [f"asset-{number}" for number in range(1000)]

    assert await ask(project, names) == ["asset-0"]

    refused = await project.admin.refused(DOCUMENT, {"projectID": project.id, "externalIDs": [*names, "one more"]})
    assert refused.at == ("BAD_USER_INPUT", ["external_ids"])
    assert refused.context == {"limit": 1000, "given": 1001}


@pytest.mark.parametrize("role", ["ADMIN", "TEAM_MANAGER", "REVIEWER", "LABELER"])
async def test_every_member_may_ask(project, role):
    await project.assets(2)
    member = await project.member(role)
    await project.label((await project.rows("asset"))[0]["id"], by=member)

    # Labelers are told of their own assets.
    seen = ["asset-0"] if role == "LABELER" else ["asset-0", "asset-1"]
    assert await ask(project, ["asset-0", "asset-1", "none"], client=member.client) == seen


async def test_to_strangers_a_project_does_not_exist(project):
    stranger = await project.organization.person()
    variables = {"externalIDs": ["asset-0"]}

    refused = await stranger.client.refused(DOCUMENT, {"projectID": project.id, **variables})
    unknown = await stranger.client.refused(DOCUMENT, {"projectID": "nothing", **variables})

    assert refused.at == unknown.at == ("NOT_FOUND", ["external_ids"])
    assert refused.message.replace(project.id, "nothing") == unknown.message
