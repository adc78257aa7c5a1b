"""E-mail addresses that another organization knows read like addresses that nobody knows."""

from __future__ import annotations

import re

import pytest

from labelyard.services.password import Passwords
from tests.common.world import new_organization
from tests.resolvers.permission_table import TABLE

MEMBER_FIELDS = (
    "{ id title roles { role status invitationStatus activated "
    "user { id email activated firstname organization { id } } } }"
)
USER_FIELDS = "{ id email activated firstname lastname organizationRole organization { id } projectUsers { role } }"
DOCUMENTS = {
    "appendToRoles": "mutation ($e: String!, $p: ID!) "
    f"{{ data: appendToRoles(data: {{userEmail: $e, role: REVIEWER}}, where: {{id: $p}}) {MEMBER_FIELDS} }}",
    "appendToRoles flat": "mutation ($e: String!, $p: ID!) "
    f"{{ data: appendToRoles(projectID: $p, userEmail: $e, role: LABELER) {MEMBER_FIELDS} }}",
    "createUserFromEmailIfNotExists": "mutation ($e: String!, $p: String!) { data: createUserFromEmailIfNotExists("
    f'name: "Eve X", email: $e, organizationRole: USER, projectID: $p) {USER_FIELDS} }}',
    "createUser": "mutation ($e: String!) "
    f'{{ data: createUser(data: {{email: $e, password: "correct horse"}}) {USER_FIELDS} }}',
    "updatePropertiesInUser": "mutation ($e: String!, $u: ID!) "
    f"{{ data: updatePropertiesInUser(data: {{email: $e}}, where: {{id: $u}}) {USER_FIELDS} }}",
    "updateUser": f"mutation ($e: String!, $u: ID!) {{ data: updateUser(userID: $u, email: $e) {USER_FIELDS} }}",
    "getUser": f"query ($e: String!) {{ data: getUser(email: $e) {USER_FIELDS} }}",
    "users": f"query ($e: String!) {{ data: users(where: {{email: $e}}, first: 1, skip: 0) {USER_FIELDS} }}",
    "organizations": "query ($e: String!) { data: organizations(where: {user: {email: $e}}, first: 9, skip: 0) { id } }",
    "resetPassword": "mutation ($e: String!) { data: resetPassword(email: $e) { id } }",
    "deleteFromRoles": "mutation ($e: String!, $p: ID!) "
    "{ data: deleteFromRoles(where: {project: {id: $p}, user: {email: $e}}) { id } }",
    "appendToApiKeys": "mutation ($e: String!) "
    '{ data: appendToApiKeys(data: {key: "kq8Zr1_Xc72LpQfY-dTn0VbEhWm3uJsRa95GxKoiP4s", name: "x"}, where: {email: $e}) { id } }',
}
IDS = re.compile(r"\bc[0-9a-v]{24}\b|\b[0-9a-f]{16}\b")


def ids_apart(text: str, email: str) -> str:
    """An answer without what differs between any two answers: ids, and the address itself."""
    return IDS.sub("…", text.replace(email, "…"))


@pytest.mark.parametrize("caller", ["ADMIN of the organization", "ADMIN", "TEAM_MANAGER"])
@pytest.mark.parametrize("name", DOCUMENTS)
async def test_an_address_known_elsewhere_reads_like_an_unknown_one(database, client, name, caller):
    theirs = await new_organization(database, client)
    known = f"someone-{theirs.id}@corp.example"
    await theirs.person(email=known)
    seen = []
    for email in (known, f"nobody9-{theirs.id}@corp.example"):
        ours = await new_organization(database, client)
        project = await ours.project()
        person = ours.admin if caller == "ADMIN of the organization" else await project.member(caller)
        document = DOCUMENTS[name]
        given = {"e": email, "p": project.id, "u": person.id}
        used = {key: value for key, value in given.items() if f"${key}:" in document}
        response = await person.client.post(document, used)
        assert response.status_code == 200, response.text
        rows = await project.rows("project_user")
        seen.append(
            (
                ids_apart(response.text, email).replace(person.email, "(self)").replace(ours.admin.email, "(admin)"),
                len(rows),
            )
        )

    assert seen[0] == seen[1]


async def test_an_invitation_takes_nobody_away(organization, other_organization, project):
    """Inviting, suspending or deleting one's own account of an address leaves those of other organizations as they are."""
    ada = await other_organization.person()
    theirs = await other_organization.project()
    await project.admin.data(DOCUMENTS["appendToRoles"], {"e": ada.email, "p": project.id})

    (mine,) = await project.admin.data(DOCUMENTS["users"], {"e": ada.email})
    await project.admin.data(
        "mutation ($id: ID!) { data: updatePropertiesInUser(where: {id: $id}, data: {activated: false}) { id } }",
        {"id": mine["id"]},
    )
    answer = await theirs.admin.data(DOCUMENTS["appendToRoles"], {"e": ada.email, "p": theirs.id})

    assert mine["id"] != ada.id
    assert mine["organization"] == {"id": organization.id}
    assert [(role["user"]["id"], role["invitationStatus"]) for role in answer["roles"][1:]] == [(ada.id, "ACCEPTED")]
    assert await ada.client.data("{ data: viewer { id organization { id } } }") == {
        "id": ada.id,
        "organization": {"id": other_organization.id},
    }


async def test_an_address_stays_free_for_its_organization_after_strangers_invited_it(
    organization, other_organization, project
):
    email = f"later-{project.id}@corp.example"
    await project.admin.data(DOCUMENTS["appendToRoles"], {"e": email, "p": project.id})

    made = await other_organization.admin.client.data(DOCUMENTS["createUser"], {"e": email})

    assert (made["email"], made["organization"]) == (email, {"id": other_organization.id})


SIGN_IN = "mutation ($e: String!, $p: String!) { data: signIn(email: $e, password: $p) { user { id } } }"


async def test_the_password_says_which_account_of_an_address_logs_in(organization, other_organization):
    email = f"both-{organization.id}@corp.example"
    made = {}
    for place, password in ((organization, "correct horse"), (other_organization, "battery staple")):
        document = DOCUMENTS["createUser"].replace("correct horse", password)
        made[password] = (await place.admin.client.data(document, {"e": email}))["id"]

    signed = {
        password: (await organization.http.data(SIGN_IN, {"e": email, "p": password}))["user"]["id"]
        for password in made
    }

    assert signed == made
    refused = await organization.http.refused(SIGN_IN, {"e": email, "p": "neither one"})
    assert refused.message == "[unauthorized] The e-mail address or the password is wrong."


@pytest.mark.parametrize("known", [0, 1, 2], ids=["unknown", "known once", "known twice"])
async def test_a_log_in_takes_the_same_work(organization, other_organization, monkeypatch, known):
    email = f"work-{known}-{organization.id}@corp.example"
    for place in (organization, other_organization)[:known]:
        await place.admin.client.data(DOCUMENTS["createUser"], {"e": email})
    compared = []
    verify = Passwords._verify

    def counted(self, kept, password):
        compared.append(kept is not None)
        return verify(self, kept, password)

    monkeypatch.setattr(Passwords, "_verify", counted)

    await organization.http.refused(SIGN_IN, {"e": email, "p": "wrong password"})

    assert (len(compared), sum(compared)) == (2, known)


def test_every_operation_that_takes_an_address_is_compared():
    """The operations whose rows of the permission table name an address, and which do more than find people of one's own."""
    named = {
        row.name for row in TABLE if "@example.org" in repr(row.variables) or "{labeler_email}" in repr(row.variables)
    }
    of_members = {
        "appendToDatasetUsers",
        "countUsers",
        "projectUsers",
        "countProjectUsers",
        "updatePropertiesInRole",
        "updatePassword",
        "updateApiKey",
    }

    assert named - of_members <= {name.partition(" ")[0] for name in DOCUMENTS}
