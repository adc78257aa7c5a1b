"""`users`, `countUsers`, `viewer` and `me`."""

import pytest

# Releases 2.143.0 to 26.2.4.
USERS = """
query users($where: UserWhere!, $first: PageSize!, $skip: Int!) {
  data: users(where: $where, first: $first, skip: $skip) {
    id email firstname lastname activated organizationRole organization { id } projectUsers { role } rights
  }
}"""
COUNT = "query ($where: UserWhere!) { data: countUsers(where: $where) }"


def page(where=None, first=100, skip=0):
    return {"where": where or {}, "first": first, "skip": skip}


async def emails(client, **given):
    return [user["email"] for user in await client.data(USERS, page(**given))]


@pytest.mark.parametrize("root", ["viewer", "me"])
async def test_one_sees_who_one_is(organization, root):
    ada = await organization.person()

    assert await ada.client.data(f"{{ data: {root} {{ id email }} }}") == {"id": ada.id, "email": ada.email}


async def test_an_administrator_sees_everybody_oldest_first(organization, other_organization):
    people = [organization.admin, *[await organization.person() for _ in range(4)]]
    client = organization.admin.client

    assert await emails(client) == [person.email for person in people]
    assert await emails(client, first=2, skip=1) == [person.email for person in people[1:3]]
    assert await emails(client, skip=5) == []
    assert await client.data(COUNT, {"where": {}}) == 5


async def test_others_see_themselves_and_the_people_of_their_projects(organization, project):
    reviewer, labeler = await project.member("REVIEWER"), await project.member("LABELER")
    outside = await organization.person()

    assert await emails(outside.client) == [outside.email]
    assert await emails(labeler.client) == [labeler.email]
    assert await emails(reviewer.client) == [organization.admin.email, reviewer.email, labeler.email]


@pytest.mark.parametrize(
    ("where", "found"),
    [
        (lambda ada, bea, organization: {"id": ada.id}, ["ada"]),
        (lambda ada, bea, organization: {"idIn": [ada.id, bea.id, "x"]}, ["ada", "bea"]),
        (lambda ada, bea, organization: {"email": bea.email.upper()}, ["bea"]),
        (lambda ada, bea, organization: {"activated": False}, ["bea"]),
        (lambda ada, bea, organization: {"organization": {"id": organization.id}, "id": ada.id}, ["ada"]),
        (lambda ada, bea, organization: {"organization": {"id": "x"}}, []),
        (lambda ada, bea, organization: {"organizationId": organization.id, "id": bea.id}, ["bea"]),
        (lambda ada, bea, organization: {"apiKey": ada.key}, []),
    ],
    ids=["id", "idIn", "email", "activated", "organization", "another organization", "organizationId", "key of others"],
)
async def test_a_filter_leaves(organization, where, found):
    ada, bea = await organization.person(), await organization.person()
    await organization.admin.client.data(
        "mutation ($id: ID!) { data: updatePropertiesInUser(where: {id: $id}, data: {activated: false}) { id } }",
        {"id": bea.id},
    )
    chosen = where(ada, bea, organization)
    names = {"ada": ada.email, "bea": bea.email}

    assert await emails(organization.admin.client, where=chosen) == [names[name] for name in found]
    assert await organization.admin.client.data(COUNT, {"where": chosen}) == len(found)


async def test_older_clients_find_themselves_by_their_key(organization):
    ada = await organization.person()
    where = {
        "activated": None,
        "apiKey": ada.key,
        "email": None,
        "id": None,
        "idIn": None,
        "organization": {"id": None},
    }

    assert await emails(ada.client, where=where) == [ada.email]


async def test_the_number_of_statements_does_not_grow_with_the_users(organization, project, statements):
    counts = []
    for more in (0, 40):
        for _ in range(more):
            await project.member("LABELER")
        with statements.recording() as heard:
            found = await organization.admin.client.data(USERS, page())
        counts.append(len(heard))

    assert len(found) == 41
    assert counts == [3, 3]
