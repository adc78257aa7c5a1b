"""Solving, reopening and cancelling; commenting."""

from typing import Any

import pytest

from tests.resolvers.issue.conftest import COMMENT, UPDATE, Room

STATUSES = ["OPEN", "SOLVED", "CANCELLED"]
ALLOWED = {(one, one) for one in STATUSES} | {
    ("OPEN", "SOLVED"),
    ("SOLVED", "OPEN"),
    ("OPEN", "CANCELLED"),
    ("SOLVED", "CANCELLED"),
}


@pytest.mark.parametrize("after", STATUSES)
@pytest.mark.parametrize("before", STATUSES)
@pytest.mark.parametrize("kind", ["issue", "question"])
async def test_statuses(room: Room, kind: str, before: str, after: str) -> None:
    (issue,) = await room.create(room.issue() if kind == "issue" else room.question())
    await room.set_status(issue, before)
    stored = await room.stored()
    if (before, after) in ALLOWED:
        assert await room.set_status(issue, after) == {"id": issue}
        assert await room.read("id status") == [{"id": issue, "status": after}]
        assert (before == after) == (await room.stored() == stored)
    else:
        refused = await room.admin.refused(UPDATE, {"data": {"status": after}, "where": {"id": issue}})
        assert refused.at == ("BAD_USER_INPUT", ["updatePropertiesInIssue"])
        assert refused.context == {"field": "status", "status": before}
        assert await room.stored() == stored


async def test_without_a_status_nothing_changes(room: Room) -> None:
    (issue,) = await room.create(room.issue())
    stored = await room.stored()
    assert await room.admin.data(UPDATE, {"data": {}, "where": {"id": issue}}) == {"id": issue}
    assert await room.stored() == stored


@pytest.mark.parametrize("document", [UPDATE, COMMENT], ids=["update", "comment"])
@pytest.mark.parametrize(("where", "code"), [({}, "BAD_USER_INPUT"), ({"id": "nobody"}, "NOT_FOUND")], ids=str)
async def test_where_names_an_issue(room: Room, document: str, where: dict[str, Any], code: str) -> None:
    data = {"text": "x"} if document == COMMENT else {"status": "SOLVED"}
    assert (await room.admin.refused(document, {"data": data, "where": where})).code == code


async def test_comments_are_in_the_order_of_creation(room: Room) -> None:
    (issue,) = await room.create(room.issue(text="0"))
    for number in range(1, 4):
        await room.rex.client.data(COMMENT, {"data": {"text": f"{number}"}, "where": {"id": issue}})
    assert await room.read("comments { text }") == [{"comments": [{"text": f"{number}"} for number in range(4)]}]


@pytest.mark.parametrize("data", [{}, {"text": ""}, {"text": "x" * 10_001}], ids=["absent", "empty", "long"])
async def test_a_comment_has_a_text(room: Room, data: dict[str, Any]) -> None:
    (issue,) = await room.create(room.issue())
    stored = await room.stored()
    refused = await room.admin.refused(COMMENT, {"data": data, "where": {"id": issue}})
    assert refused.at == ("BAD_USER_INPUT", ["data"])
    assert refused.context == {"field": "A comment", "limit": 10_000, "given": len(data.get("text", ""))}
    assert await room.stored() == stored
