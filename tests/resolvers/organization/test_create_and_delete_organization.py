"""`createOrganization` and `deleteOrganization`."""

import secrets
from datetime import UTC, datetime

import pytest

from labelyard.services.api_key import add_key

CREATE = "mutation($data: CreateOrganizationData!) { data: createOrganization(data: $data) { id name city users { email } } }"
FLAT = """
mutation ($name: String!, $address: String!, $zipCode: String!, $city: String!, $country: String!) {
  data: createOrganization(name: $name, address: $address, zipCode: $zipCode, city: $city, country: $country) { id } }"""
DELETE = "mutation ($id: ID!) { data: deleteOrganization(organizationID: $id) { id } }"
READ = """
query { data: organizations(where: {}, first: 10, skip: 0) {
  id name address city country zipCode users { email organizationRole activated } } }"""
VIEWER = "{ data: viewer { id } }"
ADDRESS = {"address": "1 Mill Lane", "zipCode": "1000", "city": "Oldbridge", "country": "Norway"}


async def administrator_of(organization, organization_id):
    """A client of the account that administers a new organization, after the operator has given it a key."""
    database, key = organization.database, secrets.token_urlsafe(32)
    user_id = await database.pool.fetchval("select id from user_account where organization_id = $1", organization_id)
    async with database.transaction() as connection:
        await add_key(connection, user_id=user_id, name="first", key=key, now=datetime.now(UTC))
    return organization.http.as_(key)


async def test_its_maker_has_an_account_that_administers_it(organization):
    admin = organization.admin

    made = await admin.client.data(CREATE, {"data": {"name": "New", "city": "Oldbridge"}})

    assert made == {"id": made["id"], "name": "New", "city": "Oldbridge", "users": [{"email": admin.email}]}
    (own,) = await admin.client.data(READ)
    assert own["id"] == organization.id
    (read,) = await (await administrator_of(organization, made["id"])).data(READ)
    assert read == {
        "id": made["id"],
        "name": "New",
        "address": None,
        "city": "Oldbridge",
        "country": None,
        "zipCode": None,
        "users": [{"email": admin.email, "organizationRole": "ADMIN", "activated": True}],
    }


async def test_older_clients_say_where_it_is(organization):
    made = await organization.admin.client.data(FLAT, {"name": "Old", **ADDRESS})

    (read,) = await (await administrator_of(organization, made["id"])).data(READ)
    assert {key: read[key] for key in ("name", *ADDRESS)} == {"name": "Old", **ADDRESS}


@pytest.mark.parametrize("data", [{"name": ""}, {"name": "x" * 501}, {"name": "x", "city": "y" * 501}])
async def test_a_name_has_one_to_five_hundred_characters(organization, data):
    count = await organization.database.pool.fetchval(
        "select count(*) from user_account where email = $1", organization.admin.email
    )

    refused = await organization.admin.client.refused(CREATE, {"data": data})

    assert refused.at == ("BAD_USER_INPUT", ["data"])
    assert count == await organization.database.pool.fetchval(
        "select count(*) from user_account where email = $1", organization.admin.email
    )


async def test_an_address_administers_a_hundred_at_most(organization, database):
    email = organization.admin.email
    await database.pool.execute(
        "insert into organization (id, name) select $1 || n, 'x' from generate_series(1, 99) n",
        organization.id,
    )
    await database.pool.execute(
        "insert into user_account (id, organization_id, email, organization_role) "
        "select $1 || n, $1 || n, $2, 'ADMIN' from generate_series(1, 99) n",
        organization.id,
        email,
    )

    refused = await organization.admin.client.refused(CREATE, {"data": {"name": "One more"}})

    assert refused.code == "BAD_USER_INPUT"
    assert refused.message.startswith("[quotaReached] ")


async def test_nobody_gets_into_a_deleted_organization(organization):
    admin, colleague = organization.admin, await organization.person()
    suspend = "mutation ($id: ID!) { data: updatePropertiesInUser(data: {activated: false}, where: {id: $id}) { id } }"
    await admin.client.data(suspend, {"id": colleague.id})

    assert await admin.client.data(DELETE, {"id": organization.id}) == {"id": organization.id}

    for person in (admin, colleague):
        assert (await person.client.refused(VIEWER, status=401)).code == "UNAUTHENTICATED"
    assert (
        await organization.database.pool.fetchval(
            "select count(*) from user_account where organization_id = $1 and (activated or password_hash is not null)",
            organization.id,
        )
        == 0
    )
    # Not even the operator's key for a person lets anybody in.
    await organization.database.pool.execute("update user_account set activated = true where id = $1", admin.id)
    key = secrets.token_urlsafe(32)
    async with organization.database.transaction() as connection:
        await add_key(connection, user_id=admin.id, name="again", key=key, now=datetime.now(UTC))
    assert (await organization.http.as_(key).refused(VIEWER, status=401)).code == "UNAUTHENTICATED"


STAY = {"event", "job", "project", "user_account", "blob", "blob_tally", "upload_count"}
# Goes with the projects, of which there are none any more.
GONE_BEFORE = {"door_project"}
OF_ORGANIZATIONS = """
select table_name
from information_schema.columns
where table_schema = 'public' and column_name = 'organization_id'
"""
FILL = [
    "insert into data_integration (id, organization_id, name, platform, status, sealed_secrets) "
    "values ($1, $1, 'n', 'AWS', 'CONNECTED', '')",
    "insert into dataset (id, organization_id, name, type) values ($1, $1, 'n', 'IMAGE')",
    "insert into door_dataset (door, dataset_id, organization_id) values ('fastlabel', $1, $1)",
    "insert into model (id, organization_id, name, type, endpoint, sealed_key) values ($1, $1, 'n', 'OPEN_AI_SDK', '', '')",
    "insert into plugin (id, organization_id, owner_id, name) values ($1, $1, '', 'n')",
    "insert into tag (id, organization_id, label, color) values ($1, $1, 'n', '')",
]


async def test_what_it_owned_goes_with_it(organization):
    pool = organization.database.pool
    for statement in FILL:
        await pool.execute(statement, organization.id)

    await organization.admin.client.data(DELETE, {"id": organization.id})

    tables = {row["table_name"] for row in await pool.fetch(OF_ORGANIZATIONS)}
    assert len(tables - STAY - GONE_BEFORE) == len(FILL)
    for table in tables - STAY:
        assert await pool.fetchval(f"select count(*) from {table} where organization_id = $1", organization.id) == 0, (
            table
        )


async def test_one_that_is_in_use_stays(organization):
    project = await organization.project()
    colleague = await organization.person()

    with_project = await organization.admin.client.refused(DELETE, {"id": organization.id})
    await project.admin.data("mutation ($id: ID!) { data: deleteProject(where: {id: $id}) { id } }", {"id": project.id})
    with_people = await organization.admin.client.refused(DELETE, {"id": organization.id})

    assert with_project.at == with_people.at == ("CONFLICT", ["data"])
    assert (with_project.context, with_people.context) == ({"projects": 1}, {"users": 1})
    assert with_people.message.startswith("[organizationInUse] ")
    for person in (organization.admin, colleague):
        assert await person.client.data(VIEWER) == {"id": person.id}


async def test_others_are_not_there(organization, other_organization):
    foreign = await organization.admin.client.refused(DELETE, {"id": other_organization.id})
    unknown = await organization.admin.client.refused(DELETE, {"id": "nothing"})

    assert foreign.at == unknown.at == ("NOT_FOUND", ["data"])
    assert foreign.message.replace(other_organization.id, "nothing") == unknown.message
    assert await other_organization.admin.client.data(VIEWER) == {"id": other_organization.admin.id}
