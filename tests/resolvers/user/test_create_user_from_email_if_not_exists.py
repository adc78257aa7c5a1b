"""`createUserFromEmailIfNotExists`."""

from labelyard.domain.error import ErrorCode

# Releases 2.18.0 to 2.86.1.
CREATE = """
mutation ($name: String! $email: String! $organizationRole: OrganizationRole! $projectID: String!) {
  data: createUserFromEmailIfNotExists(
    name: $name email: $email organizationRole: $organizationRole projectID: $projectID) { id }
}"""


def of(project, email, role="USER"):
    return {"name": "Ada Lovelace", "email": email, "organizationRole": role, "projectID": project.id}


async def test_an_unknown_person_is_invited_as_a_labeler(organization, project):
    email = f"ada-{project.id}@example.org"

    answer = await project.admin.data(CREATE, of(project, email.upper()))

    (user,) = await organization.admin.client.data(
        "query ($id: ID!) { data: users(where: { id: $id }, first: 2, skip: 0) "
        "{ email name activated projectUsers { role invitationStatus project { id } } } }",
        {"id": answer["id"]},
    )
    membership = {"role": "LABELER", "invitationStatus": "PENDING", "project": {"id": project.id}}
    assert user == {"email": email, "name": "Ada Lovelace", "activated": False, "projectUsers": [membership]}


async def test_a_member_keeps_the_role(project):
    ada = await project.member("REVIEWER")
    before = await project.everything()

    assert await project.admin.data(CREATE, of(project, ada.email)) == {"id": ada.id}
    assert await project.everything() == before


async def test_a_team_manager_may_invite(project):
    manager = await project.member("TEAM_MANAGER")

    answer = await manager.client.data(CREATE, of(project, f"by-manager-{project.id}@example.org"))

    assert (await project.rows("project_user"))[-1]["user_id"] == answer["id"]


async def test_no_administrator_is_made(project):
    before = await project.everything()

    refused = await project.admin.refused(CREATE, of(project, "boss@example.org", "ADMIN"))

    assert refused.at == (ErrorCode.FORBIDDEN, ["data"])
    assert await project.everything() == before


async def test_the_project_is_needed(project):
    refused = await project.admin.refused(
        'mutation { data: createUserFromEmailIfNotExists(name: "A", email: "a@b.c") { id } }'
    )

    assert refused.at == (ErrorCode.BAD_USER_INPUT, ["data"])
