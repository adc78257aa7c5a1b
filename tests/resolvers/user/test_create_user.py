"""`createUser`."""

import pytest

from domain.error import ErrorCode

PERSON = "id email firstname lastname name activated organizationRole organization { id }"
# Releases 2.87.0 to 26.2.4.
DATA_FORM = f"mutation ($data: CreateUserData!) {{ data: createUser(data: $data) {{ {PERSON} }} }}"
# Releases 1.7.0 to 2.86.1.
FLAT_FORM = f"""
mutation ($name: String! $email: String! $password: String! $organizationRole: OrganizationRole!) {{
  data: createUser(name: $name email: $email password: $password organizationRole: $organizationRole) {{ {PERSON} }}
}}"""
PASSWORD = "correct horse battery"


def of(email, **more):
    return {"data": {"email": email, **more}}


async def users(organization):
    async with organization.database.reader() as connection:
        return await connection.fetch(
            "select * from user_account where organization_id = :id order by position", {"id": organization.id}
        )


async def test_a_user_is_made_from_data(organization):
    email = f"Ada-{organization.id}@Example.org"

    answer = await organization.admin.client.data(
        DATA_FORM, of(email, firstname="Ada", lastname="Lovelace", password=PASSWORD, organizationRole="ADMIN")
    )

    assert answer == {
        "id": answer["id"],
        "email": email.lower(),
        "firstname": "Ada",
        "lastname": "Lovelace",
        "name": "Ada Lovelace",
        "activated": True,
        "organizationRole": "ADMIN",
        "organization": {"id": organization.id},
    }
    kept = (await users(organization))[-1]["password_hash"]
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


async def test_a_user_is_made_from_the_arguments_of_older_clients(organization):
    email = f"ada-{organization.id}@example.org"

    answer = await organization.admin.client.data(
        FLAT_FORM,
        {"name": "Ada King Lovelace", "email": email, "password": PASSWORD, "organizationRole": "USER"},
    )

    assert (answer["firstname"], answer["lastname"]) == ("Ada", "King Lovelace")
    assert (answer["email"], answer["organizationRole"]) == (email, "USER")


@pytest.mark.parametrize("nothing", [{}, {"password": None, "organizationRole": None, "firstname": None}])
async def test_only_the_address_is_needed(organization, nothing):
    answer = await organization.admin.client.data(DATA_FORM, of(f"x{len(nothing)}-{organization.id}@e.org", **nothing))

    assert (answer["firstname"], answer["lastname"], answer["name"]) == ("", "", "")
    assert (answer["organizationRole"], answer["activated"]) == ("USER", True)
    assert (await users(organization))[-1]["password_hash"] is None


async def test_others_than_administrators_are_refused(organization):
    ada = await organization.person()
    before = await users(organization)

    refused = await ada.client.refused(DATA_FORM, of("new@example.org"))

    assert refused.at == (ErrorCode.FORBIDDEN, ["data"])
    assert refused.message.startswith("[noOrganizationRights] You cannot use this function because it seems that you")
    assert await users(organization) == before


async def test_an_address_is_taken_once(organization):
    ada = await organization.person()

    refused = await organization.admin.client.refused(DATA_FORM, of(ada.email.upper()))

    assert refused.at == (ErrorCode.CONFLICT, ["data"])
    assert f"an entity User already exists with value {ada.email}" in refused.message


@pytest.mark.parametrize(
    ("password", "says"),
    [
        ("seven77", "A password has 8 to 256 characters, not 7."),
        ("x" * 257, "A password has 8 to 256 characters, not 257."),
        ("PassWord1", "This password is among the first that are tried; choose another."),
        ("ada.king@example.org", "This password is among the first that are tried; choose another."),
    ],
    ids=["short", "long", "common", "the address"],
)
async def test_a_password_that_is_too_easy_is_refused(organization, password, says):
    refused = await organization.admin.client.refused(DATA_FORM, of("ada.king@example.org", password=password))

    assert refused.at == (ErrorCode.BAD_USER_INPUT, ["data"])
    assert refused.message == says


@pytest.mark.parametrize("length", [8, 256])
async def test_the_shortest_and_the_longest_password_are_taken(organization, length):
    email = f"p{length}-{organization.id}@example.org"
    password = "é" + "x" * (length - 1)

    await organization.admin.client.data(DATA_FORM, of(email, password=password))

    signed = await organization.http.data(
        "mutation ($e: String!, $p: String!) { data: signIn(email: $e, password: $p) { user { email } } }",
        {"e": email, "p": password},
    )
    assert signed == {"user": {"email": email}}


@pytest.mark.parametrize(
    "arguments",
    ["", '(data: { email: "a@b.c" }, email: "a@b.c")', '(data: { email: "no address" })'],
    ids=["nothing", "both forms", "no address"],
)
async def test_half_a_call_is_refused(organization, arguments):
    refused = await organization.admin.client.refused(f"mutation {{ data: createUser{arguments} {{ id }} }}")

    assert refused.at == (ErrorCode.BAD_USER_INPUT, ["data"])


async def test_users_are_not_made_in_another_organization(organization, other_organization):
    refused = await organization.admin.client.refused(
        'mutation ($o: ID) { data: createUser(email: "a@b.c", organizationID: $o) { id } }',
        {"o": other_organization.id},
    )

    assert refused.at == (ErrorCode.FORBIDDEN, ["data"])
