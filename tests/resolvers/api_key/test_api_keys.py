"""`apiKeys` and `countApiKeys`."""

import secrets
from datetime import datetime

# What clients since 2.129.4 ask when they start.
AT_START = """
query apiKeys($where: ApiKeyWhere!, $first: PageSize!, $skip: Int!) {
  data: apiKeys(where: $where, first: $first, skip: $skip) { expiryDate }
}"""
# What clients of 2.99.0 to 2.129.3 ask.
OLDER = """
query apiKeys($where: ApiKeyWhere!, $first: PageSize!, $skip: Int!) {
  data: apiKeys(where: $where, first: $first, skip: $skip) { id name createdAt user { email } }
}"""
COUNT = "query ($where: ApiKeyWhere!) { data: countApiKeys(where: $where) }"
APPEND = """
mutation ($data: AppendToApiKeysData!, $where: UserWhere!) { data: appendToApiKeys(data: $data, where: $where) { id } }"""


def page(where, first=100, skip=0):
    return {"where": where, "first": first, "skip": skip}


async def add(person, name):
    data = {"key": secrets.token_urlsafe(32), "name": name}
    await person.client.data(APPEND, {"data": data, "where": {"id": person.id}})


async def test_a_client_reads_when_its_key_expires(organization):
    ada = await organization.person()

    (found,) = await ada.client.data(AT_START, page({"key": ada.key}, first=1))

    datetime.strptime(found["expiryDate"], "%Y-%m-%dT%H:%M:%S.%fZ")
    assert await ada.client.data(AT_START, page({"key": ada.key}, first=1, skip=1)) == []


async def test_older_clients_find_the_key_by_its_user(organization):
    ada = await organization.person()

    (found,) = await ada.client.data(OLDER, page({"user": {"apiKey": ada.key}}))

    assert (found["name"], found["user"]) == ("test", {"email": ada.email})


async def test_keys_come_oldest_first_and_only_ones_own(organization):
    ada = await organization.person()
    for name in ("a", "b", "c"):
        await add(ada, name)

    names = [key["name"] for key in await ada.client.data(OLDER, page({}))]

    assert names == ["test", "a", "b", "c"]
    assert [key["name"] for key in await ada.client.data(OLDER, page({}, first=2, skip=1))] == ["a", "b"]
    assert await ada.client.data(COUNT, {"where": {}}) == 4
    assert await organization.admin.client.data(COUNT, {"where": {"key": ada.key}}) == 0
    assert await organization.admin.client.data(COUNT, {"where": {"user": {"id": ada.id}}}) == 0


async def test_an_administrator_sees_that_others_have_keys(organization, project):
    ada = await project.member("REVIEWER")
    ask = "query ($id: ID!) { data: users(where: {id: $id}, first: 1, skip: 0) { apiKeys { name } } }"

    assert await organization.admin.client.data(ask, {"id": ada.id}) == [{"apiKeys": [{"name": "test"}]}]
    assert await ada.client.data(ask, {"id": organization.admin.id}) == [{"apiKeys": []}]


async def test_the_number_of_statements_does_not_grow_with_the_keys(organization, statements):
    ada = await organization.person()
    counts = []
    for more in (0, 18):
        for number in range(more):
            await add(ada, f"key-{number}")
        with statements.recording() as heard:
            found = await ada.client.data(OLDER, page({}))
        counts.append(len(heard))

    assert len(found) == 19
    assert counts == [2, 2]
