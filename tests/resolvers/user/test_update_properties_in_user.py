"""`updatePropertiesInUser`, `updateUser` and `deleteUser`."""

import asyncio

import pytest

from domain.error import ErrorCode

# Releases 2.107.0 to 2.147.4.
VARIABLES_FORM = """
mutation ($firstname: String $lastname: String $email: String! $organizationId: String $organizationRole: OrganizationRole
  $activated: Boolean) {
  data: updatePropertiesInUser(where: {email: $email} data: { firstname: $firstname lastname: $lastname email: $email
    organizationId: $organizationId organizationRole: $organizationRole activated: $activated }) {
    id firstname lastname organizationRole activated
  }
}"""
# Releases 2.148.0 to 26.2.4, which send every key, null when it is not used.
DATA_FORM = """
mutation updatePropertiesInUser($data: UserData!, $where: UserWhere!) {
  data: updatePropertiesInUser(data: $data, where: $where) {
    id email firstname lastname name organizationRole activated hasCompletedLabelingTour
  }
}"""
KEYS = (
    "activated",
    "apiKey",
    "email",
    "firstname",
    "hasCompletedLabelingTour",
    "hubspotSubscriptionStatus",
    "lastname",
    "organization",
    "organizationId",
    "organizationRole",
)


def change(person, **given):
    where = {"activated": None, "email": person.email, "id": None, "idIn": None, "organization": {"id": None}}
    return {"data": {**dict.fromkeys(KEYS), **given}, "where": where}


async def account(organization, person):
    async with organization.database.reader() as connection:
        return dict(await connection.fetch_one("select * from user_account where id = :id", {"id": person.id}))


async def test_one_changes_ones_own_names(organization):
    ada = await organization.person()

    answer = await ada.client.data(DATA_FORM, change(ada, firstname="Augusta", hasCompletedLabelingTour=True))

    assert answer == {
        "id": ada.id,
        "email": ada.email,
        "firstname": "Augusta",
        "lastname": "Lovelace",
        "name": "Augusta Lovelace",
        "organizationRole": "USER",
        "activated": True,
        "hasCompletedLabelingTour": True,
    }


async def test_nothing_but_nulls_changes_nothing(organization):
    ada = await organization.person()
    before = await account(organization, ada)

    await ada.client.data(DATA_FORM, change(ada))

    assert await account(organization, ada) == before


async def test_unchanged_values_may_be_sent_along(organization):
    ada = await organization.person()

    answer = await ada.client.data(
        VARIABLES_FORM,
        {
            "email": ada.email,
            "lastname": "King",
            "organizationId": organization.id,
            "organizationRole": "USER",
            "activated": True,
        },
    )

    assert (answer["lastname"], answer["organizationRole"], answer["activated"]) == ("King", "USER", True)


async def test_a_name_of_older_clients_is_divided(organization):
    ada = await organization.person()

    answer = await ada.client.data(DATA_FORM, change(ada, name="Augusta Ada King"))

    assert (answer["firstname"], answer["lastname"]) == ("Augusta", "Ada King")


@pytest.mark.parametrize(
    "given", [{"organizationRole": "ADMIN"}, {"activated": False}], ids=["the role", "being active"]
)
async def test_only_administrators_change(organization, given):
    ada = await organization.person()
    before = await account(organization, ada)

    refused = await ada.client.refused(DATA_FORM, change(ada, **given))

    assert refused.at == (ErrorCode.FORBIDDEN, ["data"])
    assert refused.message.startswith("[noOrganizationRights] ")
    assert await account(organization, ada) == before


async def test_an_administrator_changes_others(organization):
    ada = await organization.person()

    answer = await organization.admin.client.data(DATA_FORM, change(ada, organizationRole="ADMIN", lastname="King"))

    assert (answer["organizationRole"], answer["lastname"]) == ("ADMIN", "King")


async def test_a_colleague_is_seen_and_not_changed(organization, project):
    ada, bea = await project.member("REVIEWER"), await project.member("REVIEWER")
    before = await account(organization, bea)

    refused = await ada.client.refused(DATA_FORM, change(bea, firstname="X"))

    assert refused.at == (ErrorCode.FORBIDDEN, ["data"])
    assert await account(organization, bea) == before


async def test_strangers_read_like_people_who_do_not_exist(organization, other_organization):
    ada = await organization.person()
    bea = await organization.person()
    nobody = type(ada)("x", "nobody@example.org", "", ada.client)

    answers = [
        await client.refused(DATA_FORM, change(person, firstname="X"))
        for client, person in (
            (organization.admin.client, other_organization.admin),
            (organization.admin.client, nobody),
            (ada.client, bea),  # of the same organization, without a project in common
        )
    ]

    assert {(answer.code, answer.message) for answer in answers} == {
        (ErrorCode.NOT_FOUND, "[notFound] No such user is visible to you; `users` lists those who are.")
    }


async def test_who_is_deactivated_is_out_at_the_next_request_and_can_come_back(organization):
    ada = await organization.person()

    await organization.admin.client.data(DATA_FORM, change(ada, activated=False))
    refused = await ada.client.refused("{ data: viewer { id } }", status=401)
    await organization.admin.client.data(DATA_FORM, change(ada, activated=True))

    assert refused.code == ErrorCode.UNAUTHENTICATED
    assert await ada.client.data("{ data: viewer { id } }") == {"id": ada.id}


async def test_activation_accepts_open_invitations(organization, project):
    email = f"invited-{project.id}@example.org"
    await project.admin.data(
        "mutation ($p: ID!, $e: String!) { data: appendToRoles(projectID: $p, userEmail: $e, role: LABELER) { id } }",
        {"p": project.id, "e": email},
    )

    await project.admin.data(
        "mutation ($e: String!) { data: updatePropertiesInUser(where: {email: $e}, data: {activated: true}) { id } }",
        {"e": email},
    )

    assert [row["invitation_status"] for row in await project.rows("project_user")] == ["ACCEPTED", "ACCEPTED"]


@pytest.mark.parametrize("given", [{"organizationRole": "USER"}, {"activated": False}], ids=["demoted", "deactivated"])
async def test_the_last_administrator_is_not(organization, given):
    before = await account(organization, organization.admin)

    refused = await organization.admin.client.refused(DATA_FORM, change(organization.admin, **given))

    assert refused.at == (ErrorCode.CONFLICT, ["data"])
    assert refused.message == (
        "[lastAdministrator] The organization would have no administrator left; make somebody else ADMIN first."
    )
    assert await account(organization, organization.admin) == before


async def test_administrators_who_leave_at_once_leave_one(database, client, organization):
    """A race: without holding the organization, each would see another administrator who stays."""
    people = [organization.admin, *[await organization.person(organization_role="ADMIN") for _ in range(5)]]

    answers = await asyncio.gather(
        *(person.client.graphql(DATA_FORM, change(person, organizationRole="USER")) for person in people)
    )

    assert sorted(answer["errors"][0]["extensions"]["code"] for answer in answers if "errors" in answer) == ["CONFLICT"]
    roles = [(await account(organization, person))["organization_role"] for person in people]
    assert sorted(roles) == ["ADMIN", "USER", "USER", "USER", "USER", "USER"]


async def test_an_address_changes_and_is_taken_once(organization):
    ada, bea = await organization.person(), await organization.person()
    admin = organization.admin.client

    answer = await admin.data(DATA_FORM, change(ada, email=f"Augusta-{ada.id}@Example.org"))
    refused = await admin.refused(DATA_FORM, change(bea, email=f"augusta-{ada.id}@example.org"))

    assert answer["email"] == f"augusta-{ada.id}@example.org"
    assert refused.at == (ErrorCode.CONFLICT, ["data"])


async def test_one_of_those_who_take_an_address_at_once_gets_it(organization):
    people = [await organization.person() for _ in range(6)]
    email = f"wanted-{organization.id}@example.org"

    answers = await asyncio.gather(
        *(organization.admin.client.graphql(DATA_FORM, change(person, email=email)) for person in people)
    )

    codes = [answer["errors"][0]["extensions"]["code"] for answer in answers if "errors" in answer]
    assert codes == [ErrorCode.CONFLICT] * 5


async def test_nobody_gives_themselves_an_address(organization, project):
    """Roles are given by address: who takes one before its owner comes would get the roles meant for the owner."""
    ada = await project.member("LABELER")
    before = await account(organization, ada)

    refused = await ada.client.refused(DATA_FORM, change(ada, email="next.boss@example.org"))

    assert refused.at == (ErrorCode.FORBIDDEN, ["data"])
    assert await account(organization, ada) == before


INVITE = "mutation ($p: ID!, $e: String!) { data: appendToRoles(projectID: $p, userEmail: $e, role: LABELER) { id } }"
MEMBERS = """
query ($project: ID!, $status: ProjectUserStatus!, $deleted: Boolean) {
  list: projectUsers(where: {project: {id: $project}, status: $status, deleted: $deleted}, first: 10, skip: 0) {
    status activated user { email }
  }
  count: countProjectUsers(where: {project: {id: $project}, status: $status, deleted: $deleted})
}"""


@pytest.mark.parametrize("deleted", [None, False])
async def test_who_is_suspended_before_the_first_log_in_is_suspended(organization, project, deleted):
    email = f"invited-{project.id}@example.org"
    await project.admin.data(INVITE, {"p": project.id, "e": email})
    invited = type(organization.admin)("", email, "", organization.http)

    await project.admin.data(DATA_FORM, change(invited, activated=False))

    answers = {
        status: (await project.admin.graphql(MEMBERS, {"project": project.id, "status": status, "deleted": deleted}))[
            "data"
        ]
        for status in ("ACTIVATED", "ORG_SUSPENDED")
    }
    assert [email in [member["user"]["email"] for member in answer["list"]] for answer in answers.values()] == [
        False,
        True,
    ]
    assert answers["ORG_SUSPENDED"] == {
        "list": [{"status": "ORG_SUSPENDED", "activated": False, "user": {"email": email}}],
        "count": 1,
    }


async def test_who_was_suspended_before_the_first_log_in_can_be_let_in(organization, project):
    email = f"invited-{project.id}@example.org"
    await project.admin.data(INVITE, {"p": project.id, "e": email})
    invited = type(organization.admin)("", email, "", organization.http)

    for activated in (False, False, True):
        await project.admin.data(DATA_FORM, change(invited, activated=activated))

    answer = await project.admin.graphql(MEMBERS, {"project": project.id, "status": "ACTIVATED"})
    assert answer["data"]["count"] == 1
    assert [row["invitation_status"] for row in await project.rows("project_user")] == ["ACCEPTED", "ACCEPTED"]


@pytest.mark.parametrize("key", ["organizationId", "organization"])
async def test_users_stay_in_their_organization(organization, other_organization, key):
    ada = await organization.person()

    refused = await organization.admin.client.refused(DATA_FORM, change(ada, **{key: other_organization.id}))

    assert refused.at == (ErrorCode.FORBIDDEN, ["data"])
    assert (await account(organization, ada))["organization_id"] == organization.id


async def test_an_identifier_of_another_service_is_refused(organization):
    refused = await organization.admin.client.refused(DATA_FORM, change(organization.admin, auth0Id="x"))

    assert refused.at == (ErrorCode.FORBIDDEN, ["data"])


async def test_a_new_key_takes_the_place_of_the_old_one(organization):
    ada = await organization.person()
    key = "0b8ae2b4-6a52-4b3a-9b5c-6c6c3c7a1f11" + ada.id

    await ada.client.data(DATA_FORM, change(ada, apiKey=key))

    assert (await ada.client.refused("{ data: viewer { id } }", status=401)).code == ErrorCode.UNAUTHENTICATED
    assert await ada.client.as_(key).data("{ data: viewer { id } }") == {"id": ada.id}


@pytest.mark.parametrize("where", [{}, {"idIn": ["a"]}, {"activated": True}], ids=["nothing", "ids", "active"])
async def test_a_where_that_may_mean_many_is_refused(organization, where):
    refused = await organization.admin.client.refused(DATA_FORM, {"data": {"firstname": "X"}, "where": where})

    assert refused.at == (ErrorCode.BAD_USER_INPUT, ["data"])


# Releases 1.4.0 to 1.6.0.
UPDATE_USER = """
mutation ($email: String!, $name: String!, $organizationRole: OrganizationRole, $phone: String, $userID: ID!) {
  data: updateUser(email: $email name: $name organizationRole: $organizationRole phone: $phone userID: $userID) {
    id firstname lastname organizationRole
  }
}"""


async def test_the_first_clients_change_a_user_by_id(organization):
    ada = await organization.person()
    given = {"userID": ada.id, "email": ada.email, "name": "Augusta King", "organizationRole": "ADMIN", "phone": "1"}

    answer = await organization.admin.client.data(UPDATE_USER, given)

    assert answer == {"id": ada.id, "firstname": "Augusta", "lastname": "King", "organizationRole": "ADMIN"}


async def test_a_deleted_user_has_no_access_and_keeps_the_labels(organization, project):
    ada = await project.member()
    asset_id = await project.asset()
    await project.label(asset_id, by=ada)

    answer = await project.admin.data(
        "mutation ($id: ID!) { data: deleteUser(userID: $id) { id activated apiKeys { revoked } } }", {"id": ada.id}
    )

    assert answer == {"id": ada.id, "activated": False, "apiKeys": [{"revoked": True}]}
    assert (await ada.client.refused("{ data: viewer { id } }", status=401)).code == ErrorCode.UNAUTHENTICATED
    assert [label["author_id"] for label in await project.rows("label")] == [ada.id]


async def test_the_last_administrator_is_not_deleted(organization):
    refused = await organization.admin.client.refused(
        "mutation ($id: ID!) { data: deleteUser(userID: $id) { id } }", {"id": organization.admin.id}
    )

    assert refused.at == (ErrorCode.CONFLICT, ["data"])


async def test_a_user_is_found_by_address_as_the_first_clients_did(organization, other_organization):
    ask = "query ($email: String!) { data: getUser(email: $email) { id organization { id } } }"
    ada = await organization.person()

    found = await organization.admin.client.data(ask, {"email": ada.email.upper()})

    assert found == {"id": ada.id, "organization": {"id": organization.id}}
    assert await other_organization.admin.client.data(ask, {"email": ada.email}) is None
