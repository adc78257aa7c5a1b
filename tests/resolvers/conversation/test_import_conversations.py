"""`importConversations`, and what is read of imported conversations: `chatItems`, `Label.chatItems`, `Label.annotations`."""

from typing import Any

import orjson
import pytest

from tests.common.client import Client, Json
from tests.common.conversation import CHAT_ITEMS, IMPORT, LABEL, STATIC, chat_item, conversation
from tests.common.documents import ASSETS, LABELS
from tests.common.world import Project

ANNOTATIONS = """
  annotations {
    __typename id job path labelId
    ... on ClassificationAnnotation { annotationValue { categories } chatItemId }
    ... on ComparisonAnnotation { annotationValue { choice { code firstId secondId } } chatItemId }
    ... on TranscriptionAnnotation { annotationValue { text } chatItemId }
  }"""


@pytest.fixture
async def static(organization) -> Project:
    """A project of imported conversations."""
    return await organization.project(**STATIC)


async def imported(project: Project, *conversations: Any, client: Client | None = None) -> Json:
    variables = {"data": {"conversations": list(conversations)}, "where": {"id": project.id}}
    return dict(await (client or project.admin).data(IMPORT, variables))


async def assets_of(project: Project, fields: str, client: Client | None = None) -> list[Json]:
    variables = {"where": {"project": {"id": project.id}}, "first": 100, "skip": 0}
    return list(await (client or project.admin).data(ASSETS % fields, variables))


async def said_in(client: Client, asset_id: str) -> list[Json]:
    return list(await client.data(CHAT_ITEMS, {"where": {"assetId": asset_id}}))


async def test_a_conversation_is_an_asset_whose_messages_follow_one_another(static):
    answer = await imported(static, conversation(rounds=2, system=True, metadata={"source": "log"}))

    assert answer == {"numberOfUploadedAssets": 1, "warnings": []}
    (asset,) = await assets_of(
        static, "id externalId content jsonMetadata status labels { id } assetProjectModels { id }"
    )
    items = await said_in(static.admin, asset["id"])
    ids = [item.pop("id") for item in items]
    assert all(item.pop("createdAt") for item in items)
    parents = [ids.index(item.pop("parentId")) if item["parentId"] else item.pop("parentId") for item in items]
    assert parents == [None, 0, 1, 1, 3, 4, 4]
    assert items[1:3] == [
        {"content": "says u1", "externalId": "u1", "modelName": None, "modelId": None, "role": "USER"},
        {"content": "says a1", "externalId": "a1", "modelName": "model-a1", "modelId": None, "role": "ASSISTANT"},
    ]
    assert [item["role"] for item in items] == ["SYSTEM", *["USER", "ASSISTANT", "ASSISTANT"] * 2]
    del asset["id"]
    assert asset == {
        "externalId": "talk",
        "content": "",
        "jsonMetadata": '{"source":"log"}',
        "status": "TODO",
        "labels": [],
        "assetProjectModels": [],
    }


async def test_a_label_comes_with_its_labeler_and_speaks_of_messages_by_their_ids(static):
    labeler = await static.member("LABELER")

    answer = await imported(static, conversation(label=LABEL, labeler=labeler.email.upper()))

    assert answer == {"numberOfUploadedAssets": 1, "warnings": []}
    fields = (
        f"id author {{ email }} labelType jsonResponse numberOfAnnotations chatItems {{ id externalId }} {ANNOTATIONS}"
    )
    (asset,) = await assets_of(static, f"id status labels {{ {fields} }}")
    (label,) = asset["labels"]
    ids = {item["externalId"]: item["id"] for item in label["chatItems"]}
    assert list(ids) == ["u1", "a1", "a2"]
    assert (asset["status"], label["author"]["email"], label["labelType"]) == ("LABELED", labeler.email, "DEFAULT")
    assert orjson.loads(label["jsonResponse"]) == LABEL
    assert {annotation["labelId"] for annotation in label["annotations"]} == {label["id"]}
    assert [
        (annotation["job"], annotation["annotationValue"], annotation["chatItemId"])
        for annotation in label["annotations"]
    ] == [
        ("QUALITY", {"categories": ["GOOD"]}, ids["a1"]),
        ("QUALITY", {"categories": ["BAD"]}, ids["a2"]),
        ("TOPIC", {"categories": ["LAW", "ART"]}, ids["u1"]),
        ("PICK", {"choice": {"code": "IS_BETTER", "firstId": ids["a1"], "secondId": ids["a2"]}}, ids["u1"]),
        ("NOTE", {"text": "**short**"}, None),
    ]
    single = "query ($w: AnnotationWhere!) { data: annotations(where: $w) { id job } }"
    told = await static.admin.data(single, {"w": {"labelId": label["id"]}})
    assert told == [{"id": one["id"], "job": one["job"]} for one in label["annotations"]]


async def test_a_label_that_answers_nothing_is_none(static):
    await imported(static, conversation(label={"completion": {}, "round": {}, "conversation": {}}))

    assert await assets_of(static, "status labels { id }") == [{"status": "TODO", "labels": []}]


BAD: dict[str, tuple[Any, str, str]] = {
    "no object": ("talk", "FAILED_ASSET_CREATION", "is an object"),
    "no external id": ({**conversation(), "externalId": None}, "MISSING_ID", "`externalId`"),
    "an empty external id": ({**conversation(), "externalId": ""}, "MISSING_ID", "`externalId`"),
    "a long external id": ({**conversation(), "externalId": "x" * 501}, "FAILED_ASSET_CREATION", "500"),
    "NUL in an external id": ({**conversation(), "externalId": "a\0"}, "FAILED_ASSET_CREATION", "NUL"),
    "no messages": ({"externalId": "talk", "chatItems": []}, "EMPTY_ARRAY", "`chatItems`"),
    "messages of another type": ({"externalId": "talk", "chatItems": {"a": 1}}, "EMPTY_ARRAY", "`chatItems`"),
    "too many messages": (conversation(rounds=334), "MAX_INPUT_SIZE", "1,000"),
    "a message that is no object": (
        {"externalId": "talk", "chatItems": ["hello"]},
        "FAILED_ASSET_CREATION",
        "no object",
    ),
    "an unknown role": (
        {"externalId": "talk", "chatItems": [chat_item("ROBOT", "r")]},
        "FAILED_ASSET_CREATION",
        "ROBOT",
    ),
    "a message without id": (
        {"externalId": "talk", "chatItems": [{"role": "USER", "content": "x"}]},
        "MISSING_ID",
        "chat item",
    ),
    "two messages of one id": (
        {"externalId": "talk", "chatItems": [*conversation()["chatItems"], chat_item("USER", "u1")]},
        "DUPLICATED_ID",
        "'u1'",
    ),
    "content that is no text": (
        {"externalId": "talk", "chatItems": [{**chat_item("USER", "u"), "content": 3}]},
        "FAILED_ASSET_CREATION",
        "not a text",
    ),
    "an answer without model": (
        {"externalId": "talk", "chatItems": [chat_item("USER", "u"), chat_item("ASSISTANT", "a", modelName=None)]},
        "FAILED_ASSET_CREATION",
        "`modelName`",
    ),
    "an answer at the beginning": (
        {"externalId": "talk", "chatItems": [chat_item("ASSISTANT", "a")]},
        "FAILED_ASSET_CREATION",
        "begins with a message of USER",
    ),
    "a late system prompt": (
        {"externalId": "talk", "chatItems": [*conversation()["chatItems"], chat_item("SYSTEM", "s")]},
        "FAILED_ASSET_CREATION",
        "at the beginning",
    ),
    "one answer in a round": (
        {"externalId": "talk", "chatItems": conversation(rounds=2)["chatItems"][:-1]},
        "FAILED_ASSET_CREATION",
        "round 1 has 1",
    ),
    "metadata that is no object": (conversation(metadata=["x"]), "FAILED_ASSET_CREATION", "`metadata`"),
    "metadata too large": (conversation(metadata={"x": "y" * 70_000}), "FAILED_ASSET_CREATION", "64 KiB"),
    "a labeler that is no address": (conversation(labeler="Ada"), "FAILED_ASSET_CREATION", "e-mail"),
    "a labeler of elsewhere": (conversation(labeler="ada@elsewhere.example"), "FAILED_ASSET_CREATION", "not a member"),
    "a label of unknown levels": (conversation(label={"sentence": {}}), "FAILED_ASSET_CREATION", "completion"),
    "an unknown category": (
        conversation(label={"completion": {"QUALITY": {"a1": {"categories": ["GREAT"]}}}}),
        "FAILED_ASSET_CREATION",
        "completion.QUALITY.a1",
    ),
    "an answer that is not in it": (
        conversation(label={"completion": {"QUALITY": {"a9": {"categories": ["GOOD"]}}}}),
        "FAILED_ASSET_CREATION",
        '"a9"',
    ),
    "a round that is not in it": (
        conversation(label={"round": {"TOPIC": {"1": {"categories": ["LAW"]}}}}),
        "FAILED_ASSET_CREATION",
        '"1"',
    ),
}


@pytest.mark.parametrize(("bad", "warning", "details"), BAD.values(), ids=BAD.keys())
async def test_a_bad_conversation_is_left_out_with_a_warning(static, bad, warning, details):
    answer = await imported(static, conversation("before"), bad, conversation("after"))

    assert answer["numberOfUploadedAssets"] == 2
    (told,) = answer["warnings"]
    assert (told["type"], told["lineNumber"]) == (warning, 2)
    assert details in told["details"]
    assert told["externalId"] == (bad.get("externalId") if isinstance(bad, dict) else None)
    assert await assets_of(static, "externalId") == [{"externalId": "before"}, {"externalId": "after"}]


async def test_an_external_id_is_taken_once(static):
    await imported(static, conversation("one"))

    answer = await imported(static, conversation("one"), conversation("two"), conversation("two", rounds=2))

    assert answer["numberOfUploadedAssets"] == 1
    assert [(told["type"], told["externalId"], told["lineNumber"]) for told in answer["warnings"]] == [
        ("DUPLICATED_ID", "one", 1),
        ("DUPLICATED_ID", "two", 3),
    ]
    assert await assets_of(static, "externalId") == [{"externalId": "one"}, {"externalId": "two"}]


async def test_only_projects_of_conversations_take_them(project, static):
    variables = {"data": {"conversations": [conversation()]}, "where": {"id": project.id}}
    before = await project.everything()

    refused = await project.admin.refused(IMPORT, variables)

    assert (refused.code, "LLM_STATIC" in refused.message) == ("BAD_USER_INPUT", True)
    assert await project.everything() == before
    many = {"data": {"conversations": [conversation()] * 1_001}, "where": {"id": static.id}}
    refused = await static.admin.refused(IMPORT, many)
    assert (refused.code, refused.context["limit"]) == ("BAD_USER_INPUT", 1_000)


async def test_a_label_given_here_is_checked_against_the_messages(static):
    await imported(static, conversation())
    (asset,) = await assets_of(static, "id")
    items = await said_in(static.admin, asset["id"])
    by_id = {"completion": {"QUALITY": {items[1]["id"]: {"categories": ["GOOD"]}}}}
    merged = {"PICK": {"choice": {"code": "Tie", "firstId": "a1", "secondId": items[2]["id"]}}}

    for answer in (by_id, merged):
        label = await static.label(asset["id"], json_response=orjson.dumps(answer).decode())
        assert (await static.read_label(label, "chatItems { externalId }"))["chatItems"] == [
            {"externalId": "u1"},
            {"externalId": "a1"},
            {"externalId": "a2"},
        ]

    document = (
        "mutation ($d: AppendToLabelsData!, $w: AssetWhere!) { data: appendToLabels(data: $d, where: $w) { id } }"
    )
    wrong = {"completion": {"QUALITY": {"somebody": {"categories": ["GOOD"]}}}}
    refused = await static.admin.refused(
        document,
        {"d": {"jsonResponse": orjson.dumps(wrong).decode(), "labelType": "DEFAULT"}, "w": {"id": asset["id"]}},
    )
    (problem,) = refused.context["errors"]
    assert (problem["code"], problem["path"]) == ("UNKNOWN_CHAT_ITEM", "completion.QUALITY.somebody")


async def test_a_labeler_reads_the_messages_of_what_they_may_label_only(static, other_organization):
    labeler, other = await static.member("LABELER"), await static.member("LABELER")
    await imported(static, conversation("mine", label=LABEL, labeler=labeler.email), conversation("open"))
    mine, unlabeled = [asset["id"] for asset in await assets_of(static, "id")]

    assert [len(await said_in(person.client, mine)) for person in (labeler, other)] == [3, 0]
    assert [len(await said_in(person.client, unlabeled)) for person in (labeler, other)] == [3, 3]
    assert await said_in(other_organization.admin.client, mine) == []
    refused = await static.admin.refused(CHAT_ITEMS, {"where": {}})
    assert (refused.code, refused.context) == ("BAD_USER_INPUT", {"field": "where.assetId"})


async def test_reading_takes_as_many_statements_for_fifty_conversations_as_for_one(static, statements):
    fields = f"id chatItems {{ id content }} {ANNOTATIONS}"
    counts = []
    for number in (1, 49):
        await imported(static, *(conversation(f"{number}-{place}", label=LABEL) for place in range(number)))
        with statements.recording() as recorded:
            labels = await static.admin.data(
                LABELS % fields, {"where": {"project": {"id": static.id}}, "first": 100, "skip": 0}
            )
        counts.append(len(recorded))
        assert all(len(label["chatItems"]) == 3 for label in labels)
    assert counts[0] == counts[1]


async def test_importing_takes_as_many_statements_for_fifty_conversations_as_for_one(static, statements):
    await imported(static, conversation(label=LABEL))  # the interface is compiled once
    counts = []
    for number in (1, 50):
        with statements.recording() as recorded:
            await imported(static, *(conversation(f"{number}-{place}", label=LABEL) for place in range(number)))
        counts.append(len(recorded))
    assert counts[0] == counts[1]
