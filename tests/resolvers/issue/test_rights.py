"""Who may raise, answer and close issues and questions, and who sees them."""

from typing import Any

import pytest

from tests.common.documents import DELETE_LABELS, UPDATE_PROJECT
from tests.common.world import Organization, Person
from tests.resolvers.issue.conftest import COMMENT, CREATE, ISSUES, UPDATE, Room

YES, NO, UNKNOWN = "yes", "FORBIDDEN", "NOT_FOUND"
PEOPLE = ["organization admin", "project admin", "manager", "rex", "ada", "bob", "colleague", "stranger"]
# One outcome for each of PEOPLE. Ada labeled the asset, Bob did not and sees it neither.
OUTCOMES = {
    "create an issue": [YES, YES, YES, YES, NO, UNKNOWN, UNKNOWN, UNKNOWN],
    "ask a question": [YES, YES, YES, YES, YES, UNKNOWN, UNKNOWN, UNKNOWN],
    "comment on an issue": [YES, YES, YES, YES, NO, UNKNOWN, UNKNOWN, UNKNOWN],
    "comment on a question": [YES, YES, YES, YES, NO, UNKNOWN, UNKNOWN, UNKNOWN],
    "solve an issue": [YES, YES, YES, YES, YES, UNKNOWN, UNKNOWN, UNKNOWN],
    "solve a question": [YES, YES, YES, YES, NO, UNKNOWN, UNKNOWN, UNKNOWN],
    "cancel an issue": [YES, YES, YES, YES, NO, UNKNOWN, UNKNOWN, UNKNOWN],
    "cancel a question": [YES, YES, YES, YES, NO, UNKNOWN, UNKNOWN, UNKNOWN],
}
CELLS = [
    (operation, person, outcome)
    for operation, row in OUTCOMES.items()
    for person, outcome in zip(PEOPLE, row, strict=True)
]


async def person_of(room: Room, name: str, other: Organization) -> Person:
    match name:
        case "organization admin":
            return await room.project.organization.person(organization_role="ADMIN")
        case "project admin":
            return await room.project.member("ADMIN")
        case "colleague":
            return await room.project.organization.person()
        case "stranger":
            return other.admin
        case _:
            found: Person = getattr(room, name)
            return found


@pytest.mark.parametrize(("operation", "name", "outcome"), CELLS, ids=[f"{cell[1]}-{cell[0]}" for cell in CELLS])
async def test_every_cell(
    room: Room, other_organization: Organization, operation: str, name: str, outcome: str
) -> None:
    person = await person_of(room, name, other_organization)
    verb, *_, kind = operation.split()
    target = room.issue(0) if kind == "issue" else room.question(0)
    if verb in ("create", "ask"):
        document, variables = CREATE, {"issues": [target], "where": room.where}
    else:
        (issue_id,) = await room.create(target)
        data = {"text": "So."} if verb == "comment" else {"status": "SOLVED" if verb == "solve" else "CANCELLED"}
        document = COMMENT if verb == "comment" else UPDATE
        variables = {"data": data, "where": {"id": issue_id}}
    before = await room.stored()
    answered = await person.client.graphql(document, variables)
    if outcome == YES:
        assert "errors" not in answered
        assert await room.stored() != before
    else:
        assert [error["extensions"]["code"] for error in answered["errors"]] == [outcome]
        assert await room.stored() == before


async def test_labelers_comment_on_their_own_questions(room: Room) -> None:
    (question,) = await room.create(room.question(0), by=room.ada)
    await room.ada.client.data(COMMENT, {"data": {"text": "I mean the left one."}, "where": {"id": question}})
    assert await room.read("comments { text }") == [{"comments": [{"text": "I mean the left one."}]}]


async def test_labelers_do_not_solve_issues_about_the_labels_of_others(room: Room) -> None:
    await room.project.label(room.assets[0], by=room.bob)
    (issue,) = await room.create(room.issue(0))
    refused = await room.bob.client.refused(UPDATE, {"data": {"status": "SOLVED"}, "where": {"id": issue}})
    assert refused.at == ("NOT_FOUND", ["updatePropertiesInIssue"])


async def test_labelers_do_not_reopen(room: Room) -> None:
    (issue,) = await room.create(room.issue(0))
    await room.set_status(issue, "SOLVED", by=room.ada)
    refused = await room.ada.client.refused(UPDATE, {"data": {"status": "OPEN"}, "where": {"id": issue}})
    assert refused.code == "FORBIDDEN"
    assert await room.read("status") == [{"status": "SOLVED"}]


async def test_lists_leave_out_what_the_person_does_not_see(room: Room, other_organization: Organization) -> None:
    ids = await room.create(room.issue(0), room.issue(2), room.question(3))
    colleague = await room.project.organization.person()
    for person, seen in (
        (room.project.organization.admin, ids),
        (room.manager, ids),
        (room.rex, ids),
        (room.ada, ids[:1]),
        (room.bob, ids[1:2]),
        (colleague, []),
        (other_organization.admin, []),
    ):
        assert [one["id"] for one in await room.read("id", by=person)] == seen
        variables = {"where": {"id": ids[1]}, "first": 10, "skip": 0}
        assert len(await person.client.data(ISSUES % "id", variables)) == (ids[1] in seen)


async def test_labelers_see_no_issues_about_labels_of_others(room: Room) -> None:
    label = await room.project.label(room.assets[0], by=room.bob)
    (issue,) = await room.create(room.issue(0, labelID=label, objectMid="a1", text="The left one is missing."))
    await room.create(room.question(0))

    hidden = "label { id } comments { text }"
    nested = "issues { label { id } } openIssuesAssigneeIds openIssuesObjectMids"
    assert await room.read(hidden, by=room.ada) == [{"label": None, "comments": []}]  # the question alone
    assert len(await room.read(hidden, by=room.bob)) == 2
    assert await room.project.read_asset(room.assets[0], nested, client=room.ada.client) == {
        "issues": [{"label": None}],
        "openIssuesAssigneeIds": [],
        "openIssuesObjectMids": [],
    }
    refused = await room.ada.client.refused(COMMENT, {"data": {"text": "x"}, "where": {"id": issue}})
    assert refused.code == "NOT_FOUND"


async def test_labelers_see_issues_about_their_own_labels(room: Room) -> None:
    await room.create(room.issue(0))
    assert await room.read("label { id }", by=room.ada) == [{"label": {"id": room.labels[0]}}]


async def test_nothing_is_written_in_an_archived_project(room: Room) -> None:
    (issue,) = await room.create(room.issue(0))
    await room.admin.data(UPDATE_PROJECT, {"data": {"archived": True}, "where": {"id": room.project.id}})
    before = await room.stored()
    for document, variables in (
        (CREATE, {"issues": [room.question()], "where": room.where}),
        (COMMENT, {"data": {"text": "x"}, "where": {"id": issue}}),
        (UPDATE, {"data": {"status": "SOLVED"}, "where": {"id": issue}}),
    ):
        refused = await room.admin.refused(document, variables)
        assert refused.code == "FORBIDDEN"
        assert refused.message.startswith("[archivedProject] ")
    assert await room.stored() == before


@pytest.mark.parametrize(
    ("document", "variables"),
    [
        (CREATE, {"issues": [], "where": {"idIn": []}}),
        (COMMENT, {"data": {"text": "x"}, "where": {"id": "i"}}),
        (UPDATE, {"data": {"status": "OPEN"}, "where": {"id": "i"}}),
        (ISSUES % "id", {"where": {}, "first": 1, "skip": 0}),
    ],
    ids=["create", "comment", "update", "list"],
)
async def test_strangers_without_a_key_are_refused(client: Any, document: str, variables: dict[str, Any]) -> None:
    assert (await client.refused(document, variables, status=401)).code == "UNAUTHENTICATED"


async def test_an_issue_outlives_its_label(room: Room) -> None:
    await room.create(room.issue(0))
    await room.admin.data(DELETE_LABELS, {"ids": [room.labels[0]]})
    assert await room.read("labelId label { id } assetId") == [
        {"labelId": room.labels[0], "label": None, "assetId": room.assets[0]}
    ]
