"""`appendToLabels`, and the `frontendAppendToLabels` of the first clients."""

import asyncio
import json

import pytest

from tests.common.documents import APPEND_TO_LABELS
from tests.common.world import answer, box

# 1.4 to 2.86
FLAT = """
mutation (
  $authorID: ID!, $jsonResponse: String!, $labelAssetID: ID!, $labelType: LabelType!, $secondsToLabel: Float
) {
  data: appendToLabels(
    authorID: $authorID, jsonResponse: $jsonResponse, labelAssetID: $labelAssetID, labelType: $labelType,
    secondsToLabel: $secondsToLabel
  ) { id }
}"""
# 1.0
FRONTEND = """
mutation ($asset: ID!, $author: ID!, $answer: String!) {
  data: frontendAppendToLabels(
    labelAssetID: $asset, authorID: $author, jsonResponse: $answer, labelType: DEFAULT, secondsToLabel: 3, skipped: false
  ) { id }
}"""
FIELDS = """
id assetId authorId author { id email firstname lastname } projectId labelType modelName jsonResponse jsonResponseUrl response
numberOfAnnotations search secondsToLabel totalSecondsToLabel clientVersion version skipped isHoneypot isSentBackToQueue
isLatestLabelForUser isLatestDefaultLabelForUser isLatestReviewLabelForUser isLatestPredictionLabelForUser isLastForStep
labelOf { id externalId } assetStep { name type status } referencedLabel { id } consensusMark honeypotMark inferenceMark
reviewScore
"""


def data(**changes):
    return {"jsonResponse": answer(), "labelType": "DEFAULT", **changes}


async def append(client, asset_id, **changes):
    made = await client.data(APPEND_TO_LABELS, {"data": data(**changes), "where": {"id": asset_id}})
    return made["id"]


async def refuse(project, asset_id, *, client=None, status=200, **changes):
    """Try a label that is refused, and see that nothing has changed."""
    before = await project.everything()
    variables = {"data": data(**changes), "where": {"id": asset_id}}
    refused = await (client or project.admin).refused(APPEND_TO_LABELS, variables, status=status)
    assert await project.everything() == before
    return refused


async def test_a_label_holds_what_was_sent(project):
    (asset_id,) = await project.assets()
    ada = await project.member(firstname="Ada", lastname="Lovelace")
    text = '{"PLACE" : {"annotations": [%s]}, "WEATHER":{"categories":[{"confidence":50,"name":"RAIN"}]} }'
    text %= json.dumps(box(mid="one"))
    label_id = await append(ada.client, asset_id, jsonResponse=text, secondsToLabel=12.5, clientVersion=3)

    assert await project.read_label(label_id, FIELDS) == {
        "id": label_id,
        "assetId": asset_id,
        "authorId": ada.id,
        "author": {"id": ada.id, "email": ada.email, "firstname": "Ada", "lastname": "Lovelace"},
        "projectId": project.id,
        "labelType": "DEFAULT",
        "modelName": None,
        "jsonResponse": text,
        "jsonResponseUrl": None,
        "response": json.loads(text),
        "numberOfAnnotations": 2,
        "search": {"numberOfAnnotations": 2, "numberOfAnnotationsByObject": {"WEATHER.RAIN": 1, "PLACE.CAR": 1}},
        "secondsToLabel": 12,
        "totalSecondsToLabel": 12,
        "clientVersion": 3,
        "version": 1,
        "skipped": False,
        "isHoneypot": False,
        "isSentBackToQueue": False,
        "isLatestLabelForUser": True,
        "isLatestDefaultLabelForUser": True,
        "isLatestReviewLabelForUser": False,
        "isLatestPredictionLabelForUser": False,
        "isLastForStep": True,
        "labelOf": {"id": asset_id, "externalId": "asset-0"},
        "assetStep": {"name": "Default", "type": "DEFAULT", "status": "DONE"},
        "referencedLabel": None,
        "consensusMark": None,
        "honeypotMark": None,
        "inferenceMark": None,
        "reviewScore": None,
    }


@pytest.mark.parametrize("seconds", [{}, {"secondsToLabel": None}, {"secondsToLabel": 0}], ids=str)
async def test_optional_keys_may_be_absent_null_or_given(project, seconds):
    (asset_id,) = await project.assets()
    label_id = await append(project.admin, asset_id, **seconds, authorID=None, clientVersion=None, skipped=None)

    label = await project.read_label(label_id, "secondsToLabel totalSecondsToLabel clientVersion skipped authorId")
    assert label == {
        "secondsToLabel": 0,
        "totalSecondsToLabel": 0,
        "clientVersion": None,
        "skipped": False,
        "authorId": project.organization.admin.id,
    }


async def test_the_time_of_one_person_on_one_asset_adds_up(project):
    first, second = await project.assets(2)
    ada = await project.member()
    await append(ada.client, first, secondsToLabel=10)
    await append(ada.client, second, secondsToLabel=100)
    await append(project.admin, first, secondsToLabel=1000)
    label_id = await append(ada.client, first, secondsToLabel=2.5)

    label = await project.read_label(label_id, "secondsToLabel totalSecondsToLabel")
    assert label == {"secondsToLabel": 2, "totalSecondsToLabel": 12}


async def test_the_flat_form_says_the_same(project):
    (asset_id,) = await project.assets()
    ada = await project.member()
    variables = {
        "authorID": ada.id,
        "jsonResponse": answer("RAIN"),
        "labelAssetID": asset_id,
        "labelType": "DEFAULT",
        "secondsToLabel": 4,
    }
    made = await project.admin.data(FLAT, variables)

    label = await project.read_label(made["id"], "authorId jsonResponse secondsToLabel assetId")
    assert label == {"authorId": ada.id, "jsonResponse": answer("RAIN"), "secondsToLabel": 4.0, "assetId": asset_id}


async def test_the_form_of_the_first_clients(project):
    (asset_id,) = await project.assets()
    variables = {"asset": asset_id, "author": project.organization.admin.id, "answer": answer()}
    made = await project.admin.data(FRONTEND, variables)

    label = await project.read_label(made["id"], "jsonResponse secondsToLabel labelType")
    assert label == {"jsonResponse": answer(), "secondsToLabel": 3.0, "labelType": "DEFAULT"}


@pytest.mark.parametrize(
    "arguments",
    [
        'data: {jsonResponse: "{}", labelType: DEFAULT}, jsonResponse: "{}", labelAssetID: "%s"',
        'labelAssetID: "%s"',
        'where: {id: "%s"}',
        'data: {jsonResponse: "{}", labelType: DEFAULT}',
        'data: {jsonResponse: "{}", labelType: DEFAULT}, where: {externalIdIn: ["asset-0"]}',
        'jsonResponse: "{}"',
    ],
    ids=["both forms", "no answer", "no data", "no asset", "an asset by name", "no asset, flat"],
)
async def test_exactly_one_complete_form_is_taken(project, arguments):
    (asset_id,) = await project.assets()
    given = arguments.replace("%s", asset_id)

    refused = await project.admin.refused(f"mutation {{ data: appendToLabels({given}) {{ id }} }}")

    assert refused.at == ("BAD_USER_INPUT", ["data"])
    assert await project.rows("label") == []


# Types


@pytest.mark.parametrize(
    ("label_type", "flags", "status"),
    [
        ("DEFAULT", ["isLatestLabelForUser", "isLatestDefaultLabelForUser", "isLastForStep"], "LABELED"),
        ("REVIEW", ["isLatestLabelForUser", "isLatestReviewLabelForUser", "isLastForStep"], "REVIEWED"),
        ("PREDICTION", ["isLatestLabelForUser", "isLatestPredictionLabelForUser"], "TODO"),
        ("INFERENCE", ["isLatestLabelForUser"], "TODO"),
        ("AUTOSAVE", ["isLatestLabelForUser"], "ONGOING"),
    ],
)
async def test_each_type_has_its_flags_and_moves_the_asset(project, label_type, flags, status):
    (asset_id,) = await project.assets()
    label_id = await append(project.admin, asset_id, labelType=label_type)

    names = [
        "isLatestLabelForUser",
        "isLatestDefaultLabelForUser",
        "isLatestReviewLabelForUser",
        "isLatestPredictionLabelForUser",
        "isLastForStep",
    ]
    label = await project.read_label(label_id, " ".join(names))
    assert [name for name in names if label[name]] == flags
    assert (await project.read_asset(asset_id, "status"))["status"] == status


async def test_a_draft_is_one_of_each_person_and_goes_with_their_answer(project):
    (asset_id,) = await project.assets()
    ada, bob = await project.member(), await project.member()

    async def drafts():
        return [(row["label_type"], row["author_id"], row["json_response"]) for row in await project.rows("label")]

    await append(ada.client, asset_id, labelType="AUTOSAVE", jsonResponse=answer("SUN"))
    await append(bob.client, asset_id, labelType="AUTOSAVE", jsonResponse=answer("SUN"))
    await append(ada.client, asset_id, labelType="AUTOSAVE", jsonResponse=answer("RAIN"))
    assert await drafts() == [("AUTOSAVE", bob.id, answer("SUN")), ("AUTOSAVE", ada.id, answer("RAIN"))]

    await append(project.admin, asset_id, labelType="PREDICTION", authorID=ada.id)
    assert len(await drafts()) == 3
    await append(ada.client, asset_id)
    assert [row[:2] for row in await drafts()] == [("AUTOSAVE", bob.id), ("PREDICTION", ada.id), ("DEFAULT", ada.id)]


# Answers that are refused, and answers that warn


@pytest.mark.parametrize(
    ("response", "problem"),
    [
        ("", ("NOT_JSON", "$")),
        ("[]", ("NOT_OBJECT", "$")),
        ('{"WEATHER": {}, "WEATHER": {}}', ("DUPLICATE_KEY", None)),
        ('{"MOOD": {"categories": [{"name": "SUN"}]}}', ("UNKNOWN_JOB", "MOOD")),
        ('{"WEATHER": {"categories": [{"name": "SNOW"}]}}', ("UNKNOWN_CATEGORY", None)),
    ],
    ids=["empty", "a list", "a key twice", "unknown job", "unknown category"],
)
async def test_an_answer_that_breaks_the_interface_is_refused_with_its_place(project, response, problem):
    (asset_id,) = await project.assets()

    refused = await refuse(project, asset_id, jsonResponse=response)

    assert refused.at == ("BAD_USER_INPUT", ["data"])
    assert refused.message.startswith("[invalidJsonResponse] [jsonResponseMalformed] ")
    (error,) = refused.context["errors"]
    assert set(error) == {"code", "path", "message", "labelIndex", "assetId"}
    assert (error["code"], error["labelIndex"], error["assetId"]) == (problem[0], 0, asset_id)
    if problem[1] is not None:
        assert error["path"] == problem[1]


async def test_a_missing_required_job_is_a_warning_unless_rules_are_strict(project, app_with):
    first, second = await project.assets(2)
    variables = {"data": data(jsonResponse="{}"), "where": {"id": first}}
    made, warnings = await project.admin.warned(APPEND_TO_LABELS, variables)
    assert (await project.read_label(made["id"], "jsonResponse"))["jsonResponse"] == "{}"
    assert [(warning["path"], warning["labelIndex"], warning["assetId"]) for warning in warnings] == [
        ("WEATHER", 0, first)
    ]

    strict = app_with(strict_labels=True).as_(project.organization.admin.key)
    refused = await refuse(project, second, client=strict, jsonResponse="{}")
    assert refused.at == ("BAD_USER_INPUT", ["data"])
    assert [error["path"] for error in refused.context["errors"]] == ["WEATHER"]


@pytest.mark.parametrize("label_type", ["PREDICTION", "INFERENCE", "AUTOSAVE"])
async def test_models_and_drafts_may_leave_everything_out_even_where_rules_are_strict(project, app_with, label_type):
    (asset_id,) = await project.assets()
    strict = app_with(strict_labels=True).as_(project.organization.admin.key)
    variables = {"data": data(jsonResponse="{}", labelType=label_type), "where": {"id": asset_id}}

    _, warnings = await strict.warned(APPEND_TO_LABELS, variables)

    assert [warning["code"] for warning in warnings] == ["REQUIRED_JOB_MISSING"]


async def test_boxes_without_a_mid_get_one(project):
    (asset_id,) = await project.assets()
    bare = {key: value for key, value in box(mid="x").items() if key != "mid"}
    response = {**json.loads(answer()), "PLACE": {"annotations": [bare, box(mid="mine"), bare]}}
    label_id = await append(project.admin, asset_id, jsonResponse=json.dumps(response))

    stored = json.loads((await project.read_label(label_id, "jsonResponse"))["jsonResponse"])
    mids = [annotation["mid"] for annotation in stored["PLACE"]["annotations"]]
    assert mids[1] == "mine"
    assert len(set(mids)) == 3


@pytest.mark.parametrize(
    "changes",
    [{"secondsToLabel": -1}, {"jsonResponse": '{"WEATHER":{"categories":[{"name":"SUN\\u0000"}]}}'}],
    ids=["negative seconds", "NUL"],
)
async def test_a_wrong_value_is_refused(project, changes):
    (asset_id,) = await project.assets()

    refused = await refuse(project, asset_id, **changes)

    assert refused.at == ("BAD_USER_INPUT", ["data"])


@pytest.mark.parametrize("changes", [{"labelType": "SOMETHING"}, {"jsonResponse": None}, {"labelType": None}], ids=str)
async def test_what_the_schema_forbids_is_refused_before_anything_runs(project, changes):
    (asset_id,) = await project.assets()

    refused = await refuse(project, asset_id, status=400, **changes)

    assert refused.at == ("BAD_USER_INPUT", None)


# Whom the label is by, and who may


async def test_administrators_label_for_members(project):
    (asset_id,) = await project.assets()
    ada = await project.member()
    label_id = await append(project.admin, asset_id, authorID=ada.id)

    assert (await project.read_label(label_id, "authorId"))["authorId"] == ada.id


@pytest.mark.parametrize("role", ["TEAM_MANAGER", "REVIEWER", "LABELER"])
async def test_nobody_else_labels_for_others(project, role):
    (asset_id,) = await project.assets()
    ada, member = await project.member(), await project.member(role)

    refused = await refuse(project, asset_id, client=member.client, authorID=ada.id)
    assert refused.at == ("FORBIDDEN", ["data"])

    assert await append(member.client, asset_id, authorID=member.id)


async def test_an_author_is_a_member(project, other_organization):
    (asset_id,) = await project.assets()
    strangers = [await project.organization.person(), other_organization.admin]

    for stranger in strangers:
        refused = await refuse(project, asset_id, authorID=stranger.id)
        assert refused.at == ("NOT_FOUND", ["data"])
        assert refused.context == {"authorIDs": [stranger.id]}


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        ("ADMIN", {"DEFAULT", "REVIEW", "PREDICTION", "INFERENCE", "AUTOSAVE"}),
        ("TEAM_MANAGER", {"DEFAULT", "REVIEW", "AUTOSAVE"}),
        ("REVIEWER", {"DEFAULT", "REVIEW", "AUTOSAVE"}),
        ("LABELER", {"DEFAULT", "AUTOSAVE"}),
    ],
)
async def test_each_role_submits_its_types(project, role, allowed):
    (asset_id,) = await project.assets()
    member = await project.member(role)
    for label_type in ["AUTOSAVE", "DEFAULT", "REVIEW", "PREDICTION", "INFERENCE"]:
        if label_type in allowed:
            assert await append(member.client, asset_id, labelType=label_type)
            continue
        refused = await refuse(project, asset_id, client=member.client, labelType=label_type)
        assert refused.at == ("FORBIDDEN", ["data"])


async def test_an_organization_administrator_joins_by_labeling(project):
    (asset_id,) = await project.assets()
    boss = await project.organization.person(organization_role="ADMIN")
    await append(boss.client, asset_id)

    members = [(row["user_id"], row["role"]) for row in await project.rows("project_user")]
    assert members[1:] == [(boss.id, "ADMIN")]


async def test_an_asset_of_others_reads_like_one_that_is_not_there(project, other_organization):
    (asset_id,) = await project.assets()
    nobody = await project.organization.person()
    for client in (other_organization.admin.client, nobody.client):
        refused = await refuse(project, asset_id, client=client)
        unknown = await refuse(project, "nothing", client=client)

        assert refused.at == unknown.at == ("NOT_FOUND", ["data"])
        assert refused.message.replace(asset_id, "nothing") == unknown.message


async def test_labels_of_one_burst_share_their_statements(project, statements):
    """The first of a burst may go alone; after it has been seen that others come, none does."""
    assets = await project.assets(24)

    async def burst(ids):
        made = await asyncio.gather(*(append(project.admin, asset_id) for asset_id in ids))
        assert len(set(made)) == len(ids)

    await burst(assets[:8])
    with statements.recording() as texts:
        await burst(assets[8:])

    assert len([text for text in texts if "add_label" in text]) <= 2
    assert len([text for text in texts if "person(" in text]) <= 2
    assert len(await project.rows("label")) == 24
