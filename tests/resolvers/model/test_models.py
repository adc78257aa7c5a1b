"""`createModel`, `updateModel`, `deleteModel`, `model` and `models`."""

import pytest

from labelyard.services.credential import Credentials
from labelyard.services.model import purpose_of
from tests.common.conversation import CREATE_MODEL, DELETE_MODEL, MODEL, MODELS, UPDATE_MODEL

KEY = "sk-a-key-that-nobody-sees"
OPEN = {"apiKey": KEY, "endpoint": "https://models.example/v1/"}
AZURE = {"apiKey": KEY, "endpoint": "https://azure.example", "deploymentId": "gpt-4o_1"}
SHOWN = {"apiKey": "***", "endpoint": "https://models.example/v1"}


async def made(organization, *, name="Small", credentials=OPEN, kind="OPEN_AI_SDK"):
    given = {"credentials": credentials, "name": name, "type": kind, "organizationId": organization.id}
    return dict(await organization.admin.client.data(CREATE_MODEL, {"input": given}))


async def listed(organization):
    variables = {"where": {"organizationId": organization.id}, "first": 100, "skip": 0}
    return await organization.admin.client.data(MODELS, variables)


async def row_of(organization, model_id):
    async with organization.database.reader() as connection:
        return await connection.fetch_one("select * from model where id = :id", {"id": model_id})


async def test_models_are_read_back_without_their_keys(organization):
    first = await made(organization)
    second = await made(organization, name="Large", credentials=AZURE, kind="AZURE_OPEN_AI")

    assert first == {"id": first["id"], "name": "Small", "credentials": SHOWN, "type": "OPEN_AI_SDK"}
    assert second["credentials"] == {**AZURE, "apiKey": "***"}
    assert await listed(organization) == [first, second]
    assert await organization.admin.client.data(MODEL, {"modelId": second["id"]}) == second
    page = {"where": {"organizationId": organization.id}, "first": 1, "skip": 1}
    assert await organization.admin.client.data(MODELS, page) == [second]


async def test_a_key_is_stored_sealed(organization, app, settings):
    model = await made(organization)

    row = await row_of(organization, model["id"])

    assert KEY.encode() not in b"".join(str(value).encode() for value in dict(row).values())
    secret = (settings.data_dir / "secret").read_bytes()
    assert Credentials(secret).unseal(bytes(row["sealed_key"]), purpose_of(model["id"])) == KEY


async def test_a_change_of_the_name_keeps_the_key(organization):
    model = await made(organization)
    before = await row_of(organization, model["id"])

    answer = await organization.admin.client.data(UPDATE_MODEL, {"id": model["id"], "input": {"name": "Tiny"}})

    assert answer == {**model, "name": "Tiny"}
    assert await listed(organization) == [answer]
    assert (await row_of(organization, model["id"]))["sealed_key"] == before["sealed_key"]
    unchanged = await organization.admin.client.data(
        UPDATE_MODEL, {"id": model["id"], "input": {"name": None, "credentials": None}}
    )
    assert unchanged == answer


async def test_credentials_are_changed_as_a_whole(organization, settings):
    model = await made(organization)
    new = {"apiKey": "sk-another", "endpoint": "http://10.0.0.7:8080"}

    answer = await organization.admin.client.data(UPDATE_MODEL, {"id": model["id"], "input": {"credentials": new}})

    assert answer == {**model, "credentials": {**new, "apiKey": "***"}}
    row = await row_of(organization, model["id"])
    credentials = Credentials((settings.data_dir / "secret").read_bytes())
    assert credentials.unseal(bytes(row["sealed_key"]), purpose_of(model["id"])) == "sk-another"


async def test_a_deleted_model_is_an_error_afterwards(organization):
    model, other = await made(organization), await made(organization, name="Other")

    assert await organization.admin.client.data(DELETE_MODEL, {"deleteModelId": model["id"]}) is True

    for document, variables in (
        (MODEL, {"modelId": model["id"]}),
        (DELETE_MODEL, {"deleteModelId": model["id"]}),
        (UPDATE_MODEL, {"id": model["id"], "input": {"name": "x"}}),
    ):
        assert (await organization.admin.client.refused(document, variables)).code == "NOT_FOUND"
    assert await listed(organization) == [other]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": ""}, "The name of a model"),
        ({"name": "x" * 201}, "The name of a model"),
        ({"credentials": "key"}, "input.credentials"),
        ({"credentials": {"endpoint": "https://models.example"}}, "input.credentials"),
        ({"credentials": {**OPEN, "apiKey": ""}}, "input.credentials"),
        ({"credentials": {**OPEN, "apiKey": 5}}, "input.credentials"),
        ({"credentials": {**OPEN, "apiKey": "with a\nbreak"}}, "input.credentials.apiKey"),
        ({"credentials": {**OPEN, "apiKey": "***"}}, "input.credentials.apiKey"),
        ({"credentials": {**OPEN, "deploymentId": "x"}}, "input.credentials"),
        ({"credentials": {**OPEN, "endpoint": "models.example/v1"}}, "input.credentials.endpoint"),
        ({"credentials": {**OPEN, "endpoint": "ftp://models.example"}}, "input.credentials.endpoint"),
        ({"credentials": {**OPEN, "endpoint": "https://me:pass@models.example"}}, "input.credentials.endpoint"),
        ({"credentials": {**OPEN, "endpoint": "https://models.example/?key=1"}}, "input.credentials.endpoint"),
        ({"credentials": {**OPEN, "endpoint": "https://models.example/a b"}}, "input.credentials.endpoint"),
        ({"credentials": {**OPEN, "endpoint": "https://[::1"}}, "input.credentials.endpoint"),
        ({"credentials": OPEN, "type": "AZURE_OPEN_AI"}, "input.credentials"),
        ({"credentials": {**AZURE, "deploymentId": "../x"}, "type": "AZURE_OPEN_AI"}, "input.credentials.deploymentId"),
    ],
    ids=str,
)
async def test_what_is_wrong_with_a_model_is_named_and_nothing_is_kept(organization, given, field):
    whole = {"credentials": OPEN, "name": "Small", "type": "OPEN_AI_SDK", "organizationId": organization.id, **given}

    refused = await organization.admin.client.refused(CREATE_MODEL, {"input": whole})

    assert (refused.code, refused.path, refused.context["field"]) == ("BAD_USER_INPUT", ["createModel"], field)
    assert KEY not in refused.message
    assert await listed(organization) == []


async def test_models_belong_to_one_organization(organization, other_organization):
    model = await made(organization)
    stranger = other_organization.admin.client

    given = {"credentials": OPEN, "name": "x", "type": "OPEN_AI_SDK", "organizationId": organization.id}
    refusals = [
        await stranger.refused(MODEL, {"modelId": model["id"]}),
        await stranger.refused(UPDATE_MODEL, {"id": model["id"], "input": {"name": "mine"}}),
        await stranger.refused(DELETE_MODEL, {"deleteModelId": model["id"]}),
        await stranger.refused(CREATE_MODEL, {"input": given}),
    ]
    assert [refused.code for refused in refusals] == ["NOT_FOUND"] * 4
    page = {"where": {"organizationId": organization.id}, "first": 100, "skip": 0}
    assert await stranger.data(MODELS, page) == []
    assert await listed(organization) == [model]


async def test_only_administrators_of_the_organization_manage_models(organization):
    model = await made(organization)
    person = (await organization.person()).client
    page = {"where": {"organizationId": organization.id}, "first": 100, "skip": 0}

    for document, variables in (
        (MODELS, page),
        (MODEL, {"modelId": model["id"]}),
        (UPDATE_MODEL, {"id": model["id"], "input": {"name": "mine"}}),
        (DELETE_MODEL, {"deleteModelId": model["id"]}),
    ):
        assert (await person.refused(document, variables)).code == "FORBIDDEN"
    assert await listed(organization) == [model]


async def test_an_organization_has_200_models_at_most(organization):
    async with organization.database.transaction() as connection:
        await connection.fetch(
            "insert into model (id, organization_id, name, type, endpoint, sealed_key) select :id || n, :id, 'x', "
            "'OPEN_AI_SDK', 'https://models.example', '' from generate_series(1, 200) n",
            {"id": organization.id},
        )

    given = {"credentials": OPEN, "name": "x", "type": "OPEN_AI_SDK", "organizationId": organization.id}
    refused = await organization.admin.client.refused(CREATE_MODEL, {"input": given})

    assert (refused.code, refused.context) == ("CONFLICT", {"limit": 200})
