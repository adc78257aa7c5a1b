"""`createHoneypot`: the right answer of an asset."""

import pytest

from tests.common.world import answer

# 1.4 to 2.86
FLAT = """
mutation ($assetID: ID!, $jsonResponse: String!) {
  data: createHoneypot(assetID: $assetID, jsonResponse: $jsonResponse) { id }
}"""
# since 2.87
DATA = """
mutation ($data: CreateHoneypotData!, $where: AssetWhere!) { data: createHoneypot(data: $data, where: $where) { id } }"""
FORMS = {
    "flat": (FLAT, lambda asset_id, response: {"assetID": asset_id, "jsonResponse": response}),
    "data": (DATA, lambda asset_id, response: {"data": {"jsonResponse": response}, "where": {"id": asset_id}}),
}


@pytest.fixture(params=FORMS)
def form(request):
    return FORMS[request.param]


async def test_the_right_answer_is_a_review_that_leaves_the_asset_in_the_queue(project, form):
    asset_id, other = await project.assets(2)
    document, variables = form
    made = await project.admin.data(document, variables(asset_id, answer("RAIN")))

    label = await project.read_label(
        made["id"], "labelType isHoneypot jsonResponse authorId isLatestReviewLabelForUser isLastForStep"
    )
    assert label == {
        "labelType": "REVIEW",
        "isHoneypot": True,
        "jsonResponse": answer("RAIN"),
        "authorId": project.organization.admin.id,
        "isLatestReviewLabelForUser": True,
        "isLastForStep": True,
    }
    fields = "isHoneypot status currentStep { name status }"
    todo = {"status": "TODO", "currentStep": {"name": "Default", "status": "TO_DO"}}
    assert await project.read_asset(asset_id, fields) == {"isHoneypot": True, **todo}
    assert await project.read_asset(other, fields) == {"isHoneypot": False, **todo}


async def test_labeling_and_deleting_go_on_as_if_there_were_no_right_answer(project):
    (asset_id,) = await project.assets()
    gold = (await project.admin.data(FLAT, {"assetID": asset_id, "jsonResponse": answer()}))["id"]
    label_id = await project.label(asset_id, by=await project.member())
    assert (await project.read_asset(asset_id, "status"))["status"] == "LABELED"

    delete = "mutation ($ids: [ID!]!) { data: deleteLabels(ids: $ids) }"
    assert await project.admin.data(delete, {"ids": [label_id]}) == [label_id]
    assert (await project.read_asset(asset_id, "status"))["status"] == "TODO"

    assert await project.admin.data(delete, {"ids": [gold]}) == [gold]
    assert (await project.read_asset(asset_id, "status"))["status"] == "TODO"


async def test_a_wrong_answer_is_refused_and_marks_nothing(project, form):
    (asset_id,) = await project.assets()
    before = await project.everything()
    document, variables = form

    refused = await project.admin.refused(document, variables(asset_id, answer("SNOW")))

    assert refused.at == ("BAD_USER_INPUT", ["data"])
    assert await project.everything() == before


@pytest.mark.parametrize(
    "arguments",
    ["", 'assetID: "%s"', 'jsonResponse: "{}"', 'data: {jsonResponse: "{}"}', 'where: {id: "%s"}'],
    ids=["nothing", "no answer", "no asset", "no asset, data", "no data"],
)
async def test_exactly_one_complete_form_is_taken(project, arguments):
    (asset_id,) = await project.assets()
    given = f"({arguments.replace('%s', asset_id)})" if arguments else ""

    refused = await project.admin.refused(f"mutation {{ data: createHoneypot{given} {{ id }} }}")

    assert refused.at == ("BAD_USER_INPUT", ["data"])
    assert await project.rows("label") == []


@pytest.mark.parametrize("role", ["TEAM_MANAGER", "REVIEWER", "LABELER"])
async def test_only_administrators_know_the_right_answer(project, form, role):
    (asset_id,) = await project.assets()
    member = await project.member(role)
    before = await project.everything()
    document, variables = form

    refused = await member.client.refused(document, variables(asset_id, answer()))

    assert refused.at == ("NOT_FOUND" if role == "LABELER" else "FORBIDDEN", ["data"])
    assert await project.everything() == before


async def test_an_asset_of_others_reads_like_one_that_is_not_there(project, form, other_organization):
    (asset_id,) = await project.assets()
    before = await project.everything()
    document, variables = form

    refused = await other_organization.admin.client.refused(document, variables(asset_id, answer()))
    unknown = await other_organization.admin.client.refused(document, variables("nothing", answer()))

    assert refused.at == unknown.at == ("NOT_FOUND", ["data"])
    assert refused.message.replace(asset_id, "nothing") == unknown.message
    assert await project.everything() == before
