"""`updatePropertiesInRole` and `updateRole`."""

import asyncio

import pytest

from labelyard.domain.error import ErrorCode

# 1.7.0 to 2.86.1
BY_ROLE_ID = """
mutation ($roleID: ID!, $projectID: ID!, $userID: ID!, $role: ProjectRole!) {
  data: updatePropertiesInRole(
    where: {roleID: $roleID} data: { projectID: $projectID userID: $userID role: $role }) { user { id email } role }
}"""
# 2.87.0 to 26.2.4
BY_ID = BY_ROLE_ID.replace("{roleID: $roleID}", "{id: $roleID}")
# 25.2.5 to 26.2.4
BY_PERSON = """
mutation UpdatePropertiesInRole($data: RoleData!, $where: ProjectUserWhere!) {
  data: updatePropertiesInRole(data: $data, where: $where) { user { id email } role }
}"""
# 1.4.0 to 1.6.0
FLAT = """
mutation ($projectID: ID!, $role: ProjectRole!, $roleID: ID!, $userID: ID!) {
  data: updateRole(projectID: $projectID role: $role roleID: $roleID userID: $userID) { id user { id email } role }
}"""


def by_id(project, person, member_id, role):
    return {"roleID": member_id, "projectID": project.id, "userID": person.id, "role": role}


def by_person(project, person, _member_id, role):
    return {"data": {"role": role}, "where": {"project": {"id": project.id}, "user": {"email": person.email.upper()}}}


@pytest.mark.parametrize(
    ("document", "variables"),
    [(BY_ROLE_ID, by_id), (BY_ID, by_id), (BY_PERSON, by_person), (FLAT, by_id)],
    ids=["roleID", "id", "project and e-mail", "updateRole"],
)
async def test_every_generation_changes_a_role(project, members, document, variables):
    ada = await project.member("LABELER")
    member_id = (await project.rows("project_user"))[1]["id"]

    answer = await project.admin.data(document, variables(project, ada, member_id, "REVIEWER"))

    assert answer["user"] == {"id": ada.id, "email": ada.email}
    assert answer["role"] == "REVIEWER"
    assert (await members(project))[ada.email] == "REVIEWER"


async def test_the_user_may_be_named_by_an_address(project):
    ada = await project.member("LABELER")
    member_id = (await project.rows("project_user"))[1]["id"]

    answer = await project.admin.data(BY_ID, {**by_id(project, ada, member_id, "REVIEWER"), "userID": ada.email})

    assert answer["role"] == "REVIEWER"


@pytest.mark.parametrize("wrong", ["projectID", "userID"])
async def test_project_and_person_must_be_those_of_the_member(project, members, wrong):
    ada = await project.member("LABELER")
    member_id = (await project.rows("project_user"))[1]["id"]

    refused = await project.admin.refused(BY_ID, {**by_id(project, ada, member_id, "REVIEWER"), wrong: "another"})

    assert refused.at == (ErrorCode.NOT_FOUND, ["data"])
    assert (await members(project))[ada.email] == "LABELER"


async def test_members_of_strangers_read_like_members_who_do_not_exist(project, other_organization):
    theirs = await other_organization.project()
    before = await theirs.everything()
    member_id = (await theirs.rows("project_user"))[0]["id"]
    admin = other_organization.admin

    answers = [
        await project.admin.refused(BY_PERSON, {"data": {"role": "LABELER"}, "where": where})
        for where in (
            {"id": member_id},
            {"id": "does-not-exist"},
            {"project": {"id": theirs.id}, "user": {"email": admin.email}},
            {"project": {"id": "does-not-exist"}, "user": {"email": admin.email}},
        )
    ]

    assert {(answer.code, answer.message) for answer in answers} == {
        (
            ErrorCode.NOT_FOUND,
            "[notFound] No such member is visible to you; `projectUsers` lists the members of a project.",
        )
    }
    assert await theirs.everything() == before


@pytest.mark.parametrize(
    "where",
    [{}, {"project": {"id": "p"}}, {"user": {"email": "a@b.c"}}, {"project": {"id": "p"}, "user": {"email": None}}],
    ids=["nothing", "a project", "a person", "a project and null"],
)
async def test_a_where_that_may_mean_many_is_refused(project, where):
    refused = await project.admin.refused(BY_PERSON, {"data": {"role": "LABELER"}, "where": where})

    assert refused.at == (ErrorCode.BAD_USER_INPUT, ["data"])


async def test_nobody_makes_themselves_more(project, members):
    for role in ("LABELER", "REVIEWER", "TEAM_MANAGER"):
        person = await project.member(role)
        variables = {"data": {"role": "ADMIN"}, "where": by_person(project, person, "", "ADMIN")["where"]}

        refused = await person.client.refused(BY_PERSON, variables)

        assert refused.at == (ErrorCode.FORBIDDEN, ["data"])
        assert (await members(project))[person.email] == role


async def test_two_administrators_who_demote_each_other_at_once_leave_one(organization, members):
    """A race: each sees the other as the administrator who stays."""
    for _ in range(8):
        project = await organization.project()
        ada = await project.member("ADMIN")
        bea = await project.member("ADMIN")
        await project.admin.data(BY_PERSON, by_person(project, organization.admin, "", "LABELER"))

        await asyncio.gather(
            ada.client.graphql(BY_PERSON, by_person(project, bea, "", "LABELER")),
            bea.client.graphql(BY_PERSON, by_person(project, ada, "", "LABELER")),
        )

        assert sorted((await members(project)).values()) == ["ADMIN", "LABELER", "LABELER"]
