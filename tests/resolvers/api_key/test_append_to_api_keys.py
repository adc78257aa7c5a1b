"""`appendToApiKeys` and `updateApiKey`."""

import asyncio
import base64
import math
import random
import secrets
import uuid
from datetime import datetime, timedelta

import pytest

from labelyard.domain.error import ErrorCode
from labelyard.domain.secret import LEAST_DISTINCT, MOST_EQUAL_STEPS, MOST_REPEATED, strong_key_of

# Releases 2.96.0 to 2.126.2.
APPEND = """
mutation ($data: AppendToApiKeysData!, $where: UserWhere!) {
  data: appendToApiKeys(data: $data, where: $where) { id createdAt name }
}"""
# Releases 2.87.0 to 2.95.0, and those before.
UPDATE = """
mutation ($data: UpdateApiKeyData!, $where: UserWhere!) { data: updateApiKey(data: $data, where: $where) { id } }"""
UPDATE_FLAT = """
mutation ($email: String! $newApiKey: String!) { data: updateApiKey(email: $email newApiKey: $newApiKey) { id } }"""
VIEWER = "{ data: viewer { id } }"


def new_key():
    return secrets.token_hex(32)


def named(person, key, name="laptop"):
    return {"data": {"key": key, "name": name}, "where": {"email": person.email}}


async def test_a_key_chosen_by_the_client_works_for_a_year(organization):
    ada = await organization.person()
    key = new_key()

    answer = await ada.client.data(APPEND, named(ada, key))

    assert set(answer) == {"id", "createdAt", "name"}
    assert answer["name"] == "laptop"
    (listed,) = await ada.client.as_(key).data(
        "query ($key: String!) { data: apiKeys(where: {key: $key}, first: 10, skip: 0) "
        "{ id key createdAt expiryDate revoked userId } }",
        {"key": key},
    )
    moments = [datetime.fromisoformat(listed.pop(name)) for name in ("createdAt", "expiryDate")]
    assert moments[1] - moments[0] == pytest.approx(timedelta(days=365), abs=timedelta(seconds=2))
    assert listed == {"id": answer["id"], "key": key[:7] + "…", "revoked": False, "userId": ada.id}


async def test_only_the_digest_is_stored(organization):
    ada = await organization.person()
    key = new_key()

    answer = await ada.client.data(APPEND, named(ada, key))

    async with organization.database.reader() as connection:
        row = await connection.fetch_value("select k::text from api_key k where id = :id", {"id": answer["id"]})
    assert key not in row


async def test_an_administrator_adds_keys_for_others(organization):
    ada = await organization.person()
    key = new_key()

    await organization.admin.client.data(APPEND, named(ada, key))

    assert await ada.client.as_(key).data(VIEWER) == {"id": ada.id}


async def test_a_colleague_does_not(organization, project):
    ada, bea = await project.member("REVIEWER"), await project.member("REVIEWER")

    refused = await ada.client.refused(APPEND, named(bea, new_key()))

    assert refused.at == (ErrorCode.FORBIDDEN, ["data"])


async def test_the_key_of_somebody_else_stays_theirs_and_looks_free(organization, other_organization):
    ada, theirs, free = await organization.person(), new_key(), new_key()
    await other_organization.admin.client.data(APPEND, named(other_organization.admin, theirs))

    answers = [await ada.client.data(APPEND, named(ada, key)) for key in (theirs, free)]

    assert [set(answer) for answer in answers] == [{"id", "createdAt", "name"}] * 2
    assert await ada.client.as_(theirs).data(VIEWER) == {"id": other_organization.admin.id}
    assert await ada.client.as_(free).data(VIEWER) == {"id": ada.id}
    listed = await ada.client.data(
        "query ($id: ID!) { data: apiKeys(where: {user: {id: $id}}, first: 10, skip: 0) { id key revoked } }",
        {"id": ada.id},
    )
    assert {"id": answers[0]["id"], "key": theirs[:7] + "…", "revoked": False} in listed


@pytest.mark.parametrize("is_revoked", [False, True])
async def test_ones_own_key_is_taken_once(organization, is_revoked):
    ada, key = await organization.person(), new_key()
    await ada.client.data(APPEND, named(ada, key))
    if is_revoked:
        async with organization.database.transaction() as connection:
            await connection.fetch(
                "update api_key set revoked_at = now() where user_id = :id and name = 'laptop'", {"id": ada.id}
            )

    refused = await ada.client.refused(APPEND, named(ada, key))

    assert refused.at == (ErrorCode.CONFLICT, ["data"])
    assert refused.message.startswith("[keyTaken] You have this key already")


GUESSABLE = {
    "one letter": "a" * 64,
    "twenty of one letter": "a" * 20,
    "alphabet": "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "counting": "0123456789" * 8,
    "repeated": "kD83-xQp_0aZ" * 5,
    "repeated but for one": "kD83-xQp_0aZ" * 5 + "!",
    "three letters": "abc" * 20,
    "ones": "1" * 32,
    "digits twice": "0123456789abcdef" * 2,
    "pairs": "00112233445566778899aabbccddeeff",
    "two words": "correct-horse-battery" * 2 + "correct-horse-",
    "80 bits": "5f4dcc3b5aa765d61d83",
    "one part of a uuid": "0b8ae2b4-6a52-4b3a-9b5c",
}


@pytest.mark.parametrize("key", GUESSABLE.values(), ids=GUESSABLE)
@pytest.mark.parametrize("operation", ["appendToApiKeys", "updateApiKey", "updatePropertiesInUser"])
async def test_a_key_that_can_be_guessed_is_refused(organization, operation, key):
    ada = await organization.person()
    document = {
        "appendToApiKeys": APPEND,
        "updateApiKey": UPDATE,
        "updatePropertiesInUser": "mutation ($data: UserData!, $where: UserWhere!) "
        "{ data: updatePropertiesInUser(data: $data, where: $where) { id } }",
    }[operation]
    data = {"key": key, "name": "x", "newApiKey": key, "apiKey": key}
    kept = {"appendToApiKeys": ("key", "name"), "updateApiKey": ("newApiKey",), "updatePropertiesInUser": ("apiKey",)}

    refused = await ada.client.refused(
        document, {"data": {name: data[name] for name in kept[operation]}, "where": {"email": ada.email}}
    )

    assert refused.at == (ErrorCode.BAD_USER_INPUT, ["data"])
    assert "at least 120 random bits" in refused.message
    assert key not in refused.message
    assert await ada.client.data(VIEWER) == {"id": ada.id}  # no key of theirs was revoked


@pytest.mark.parametrize(
    "make",
    [
        lambda some: base64.urlsafe_b64encode(some.randbytes(32)).rstrip(b"=").decode(),
        lambda some: some.randbytes(16).hex(),
        lambda some: str(uuid.UUID(bytes=some.randbytes(16), version=4)),
    ],
    ids=["base64", "hexadecimal", "uuid"],
)
def test_random_keys_are_strong(make):
    some = random.Random(1)
    for _ in range(2_000):
        strong_key_of(make(some))


def test_of_a_billion_random_keys_not_one_is_refused():
    """The chance that 128 bits in hexadecimal look like a pattern, as a sum of the ways, each of which is taken for too likely."""
    digits, length = 16, 32

    def at_least(times: float, of: int) -> float:
        least = math.floor(times) + 1
        return sum(math.comb(of, n) * (1 / digits) ** n * (1 - 1 / digits) ** (of - n) for n in range(least, of + 1))

    few = math.comb(digits, LEAST_DISTINCT - 1) * ((LEAST_DISTINCT - 1) / digits) ** length
    # Of the steps between two digits, none is likelier than that from a digit to itself.
    steps = len({ord(after) - ord(before) for before in "0123456789abcdef" for after in "0123456789abcdef"})
    stepping = steps * at_least(MOST_EQUAL_STEPS * (length - 1), length - 1)
    repeating = sum(at_least(MOST_REPEATED * (length - p), length - p) for p in range(2, length // 2 + 1))
    assert few + stepping + repeating < 1e-9


@pytest.mark.parametrize(
    ("key", "says"),
    [
        ("x" * 19, "An API key has 20 to 500 characters; this one has 19."),
        ("x" * 501, "An API key has 20 to 500 characters; this one has 501."),
        ("with a space in the key", "An API key consists of visible ASCII characters without spaces."),
        ("ключключключключключключ", "An API key consists of visible ASCII characters without spaces."),
    ],
    ids=["short", "long", "space", "not ASCII"],
)
async def test_a_key_that_is_none_is_refused(organization, key, says):
    refused = await organization.admin.client.refused(APPEND, named(organization.admin, key))

    assert (refused.at, refused.message) == ((ErrorCode.BAD_USER_INPUT, ["data"]), says)


async def test_a_user_has_at_most_twenty_live_keys_also_when_they_come_at_once(organization):
    ada = await organization.person()

    answers = await asyncio.gather(
        *(ada.client.graphql(APPEND, named(ada, new_key(), f"key {number}")) for number in range(25))
    )

    codes = [answer["errors"][0]["extensions"]["code"] for answer in answers if "errors" in answer]
    assert codes == [ErrorCode.CONFLICT] * 6
    assert await ada.client.data("{ data: countApiKeys(where: {}) }") == 20


async def test_revoked_and_expired_keys_do_not_count(organization):
    ada = await organization.person()
    for _ in range(19):
        await ada.client.data(APPEND, named(ada, new_key()))
    async with organization.database.transaction() as connection:
        await connection.fetch(
            "update api_key set revoked_at = case when position % 2 = 0 then now() end, "
            "expires_at = case when position % 2 = 0 then expires_at else now() end where user_id = :id and name = 'laptop'",
            {"id": ada.id},
        )

    assert (await ada.client.data(APPEND, named(ada, new_key())))["name"] == "laptop"


@pytest.mark.parametrize("form", ["data", "flat"])
async def test_a_key_takes_the_place_of_all_others(organization, form):
    ada = await organization.person()
    second, third = new_key(), new_key()
    await ada.client.data(APPEND, named(ada, second))
    given = (
        (UPDATE, {"data": {"newApiKey": third}, "where": {"email": ada.email}})
        if form == "data"
        else (UPDATE_FLAT, {"email": ada.email, "newApiKey": third})
    )

    answer = await organization.admin.client.data(*given)

    assert answer == {"id": ada.id}
    for key in (ada.key, second):
        refused = await ada.client.as_(key).refused(VIEWER, status=401)
        assert refused.code == ErrorCode.UNAUTHENTICATED
    assert await ada.client.as_(third).data(VIEWER) == {"id": ada.id}


@pytest.mark.parametrize(
    "arguments", ["", '(newApiKey: "x", data: { newApiKey: "x" })', '(newApiKey: "aaaaaaaaaaaaaaaaaaaaaaaa")']
)
async def test_half_a_call_is_refused(organization, arguments):
    refused = await organization.admin.client.refused(f"mutation {{ data: updateApiKey{arguments} {{ id }} }}")

    assert refused.path == ["data"]
    assert refused.code in (ErrorCode.BAD_USER_INPUT, ErrorCode.NOT_FOUND)
