"""`createPredictions` and the `createPrediction` of the first clients."""

import pytest

from tests.common.world import answer

# 1.4 to 2.86
FLAT = """
mutation (
  $projectID: ID!, $externalIDArray: [ID!]!, $modelNameArray: [String!]!, $jsonResponseArray: [String!]!
) {
  data: createPredictions(
    projectID: $projectID, externalIDArray: $externalIDArray, modelNameArray: $modelNameArray,
    jsonResponseArray: $jsonResponseArray
  ) { id }
}"""
# since 2.87
DATA = """
mutation ($data: CreatePredictionsData!, $where: AssetWhere!) { data: createPredictions(data: $data, where: $where) { id } }"""


def flat(project, names, models, responses):
    return {
        "projectID": project.id,
        "externalIDArray": names,
        "modelNameArray": models,
        "jsonResponseArray": responses,
    }


def strict(project, names, models, responses):
    where = {"externalIdStrictlyIn": names, "project": {"id": project.id}}
    return {"data": {"modelNameArray": models, "jsonResponseArray": responses}, "where": where}


def loose(project, names, models, responses):
    where = {"externalIdIn": names, "project": {"id": project.id}}
    return {"data": {"modelNameArray": models, "jsonResponseArray": responses}, "where": where}


FORMS = {"flat": (FLAT, flat), "externalIdStrictlyIn": (DATA, strict), "externalIdIn": (DATA, loose)}


@pytest.fixture(params=FORMS)
def predict(request):
    """Send predictions in one of the forms; the answer, or with `refused` the refusal."""
    document, variables = FORMS[request.param]

    async def send(project, names, models, responses, *, client=None, refused=False):
        chosen = client or project.admin
        method = chosen.refused if refused else chosen.data
        return await method(document, variables(project, names, models, responses))

    return send


async def stored(project):
    columns = (
        "asset_id",
        "label_type",
        "model_name",
        "json_response",
        "author_id",
        "is_latest_prediction_label_for_user",
    )
    return [tuple(row[column] for column in columns) for row in await project.rows("label")]


async def test_predictions_are_labels_of_assets_by_their_external_ids(project, predict):
    ids = await project.assets(3)
    # One name is a part of another: only the exact one is meant.
    (longer,) = await project.assets(1, externalIDArray=["asset-11"])
    responses = [answer("RAIN"), answer("SUN")]

    made = await predict(project, ["asset-1", "asset-0"], ["m1", "m2"], responses)

    me = project.organization.admin.id
    assert made == {"id": project.id}
    assert await stored(project) == [
        (ids[1], "PREDICTION", "m1", answer("RAIN"), me, True),
        (ids[0], "PREDICTION", "m2", answer("SUN"), me, True),
    ]
    assert {row["status"] for row in await project.rows("asset")} == {"TODO"}
    assert longer not in {row[0] for row in await stored(project)}


async def test_a_second_prediction_of_a_model_is_the_latest_one(project, predict):
    await project.assets(1)
    for model, category in [("m1", "SUN"), ("m2", "SUN"), ("m1", "RAIN")]:
        await predict(project, ["asset-0"], [model], [answer(category)])

    assert [(row[2], row[3], row[5]) for row in await stored(project)] == [
        ("m1", answer("SUN"), False),
        ("m2", answer("SUN"), True),
        ("m1", answer("RAIN"), True),
    ]


async def test_an_unknown_asset_refuses_them_all(project, predict):
    await project.assets(1)
    await (await project.organization.project()).assets(1, prefix="elsewhere")

    refused = await predict(project, ["asset-0", "elsewhere-0", "asset"], ["m"] * 3, [answer()] * 3, refused=True)

    assert refused.at == ("NOT_FOUND", ["data"])
    assert refused.context == {"externalIds": ["elsewhere-0", "asset"]}
    assert await stored(project) == []


async def test_a_wrong_answer_refuses_them_all(project, predict):
    await project.assets(2)

    refused = await predict(project, ["asset-0", "asset-1"], ["m", "m"], [answer(), answer("SNOW")], refused=True)

    assert refused.at == ("BAD_USER_INPUT", ["data"])
    assert [error["labelIndex"] for error in refused.context["errors"]] == [1]
    assert await stored(project) == []


@pytest.mark.parametrize(
    ("names", "models", "responses"),
    [(["asset-0"], ["m", "m"], ["{}"]), (["asset-0"], ["m"], []), ([], [], []), (["asset-0"], ["m" * 201], ["{}"])],
    ids=["too many models", "too few answers", "nothing", "model name too long"],
)
async def test_the_arrays_belong_together(project, predict, names, models, responses):
    await project.assets(1)

    refused = await predict(project, names, models, responses, refused=True)

    assert refused.at == ("BAD_USER_INPUT", ["data"])
    assert await stored(project) == []


@pytest.mark.parametrize("role", ["TEAM_MANAGER", "REVIEWER", "LABELER"])
async def test_predictions_are_for_administrators(project, predict, role):
    await project.assets(1)
    member = await project.member(role)

    refused = await predict(project, ["asset-0"], ["m"], [answer()], client=member.client, refused=True)

    assert refused.at == ("FORBIDDEN", ["data"])
    assert await stored(project) == []


async def test_strangers_learn_nothing_of_the_assets(project, predict, other_organization):
    await project.assets(1)

    for client in (other_organization.admin.client, (await project.organization.person()).client):
        for name in ("asset-0", "nothing"):
            refused = await predict(project, [name], ["m"], [answer()], client=client, refused=True)
            assert refused.at == ("NOT_FOUND", ["data"])
            assert refused.message == f"[notFound] No project {project.id!r} is visible to you."


async def test_models_need_not_be_named(project):
    await project.assets(1)
    where = {"externalIdStrictlyIn": ["asset-0"], "project": {"id": project.id}}

    await project.admin.data(DATA, {"data": {"jsonResponseArray": [answer()], "modelNameArray": None}, "where": where})

    assert [row[2] for row in await stored(project)] == [None]


@pytest.mark.parametrize("where", [{}, {"externalIdIn": ["asset-0"]}, {"project": {"id": None}}], ids=str)
async def test_the_project_must_be_named(project, where):
    await project.assets(1)

    refused = await project.admin.refused(DATA, {"data": {"jsonResponseArray": [answer()]}, "where": where})

    assert refused.at == ("BAD_USER_INPUT", ["data"])
    assert refused.context == {"field": "where.project.id"}


async def test_the_first_clients_predict_one_at_a_time(project):
    (asset_id,) = await project.assets(1)
    document = """
    mutation ($assetID: ID!, $jsonResponse: String!) {
      data: createPrediction(assetID: $assetID, jsonResponse: $jsonResponse) { id labelType jsonResponse }
    }"""
    made = await project.admin.data(document, {"assetID": asset_id, "jsonResponse": answer("RAIN")})

    assert (made["labelType"], made["jsonResponse"]) == ("PREDICTION", answer("RAIN"))
    assert [row["id"] for row in await project.rows("label")] == [made["id"]]
