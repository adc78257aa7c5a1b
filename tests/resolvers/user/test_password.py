"""`signIn`, `updatePassword` and `resetPassword`."""

import asyncio

import httpx
import pytest
from argon2 import PasswordHasher

from domain.error import ErrorCode
from domain.secret import digest_of
from server.application import ENDPOINT
from tests.common.client import Client

# Releases 1.4.0 to 2.86.1.
SIGN_IN = """
mutation ($email: String!, $password: String!) {
  data: signIn(email: $email password: $password) { id token user { id email organization { name } } }
}"""
# Releases 2.87.0 to 26.2.4, and those before.
UPDATE = """
mutation ($data: UpdatePasswordData!, $where: UserWhere!) { data: updatePassword(data: $data, where: $where) { id } }"""
UPDATE_FLAT = """
mutation ($email: String! $oldPassword: String! $newPassword1: String! $newPassword2: String!) {
  data: updatePassword(email: $email oldPassword: $oldPassword newPassword1: $newPassword1 newPassword2: $newPassword2) { id }
}"""
CREATE = "mutation ($data: CreateUserData!) { data: createUser(data: $data) { id email } }"
PASSWORD = "correct horse battery"
WRONG = "[unauthorized] The e-mail address or the password is wrong."


@pytest.fixture
async def address(app):
    """A client from an address of its own, for failures are counted by address too."""
    clients = []

    def at(host):
        transport = httpx.ASGITransport(app, client=(host, 4321))
        clients.append(httpx.AsyncClient(transport=transport, base_url="http://label.example", timeout=60))
        return Client(clients[-1])

    yield at
    for client in clients:
        await client.aclose()


@pytest.fixture
async def ada(organization):
    """A user with a password and no API key."""
    email = f"ada-{organization.id}@example.org"
    return await organization.admin.client.data(CREATE, {"data": {"email": email, "password": PASSWORD}})


def login(person, password=PASSWORD):
    return {"email": person["email"], "password": password}


async def sessions(database, person):
    async with database.reader() as connection:
        return await connection.fetch("select * from login_session where user_id = :id", {"id": person["id"]})


async def test_a_token_is_answered_and_says_who_one_is(client, organization, ada, database):
    answer = await client.data(SIGN_IN, {"email": ada["email"].upper(), "password": PASSWORD})

    assert answer["user"] == {"id": ada["id"], "email": ada["email"], "organization": {"name": organization.name}}
    assert answer["token"].startswith("ly_session_")
    (session,) = await sessions(database, ada)
    assert (session["id"], session["digest"]) == (answer["id"], digest_of(answer["token"]))
    assert (session["expires_at"] - session["created_at"]).total_seconds() == 12 * 3600


@pytest.mark.parametrize("scheme", ["Bearer:", "Bearer", "X-API-Key:"])
async def test_the_token_is_a_key_for_twelve_hours(client, ada, database, scheme):
    token = (await client.data(SIGN_IN, login(ada)))["token"]

    async def ask():
        headers = {"Authorization": f"{scheme} {token}"}
        response = await client.http.post(ENDPOINT, json={"query": "{ data: viewer { id } }"}, headers=headers)
        return response.status_code, response.json()["data"]

    assert await ask() == (200, {"data": {"id": ada["id"]}})
    async with database.transaction() as connection:
        await connection.fetch("update login_session set expires_at = now() where user_id = :id", {"id": ada["id"]})
    assert await ask() == (401, None)


async def test_a_session_is_no_api_key(client, ada):
    token = (await client.data(SIGN_IN, login(ada)))["token"]

    assert await client.as_(token).data("{ data: countApiKeys(where: {}) }") == 0
    assert await client.as_(token).data("{ data: viewer { apiKeys { id } } }") == {"apiKeys": []}


@pytest.mark.parametrize("case", ["wrong password", "nobody", "no password", "deactivated", "too long"])
async def test_every_failure_reads_the_same(client, address, organization, ada, case):
    given = {
        "wrong password": login(ada, "wrong"),
        "nobody": {"email": f"nobody-{organization.id}@example.org", "password": PASSWORD},
        "no password": {"email": organization.admin.email, "password": ""},
        "deactivated": login(ada),
        "too long": login(ada, PASSWORD + "x" * 1000),
    }[case]
    if case == "deactivated":
        await organization.admin.client.data(
            "mutation ($id: ID!) { data: updatePropertiesInUser(where: {id: $id}, data: {activated: false}) { id } }",
            {"id": ada["id"]},
        )

    refused = await address("192.0.2.1").refused(SIGN_IN, given)

    assert (refused.at, refused.message, refused.context) == ((ErrorCode.UNAUTHENTICATED, ["data"]), WRONG, {})


async def test_an_unknown_person_costs_the_same_work(client, address, organization, ada, app, monkeypatch):
    """Work is counted in hashes, for clocks are not to be trusted in tests."""
    verified = []
    verify = PasswordHasher.verify

    def count(self, kept, password):
        verified.append(kept[:30])
        return verify(self, kept, password)

    monkeypatch.setattr(PasswordHasher, "verify", count)
    at = address("192.0.2.2")
    await at.refused(SIGN_IN, login(ada, "wrong"))
    await at.refused(SIGN_IN, {"email": f"nobody-{organization.id}@example.org", "password": "wrong"})

    assert verified == ["$argon2id$v=19$m=19456,t=2,p=1"] * 4  # two for each


async def test_ten_failures_lock_an_account_for_a_while(client, address, ada, database):
    for number in range(10):
        await address(f"198.51.100.{number}").refused(SIGN_IN, login(ada, "wrong"))

    response = await address("198.51.100.99").post(SIGN_IN, login(ada))

    assert (response.status_code, response.headers["retry-after"]) == (429, "60")
    assert response.json() == {
        "error": {
            "code": "TOO_MANY_REQUESTS",
            "message": "Too many attempts to log in have failed; wait a quarter of an hour.",
            "requestId": response.headers["x-request-id"],
        }
    }
    async with database.transaction() as connection:
        await connection.fetch(
            "update login_failure set failed_at = failed_at - interval '15 minutes' where account = :account",
            {"account": digest_of(ada["email"])},
        )
    assert (await client.data(SIGN_IN, login(ada)))["user"]["id"] == ada["id"]


async def test_attempts_at_once_do_not_slip_past_the_limit(address, ada):
    at = address("198.51.100.200")

    responses = await asyncio.gather(*(at.post(SIGN_IN, login(ada, "wrong")) for _ in range(25)))

    assert sorted(response.status_code for response in responses) == [200] * 10 + [429] * 15


async def test_fifty_failures_lock_an_address_whatever_the_account(address, ada, database):
    """All of one IPv6 network are one address: whoever has one has them all."""
    async with database.transaction() as connection:
        await connection.fetch(
            "insert into login_failure (id, account, address) select 'f' || n || :id, n::text, :network "
            "from generate_series(1, 50) n",
            {"id": ada["id"], "network": "2001:db8:7::/64"},
        )

    locked = await address("2001:db8:7::1234").post(SIGN_IN, login(ada))
    free = await address("2001:db8:8::1234").post(SIGN_IN, login(ada))

    assert (locked.status_code, free.status_code) == (429, 200)


async def test_a_success_forgets_the_failures_of_the_account(address, ada):
    at = address("198.51.100.201")
    for _ in range(3):
        for _ in range(9):
            await at.refused(SIGN_IN, login(ada, "wrong"))
        assert (await at.data(SIGN_IN, login(ada)))["user"]["id"] == ada["id"]


async def test_a_hash_of_other_parameters_is_made_anew(client, ada, database):
    old = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash(PASSWORD)
    async with database.transaction() as connection:
        await connection.fetch("update user_account set password_hash = :h where id = :id", {"h": old, "id": ada["id"]})

    await client.data(SIGN_IN, login(ada))

    async with database.reader() as connection:
        kept = await connection.fetch_value("select password_hash from user_account where id = :id", {"id": ada["id"]})
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    await client.data(SIGN_IN, login(ada))


async def test_log_in_shares_a_document_with_nothing_that_needs_a_key(client, ada):
    refused = await client.refused(
        "mutation ($email: String!, $password: String!) { a: signIn(email: $email, password: $password) { id } "
        'b: deleteUser(userID: "x") { id } }',
        login(ada),
        status=401,
    )

    assert refused.code == ErrorCode.UNAUTHENTICATED


@pytest.mark.parametrize("missing", ["email", "password"])
async def test_both_are_needed(client, missing):
    given = {"email": 'email: "a@b.c"', "password": 'password: "p"'}
    refused = await client.refused(f"mutation {{ data: signIn({given[missing]}) {{ id }} }}")

    assert refused.at == (ErrorCode.BAD_USER_INPUT, ["data"])


def passwords(old=PASSWORD, new="a much better one", repeated=None):
    return {"oldPassword": old, "newPassword1": new, "newPassword2": repeated or new}


@pytest.mark.parametrize("form", ["data", "flat"])
async def test_one_changes_ones_password_and_is_logged_out_everywhere(client, ada, database, form):
    token = (await client.data(SIGN_IN, login(ada)))["token"]
    given = (
        (UPDATE, {"data": passwords(), "where": {"email": ada["email"]}})
        if form == "data"
        else (UPDATE_FLAT, {"email": ada["email"], **passwords()})
    )

    answer = await client.as_(token).data(*given)

    assert answer == {"id": ada["id"]}
    assert await sessions(database, ada) == []
    assert (await client.data(SIGN_IN, login(ada, "a much better one")))["user"]["id"] == ada["id"]
    assert (await client.refused(SIGN_IN, login(ada))).code == ErrorCode.UNAUTHENTICATED


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (passwords(old="wrong"), ErrorCode.UNAUTHENTICATED),
        (passwords(repeated="another one"), ErrorCode.BAD_USER_INPUT),
        (passwords(new="password1"), ErrorCode.BAD_USER_INPUT),
        (passwords(new="short"), ErrorCode.BAD_USER_INPUT),
    ],
    ids=["wrong", "not repeated", "common", "short"],
)
async def test_a_change_that_is_refused_keeps_the_password(client, address, ada, given, code):
    token = (await client.data(SIGN_IN, login(ada)))["token"]

    refused = await client.as_(token).refused(UPDATE, {"data": given, "where": {"email": ada["email"]}})

    assert refused.at == (code, ["data"])
    assert (await client.data(SIGN_IN, login(ada)))["user"]["id"] == ada["id"]


async def test_guessing_the_old_password_is_counted_like_logging_in(address, ada):
    at = address("198.51.100.202")
    at = at.as_((await at.data(SIGN_IN, login(ada)))["token"])
    guess = {"data": passwords(old="wrong"), "where": {"email": ada["email"]}}
    for _ in range(10):
        await at.refused(UPDATE, guess)

    assert (await at.post(UPDATE, guess)).status_code == 429


async def test_nobody_changes_the_password_of_somebody_else(organization, ada):
    refused = await organization.admin.client.refused(UPDATE, {"data": passwords(), "where": {"email": ada["email"]}})

    assert refused.at == (ErrorCode.FORBIDDEN, ["data"])
    assert "`labelyard user password`" in refused.message


@pytest.mark.parametrize(
    ("document", "variables"),
    [
        ("mutation ($where: UserWhere!) { data: resetPassword(where: $where) { id } }", {"where": {"email": "A@b.c"}}),
        ("mutation ($email: String!) { data: resetPassword(email: $email) { id } }", {"email": "A@b.c"}),
    ],
    ids=["where", "flat"],
)
async def test_a_reset_says_what_is_done_instead_of_a_mail(organization, document, variables):
    refused = await organization.admin.client.refused(document, variables)

    assert refused.at == (ErrorCode.NOT_IMPLEMENTED, ["data"])
    assert refused.message.startswith("[noMail] This server sends no mail")
    assert "`labelyard user password a@b.c`" in refused.message
