"""`createProjectModel`, `updateProjectModel`, `deleteProjectModel` and `projectModels`."""

import pytest

from tests.common.conversation import (
    CREATE_MODEL,
    CREATE_PROJECT_MODEL,
    DELETE_MODEL,
    DELETE_PROJECT_MODEL,
    DYNAMIC,
    PROJECT_MODELS,
    UPDATE_PROJECT_MODEL,
)

CREDENTIALS = {"apiKey": "sk-secret", "endpoint": "https://models.example/v1"}
RANGE = {"model": "small-1", "temperature": {"min": 0.2, "max": 0.8}, "max_tokens": 50}


@pytest.fixture
async def dynamic(organization):
    return await organization.project(**DYNAMIC)


async def model_of(organization, name="Small"):
    given = {"credentials": CREDENTIALS, "name": name, "type": "OPEN_AI_SDK", "organizationId": organization.id}
    return (await organization.admin.client.data(CREATE_MODEL, {"input": given}))["id"]


async def attached(project, model_id, configuration=None):
    given = {"projectId": project.id, "modelId": model_id, "configuration": configuration}
    return dict(await project.admin.data(CREATE_PROJECT_MODEL, {"input": given}))


async def listed(project, client=None, **where):
    variables = {"where": {"projectId": project.id, **where}, "first": 100, "skip": 0}
    return await (client or project.admin).data(PROJECT_MODELS, variables)


async def test_models_of_a_project_are_read_back_in_their_order(dynamic):
    small, large = await model_of(dynamic.organization), await model_of(dynamic.organization, "Large")

    first, second = await attached(dynamic, small, RANGE), await attached(dynamic, large, {"temperature": 0.7})

    shown = {"apiKey": "***", "endpoint": "https://models.example/v1"}
    assert first == {
        "id": first["id"],
        "configuration": RANGE,
        "model": {"id": small, "credentials": shown, "name": "Small", "type": "OPEN_AI_SDK"},
    }
    both = [
        {**first, "modelId": small, "projectId": dynamic.id},
        {**second, "modelId": large, "projectId": dynamic.id},
    ]
    assert await listed(dynamic) == both
    assert await listed(dynamic, modelId=large) == both[1:]
    named = "query ($w: ProjectModelWhere!) { data: projectModels(where: $w, first: 1, skip: 1) { name } }"
    assert await dynamic.admin.data(named, {"w": {"projectId": dynamic.id}}) == [{"name": "Large"}]


async def test_a_configuration_is_changed_and_a_model_taken_out(dynamic):
    model = await model_of(dynamic.organization)
    first, second = await attached(dynamic, model), await attached(dynamic, model, {"temperature": 0})
    assert (first["configuration"], second["configuration"]) == ({}, {"temperature": 0})

    changed = await dynamic.admin.data(
        UPDATE_PROJECT_MODEL, {"updateProjectModelId": first["id"], "input": {"configuration": RANGE}}
    )
    kept = await dynamic.admin.data(
        UPDATE_PROJECT_MODEL, {"updateProjectModelId": first["id"], "input": {"configuration": None}}
    )

    assert changed == kept == {**first, "configuration": RANGE}
    assert await dynamic.admin.data(DELETE_PROJECT_MODEL, {"deleteProjectModelId": second["id"]}) is True
    assert [one["id"] for one in await listed(dynamic)] == [first["id"]]
    refused = await dynamic.admin.refused(DELETE_PROJECT_MODEL, {"deleteProjectModelId": second["id"]})
    assert refused.code == "NOT_FOUND"


async def test_a_deleted_model_answers_in_no_project(dynamic):
    small, large = await model_of(dynamic.organization), await model_of(dynamic.organization, "Large")
    await attached(dynamic, small)
    kept = await attached(dynamic, large)

    await dynamic.admin.data(DELETE_MODEL, {"deleteModelId": small})

    assert [one["id"] for one in await listed(dynamic)] == [kept["id"]]


@pytest.mark.parametrize(
    ("configuration", "field"),
    [
        ("hot", "configuration"),
        ([], "configuration"),
        ({"x": "y" * 20_000}, "configuration"),
        ({"x": "a\0"}, "configuration"),
        ({"model": 3}, "configuration.model"),
        ({"model": ""}, "configuration.model"),
        ({"messages": []}, "configuration.messages"),
        ({"stream": False}, "configuration.stream"),
        ({"temperature": "hot"}, "configuration.temperature"),
        ({"temperature": True}, "configuration.temperature"),
        ({"temperature": 2.1}, "configuration.temperature"),
        ({"temperature": -0.1}, "configuration.temperature"),
        ({"temperature": {"min": 0.2}}, "configuration.temperature"),
        ({"temperature": {"min": 0.8, "max": 0.2}}, "configuration.temperature"),
        ({"temperature": {"min": 0.2, "max": 3}}, "configuration.temperature"),
        ({"temperature": {"min": 0.2, "max": 0.8, "step": 1}}, "configuration.temperature"),
    ],
    ids=str,
)
async def test_a_configuration_that_cannot_be_is_refused(dynamic, configuration, field):
    model = await model_of(dynamic.organization)
    kept = await attached(dynamic, model, RANGE)

    given = {"projectId": dynamic.id, "modelId": model, "configuration": configuration}
    for document, variables in (
        (CREATE_PROJECT_MODEL, {"input": given}),
        (UPDATE_PROJECT_MODEL, {"updateProjectModelId": kept["id"], "input": {"configuration": configuration}}),
    ):
        refused = await dynamic.admin.refused(document, variables)
        assert (refused.code, refused.context["field"]) == ("BAD_USER_INPUT", field)
    assert [(one["id"], one["configuration"]) for one in await listed(dynamic)] == [(kept["id"], RANGE)]


async def test_an_administrator_of_the_project_chooses_among_the_models_of_the_organization(
    dynamic, other_organization
):
    model = await model_of(dynamic.organization)
    foreign = await model_of(other_organization)
    admin = (await dynamic.member("ADMIN")).client

    made = await admin.data(CREATE_PROJECT_MODEL, {"input": {"projectId": dynamic.id, "modelId": model}})

    assert made["model"]["credentials"] == {"apiKey": "***", "endpoint": "https://models.example/v1"}
    for given in ({"projectId": dynamic.id, "modelId": foreign}, {"projectId": dynamic.id, "modelId": "missing"}):
        assert (await admin.refused(CREATE_PROJECT_MODEL, {"input": given})).code == "NOT_FOUND"
    stranger = other_organization.admin.client
    for document, variables in (
        (CREATE_PROJECT_MODEL, {"input": {"projectId": dynamic.id, "modelId": foreign}}),
        (UPDATE_PROJECT_MODEL, {"updateProjectModelId": made["id"], "input": {"configuration": {}}}),
        (DELETE_PROJECT_MODEL, {"deleteProjectModelId": made["id"]}),
        (PROJECT_MODELS, {"where": {"projectId": dynamic.id}, "first": 10, "skip": 0}),
    ):
        assert (await stranger.refused(document, variables)).code == "NOT_FOUND"
    refused = await admin.refused(PROJECT_MODELS, {"where": {"modelId": model}, "first": 10, "skip": 0})
    assert (refused.code, refused.context) == ("BAD_USER_INPUT", {"field": "where.projectId"})
    assert [one["id"] for one in await listed(dynamic, admin)] == [made["id"]]


async def test_a_list_takes_as_many_statements_for_fifty_models_as_for_one(dynamic, statements):
    model = await model_of(dynamic.organization)
    counts = []
    for number in (1, 49):
        for _ in range(number):
            await attached(dynamic, model)
        with statements.recording() as recorded:
            await listed(dynamic)
        counts.append(len(recorded))
    assert counts[0] == counts[1]
    given = {"projectId": dynamic.id, "modelId": model}
    refused = await dynamic.admin.refused(CREATE_PROJECT_MODEL, {"input": given})
    assert (refused.code, refused.context) == ("CONFLICT", {"limit": 50})
