"""`deleteFromRoles`."""

import asyncio

import pytest

from labelyard.domain.error import ErrorCode

DATA_FORM = "mutation ($where: ProjectUserWhere!) { data: deleteFromRoles(where: $where) { id } }"
FLAT_FORM = "mutation ($roleID: ID!) { data: deleteFromRoles(roleID: $roleID) { id } }"


async def member_id(project, person):
    (found,) = (row["id"] for row in await project.rows("project_user") if row["user_id"] == person.id)
    return found


@pytest.mark.parametrize("form", ["flat", "id", "project and e-mail"])
async def test_every_generation_removes_a_member_and_is_answered_the_projects_id(project, members, form):
    ada = await project.member("REVIEWER")
    identifier = await member_id(project, ada)
    variables = {
        "flat": {"roleID": identifier},
        "id": {"where": {"id": identifier}},
        "project and e-mail": {"where": {"project": {"id": project.id}, "user": {"email": ada.email}}},
    }[form]

    answer = await project.admin.data(FLAT_FORM if form == "flat" else DATA_FORM, variables)

    assert answer == {"id": project.id}
    assert ada.email not in await members(project)


async def test_the_member_who_left_is_answered_with_it(project):
    ada = await project.member("REVIEWER")

    answer = await project.admin.data(
        "mutation ($where: ProjectUserWhere!) { data: deleteFromRoles(where: $where) { id a: id role user { email } } }",
        {"where": {"id": await member_id(project, ada)}},
    )

    assert answer == {"id": project.id, "a": project.id, "role": "REVIEWER", "user": {"email": ada.email}}


async def test_labels_stay_and_assets_given_to_the_person_are_open_again(organization, project):
    ada = await project.member("LABELER")
    asset_id = await project.asset()
    label_id = await project.label(asset_id, by=ada)
    await project.admin.data(
        "mutation ($data: AssetData!, $where: AssetWhere!) { data: updatePropertiesInAsset(data: $data, where: $where) { id } }",
        {"data": {"toBeLabeledBy": [ada.email]}, "where": {"id": asset_id}},
    )

    await project.admin.data(DATA_FORM, {"where": {"id": await member_id(project, ada)}})

    (label,) = await project.rows("label")
    assert (label["id"], label["author_id"]) == (label_id, ada.id)
    asset = await project.admin.data(
        "query ($id: ID!) { data: assets(where: { id: $id }, first: 1, skip: 0) "
        "{ toBeLabeledBy { email } labels { author { email } } } }",
        {"id": asset_id},
    )
    assert asset == [{"toBeLabeledBy": [], "labels": [{"author": {"email": ada.email}}]}]
    assert await ada.client.data("{ data: countProjects(where: {}) }") == 0


async def test_the_last_administrator_stays(organization, project):
    before = await project.everything()

    refused = await project.admin.refused(DATA_FORM, {"where": {"id": await member_id(project, organization.admin)}})

    assert refused.at == (ErrorCode.CONFLICT, ["data"])
    assert await project.everything() == before


async def test_administrators_who_leave_at_once_leave_one(organization, members):
    """A race: without holding the project, each would see another administrator who stays."""
    for _ in range(8):
        project = await organization.project()
        people = [organization.admin, *[await project.member("ADMIN") for _ in range(3)]]
        wheres = [{"where": {"id": await member_id(project, person)}} for person in people]

        answers = await asyncio.gather(
            *(person.client.graphql(DATA_FORM, where) for person, where in zip(people, wheres, strict=True))
        )

        codes = sorted(answer["errors"][0]["extensions"]["code"] for answer in answers if "errors" in answer)
        assert codes == [ErrorCode.CONFLICT]
        assert list((await members(project)).values()) == ["ADMIN"]


@pytest.mark.parametrize(
    ("role", "allowed"), [("LABELER", True), ("REVIEWER", True), ("TEAM_MANAGER", False), ("ADMIN", False)]
)
async def test_a_team_manager_removes_labelers_and_reviewers(project, members, role, allowed):
    manager = await project.member("TEAM_MANAGER")
    other = await project.member(role)

    answer = await manager.client.graphql(DATA_FORM, {"where": {"id": await member_id(project, other)}})

    assert ("errors" not in answer) == allowed
    assert (other.email not in await members(project)) == allowed


async def test_a_member_who_left_is_not_found_again(project):
    ada = await project.member("REVIEWER")
    where = {"where": {"id": await member_id(project, ada)}}
    await project.admin.data(DATA_FORM, where)

    refused = await project.admin.refused(DATA_FORM, where)

    assert refused.at == (ErrorCode.NOT_FOUND, ["data"])


@pytest.mark.parametrize("arguments", ["", '(roleID: "a", where: { id: "a" })'], ids=["neither", "both"])
async def test_one_form_is_needed(project, arguments):
    refused = await project.admin.refused(f"mutation {{ data: deleteFromRoles{arguments or ''} {{ id }} }}")

    assert refused.at == (ErrorCode.BAD_USER_INPUT, ["data"])
