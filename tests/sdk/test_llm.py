"""Models and conversations, by every method that releases have for them."""

import json
import secrets
from collections.abc import AsyncIterator, Iterator

import pytest

from tests.common.conversation import JUDGED, LABEL, conversation
from tests.common.model_endpoint import KEY, ModelEndpoint
from tests.common.server import ServerProcess

RELEASE = "26.2.4"
ADMIN = "admin@localhost"


# How the client builds the answers of `LABEL` anew: merged by job, with the ids of messages.
MERGED = {
    "QUALITY": {"categories": [{"name": "GOOD"}, {"name": "BAD"}]},
    "TOPIC": {"categories": [{"name": "LAW"}, {"name": "ART"}]},
    "PICK": {"choice": {"code": "IS_BETTER", "firstId": "a1", "secondId": "a2"}},
    "NOTE": {"text": "**short**"},
}


def merged(answers, names):
    """Answers with the external ids of messages in place of their ids."""
    choice = answers["PICK"]["choice"]
    named = {key: names[choice[key]] for key in ("firstId", "secondId")}
    return {**answers, "PICK": {"choice": {**choice, **named}}}


@pytest.fixture
async def live_server(cluster, tmp_path) -> AsyncIterator[ServerProcess]:
    """A server that may call the loopback address."""
    url = await cluster.new_database()
    key = f"ly_test_{secrets.token_hex(16)}"
    server = ServerProcess(url, tmp_path / "data", api_key=key, outgoing_networks="127.0.0.0/8").start()
    yield server
    server.stop()


@pytest.fixture
def endpoint() -> Iterator[ModelEndpoint]:
    endpoint = ModelEndpoint().start()
    yield endpoint
    endpoint.stop()


def test_conversations_are_imported_labeled_and_exported(run):
    talks = [
        conversation("talk-1", label=LABEL, labeler=ADMIN, metadata={"source": "log"}),
        conversation("talk-2", rounds=2, system=True, label={"round": {"TOPIC": {"1": {"categories": ["ART"]}}}}),
        conversation("talk-3"),
        {"externalId": "talk-4", "chatItems": []},
    ]

    seen = run(RELEASE, "llm_static", json.dumps(JUDGED), json.dumps(talks))

    assert seen["imported"]["numberOfUploadedAssets"] == 3
    (warning,) = seen["imported"]["warnings"]
    assert (warning["externalId"], warning["type"], warning["lineNumber"]) == ("talk-4", "EMPTY_ARRAY", 4)
    assert seen["assets"] == {
        "talk-1": ["LABELED", {"source": "log"}],
        "talk-2": ["LABELED", {}],
        "talk-3": ["TODO", {}],
    }
    assert seen["items"]["talk-1"] == [
        ["USER", "says u1", "u1", None],
        ["ASSISTANT", "says a1", "a1", "model-a1"],
        ["ASSISTANT", "says a2", "a2", "model-a2"],
    ]
    assert [label[:2] for label in seen["labels"]] == [["DEFAULT", ADMIN], ["DEFAULT", ADMIN]]
    answers = merged(next(label[2] for label in seen["labels"] if "NOTE" in label[2]), seen["names"])
    assert answers == MERGED
    first, second = seen["exported"]
    assert first == {
        "chatItems": [
            {"content": "says u1", "externalId": "u1", "modelName": None, "role": "USER"},
            {"content": "says a1", "externalId": "a1", "modelName": "model-a1", "role": "ASSISTANT"},
            {"content": "says a2", "externalId": "a2", "modelName": "model-a2", "role": "ASSISTANT"},
        ],
        "externalId": "talk-1",
        "label": LABEL,
        "labeler": ADMIN,
        "metadata": {},
    }
    assert second["label"] == {"completion": {}, "conversation": {}, "round": {"TOPIC": {"1": {"categories": ["ART"]}}}}
    assert (seen["one"], seen["unlabeled"]) == (["talk-2"], [])
    assert seen["again"] == {"numberOfUploadedAssets": 2, "warnings": []}
    assert seen["exported again"] == seen["exported"]
    (_, raw), second_raw = seen["raw"]
    assert set(raw) == set(MERGED)
    assert second_raw == ["talk-2", {"TOPIC": {"categories": [{"name": "ART"}]}}]


def test_models_answer_in_conversations(live_server, run, endpoint):
    seen = run(RELEASE, "llm_dynamic", json.dumps(JUDGED), endpoint.url)

    shown = {"apiKey": "***", "endpoint": f"{endpoint.url}/v1"}
    model = {"id": seen["model"]["id"], "name": "Open", "type": "OPEN_AI_SDK", "credentials": shown}
    azure = {"id": seen["azure"]["id"], "name": "Azure", "type": "AZURE_OPEN_AI"}
    deployed = {**shown, "deploymentId": "gpt-4o"}
    assert seen["model"] == model
    assert seen["azure"] == {**azure, "credentials": deployed}
    assert seen["renamed"] == {**azure, "name": "Blue", "credentials": deployed}
    assert seen["rekeyed"] == {**azure, "name": "Blue", "credentials": {**deployed, "deploymentId": "gpt-5"}}
    assert seen["models"] == [model, seen["rekeyed"]]
    assert (seen["read"], seen["deleted"], seen["gone"]) == (seen["rekeyed"], True, "GraphQLError")
    assert seen["left"] == [{"id": model["id"]}]

    configurations = [
        {"model": "small-1", "temperature": {"min": 0.2, "max": 0.8}},
        {"model": "large-1", "temperature": 0.3},
    ]
    assert seen["second"]["configuration"]["temperature"] == 1.5
    assert seen["updated"] == {"id": seen["second"]["id"], "configuration": configurations[1], "model": model}
    assert seen["removed"] is True
    both = [
        {"id": seen[name]["id"], "configuration": configuration, "model": model}
        for name, configuration in zip(("first", "second"), configurations, strict=True)
    ]
    assert seen["project models"] == both
    assert seen["filtered"] == [{"id": one["id"]} for one in both]

    assert [item["role"] for item in seen["plain"]] == ["USER", "ASSISTANT", "ASSISTANT"]
    assert [item["role"] for item in seen["system"]] == ["SYSTEM", "USER", "ASSISTANT", "ASSISTANT"]
    for said, listed in zip((seen["plain"], seen["system"]), seen["listed"], strict=True):
        assert [(item["id"], item["content"]) for item in listed] == [(item["id"], item["content"]) for item in said]
    assert [[asset["status"], asset["latestLabel"]["labelType"]] for asset in seen["assets"]] == [
        ["TODO", "PREDICTION"]
    ] * 2
    assert [body["model"] for body in endpoint.bodies] == ["large-1", "large-1", "small-1", "small-1"]
    assert {request["headers"]["authorization"] for request in endpoint.asked} == {f"Bearer {KEY}"}

    (exported,) = seen["exported"]
    _, answer, other = seen["plain"]
    assert exported["label"] == {
        "completion": {"QUALITY": {answer["id"]: {"categories": ["GOOD"]}}},
        "round": {"PICK": {"0": {"code": "IS_BETTER", "firstId": answer["id"], "secondId": other["id"]}}},
        "conversation": {"NOTE": {"text": "fine"}},
    }
    assert [(item["content"], item["modelName"]) for item in exported["chatItems"]] == [
        ("Why is the sky blue?", None),
        (answer["content"], "small-1"),
        (other["content"], "large-1"),
    ]
    drawn = exported["metadata"]["models"]
    assert [one["projectModelId"] for one in drawn] == [one["id"] for one in both]
    assert 0.2 <= drawn[0]["configuration"]["temperature"] <= 0.8

    older = run("2.160.0", "llm_older", json.dumps(JUDGED), seen["project"], seen["assets"][0]["id"])
    (ranked,) = older["ranked"]
    assert [item["content"] for item in ranked["raw_data"]] == ["Why?", "Because.", "Why not?"]
    assert ranked["labels"][0]["label"] == {"QUALITY": ["GOOD"], "NOTE": "clear"}
    assert [(one["id"], one["name"], one["configuration"]) for one in older["models"]] == [
        (one["id"], "Open", one["configuration"]) for one in both
    ]
    (round_zero,) = [chat["0"] for chat in older["chats"] if chat["0"]["labels"][0]["label_type"] == "DEFAULT"]
    assert [(item["role"], item["model"]) for item in round_zero["raw_data"]] == [
        ("user", None),
        ("assistant", "A"),
        ("assistant", "B"),
    ]
    assert round_zero["labels"][0]["label"]["QUALITY"] == ["GOOD"]
