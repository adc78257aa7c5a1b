"""`appendToRoles`."""

import asyncio

import pytest

from domain.error import ErrorCode
from tests.common.world import answer as answer_of

# Releases 2.87.0 to 26.2.4.
DATA_FORM = """
mutation ($data: AppendToRolesData!, $where: ProjectWhere!) {
  data: appendToRoles(data: $data, where: $where) { id jsonInterface title roles { user { id email } role } }
}"""
# Releases 1.4.0 to 2.86.1.
FLAT_FORM = """
mutation ($projectID: ID!, $userEmail: String!, $role: ProjectRole!) {
  data: appendToRoles(projectID: $projectID userEmail: $userEmail role: $role) {
    id title roles { user { id email } role }
  }
}"""
ROLE = """
mutation ($data: AppendToRolesData!, $where: ProjectWhere!) {
  data: appendToRoles(data: $data, where: $where) {
    roles { id activated status invitationStatus role user { id email activated firstname lastname organizationRole } }
  }
}"""


def given(project, email, role="LABELER"):
    return {"data": {"userEmail": email, "role": role}, "where": {"id": project.id}}


def flat(project, email, role="LABELER"):
    return {"projectID": project.id, "userEmail": email, "role": role}


def pairs(answer):
    return [(role["user"]["email"], role["role"]) for role in answer["roles"]]


@pytest.mark.parametrize(("document", "variables"), [(DATA_FORM, given), (FLAT_FORM, flat)], ids=["data", "flat"])
async def test_a_person_of_the_organization_gets_a_role_and_the_project_is_answered(
    organization, project, document, variables
):
    ada = await organization.person()

    answer = await project.admin.data(document, variables(project, ada.email, "REVIEWER"))

    assert (answer["id"], answer["title"]) == (project.id, "A project")
    assert pairs(answer) == [(organization.admin.email, "ADMIN"), (ada.email, "REVIEWER")]


async def test_an_unknown_person_is_invited(project):
    answer = await project.admin.data(ROLE, given(project, "New.Comer@Example.org"))

    (_, invited) = answer["roles"]
    assert invited["user"] == {
        "id": invited["user"]["id"],
        "email": "new.comer@example.org",
        "activated": False,
        "firstname": "",
        "lastname": "",
        "organizationRole": "USER",
    }
    assert [invited[key] for key in ("role", "activated", "status", "invitationStatus")] == [
        "LABELER",
        False,
        "ACTIVATED",
        "PENDING",
    ]


async def test_an_invited_person_is_an_author_at_once(project):
    asset_id = await project.asset()
    answer = await project.admin.data(ROLE, given(project, "author@example.org"))
    author = answer["roles"][1]["user"]["id"]

    label = await project.admin.data(
        "mutation ($data: AppendToLabelsData!, $where: AssetWhere!) "
        "{ data: appendToLabels(data: $data, where: $where) { author { id email } } }",
        {
            "data": {"authorID": author, "labelType": "DEFAULT", "jsonResponse": answer_of("SUN")},
            "where": {"id": asset_id},
        },
    )

    assert label == {"author": {"id": author, "email": "author@example.org"}}


async def test_a_member_gets_the_other_role(project, members):
    ada = await project.member("LABELER")

    answer = await project.admin.data(DATA_FORM, given(project, ada.email.upper(), "TEAM_MANAGER"))

    assert pairs(answer)[1:] == [(ada.email, "TEAM_MANAGER")]
    assert (await members(project))[ada.email] == "TEAM_MANAGER"


async def test_the_same_role_again_changes_nothing(project):
    ada = await project.member("REVIEWER")
    before = await project.everything()

    await project.admin.data(DATA_FORM, given(project, ada.email, "REVIEWER"))

    assert await project.everything() == before


async def test_who_was_removed_can_come_back_under_the_same_id(project):
    ada = await project.member("REVIEWER")
    (_, row) = await project.rows("project_user")
    await project.admin.data(
        "mutation ($id: ID!) { data: deleteFromRoles(where: { id: $id }) { id } }", {"id": row["id"]}
    )

    answer = await project.admin.data(ROLE, given(project, ada.email, "LABELER"))

    assert [(role["id"], role["role"]) for role in answer["roles"][1:]] == [(row["id"], "LABELER")]


@pytest.mark.parametrize("role", ["LABELER", "REVIEWER"])
async def test_a_team_manager_invites_labelers_and_reviewers(project, members, role):
    manager = await project.member("TEAM_MANAGER")

    await manager.client.data(DATA_FORM, given(project, f"{role.lower()}-{project.id}@example.org", role))

    assert (await members(project))[f"{role.lower()}-{project.id}@example.org"] == role


@pytest.mark.parametrize("role", ["TEAM_MANAGER", "ADMIN"])
async def test_a_team_manager_gives_no_role_from_their_own_up(project, role):
    manager = await project.member("TEAM_MANAGER")
    before = await project.everything()

    refused = await manager.client.refused(DATA_FORM, given(project, "somebody@example.org", role))

    assert refused.at == (ErrorCode.FORBIDDEN, ["data"])
    assert refused.context == {"projectId": project.id, "role": role}
    assert await project.everything() == before


@pytest.mark.parametrize("role", ["TEAM_MANAGER", "ADMIN"])
async def test_a_team_manager_takes_no_role_from_their_own_up(project, members, role):
    manager = await project.member("TEAM_MANAGER")
    other = await project.member(role)

    refused = await manager.client.refused(DATA_FORM, given(project, other.email, "LABELER"))

    assert refused.code == ErrorCode.FORBIDDEN
    assert (await members(project))[other.email] == role


async def test_a_team_manager_does_not_touch_an_administrator_of_the_organization(organization, project, members):
    manager = await project.member("TEAM_MANAGER")
    boss = await organization.person(organization_role="ADMIN")
    await project.join(boss, "LABELER")

    refused = await manager.client.refused(DATA_FORM, given(project, boss.email, "REVIEWER"))

    assert refused.code == ErrorCode.FORBIDDEN
    assert (await members(project))[boss.email] == "LABELER"


async def test_the_last_administrator_keeps_the_role(organization, project, members):
    refused = await project.admin.refused(DATA_FORM, given(project, organization.admin.email, "LABELER"))

    assert refused.at == (ErrorCode.CONFLICT, ["data"])
    assert refused.message == (
        f"[lastAdministrator] Project {project.id} would have no administrator left; make somebody else ADMIN first."
    )
    assert await members(project) == {organization.admin.email: "ADMIN"}


async def test_an_invited_administrator_does_not_count_as_one(organization, project):
    await project.admin.data(DATA_FORM, given(project, "invited.admin@example.org", "ADMIN"))

    refused = await project.admin.refused(DATA_FORM, given(project, organization.admin.email, "LABELER"))

    assert refused.code == ErrorCode.CONFLICT


async def test_a_project_has_at_most_a_hundred_members(organization, project):
    async with organization.database.transaction() as connection:
        await connection.fetch(
            "with u as (insert into user_account (id, organization_id, email) select 'u' || n || :project, :organization, "
            "'u' || n || '@' || :project from generate_series(1, 99) n returning id) "
            "insert into project_user (id, project_id, user_id, role) select id, :project, id, 'LABELER' from u",
            {"project": project.id, "organization": organization.id},
        )
    ada = await organization.person()

    refused = await project.admin.refused(DATA_FORM, given(project, ada.email))

    assert refused.at == (ErrorCode.BAD_USER_INPUT, ["data"])
    assert refused.context == {"projectId": project.id, "limit": 100}
    assert len(await project.rows("project_user")) == 100


async def test_invitations_of_one_person_at_once_make_one_user(project):
    answers = await asyncio.gather(
        *(project.admin.data(DATA_FORM, given(project, f"once-{project.id}@example.org")) for _ in range(6))
    )

    assert {pairs(answer)[1:][0] for answer in answers} == {(f"once-{project.id}@example.org", "LABELER")}
    assert len(await project.rows("project_user")) == 2


@pytest.mark.parametrize(
    ("document", "variables"),
    [
        ("mutation { data: appendToRoles { id } }", {}),
        ('mutation { data: appendToRoles(projectID: "p", role: LABELER) { id } }', {}),
        ('mutation { data: appendToRoles(userEmail: "a@b.c", role: LABELER) { id } }', {}),
        ('mutation { data: appendToRoles(data: { userEmail: "a@b.c", role: LABELER }) { id } }', {}),
        (
            'mutation { data: appendToRoles(data: { userEmail: "a@b.c", role: LABELER }, userEmail: "a@b.c") { id } }',
            {},
        ),
    ],
    ids=["nothing", "no e-mail", "no project", "data without where", "both forms"],
)
async def test_half_a_call_is_refused(project, document, variables):
    refused = await project.admin.refused(document, variables)

    assert refused.at == (ErrorCode.BAD_USER_INPUT, ["data"])


@pytest.mark.parametrize("email", ["", "nobody", "@example.org", "a b@example.org", "x" * 250 + "@example.org"])
async def test_what_is_no_address_is_refused(project, email):
    before = await project.everything()

    refused = await project.admin.refused(DATA_FORM, given(project, email))

    assert refused.at == (ErrorCode.BAD_USER_INPUT, ["data"])
    assert await project.everything() == before


async def test_the_number_of_statements_does_not_grow_with_the_members(project, statements):
    ada = await project.member("LABELER")
    counts = []
    for role in ("REVIEWER", "LABELER"):
        with statements.recording() as heard:
            await project.admin.data(DATA_FORM, given(project, ada.email, role))
        counts.append(len(heard))
        for _ in range(20):
            await project.member("LABELER")

    assert counts == [8, 8]
