"""`signOut`: ending the session one calls with."""

import pytest

CREATE = "mutation ($data: CreateUserData!) { data: createUser(data: $data) { id email } }"
SIGN_IN = "mutation ($email: String, $password: String) { data: signIn(email: $email, password: $password) { token } }"
SIGN_OUT = "mutation { data: signOut }"
PASSWORD = "four owls in a boat"


@pytest.fixture
async def sessions(client, organization):
    """Two sessions of one person, as clients."""
    email = f"ada-{organization.id}@example.org"
    await organization.admin.client.data(CREATE, {"data": {"email": email, "password": PASSWORD}})
    variables = {"email": email, "password": PASSWORD}
    return [client.as_((await client.data(SIGN_IN, variables))["token"]) for _ in range(2)]


async def test_the_token_is_refused_from_then_on_and_other_sessions_stay(sessions):
    left, kept = sessions

    assert await left.data(SIGN_OUT) is True

    assert (await left.refused("{ viewer { id } }", status=401)).code == "UNAUTHENTICATED"
    assert (await left.refused(SIGN_OUT, status=401)).code == "UNAUTHENTICATED"
    assert (await kept.data("{ data: viewer { email } }"))["email"].startswith("ada-")
    assert await kept.data(SIGN_OUT) is True


async def test_a_key_cannot_sign_out(organization):
    one = organization.admin.client

    refused = await one.refused(SIGN_OUT)

    assert refused.at == ("BAD_USER_INPUT", ["data"])
    assert "labelyard key revoke" in refused.message
    assert (await one.data("{ data: viewer { id } }"))["id"] == organization.admin.id
