"""Filters on issues, and what assets, labels and projects say about theirs."""

from dataclasses import dataclass
from typing import Any

import pytest

from tests.common.client import Client
from tests.common.documents import ASSETS, COUNT_ASSETS
from tests.common.world import new_organization
from tests.resolvers.issue.conftest import COUNT, ISSUES, Room, furnish

DELETE_ASSETS = "mutation ($where: AssetWhere!) { data: deleteAssets(where: $where) { succeeded { assetId } } }"
COUNTERS = "numberOfOpenIssues numberOfSolvedIssues numberOfOpenQuestions numberOfSolvedQuestions"


@dataclass
class Talk:
    """Issues by name."""

    room: Room
    ids: dict[str, str]


@pytest.fixture(scope="module")
async def talk(database: Any, client: Client) -> Talk:
    room = await furnish(await new_organization(database, client))
    names = ["wide", "again", "solved", "cancelled", "question", "answered", "bobs"]
    made = await room.create(
        room.issue(0, objectMid="b"),
        room.issue(0, objectMid="a"),
        room.issue(1, objectMid="c"),
        room.issue(1),
        room.question(0),
        room.question(3),
        room.issue(2),
    )
    ids = dict(zip(names, made, strict=True))
    await room.create(room.issue(0, objectMid="b"))
    await room.set_status((await room.read("id"))[-1]["id"], "CANCELLED")
    await room.set_status(ids["solved"], "SOLVED")
    await room.set_status(ids["cancelled"], "CANCELLED")
    await room.set_status(ids["answered"], "SOLVED")
    ids["late"] = (await room.create(room.question(1), by=room.ada))[0]
    return Talk(room, ids)


def cases() -> list[Any]:
    return [
        pytest.param(where, names, id=name)
        for name, where, names in [
            ("id", lambda t: {"id": t.ids["wide"]}, ["wide"]),
            ("unknown id", lambda _: {"id": "nobody"}, []),
            ("open issues", lambda _: {"status": "OPEN", "type": "ISSUE"}, ["wide", "again", "bobs"]),
            ("questions", lambda _: {"type": "QUESTION"}, ["question", "answered", "late"]),
            ("solved", lambda _: {"status": "SOLVED"}, ["solved", "answered"]),
            ("asset", lambda t: {"asset": {"id": t.room.assets[1]}}, ["solved", "cancelled", "late"]),
            ("assets", lambda t: {"assetIn": t.room.assets[2:]}, ["answered", "bobs"]),
            ("no asset", lambda _: {"assetIn": []}, []),
            (
                "asset by external id",
                lambda _: {"asset": {"externalIdStrictlyIn": ["asset-1"]}},
                ["solved", "cancelled", "late"],
            ),
            ("asset by its labels", lambda t: {"asset": {"label": {"authorIn": [t.room.bob.id]}}}, ["bobs"]),
            ("asset by issue", lambda _: {"asset": {"issue": {"type": "QUESTION", "status": "SOLVED"}}}, ["answered"]),
            (
                "nulls, as clients send them",
                lambda _: {"asset": {"id": None}, "assetIn": None, "status": "SOLVED", "type": None},
                ["solved", "answered"],
            ),
            ("both", lambda t: {"assetIn": t.room.assets[:1], "type": "QUESTION"}, ["question"]),
            ("title of the project", lambda _: {"project": {"searchQuery": "nothing"}}, []),
        ]
    ]


@pytest.mark.parametrize(("where", "names"), cases())
async def test_filters(talk: Talk, where: Any, names: list[str]) -> None:
    found = await talk.room.read("id", **where(talk))
    assert [one["id"] for one in found] == [talk.ids[name] for name in names]


async def test_pages(talk: Talk) -> None:
    every = [one["id"] for one in await talk.room.read("id")]
    pages = []
    for skip in range(0, 12, 4):
        variables = {"where": talk.room.where, "first": 4, "skip": skip}
        pages += [one["id"] for one in await talk.room.admin.data(ISSUES % "id", variables)]
    assert pages == every
    assert len(every) == 9


async def test_every_key_of_the_filter_is_served(schema_keys: Any) -> None:
    from labelyard.storage.filter.issue import ISSUE_FILTER

    assert set(ISSUE_FILTER) == schema_keys("IssueWhere")


async def test_without_a_project_all_visible_issues_are_counted(talk: Talk) -> None:
    assert await talk.room.admin.data(COUNT, {"where": {}}) == 9


async def test_assets_say_what_is_open(talk: Talk) -> None:
    fields = "openIssuesObjectMids openIssuesAssigneeIds openQuestionsAuthorIds issues { id }"
    first, second, third, fourth = talk.room.assets
    admin, ada, bob = talk.room.project.organization.admin.id, talk.room.ada.id, talk.room.bob.id
    found = {asset: await talk.room.project.read_asset(asset, fields) for asset in talk.room.assets}
    issues = {asset: [one["id"] for one in value.pop("issues")] for asset, value in found.items()}

    def says(mids: list[str], assignees: list[str], authors: list[str]) -> dict[str, list[str]]:
        return {
            "openIssuesObjectMids": mids,
            "openIssuesAssigneeIds": assignees,
            "openQuestionsAuthorIds": authors,
        }

    assert found == {
        first: says(["b", "a"], [ada], [admin]),
        second: says([], [], [ada]),
        third: says([], [bob], []),
        fourth: says([], [], []),
    }
    assert issues[second] == [talk.ids[name] for name in ("solved", "cancelled", "late")]
    assert len(issues[first]) == 4


async def test_labels_say_which_objects_are_at_issue(talk: Talk) -> None:
    found = [await talk.room.project.read_label(label, "openIssuesObjectMids") for label in talk.room.labels]
    assert found == [{"openIssuesObjectMids": mids} for mids in (["b", "a"], [], [])]


async def test_projects_count_theirs(talk: Talk) -> None:
    document = f"query ($id: ID!) {{ data: projects(where: {{id: $id}}, first: 1, skip: 0) {{ {COUNTERS} }} }}"
    (found,) = await talk.room.admin.data(document, {"id": talk.room.project.id})
    assert found == {
        "numberOfOpenIssues": 3,
        "numberOfSolvedIssues": 1,
        "numberOfOpenQuestions": 2,
        "numberOfSolvedQuestions": 1,
    }


@pytest.mark.parametrize(
    ("issue", "assets"),
    [
        ({}, [0, 1, 2, 3]),
        ({"type": None, "status": None}, [0, 1, 2, 3]),
        ({"type": "QUESTION"}, [0, 1, 3]),
        ({"status": "SOLVED"}, [1, 3]),
        ({"type": "ISSUE", "status": "OPEN"}, [0, 2]),
        ({"type": "QUESTION", "status": "CANCELLED"}, []),
    ],
    ids=str,
)
async def test_assets_are_found_by_their_issues(talk: Talk, issue: dict[str, Any], assets: list[int]) -> None:
    where = {"project": {"id": talk.room.project.id}, "issue": issue}
    found = await talk.room.admin.data(ASSETS % "id", {"where": where, "first": 10, "skip": 0})
    assert [one["id"] for one in found] == [talk.room.assets[number] for number in assets]
    assert await talk.room.admin.data(COUNT_ASSETS, {"where": where}) == len(assets)


async def test_issues_go_with_their_asset(room: Room) -> None:
    await room.create(room.issue(0, text="a"), room.question(1, text="b"))
    await room.admin.data(DELETE_ASSETS, {"where": {"idIn": [room.assets[0]]}})
    assert await room.read("issueNumber comments { text }") == [{"issueNumber": 2, "comments": [{"text": "b"}]}]
    assert [row["text"] for row in (await room.stored())["comment"]] == ["b"]
    await room.create(room.question(1))
    assert [one["issueNumber"] for one in await room.read("issueNumber")] == [2, 3]
