"""Creating issues and questions, in the documents of every generation."""

import asyncio
from typing import Any

import pytest

from tests.common.world import Organization
from tests.resolvers.issue.conftest import APPEND, COMMENT, CREATE, Room, furnish

WHOLE = """id type status issueNumber objectMid assetId labelId projectId hasBeenSeen authorId assigneeId createdAt updatedAt
  asset { id } label { id } project { id } author { role user { id } } assignee { user { id } }
  comments { id text authorId authorIdUser issueId issue { id } author { user { id } } createdAt updatedAt }"""


async def test_issues_and_questions_have_every_field(room: Room) -> None:
    issue, question = await room.create(
        room.issue(0, objectMid="car0", text="The box is too wide."), room.question(3), by=room.rex
    )
    found = await room.read(WHOLE)
    for one in found:
        assert one.pop("createdAt") == one.pop("updatedAt")
    (comment,) = found[0]["comments"]
    assert comment.pop("createdAt") == comment.pop("updatedAt")
    rex = {"user": {"id": room.rex.id}}
    common = {
        "status": "OPEN",
        "projectId": room.project.id,
        "project": {"id": room.project.id},
        "hasBeenSeen": False,
        "authorId": room.rex.id,
        "author": {"role": "REVIEWER", **rex},
    }
    assert found == [
        {
            **common,
            "id": issue,
            "type": "ISSUE",
            "issueNumber": 1,
            "objectMid": "car0",
            "assetId": room.assets[0],
            "asset": {"id": room.assets[0]},
            "labelId": room.labels[0],
            "label": {"id": room.labels[0]},
            "assigneeId": room.ada.id,
            "assignee": {"user": {"id": room.ada.id}},
            "comments": [
                {
                    "id": comment["id"],
                    "text": "The box is too wide.",
                    "authorId": room.rex.id,
                    "authorIdUser": room.rex.id,
                    "issueId": issue,
                    "issue": {"id": issue},
                    "author": rex,
                }
            ],
        },
        {
            **common,
            "id": question,
            "type": "QUESTION",
            "issueNumber": 2,
            "objectMid": None,
            "assetId": room.assets[3],
            "asset": {"id": room.assets[3]},
            "labelId": None,
            "label": None,
            "assigneeId": None,
            "assignee": None,
            "comments": [],
        },
    ]


async def test_ids_and_numbers_are_in_the_order_given(room: Room) -> None:
    given = [room.question(index % 4, text=f"{index}") for index in range(12)]
    ids = await room.create(*given)
    found = await room.read("id issueNumber assetId comments { text }")
    assert found == [
        {
            "id": identifier,
            "issueNumber": index + 1,
            "assetId": room.assets[index % 4],
            "comments": [{"text": f"{index}"}],
        }
        for index, identifier in enumerate(ids)
    ]


async def test_numbers_are_taken_once_by_calls_at_the_same_time(room: Room) -> None:
    await asyncio.gather(*(room.create(room.question(n % 4), room.issue(n % 3)) for n in range(8)))
    numbers = [one["issueNumber"] for one in await room.read("issueNumber")]
    assert sorted(numbers) == list(range(1, 17))


async def test_numbers_of_projects_are_apart(organization: Organization, room: Room) -> None:
    other = await furnish(organization)
    await room.create(room.question(), room.question())
    await other.create(other.question())
    assert [one["issueNumber"] for one in await other.read("issueNumber")] == [1]


async def test_clients_until_2_175_name_the_assets(room: Room) -> None:
    issues = [room.issue(0, issueNumber=0, assetId=room.assets[0]), room.question(1, issueNumber=0)]
    made = await room.admin.data(CREATE, {"issues": issues, "where": {"idIn": room.assets[:2]}})
    assert [one["id"] for one in made] == [one["id"] for one in await room.read("id")]


async def test_the_single_issue_of_newer_clients_names_its_asset(room: Room) -> None:
    issue = room.issue(0, type="QUESTION", assetId=room.assets[0], text="Why?")
    (made,) = await room.admin.data(CREATE, {"issues": [issue], "where": {"id": room.assets[0]}})
    assert await room.read("id labelId assigneeId comments { text }") == [
        {"id": made["id"], "labelId": room.labels[0], "assigneeId": None, "comments": [{"text": "Why?"}]}
    ]


async def test_clients_until_2_144_append_an_issue_and_then_its_comment(room: Room) -> None:
    data = {"issueNumber": 7, "labelID": room.labels[1], "objectMid": "car0", "type": "ISSUE"}
    made = await room.rex.client.data(APPEND, {"data": data, "where": {"id": room.assets[1]}})
    said = await room.manager.client.data(
        COMMENT, {"data": {"text": "See there.", "inReview": False}, "where": {"id": made["id"]}}
    )
    assert await room.read("id issueNumber hasBeenSeen comments { id text authorId }") == [
        {
            "id": made["id"],
            "issueNumber": 1,
            "hasBeenSeen": True,
            "comments": [{"id": said["id"], "text": "See there.", "authorId": room.manager.id}],
        }
    ]


async def test_an_appended_question_is_about_the_asset_of_where(room: Room) -> None:
    data = {"type": "QUESTION", "text": "What is this?"}
    made = await room.ada.client.data(APPEND, {"data": data, "where": {"id": room.assets[0]}})
    assert await room.read("id assetId") == [{"id": made["id"], "assetId": room.assets[0]}]


async def test_nothing_to_create_is_nothing(room: Room) -> None:
    assert await room.create() == []


async def test_a_text_of_ten_thousand_characters_is_kept(room: Room) -> None:
    await room.create(room.question(text="é" * 10_000))
    assert await room.read("comments { text }") == [{"comments": [{"text": "é" * 10_000}]}]


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"type": "ISSUE"}, "BAD_USER_INPUT", "labelID"),
        ({"assetId": None}, "BAD_USER_INPUT", "assetId"),
        ({"text": "x" * 10_001}, "BAD_USER_INPUT", "The text of an issue"),
        ({"objectMid": "x" * 501}, "BAD_USER_INPUT", "objectMid"),
        ({"assetId": "nobody"}, "NOT_FOUND", None),
        ({"labelID": "nobody"}, "NOT_FOUND", None),
    ],
    ids=["issue without label", "question without asset", "long text", "long mid", "unknown asset", "unknown label"],
)
async def test_one_wrong_issue_refuses_all(room: Room, change: dict[str, Any], code: str, field: str | None) -> None:
    before = await room.stored()
    issues = [room.question(0, text="good"), room.question(1, **change)]
    refused = await room.admin.refused(CREATE, {"issues": issues, "where": room.where})
    assert refused.at == (code, ["data"])
    assert refused.context.get("field") == field
    assert await room.stored() == before


async def test_an_asset_that_is_not_the_labels_is_refused(room: Room) -> None:
    before = await room.stored()
    refused = await room.admin.refused(CREATE, {"issues": [room.issue(0, assetId=room.assets[1])], "where": room.where})
    assert refused.at == ("NOT_FOUND", ["data"])
    assert await room.stored() == before


@pytest.mark.parametrize(
    "where", [{}, {"idIn": None}, {"project": {"searchQuery": "%"}}, {"statusIn": ["TODO"]}], ids=str
)
async def test_where_names_assets_or_a_project(room: Room, where: dict[str, Any]) -> None:
    refused = await room.admin.refused(CREATE, {"issues": [room.question()], "where": where})
    assert refused.at == ("BAD_USER_INPUT", ["data"])
    assert refused.context == {"field": "where"}


async def test_assets_that_where_does_not_name_are_refused(room: Room) -> None:
    before = await room.stored()
    refused = await room.admin.refused(CREATE, {"issues": [room.question(0)], "where": {"idIn": [room.assets[1]]}})
    assert refused.at == ("BAD_USER_INPUT", ["data"])
    assert await room.stored() == before


async def test_assets_of_two_projects_are_refused(organization: Organization, room: Room) -> None:
    other = await furnish(organization)
    issues = [room.question(0), other.question(0)]
    by_ids = {"issues": issues, "where": {"idIn": [room.assets[0], other.assets[0]]}}
    assert (await room.admin.refused(CREATE, by_ids)).at == ("BAD_USER_INPUT", ["data"])
    by_project = {"issues": issues, "where": room.where}
    assert (await room.admin.refused(CREATE, by_project)).at == ("NOT_FOUND", ["data"])
    assert await room.read("id") == await other.read("id") == []


async def test_too_many_are_refused(room: Room, app_with: Any) -> None:
    client = app_with(max_items_per_mutation=2).as_(room.project.organization.admin.key)
    refused = await client.refused(CREATE, {"issues": [room.question()] * 3, "where": room.where})
    assert (refused.code, refused.context) == ("BAD_USER_INPUT", {"limit": 2, "given": 3})
    assert await room.read("id") == []


PAGE = """
query ($where: IssueWhere!, $first: PageSize!) {
  data: issues(where: $where, first: $first, skip: 0) {
    id asset { id } label { id } author { email } comments { text author { email } }
  }
}"""


async def test_fifty_cost_as_many_statements_as_one(room: Room, statements: Any) -> None:
    counts = []
    for count in (1, 50):
        issues = [room.question(n % 4, text="?") if n % 2 else room.issue(n % 3, text="!") for n in range(count)]
        with statements.recording() as texts:
            await room.create(*issues)
        counts.append(len(texts))
    assert counts[0] == counts[1] <= 7
    with statements.recording() as one:
        await room.admin.data(PAGE, {"where": room.where, "first": 1})
    with statements.recording() as fifty:
        await room.admin.data(PAGE, {"where": room.where, "first": 50})
    assert len(one) == len(fifty) <= 3
