"""`updatePropertiesInOrganization` and `updateOrganization`."""

import pytest

from labelyard.domain.error import ErrorCode

FIELDS = "id name address city country zipCode"
# Releases 2.148.0 to 26.2.4.
DATA_FORM = f"""
mutation ($data: OrganizationData!, $where: OrganizationWhere!) {{
  data: updatePropertiesInOrganization(data: $data where: $where) {{ {FIELDS} }}
}}"""
# Releases 2.34.0 to 2.129.12.
VARIABLES_FORM = f"""
mutation ($id: ID! $name: String $address: String $license: String $zipCode: String $city: String $country: String) {{
  data: updatePropertiesInOrganization(where: {{id: $id}} data: {{ name: $name address: $address license: $license
    zipCode: $zipCode city: $city country: $country }}) {{ {FIELDS} }}
}}"""
# Release 1.7.0.
NAMED_FORM = VARIABLES_FORM.replace("where: {id: $id}", "where: {organizationID: $id}")
# Releases 1.4.0 to 1.6.0.
FLAT_FORM = f"""
mutation ($address: String!, $city: String!, $country: String!, $name: String!, $id: ID!, $zipCode: String!) {{
  data: updateOrganization(address: $address city: $city country: $country name: $name organizationID: $id
    zipCode: $zipCode) {{ {FIELDS} }}
}}"""
PLACE = {"name": "Yard", "address": "1 Quay", "city": "Lisbon", "country": "Portugal", "zipCode": "1100"}


@pytest.mark.parametrize(
    "document", [DATA_FORM, VARIABLES_FORM, NAMED_FORM, FLAT_FORM], ids=["data", "variables", "1.7.0", "flat"]
)
async def test_every_generation_changes_name_and_address(organization, document):
    given = (
        {"data": PLACE, "where": {"id": organization.id}} if document is DATA_FORM else {"id": organization.id, **PLACE}
    )

    answer = await organization.admin.client.data(document, given)

    assert answer == {"id": organization.id, **PLACE}


@pytest.mark.parametrize("given", [{}, {"name": None, "city": None}], ids=["absent", "null"])
async def test_what_is_not_said_stays(organization, given):
    answer = await organization.admin.client.data(DATA_FORM, {"data": given, "where": {"id": organization.id}})

    assert answer["name"] == organization.name


async def test_others_than_administrators_are_refused(organization):
    ada = await organization.person()

    refused = await ada.client.refused(DATA_FORM, {"data": {"name": "X"}, "where": {"id": organization.id}})

    assert refused.at == (ErrorCode.FORBIDDEN, ["data"])
    assert refused.message.startswith("[noOrganizationRights] ")


async def test_another_organization_reads_like_none(organization, other_organization):
    for identifier in (other_organization.id, "does-not-exist"):
        refused = await organization.admin.client.refused(
            DATA_FORM, {"data": {"name": "X"}, "where": {"id": identifier}}
        )
        assert refused.at == (ErrorCode.NOT_FOUND, ["data"])
        assert refused.message == f"[notFound] No organization {identifier!r} is visible to you."
    answer = await other_organization.admin.client.data(
        "{ data: organizations(where: {}, first: 1, skip: 0) { name } }"
    )
    assert answer == [{"name": other_organization.name}]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ({"license": "{}"}, ErrorCode.FORBIDDEN),
        ({"canSeeDataset": False}, ErrorCode.BAD_USER_INPUT),
        ({"name": ""}, ErrorCode.BAD_USER_INPUT),
        ({"name": "x" * 501}, ErrorCode.BAD_USER_INPUT),
    ],
    ids=["the licence", "datasets", "no name", "a long name"],
)
async def test_what_cannot_be_set_is_refused(organization, data, code):
    refused = await organization.admin.client.refused(DATA_FORM, {"data": data, "where": {"id": organization.id}})

    assert refused.at == (code, ["data"])


async def test_the_organization_is_to_be_named(organization):
    refused = await organization.admin.client.refused(DATA_FORM, {"data": {"name": "X"}, "where": {}})

    assert refused.at == (ErrorCode.BAD_USER_INPUT, ["data"])
