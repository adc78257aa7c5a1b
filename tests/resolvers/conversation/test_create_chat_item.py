"""`createLLMAsset` and `createChatItem`: conversations in which models answer."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from starlette.responses import JSONResponse

from tests.common.client import Client, Json
from tests.common.conversation import (
    CHAT_ITEMS,
    CREATE_ASSET,
    CREATE_MODEL,
    CREATE_PROJECT_MODEL,
    DELETE_MODEL,
    DELETE_PROJECT_MODEL,
    DYNAMIC,
    SAY,
    STATIC,
    UPDATE_MODEL,
    UPDATE_PROJECT_MODEL,
)
from tests.common.documents import APPEND_TO_LABELS
from tests.common.model_endpoint import FAILURES, KEY, ModelEndpoint, echo, event, stream, whole
from tests.common.world import Project, new_organization

TABLES = ("asset", "label", "chat_item", "asset_project_model", "project_model")


@pytest.fixture(scope="module")
def running_endpoint() -> Iterator[ModelEndpoint]:
    endpoint = ModelEndpoint().start()
    yield endpoint
    endpoint.stop()


@pytest.fixture
def endpoint(running_endpoint) -> ModelEndpoint:
    running_endpoint.answer, running_endpoint.asked = echo, []
    return running_endpoint


@pytest.fixture
async def dynamic(database, app_with) -> Project:
    """A project on a server that may call the loopback address, and waits a second for models."""
    http = app_with(outgoing_networks="127.0.0.0/8", model_timeout_seconds=1)
    return await (await new_organization(database, http)).project(**DYNAMIC)


async def with_model(project: Project, endpoint: ModelEndpoint, name: str, **configuration: Any) -> Json:
    """A model that answers in the project: its ids in the organization and in the project."""
    given = {
        "credentials": {"apiKey": KEY, "endpoint": f"{endpoint.url}/v1"},
        "name": name,
        "type": "OPEN_AI_SDK",
        "organizationId": project.organization.id,
    }
    model = await project.admin.data(CREATE_MODEL, {"input": given})
    attached = {"projectId": project.id, "modelId": model["id"], "configuration": configuration}
    return {
        "id": model["id"],
        "in project": (await project.admin.data(CREATE_PROJECT_MODEL, {"input": attached}))["id"],
    }


async def with_two_models(project: Project, endpoint: ModelEndpoint) -> list[Json]:
    return [
        await with_model(project, endpoint, "Small", model="small-1", temperature=0.7),
        await with_model(project, endpoint, "Large", model="large-1", temperature={"min": 0.2, "max": 0.8}, top_p=0.9),
    ]


async def begun(project: Project, client: Client | None = None, **data: Any) -> tuple[str, str]:
    """The ids of a new conversation and its label, as `kili.llm.create_conversation` makes them."""
    given = {"authorId": project.organization.admin.id, "labelType": "PREDICTION", **data}
    variables = {"where": {"id": project.id}, "data": given}
    asset = await (client or project.admin).data(CREATE_ASSET, variables)
    return asset["id"], asset["latestLabel"]["id"]


def message(asset: str, label: str | None, text: str, role: str = "USER", parent: str | None = None) -> Json:
    data = {"content": text, "role": role, "labelId": label, "parentId": parent}
    return {"data": data, "where": {"id": asset}}


async def stored(project: Project) -> dict[str, list[dict[str, Any]]]:
    return {table: await project.rows(table) for table in TABLES}


@pytest.mark.parametrize(
    "key", ["9" * 4_301, "\u0663", "\u00b2"], ids=["4,301 digits", "digits of others", "no decimal"]
)
async def test_a_round_that_is_no_number_is_refused(dynamic, endpoint, key):
    await with_two_models(dynamic, endpoint)
    asset, label = await begun(dynamic)
    await dynamic.admin.data(SAY, message(asset, label, "Hello?"))
    said = orjson.dumps({"round": {"TOPIC": {key: {"categories": ["LAW"]}}}}).decode()
    before = await stored(dynamic)

    refused = await dynamic.admin.refused(
        APPEND_TO_LABELS, {"data": {"jsonResponse": said, "labelType": "DEFAULT"}, "where": {"id": asset}}
    )

    assert refused.code == "BAD_USER_INPUT"
    assert await stored(dynamic) == before


async def test_two_models_answer_a_prompt(dynamic, endpoint):
    models = await with_two_models(dynamic, endpoint)
    asset, label = await begun(dynamic)

    prompt, first, second = await dynamic.admin.data(SAY, message(asset, label, "Why is the sky blue?"))

    models_read = "assetProjectModels { id name configuration projectModelId }"
    fields = f"status content latestLabel {{ id labelType jsonResponse chatItems {{ id }} }} {models_read}"
    read = await dynamic.read_asset(asset, fields)
    small, large = read["assetProjectModels"]
    drawn = large["configuration"]["temperature"]
    assert 0.2 <= drawn <= 0.8
    assert [one["projectModelId"] for one in (small, large)] == [model["in project"] for model in models]
    assert [one["name"] for one in (small, large)] == ["Small", "Large"]
    assert small["configuration"] == {"model": "small-1", "temperature": 0.7}
    assert large["configuration"] == {"model": "large-1", "temperature": drawn, "top_p": 0.9}
    asked = "Why is the sky blue?"
    assert prompt == {
        "id": prompt["id"],
        "content": asked,
        "labelId": label,
        "modelId": None,
        "parentId": None,
        "role": "USER",
    }
    said = {"labelId": label, "parentId": prompt["id"], "role": "ASSISTANT"}
    assert first == {**said, "id": first["id"], "modelId": small["id"], "content": f"small-1 at 0.7 says {asked}"}
    assert second == {**said, "id": second["id"], "modelId": large["id"], "content": f"large-1 at {drawn} says {asked}"}
    items = await dynamic.admin.data(CHAT_ITEMS, {"where": {"assetId": asset}})
    assert [(item["id"], item["modelName"], item["externalId"]) for item in items] == [
        (prompt["id"], None, None),
        (first["id"], "small-1", None),
        (second["id"], "large-1", None),
    ]
    ids = [{"id": item["id"]} for item in items]
    assert read["latestLabel"] == {"id": label, "labelType": "PREDICTION", "jsonResponse": "{}", "chatItems": ids}
    assert (read["status"], read["content"]) == ("TODO", "")


async def test_what_a_model_is_sent(dynamic, endpoint):
    await with_two_models(dynamic, endpoint)
    asset, label = await begun(dynamic)
    await dynamic.admin.data(SAY, message(asset, label, "Hello"))

    large, small = endpoint.bodies
    assert small == {
        "model": "small-1",
        "temperature": 0.7,
        "messages": [{"role": "user", "content": "Hello"}],
        "stream": True,
    }
    assert (large["model"], large["top_p"], set(large)) == ("large-1", 0.9, {*small, "top_p"})
    for request in endpoint.asked:
        assert request["path"] == "/v1/chat/completions"
        assert request["headers"]["authorization"] == f"Bearer {KEY}"


async def test_a_system_prompt_and_a_second_round_go_along(dynamic, endpoint):
    await with_two_models(dynamic, endpoint)
    asset, label = await begun(dynamic)
    (system,) = await dynamic.admin.data(SAY, message(asset, label, "Be brief.", "SYSTEM"))
    assert endpoint.asked == []
    prompt, first, _ = await dynamic.admin.data(SAY, message(asset, label, "Hello", parent=system["id"]))
    endpoint.asked.clear()

    again, *answers = await dynamic.admin.data(SAY, message(asset, label, "And now?", parent=first["id"]))

    assert (prompt["parentId"], again["parentId"], len(answers)) == (system["id"], first["id"], 2)
    assert endpoint.bodies[0]["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": first["content"]},
        {"role": "user", "content": "And now?"},
    ]
    items = await dynamic.admin.data(CHAT_ITEMS, {"where": {"assetId": asset}})
    assert [item["role"] for item in items] == ["SYSTEM", *["USER", "ASSISTANT", "ASSISTANT"] * 2]


async def test_people_label_what_models_answered(dynamic, endpoint):
    await with_two_models(dynamic, endpoint)
    asset, label = await begun(dynamic)
    prompt, first, second = await dynamic.admin.data(SAY, message(asset, label, "Hello"))
    labeler = await dynamic.member("LABELER")
    answer = {
        "completion": {"QUALITY": {first["id"]: {"categories": ["GOOD"]}}},
        "PICK": {"choice": {"code": "IS_BETTER", "firstId": second["id"], "secondId": first["id"]}},
    }

    made = await dynamic.label(asset, by=labeler, json_response=orjson.dumps(answer).decode())

    parts = "... on ClassificationAnnotation { chatItemId } ... on ComparisonAnnotation { chatItemId }"
    fields = f"chatItems {{ id }} annotations {{ job {parts} }}"
    read = await dynamic.read_label(made, fields)
    assert [item["id"] for item in read["chatItems"]] == [prompt["id"], first["id"], second["id"]]
    assert {one["job"]: one["chatItemId"] for one in read["annotations"]} == {
        "QUALITY": first["id"],
        "PICK": prompt["id"],
    }
    assert (await dynamic.read_asset(asset, "status latestLabel { id }")) == {
        "status": "LABELED",
        "latestLabel": {"id": made},
    }
    wrong = orjson.dumps({"PICK": {"choice": {"code": "TIE", "firstId": first["id"], "secondId": prompt["id"] + "x"}}})
    document = (
        "mutation ($d: AppendToLabelsData!, $w: AssetWhere!) { data: appendToLabels(data: $d, where: $w) { id } }"
    )
    refused = await dynamic.admin.refused(
        document, {"d": {"jsonResponse": wrong.decode(), "labelType": "DEFAULT"}, "w": {"id": asset}}
    )
    assert refused.context["errors"][0]["code"] == "UNKNOWN_CHAT_ITEM"


async def test_a_labeler_goes_on_with_a_conversation_they_may_label(dynamic, endpoint):
    await with_two_models(dynamic, endpoint)
    asset, label = await begun(dynamic)
    _, first, _ = await dynamic.admin.data(SAY, message(asset, label, "Hello"))
    labeler, colleague = await dynamic.member("LABELER"), await dynamic.member("LABELER")

    said = await labeler.client.data(SAY, message(asset, None, "And now?", parent=first["id"]))
    assert [item["labelId"] for item in said] == [label] * 3

    own = await dynamic.label(asset, by=labeler, json_response="{}")
    (mine, *_) = await labeler.client.data(SAY, message(asset, own, "My own question"))
    assert mine["labelId"] == own
    read = await dynamic.read_label(own, "chatItems { id }")
    assert (len(read["chatItems"]), read["chatItems"][0]["id"]) == (3, mine["id"])
    before = await stored(dynamic)
    assert (await colleague.client.refused(SAY, message(asset, own, "Hers"))).code == "NOT_FOUND"
    reviewer = await dynamic.member("REVIEWER")
    assert (await reviewer.client.refused(SAY, message(asset, own, "His"))).code == "FORBIDDEN"
    assert await stored(dynamic) == before


@pytest.mark.parametrize(("answer", "code", "text", "status"), FAILURES.values(), ids=FAILURES.keys())
async def test_a_model_that_fails_is_named_and_nothing_is_written(dynamic, endpoint, answer, code, text, status):
    await with_two_models(dynamic, endpoint)
    asset, label = await begun(dynamic)
    before = await stored(dynamic)
    endpoint.answer = lambda body: answer(body) if body["model"] == "large-1" else echo(body)

    refused = await dynamic.admin.refused(SAY, message(asset, label, "Hello"))

    assert (refused.code, refused.path) == (code, ["createChatItem"])
    assert "'Large'" in refused.message
    assert text in refused.message
    assert refused.context["modelName"] == "Large"
    assert refused.context.get("status") == status
    for secret in (KEY, "sk-leak", "trace"):
        assert secret not in refused.message + str(refused.context)
    assert await stored(dynamic) == before
    endpoint.answer = echo
    assert len(await dynamic.admin.data(SAY, message(asset, label, "Hello"))) == 3


@pytest.mark.parametrize(
    "pieces",
    [
        [event("Two "), event("parts"), event(end="length")],
        [event("Two parts", end="stop")],
        [event("Two ")[:20], event("Two ")[20:], event("parts").replace(b"\n", b"\r\n"), b"data: [DONE]"],
        [event("Two parts"), b'data: {"choices": [{"index": 1, "delta": {"content": "no"}}]}\n\n', b"data: [DONE]\n\n"],
    ],
    ids=["several", "one", "cut anywhere", "of several choices"],
)
async def test_answers_are_read_however_they_are_cut(dynamic, endpoint, pieces):
    await with_model(dynamic, endpoint, "Small")
    asset, label = await begun(dynamic)
    endpoint.answer = lambda _: stream(whole(*pieces))

    _, answer = await dynamic.admin.data(SAY, message(asset, label, "Hello"))

    assert answer["content"] == "Two parts"


async def test_an_endpoint_that_does_not_stream_is_read_as_well(dynamic, endpoint):
    await with_model(dynamic, endpoint, "Small")
    asset, label = await begun(dynamic)
    endpoint.answer = lambda _: JSONResponse({"choices": [{"message": {"role": "assistant", "content": "Whole"}}]})

    _, answer = await dynamic.admin.data(SAY, message(asset, label, "Hello"))

    assert answer["content"] == "Whole"
    assert endpoint.bodies[0]["model"] == "Small"  # for want of another name


async def test_azure_is_asked_in_its_own_way(dynamic, endpoint):
    credentials = {"apiKey": KEY, "endpoint": endpoint.url, "deploymentId": "gpt-4o"}
    given = {"name": "Azure", "type": "AZURE_OPEN_AI", "organizationId": dynamic.organization.id}
    model = await dynamic.admin.data(CREATE_MODEL, {"input": {**given, "credentials": credentials}})
    attached = {"projectId": dynamic.id, "modelId": model["id"], "configuration": {"model": "gpt-4o"}}
    await dynamic.admin.data(CREATE_PROJECT_MODEL, {"input": attached})
    asset, label = await begun(dynamic)
    endpoint.answer = lambda _: stream(whole(event("Hello", end="stop")))

    await dynamic.admin.data(SAY, message(asset, label, "Hello"))

    (request,) = endpoint.asked
    assert request["path"] == "/openai/deployments/gpt-4o/chat/completions"
    assert request["query"].startswith("api-version=")
    assert request["headers"]["api-key"] == KEY
    assert "authorization" not in request["headers"]
    assert "model" not in request["body"]


async def test_a_conversation_keeps_its_models(dynamic, endpoint):
    small, large = await with_two_models(dynamic, endpoint)
    asset, label = await begun(dynamic)
    _, first, _ = await dynamic.admin.data(SAY, message(asset, label, "Hello"))
    models = (await dynamic.read_asset(asset, "assetProjectModels { id configuration }"))["assetProjectModels"]
    changed = {"updateProjectModelId": small["in project"], "input": {"configuration": {"model": "small-2"}}}
    await dynamic.admin.data(UPDATE_PROJECT_MODEL, changed)
    await dynamic.admin.data(DELETE_PROJECT_MODEL, {"deleteProjectModelId": large["in project"]})

    again = await dynamic.admin.data(SAY, message(asset, label, "Again", parent=first["id"]))

    assert [item["modelId"] for item in again] == [None, *(model["id"] for model in models)]
    assert (await dynamic.read_asset(asset, "assetProjectModels { id configuration }"))["assetProjectModels"] == models
    await dynamic.admin.data(DELETE_MODEL, {"deleteModelId": large["id"]})
    before = await stored(dynamic)
    refused = await dynamic.admin.refused(SAY, message(asset, label, "And now?", parent=first["id"]))
    assert (refused.code, refused.context) == ("CONFLICT", {"modelName": "Large"})
    assert await stored(dynamic) == before


async def test_models_that_come_later_answer_in_a_conversation_without_any(dynamic, endpoint):
    asset, label = await begun(dynamic)
    refused = await dynamic.admin.refused(SAY, message(asset, label, "Hello"))
    assert (refused.code, refused.context) == ("BAD_USER_INPUT", {"projectId": dynamic.id})
    await with_two_models(dynamic, endpoint)

    said = await dynamic.admin.data(SAY, message(asset, label, "Hello"))

    models = (await dynamic.read_asset(asset, "assetProjectModels { id }"))["assetProjectModels"]
    assert [item["modelId"] for item in said] == [None, *(model["id"] for model in models)]


async def test_two_of_many_models_answer(dynamic, endpoint):
    for number in range(4):
        await with_model(dynamic, endpoint, f"Model {number}", model=f"m{number}")

    conversations = [await begun(dynamic) for _ in range(12)]

    drawn = set()
    for asset, _ in conversations:
        models = (await dynamic.read_asset(asset, "assetProjectModels { name }"))["assetProjectModels"]
        names = [model["name"] for model in models]
        assert (len(names), names) == (2, sorted(names))
        drawn.update(names)
    assert len(drawn) > 2  # by chance, and this fails once in sixty million runs


async def test_an_address_that_may_not_be_called_is_refused(dynamic, endpoint, client):
    await with_model(dynamic, endpoint, "Small")
    asset, label = await begun(dynamic)
    before = await stored(dynamic)
    guarded = client.as_(dynamic.organization.admin.key)  # a server that calls public addresses only

    refused = await guarded.refused(SAY, message(asset, label, "Hello"))

    assert (refused.code, "may not be called" in refused.message) == ("BAD_USER_INPUT", True)
    assert endpoint.asked == []
    assert await stored(dynamic) == before


async def test_a_key_sealed_with_another_secret_is_to_be_set_again(dynamic, endpoint, app_with):
    model = await with_model(dynamic, endpoint, "Small")
    asset, label = await begun(dynamic)
    other = app_with(outgoing_networks="127.0.0.0/8", secret="another secret that nobody guesses 8f2d1c7e9a")
    admin = other.as_(dynamic.organization.admin.key)

    refused = await admin.refused(SAY, message(asset, label, "Hello"))

    assert (refused.code, "Set them again" in refused.message) == ("CONFLICT", True)
    credentials = {"apiKey": KEY, "endpoint": f"{endpoint.url}/v1"}
    await admin.data(UPDATE_MODEL, {"id": model["id"], "input": {"credentials": credentials}})
    assert len(await admin.data(SAY, message(asset, label, "Hello"))) == 2


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"content": ""}, "BAD_USER_INPUT"),
        ({"content": "x" * 1_000_001}, "BAD_USER_INPUT"),
        ({"content": "a\0"}, "BAD_USER_INPUT"),
        ({"parentId": None}, "BAD_USER_INPUT"),
        ({"parentId": "missing"}, "NOT_FOUND"),
        ({"labelId": "missing"}, "NOT_FOUND"),
        ({"role": "SYSTEM"}, "BAD_USER_INPUT"),
        ({"role": "ASSISTANT"}, "BAD_USER_INPUT"),
    ],
    ids=lambda value: str(value)[:40],
)
async def test_what_cannot_be_said_is_refused(dynamic, endpoint, changes, code):
    await with_model(dynamic, endpoint, "Small")
    asset, label = await begun(dynamic)
    _, answer = await dynamic.admin.data(SAY, message(asset, label, "Hello"))
    before = await stored(dynamic)
    endpoint.asked.clear()
    given = message(asset, label, "Again", parent=answer["id"])
    given["data"] |= changes

    refused = await dynamic.admin.refused(SAY, given)

    assert (refused.code, refused.path) == (code, ["createChatItem"])
    assert endpoint.asked == []
    assert await stored(dynamic) == before


async def test_an_answer_may_be_written_by_hand(dynamic, endpoint):
    await with_model(dynamic, endpoint, "Small")
    asset, label = await begun(dynamic)
    prompt, _ = await dynamic.admin.data(SAY, message(asset, label, "Hello"))

    (own,) = await dynamic.admin.data(SAY, message(asset, label, "Better: hi.", "ASSISTANT", prompt["id"]))

    assert (own["modelId"], own["parentId"], own["role"]) == (None, prompt["id"], "ASSISTANT")
    refused = await dynamic.admin.refused(SAY, message(asset, label, "And?", parent=prompt["id"]))
    assert "follows one of USER" in refused.message


async def test_conversations_are_begun_in_projects_for_them_only(dynamic, project, organization, other_organization):
    static = await organization.project(**STATIC)
    for wrong in (project, static):
        before = await wrong.everything()
        variables = {"where": {"id": wrong.id}, "data": {}}
        refused = await wrong.admin.refused(CREATE_ASSET, variables)
        assert (refused.code, "LLM_INSTR_FOLLOWING" in refused.message) == ("BAD_USER_INPUT", True)
        assert await wrong.everything() == before
    (asset,) = await project.assets(1)
    assert (await project.admin.refused(SAY, message(asset, None, "Hello"))).code == "BAD_USER_INPUT"
    before = await dynamic.everything()
    for data, code in (
        ({"labelType": "DEFAULT"}, "BAD_USER_INPUT"),
        ({"labelType": "REVIEW"}, "BAD_USER_INPUT"),
        ({"status": "LABELED"}, "BAD_USER_INPUT"),
        ({"authorId": other_organization.admin.id}, "NOT_FOUND"),
    ):
        refused = await dynamic.admin.refused(CREATE_ASSET, {"where": {"id": dynamic.id}, "data": data})
        assert refused.code == code
    assert await dynamic.everything() == before


async def test_strangers_come_across_no_conversation(dynamic, endpoint, other_organization):
    await with_model(dynamic, endpoint, "Small")
    asset, label = await begun(dynamic)
    endpoint.asked.clear()
    stranger = dynamic.organization.http.as_(other_organization.admin.key)

    for told in (message(asset, label, "Hello"), message("missing", label, "Hello")):
        assert (await stranger.refused(SAY, told)).code == "NOT_FOUND"
    variables = {"where": {"id": dynamic.id}, "data": {}}
    assert (await stranger.refused(CREATE_ASSET, variables)).code == "NOT_FOUND"
    assert endpoint.asked == []


async def test_models_that_think_hold_no_connection_and_nobody_up(dynamic, endpoint):
    await with_model(dynamic, endpoint, "Small", model="large-1")
    conversations = [await begun(dynamic) for _ in range(12)]  # more than the database has connections
    endpoint.answer = FAILURES["silence"][0]
    waiting = [
        asyncio.create_task(dynamic.admin.refused(SAY, message(asset, label, "Hello")))
        for asset, label in conversations
    ]
    await asyncio.sleep(0.3)

    async with asyncio.timeout(0.5):
        read = await dynamic.read_asset(conversations[0][0], "status")

    assert read == {"status": "TODO"}
    assert not any(task.done() for task in waiting)
    assert {refused.code for refused in await asyncio.gather(*waiting)} == {"TIMEOUT"}


async def test_keys_are_in_no_log(dynamic, endpoint, capsys):
    await with_model(dynamic, endpoint, "Small")
    asset, label = await begun(dynamic)
    await dynamic.admin.data(SAY, message(asset, label, "Hello"))
    endpoint.answer = FAILURES["no key"][0]
    await dynamic.admin.refused(SAY, message(asset, label, "Hello", parent="x"))

    logged = capsys.readouterr()
    assert KEY not in logged.out + logged.err
